"""DIF by Wald tests of parameters estimated in each group (Lord 1980; Langer 2008).

Wald-1 compares items that are free in each group, linked by anchors that are alike; Wald-2 needs no
anchors: it takes the groups' moments from a first fit with all items alike, and compares all items
in a second (Cai, Thissen & du Toit 2011). Wald-2 does not count the uncertainty of those moments,
to which items with DIF contribute, so that its level is not its nominal one; it serves to choose
anchors (Woods, Cai & Wang 2013).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.population import standard_population
from irt.calibration.result import Calibration
from irt.dif.multiple_group import GroupedData, GroupFit, fit_groups, score_differences
from irt.dif.result import DifStatus, anchor_items, group_members, testable_status, usable_anchors
from irt.models.parameters import ItemParameters
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class Wald:
    """All groups compared at once; (J,) unless said, NaN with a reason in `status`.

    chi_square, df, p_value        all parameters of the item
    slope_chi_square, _p_value     the slope alone, G - 1 df; NaN where items have none
    location_chi_square, _p_value  the other parameters given the slope: what is left of chi_square
    signed, unsigned               (G - 1, J) difference in expected score (`score_differences`)
    parameters                     G sets of J items
    status                         `DifStatus`
    group_mean, group_variance     (G,) of ability
    anchor                         items alike in all groups
    """

    chi_square: FloatArray
    df: FloatArray
    p_value: FloatArray
    slope_chi_square: FloatArray
    slope_p_value: FloatArray
    location_chi_square: FloatArray
    location_p_value: FloatArray
    signed: FloatArray
    unsigned: FloatArray
    parameters: tuple[ItemParameters, ...]
    status: NDArray[np.str_]
    group_mean: FloatArray
    group_variance: FloatArray
    anchor: BoolArray


def wald_1(
    responses: Responses,
    models: Sequence[str],
    group: ArrayLike,
    anchors: ArrayLike,
    *,
    nodes: FloatArray | None = None,
) -> Wald:
    """Test the items that `anchors` (J,) does not mark; group (N,), 0 the reference.

    Raises `DifError` where groups or anchors leave nothing to compare, `ResponseError` where
    nothing can be calibrated.
    """
    data = GroupedData(responses, models, *group_members(group, responses.n_persons))
    status = testable_status(data.counts())
    anchor = usable_anchors(anchor_items(anchors, responses.n_items), status)
    fit = fit_groups(data, ~anchor, nodes=nodes, with_covariance=True)
    return _compare(data, fit, anchor)


def wald_2(
    responses: Responses,
    models: Sequence[str],
    group: ArrayLike,
    *,
    nodes: FloatArray | None = None,
) -> Wald:
    """Test all items without anchors. Raises as `wald_1` does."""
    data = GroupedData(responses, models, *group_members(group, responses.n_persons))
    every = np.ones(responses.n_items, dtype=bool)
    comparable = usable_anchors(every, testable_status(data.counts()))
    alike = fit_groups(data, ~comparable, nodes=nodes)
    everywhere = replace(
        standard_population(models, group=data.group),
        mean=alike.calibration.group_mean,
        variance=alike.calibration.group_variance,
        free_mean=np.zeros(data.n_groups, dtype=bool),
        free_variance=np.zeros(data.n_groups, dtype=bool),
    )
    fit = fit_groups(
        data, every, start=alike, population=everywhere, nodes=nodes, with_covariance=True
    )
    return _compare(data, fit, ~every)


def choose_anchors(screening: Wald, n_anchors: int) -> BoolArray:
    """(J,) the `n_anchors` items with the largest p-values (Woods 2009 ranks likewise)."""
    rank = np.argsort(np.where(np.isnan(screening.p_value), -1.0, screening.p_value))[::-1]
    anchor = np.zeros(len(rank), dtype=bool)
    anchor[rank[:n_anchors]] = True
    return anchor & ~np.isnan(screening.p_value)


def wald(
    responses: Responses,
    models: Sequence[str],
    group: ArrayLike,
    *,
    n_anchors: int | None = None,
    nodes: FloatArray | None = None,
) -> tuple[Wald, Wald]:
    """Wald-2 over all items, and Wald-1 with the anchors that it suggests.

    n_anchors defaults to a quarter of the items, four at least.
    """
    screening = wald_2(responses, models, group, nodes=nodes)
    wanted = max(4, responses.n_items // 4) if n_anchors is None else n_anchors
    return screening, wald_1(
        responses, models, group, choose_anchors(screening, wanted), nodes=nodes
    )


def _compare(data: GroupedData, fit: GroupFit, anchor: BoolArray) -> Wald:
    status = testable_status(data.counts())
    status[(status == DifStatus.OK) & anchor] = DifStatus.NOT_TESTED
    status[(status == DifStatus.OK) & ~fit.usable] = DifStatus.UNDETERMINED
    calibration = fit.calibration
    if not calibration.converged:
        status[status == DifStatus.OK] = DifStatus.NOT_CONVERGED
    estimates = _Estimates.of(calibration)
    tests = np.full((4, len(anchor)), np.nan)
    for item in np.flatnonzero(status == DifStatus.OK).tolist():
        tests[:, item] = estimates.compare(fit.columns[item])
    chi_square, df, slope, slope_df = tests
    location = chi_square - np.where(slope_df > 0, slope, 0.0)
    moments = calibration.group_mean, calibration.group_variance
    parameters = tuple(fit.parameters(group) for group in range(data.n_groups))
    signed, unsigned = score_differences(parameters, *moments, calibration.nodes)
    return Wald(
        chi_square,
        df,
        chdtrc(df, chi_square),
        slope,
        chdtrc(slope_df, slope),
        location,
        chdtrc(df - slope_df, location),
        signed,
        unsigned,
        parameters,
        status,
        *moments,
        anchor,
    )


@dataclass(frozen=True, eq=False)
class _Estimates:
    """Estimated IRT parameters with their covariances; rows of `matrix` by item and name."""

    calibration: Calibration
    rows: dict[int, dict[str, int]]
    matrix: FloatArray

    @classmethod
    def of(cls, calibration: Calibration) -> "_Estimates":
        if calibration.covariance is None:
            raise ValueError("a Wald test needs a calibration with covariances")
        rows: dict[int, dict[str, int]] = {}
        for row, (item, name) in enumerate(calibration.covariance.names):
            rows.setdefault(item, {})[name] = row
        return cls(calibration, rows, calibration.covariance.matrix)

    def compare(self, columns: IntArray) -> tuple[float, int, float, int]:
        """chi-square and df of all parameters, and of the slope alone, of one item.

        columns (G,) are its items, a group each. Lord (1980, chapter 14): d' S^-1 d, d the
        differences from the reference and S their covariance.
        """
        names = list(self.rows[int(columns[0])])
        rows = np.array(
            [[self.rows[column][name] for name in names] for column in columns.tolist()]
        )
        values = np.array(
            [[self._value(column, name) for name in names] for column in columns.tolist()]
        )
        n_focal = len(columns) - 1
        contrast = np.kron(
            np.column_stack([-np.ones(n_focal), np.eye(n_focal)]), np.eye(len(names))
        )
        difference = contrast @ values.ravel()
        own = self.matrix[np.ix_(rows.ravel(), rows.ravel())]
        covariance = contrast @ own @ contrast.T
        slope = np.tile([name == "a" for name in names], n_focal)
        return (
            _quadratic(difference, covariance),
            len(difference),
            _quadratic(difference[slope], covariance[np.ix_(slope, slope)])
            if slope.any()
            else np.nan,
            int(slope.sum()),
        )

    def _value(self, item: int, name: str) -> float:
        parameters = self.calibration.parameters
        if name.startswith("b"):
            return float(parameters.difficulty[item, int(name[1:] or 1) - 1])
        arrays = {
            "a": parameters.discrimination,
            "c": parameters.lower_asymptote,
            "d": parameters.upper_asymptote,
        }
        return float(arrays[name][item])


def _quadratic(difference: FloatArray, covariance: FloatArray) -> float:
    return float(difference @ np.linalg.solve(covariance, difference))
