"""DIF by logistic regression (Swaminathan & Rogers 1990), ordinal for polytomous items.

Of the cumulative logits (French & Miller 1996; Zumbo 1999), with x the matching criterion and g = 1
in the focal group: model 0 has x, model 1 also g (uniform DIF), model 2 also x g (non-uniform).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, xlogy

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.dif.cumulative_logit import LogitFit, fit_cumulative_logit
from irt.dif.matching import Matching, TotalScore
from irt.dif.purification import Purified, purify
from irt.dif.result import (
    REFERENCE,
    DifStatus,
    anchor_items,
    group_members,
    status_of,
    usable_anchors,
)
from irt.dif.tables import group_counts, matched_tables
from irt.responses import Responses

# Effect sizes from which DIF is moderate and large.
JODOIN_GIERL = (0.035, 0.070)
ZUMBO_THOMAS = (0.13, 0.26)

_ITEMS_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class LogisticRegression:
    """F focal groups by J items, (F, J); NaN with a reason in `status`.

    chi_square, p_value            2 df, model 2 against 0: any DIF
    uniform_*                      1 df, model 1 against 0
    nonuniform_*                   1 df, model 2 against 1
    group_effect, group_effect_se  coefficient of g in model 1: the log odds ratio at equal x,
                                   negative against the focal group
    interaction, interaction_se    coefficient of x g in model 2, a unit of x
    effect_size                    rise of Nagelkerke's (1991) R2 from model 0 to 2
    uniform_effect_size            from model 0 to 1
    jodoin_gierl, zumbo_thomas     "A", "B", "C" by effect_size (Jodoin & Gierl 2001; Zumbo & Thomas
                                   1997), "A" where p_value is not below alpha; "" without
    status                         `DifStatus`
    """

    chi_square: FloatArray
    p_value: FloatArray
    uniform_chi_square: FloatArray
    uniform_p_value: FloatArray
    nonuniform_chi_square: FloatArray
    nonuniform_p_value: FloatArray
    group_effect: FloatArray
    group_effect_se: FloatArray
    interaction: FloatArray
    interaction_se: FloatArray
    effect_size: FloatArray
    uniform_effect_size: FloatArray
    jodoin_gierl: NDArray[np.str_]
    zumbo_thomas: NDArray[np.str_]
    status: NDArray[np.str_]


def logistic_regression(
    responses: Responses,
    group: ArrayLike,
    *,
    matching: Matching | None = None,
    anchors: ArrayLike | None = None,
    max_rounds: int = 10,
    alpha: float = 0.05,
) -> Purified[LogisticRegression]:
    """Compare each focal group (1, 2, ... in group (N,)) with the reference (0), item by item.

    matching defaults to the total score over the anchors. Items whose 2 df test is significant
    leave the anchors until these stay the same; max_rounds=1 does not purify. anchors (J,) are
    where it starts.

    Raises `DifError` where groups, anchors or matching leave nothing to compare.
    """
    members, n_groups = group_members(group, responses.n_persons)
    status = status_of(group_counts(responses, members, n_groups))
    criterion = matching or TotalScore()

    def test(anchor: BoolArray) -> LogisticRegression:
        strata = criterion.cells(responses, anchor)
        tables = matched_tables(responses, members, n_groups, strata, anchor)
        pairs = [
            _compare(tables.counts[:, :, [REFERENCE, focal]], tables.values, alpha)
            for focal in range(1, n_groups)
        ]
        return LogisticRegression(*map(np.stack, zip(*pairs, strict=True)))

    return purify(
        test,
        lambda result: np.asarray((result.p_value < alpha).any(axis=0)),
        lambda result: result.chi_square.max(axis=0),
        usable_anchors(anchor_items(anchors, responses.n_items), status),
        max_rounds,
    )


def _compare(counts: FloatArray, values: FloatArray, alpha: float) -> tuple[NDArray[Any], ...]:
    """The fields of the result, (J,) each; counts (J, S, 2, K), the reference first."""
    status = status_of(counts.sum(axis=1))
    occupied = counts.sum(axis=(0, 2, 3)) > 0
    values, counts = values[occupied], counts[:, occupied]
    spread = float(np.std(values)) or 1.0
    x = np.repeat((values - values.mean()) / spread, 2)
    g = np.tile([0.0, 1.0], len(values))
    design = np.column_stack([x, g, x * g])
    cells = counts.reshape(len(counts), -1, counts.shape[3])
    fits = [_fit(cells, design[:, :size], status) for size in (1, 2, 3)]
    statistics = np.maximum(
        [
            2 * (fits[high].log_likelihood - fits[low].log_likelihood)
            for high, low in ((2, 0), (1, 0), (2, 1))
        ],
        0.0,
    )
    for fit in fits:
        tested = np.isin(status, (DifStatus.OK, DifStatus.UNBOUNDED))
        status[tested & ~fit.bounded] = DifStatus.UNBOUNDED
        status[tested & ~fit.converged] = DifStatus.NOT_CONVERGED
    p_values = chdtrc(np.array([[2.0], [1.0], [1.0]]), statistics)
    r2 = [nagelkerke_r2(cells, fit.log_likelihood) for fit in fits]
    effect = r2[2] - r2[0]
    significant = p_values[0] < alpha
    return (
        statistics[0],
        p_values[0],
        statistics[1],
        p_values[1],
        statistics[2],
        p_values[2],
        fits[1].coefficients[:, 1],
        fits[1].standard_errors[:, 1],
        fits[2].coefficients[:, 2] / spread,
        fits[2].standard_errors[:, 2] / spread,
        effect,
        r2[1] - r2[0],
        _classes(effect, significant, JODOIN_GIERL),
        _classes(effect, significant, ZUMBO_THOMAS),
        status,
    )


def _fit(cells: FloatArray, design: FloatArray, status: NDArray[np.str_]) -> LogitFit:
    """Fit the items that can be, those with as many categories in use together."""
    n_items, size = len(cells), design.shape[1]
    used = cells.sum(axis=1) > 0
    result = LogitFit(
        np.full(n_items, np.nan),
        np.full((n_items, size), np.nan),
        np.full((n_items, size), np.nan),
        np.ones(n_items, dtype=bool),
        np.ones(n_items, dtype=bool),
    )
    widths = np.where(status == DifStatus.OK, used.sum(axis=1), 0)
    for width in np.unique(widths[widths > 1]).tolist():
        for items in _batches(np.flatnonzero(widths == width)):
            # Categories that nobody used would have no finite threshold.
            kept = np.argsort(~used[items], axis=1, kind="stable")[:, None, :width]
            fit = fit_cumulative_logit(np.take_along_axis(cells[items], kept, axis=2), design)
            for name, values in vars(fit).items():
                getattr(result, name)[items] = values
    return result


def _batches(items: IntArray) -> list[IntArray]:
    return np.split(items, range(_ITEMS_AT_ONCE, len(items), _ITEMS_AT_ONCE))


def nagelkerke_r2(cells: FloatArray, log_likelihood: FloatArray) -> FloatArray:
    """(J,) R2 of fits to counts (J, M, K), as a share of its highest value (Nagelkerke 1991)."""
    by_category = cells.sum(axis=1)
    n = by_category.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # items that could not be fitted
        null = xlogy(by_category, by_category / n[:, None]).sum(axis=1)
        rise = np.expm1(2.0 * (null - log_likelihood) / n)
        return np.asarray(rise / np.expm1(2.0 * null / n))


def _classes(
    effect: FloatArray, significant: BoolArray, limits: tuple[float, float]
) -> NDArray[np.str_]:
    moderate, large = limits
    return np.select(
        [np.isnan(effect), ~significant | (effect < moderate), effect < large],
        ["", "A", "B"],
        "C",
    )
