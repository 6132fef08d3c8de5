"""Linking by the items that have not drifted: the worst one goes, until none has drifted."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray
from irt.drift.curve_distance import CurveDistance, curve_distance
from irt.drift.differences import parameter_differences
from irt.drift.robust_z import RobustZ, robust_z
from irt.drift.wald import WaldDrift, wald_drift
from irt.linking.common_items import FEWEST_LINKS, CommonItems, LinkStatus
from irt.linking.item_covariance import ItemCovariance, Uncertainty
from irt.linking.link import EstimatedLink
from irt.linking.standard_errors import link_covariance
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid, normal_grid


class LinkingMethod(Protocol):
    """`mean_mean`, `mean_sigma`, `haebara`, `stocking_lord`, or one of them with options fixed."""

    def __call__(
        self, target: ItemParameters, source: ItemParameters, *, among: BoolArray
    ) -> EstimatedLink: ...


@dataclass(frozen=True)
class Criterion:
    """An item has drifted when it is beyond every limit that is set.

    rmsd      the root of D^2, as a share of the highest item score, is above
    distance  the p-value of D^2 is below
    wald      the p-value of the Wald statistic is below
    robust_z  the absolute robust z of the log slope or of the difficulty is above

    A significance alone removes trifles in large samples, an effect alone removes noise in small
    ones. A statistic that cannot be computed for an item does not convict it. Raises ValueError
    when no limit is set or one is out of its range.
    """

    rmsd: float | None = None
    distance: float | None = None
    wald: float | None = None
    robust_z: float | None = None

    def __post_init__(self) -> None:
        effects = [limit for limit in (self.rmsd, self.robust_z) if limit is not None]
        levels = [limit for limit in (self.distance, self.wald) if limit is not None]
        if not effects + levels:
            raise ValueError("a criterion of drift needs at least one limit")
        if not all(limit > 0 for limit in effects) or not all(0 < p < 1 for p in levels):
            raise ValueError("limits of effects must be above 0, significances between 0 and 1")


@dataclass(frozen=True, eq=False)
class DriftStatistics:
    """What the J common items show under one link."""

    distance: CurveDistance
    wald: WaldDrift
    robust_z: RobustZ

    def excess(self, criterion: Criterion) -> FloatArray:
        """(J,) the least of the ratios to the limits set: above 1 where an item has drifted.

        Of p-values the logarithms are compared. NaN where a statistic is missing.
        """
        ratios = []
        if criterion.rmsd is not None:
            ratios.append(self.distance.rmsd / criterion.rmsd)
        if criterion.robust_z is not None:
            z = np.fmax(np.abs(self.robust_z.slope), np.abs(self.robust_z.difficulty))
            ratios.append(z / criterion.robust_z)
        for p_value, level in (
            (self.distance.p_value, criterion.distance),
            (self.wald.p_value, criterion.wald),
        ):
            if level is not None:
                ratios.append(np.log(np.maximum(p_value, np.finfo(float).tiny)) / np.log(level))
        return np.asarray(np.min(ratios, axis=0))


@dataclass(frozen=True)
class Removal:
    """An item that was taken out of the link, and what it showed under the link until then.

    item is its index among the common items; a statistic that could not be computed is None.
    """

    item: int
    rmsd: float | None
    distance_p: float | None
    wald_p: float | None
    slope_z: float | None
    difficulty_z: float | None


@dataclass(frozen=True, eq=False)
class PurifiedLink:
    """link, covariance (2, 2) of its slope and intercept, status (J,) `LinkStatus` of the items.

    removals in the order in which they went; statistics of all J items under the final link. That
    items were chosen by their estimates is not in the covariance.
    """

    link: EstimatedLink
    covariance: FloatArray
    status: NDArray[np.str_]
    removals: tuple[Removal, ...]
    statistics: DriftStatistics


def purified_link(
    method: LinkingMethod,
    target: ItemParameters,
    source: ItemParameters,
    criterion: Criterion,
    *,
    target_uncertainty: Uncertainty = None,
    source_uncertainty: Uncertainty = None,
    source_grid: Grid | None = None,
    fewest: int = FEWEST_LINKS,
) -> PurifiedLink:
    """Link J common items; take out the one furthest beyond the criterion and link again.

    It ends when no item that links has drifted, or `fewest` are left: then what has drifted stays,
    as its status says. The uncertainties refer to the common items; those with a parameter that is
    not determined do not link. D^2 is weighted at the abilities of source_grid, on the source scale
    (default N(0, 1)): where the new responses are.

    Raises `LinkingError` as the method does.
    """
    points = source_grid or normal_grid()
    model, width = target.model, max(target.difficulty.shape[1], source.difficulty.shape[1])
    among = np.ones(target.n_items, dtype=bool)
    for uncertainty in (target_uncertainty, source_uncertainty):
        among &= ~ItemCovariance.of(uncertainty, model, width).undetermined
    undetermined = ~among
    removals: list[Removal] = []
    while True:
        link = method(target, source, among=among)
        items = CommonItems.pair(target, source, among)
        statistics = drift_statistics(items, link, target_uncertainty, source_uncertainty, points)
        excess = np.where(items.used, np.nan_to_num(statistics.excess(criterion)), 0.0)
        if excess.max() <= 1 or items.used.sum() <= fewest:
            break
        worst = int(excess.argmax())
        removals.append(_removal(worst, statistics))
        among[worst] = False
    status = items.status.copy()
    status[excess > 1] = LinkStatus.DRIFTED_BUT_KEPT
    status[undetermined] = LinkStatus.UNDETERMINED
    status[[removal.item for removal in removals]] = LinkStatus.DRIFTED
    covariance = link_covariance(link, model, target_uncertainty, source_uncertainty)
    return PurifiedLink(link, covariance, status, tuple(removals), statistics)


def drift_statistics(
    items: CommonItems,
    link: EstimatedLink,
    target_uncertainty: Uncertainty,
    source_uncertainty: Uncertainty,
    source_grid: Grid,
) -> DriftStatistics:
    """All statistics of drift of the common items under `link`, arguments as `purified_link`."""
    grid = Grid(link.theta(source_grid.nodes), source_grid.weights)
    differences = parameter_differences(items, link, target_uncertainty, source_uncertainty)
    return DriftStatistics(
        distance=curve_distance(items, link, differences, grid),
        wald=wald_drift(differences),
        robust_z=robust_z(items, link),
    )


def _removal(item: int, statistics: DriftStatistics) -> Removal:
    return Removal(
        item,
        rmsd=_number(statistics.distance.rmsd[item]),
        distance_p=_number(statistics.distance.p_value[item]),
        wald_p=_number(statistics.wald.p_value[item]),
        slope_z=_number(statistics.robust_z.slope[item]),
        difficulty_z=_number(statistics.robust_z.difficulty[item]),
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
