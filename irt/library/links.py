"""Two scales tied together by the items that they share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.calibration.result import StandardErrors
from irt.drift.purification import Criterion, DriftStatistics, drift_statistics, purified_link
from irt.library.faults import InputError, naming_items
from irt.library.fit import Fit
from irt.library.item_bank import ItemBank
from irt.library.scores import Scores
from irt.library.tables import Column, Columns, Table, texts
from irt.linking.characteristic_curves import haebara, stocking_lord
from irt.linking.common_items import CommonItems
from irt.linking.item_covariance import Uncertainty
from irt.linking.link import EstimatedLink
from irt.linking.moments import mean_mean, mean_sigma
from irt.linking.standard_errors import link_covariance, linked_standard_errors
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid, covering_grid, normal_grid

_FEWEST = 2
_METHODS = ("stocking_lord", "haebara", "mean_sigma", "mean_mean")


@dataclass(frozen=True, eq=False, repr=False)
class Linkage(Table):
    """theta on the target scale = slope * theta + intercept.

    link        with the derivatives by the parameters of the common items
    covariance  (2, 2) of slope and intercept, of the uncertainty that the two sides state
    common      labels of the J common items; status (J,) what became of each
    bank        the source's items on the target scale; errors include those of the link
    statistics  how far the common items are from each other under the link
    """

    method: str
    link: EstimatedLink
    covariance: FloatArray
    common: tuple[str, ...]
    status: Column
    bank: ItemBank
    target: ItemParameters
    source: ItemParameters
    statistics: DriftStatistics

    @property
    def slope(self) -> float:
        return self.link.slope

    @property
    def intercept(self) -> float:
        return self.link.intercept

    @property
    def slope_se(self) -> float:
        return float(np.sqrt(self.covariance[0, 0]))

    @property
    def intercept_se(self) -> float:
        return float(np.sqrt(self.covariance[1, 1]))

    def theta(self, theta: ArrayLike) -> FloatArray:
        """Abilities of the source on the target scale."""
        return self.link.theta(theta)

    def scores(self, scores: Scores) -> Scores:
        """Scores on the target scale; their errors include those of the link."""
        errors = self.link.theta_errors(scores.standard_error, scores.theta, self.covariance)
        return replace(scores, theta=self.link.theta(scores.theta), standard_error=errors)

    def to_columns(self) -> Columns:
        """Of each common item: status, its parameters on the target scale and those linked, the
        RMSD of its two curves and robust z of slope and difficulty.

        Difficulties are means of the steps.
        """
        linked = self.link.parameters(self.source)
        return {
            "item": texts(self.common),
            "status": self.status,
            "discrimination": self.target.discrimination,
            "discrimination_linked": linked.discrimination,
            "difficulty": _mean_steps(self.target),
            "difficulty_linked": _mean_steps(linked),
            "rmsd": self.statistics.distance.rmsd,
            "z_discrimination": self.statistics.robust_z.slope,
            "z_difficulty": self.statistics.robust_z.difficulty,
        }

    def heading(self) -> list[str]:
        used = int(self.link.used.sum())
        return [
            f"{self.method} link by {used} of {len(self.common)} common items",
            f"theta on the target scale = {self.slope:.4f} theta {self.intercept:+.4f}",
            f"se of slope {self.slope_se:.4f}, of intercept {self.intercept_se:.4f}",
        ]


def link(
    source: Fit | ItemBank,
    *,
    to: Fit | ItemBank,
    method: str = "stocking_lord",
    common: Iterable[object] | None = None,
    slope: float | None = None,
    drift: Criterion | None = None,
) -> Linkage:
    """Bring the scale of `source` to that of `to` by their common items, found by label.

    method is "stocking_lord" (1983), "haebara" (1980), "mean_sigma" (Marco 1977) or "mean_mean"
    (Loyd & Hoover 1980). The two by curves compare on both scales, at the abilities that each side
    was fitted in (of several groups the reference; N(0, 1) for a bank).
    common names the items that may link, by default all that both have. With a `slope` only the
    shift is estimated; it is 1 where all common items have slope 1 on both sides.
    With `drift` the item furthest beyond it goes, and the rest is linked again, until none is.

    Raises `InputError` where fewer than two items can link.
    """
    if method not in _METHODS:
        raise InputError(f"no method {method!r}; there are {', '.join(_METHODS)}")
    if slope is not None and method == "mean_sigma":
        raise InputError("mean_sigma estimates the slope; take mean_mean to fix it")
    target_bank, source_bank = _bank(to), _bank(source)
    labels = _common_labels(target_bank, source_bank, common)
    target, own = target_bank.select(labels), source_bank.select(labels)
    if slope is None and method != "mean_sigma" and _has_unit_slopes(target, own):
        slope = 1.0
    target_grid, source_grid = _grid(to), _grid(source)
    linking = _linking(method, slope, target_grid, source_grid)
    sides = target.parameters, own.parameters
    errors = _uncertainty(target), _uncertainty(own)
    with naming_items(labels):
        found, covariance, status, statistics = _linked(linking, sides, errors, source_grid, drift)
    places = {label: index for index, label in enumerate(source_bank.items)}
    index = np.array([places[label] for label in labels], dtype=np.int64)
    return Linkage(
        method=method,
        link=found,
        covariance=covariance,
        common=labels,
        status=status,
        bank=_linked_bank(found, source_bank, index, errors[0]),
        target=sides[0],
        source=sides[1],
        statistics=statistics,
    )


def _linked(
    linking: Callable[..., EstimatedLink],
    sides: tuple[ItemParameters, ItemParameters],
    errors: tuple[Uncertainty, Uncertainty],
    source_grid: Grid,
    drift: Criterion | None,
) -> tuple[EstimatedLink, FloatArray, Column, DriftStatistics]:
    if drift is not None:
        pure = purified_link(
            linking,
            *sides,
            drift,
            target_uncertainty=errors[0],
            source_uncertainty=errors[1],
            source_grid=source_grid,
        )
        return pure.link, pure.covariance, pure.status, pure.statistics
    found = linking(*sides)
    items = CommonItems.pair(*sides)
    covariance = link_covariance(found, sides[0].model, *errors)
    statistics = drift_statistics(items, found, *errors, source_grid)
    return found, covariance, items.status, statistics


def _linking(
    method: str, slope: float | None, target_grid: Grid, source_grid: Grid
) -> Callable[..., EstimatedLink]:
    if method == "mean_sigma":
        return mean_sigma
    if method == "mean_mean":
        return partial(mean_mean, slope=slope)
    by_curves = haebara if method == "haebara" else stocking_lord
    return partial(by_curves, target_grid=target_grid, source_grid=source_grid, slope=slope)


def _bank(side: Fit | ItemBank) -> ItemBank:
    return side.bank if isinstance(side, Fit) else side


def _grid(side: Fit | ItemBank) -> Grid:
    """The abilities of the side's population, the reference group's of a fit."""
    if not isinstance(side, Fit):
        return normal_grid()
    own = side.calibration
    return covering_grid(float(own.group_mean[0]), float(own.group_variance[0]) ** 0.5)


def _uncertainty(bank: ItemBank) -> Uncertainty:
    return bank.standard_errors if bank.covariance is None else bank.covariance


def _common_labels(
    target: ItemBank, source: ItemBank, common: Iterable[object] | None
) -> tuple[str, ...]:
    known = set(source.items)
    shared = tuple(label for label in target.items if label in known)
    if common is not None:
        chosen = tuple(str(label) for label in common)
        lacking = [label for label in chosen if label not in set(shared)]
        if lacking:
            raise InputError(f"item {lacking[0]!r} is not on both sides")
        shared = chosen
    if len(shared) < _FEWEST:
        raise InputError(
            f"linking needs at least {_FEWEST} items that both sides have under one label, not "
            f"{len(shared)}"
        )
    return shared


def _has_unit_slopes(target: ItemBank, source: ItemBank) -> bool:
    slopes = (target.parameters.discrimination, source.parameters.discrimination)
    return all(bool((side == 1.0).all()) for side in slopes)


def _linked_bank(
    found: EstimatedLink, source: ItemBank, common: IntArray, target: Uncertainty
) -> ItemBank:
    errors: StandardErrors | None = None
    own = _uncertainty(source)
    if own is not None:
        errors = linked_standard_errors(found, source.parameters, own, common=common, target=target)
    return ItemBank(source.items, found.parameters(source.parameters), errors)


def _mean_steps(parameters: ItemParameters) -> FloatArray:
    return np.asarray(np.nanmean(parameters.difficulty, axis=1))
