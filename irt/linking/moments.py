"""Linking by moments of the common items' slopes and difficulties, all steps counted alike."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray
from irt.linking.common_items import CommonItems, LinkingError
from irt.linking.link import EstimatedLink
from irt.models.parameters import ItemParameters


@dataclass(frozen=True, eq=False)
class _Moment:
    """A statistic of the parameters and its gradient (J, P)."""

    value: float
    gradient: FloatArray


def mean_mean(
    target: ItemParameters,
    source: ItemParameters,
    *,
    slope: float | None = None,
    among: ArrayLike | None = None,
) -> EstimatedLink:
    """Link by the means of slopes and difficulties.

    Loyd & Hoover (1980): A = mean(a source) / mean(a target), B = mean(b target) - A mean(b
    source). With a `slope` only the shift is estimated, with 1 as Rasch and PCM items ask for.
    among (J,) bool says which items may link, default all.

    Raises `LinkingError` when the items differ in number or fewer than two may link.
    """
    items = CommonItems.match(target, source, among)
    if slope is not None:
        return _link(items, _Moment(slope, np.zeros(())), _Moment(slope, np.zeros(())))
    target_a, source_a = (_mean_slope(items, side) for side in (items.target, items.source))
    value = source_a.value / target_a.value
    return _link(
        items,
        _Moment(value, -value / target_a.value * target_a.gradient),
        _Moment(value, source_a.gradient / target_a.value),
    )


def mean_sigma(
    target: ItemParameters,
    source: ItemParameters,
    weights: ArrayLike | None = None,
    *,
    among: ArrayLike | None = None,
) -> EstimatedLink:
    """Link by mean and standard deviation of the difficulties.

    Marco (1977): A = sd(b target) / sd(b source), B = mean(b target) - A mean(b source). weights
    (J, M), such as inverse sampling variances (Linn, Levine, Hastings & Wardrop 1981), default to
    equal; one that is not finite counts as 0. among (J,) bool says which items may link.

    Raises `LinkingError` as `mean_mean`, and when the difficulties do not differ.
    """
    items = CommonItems.match(target, source, among)
    weight = _step_weights(items, weights)
    target_sd, source_sd = (_sd(side, weight) for side in (items.target, items.source))
    if not (target_sd.value > 0 and source_sd.value > 0):
        raise LinkingError("mean-sigma needs at least two common items of different difficulty")
    value = target_sd.value / source_sd.value
    return _link(
        items,
        _Moment(value, target_sd.gradient / source_sd.value),
        _Moment(value, -value / source_sd.value * source_sd.gradient),
        weight,
    )


def _link(
    items: CommonItems, by_target: _Moment, by_source: _Moment, weight: FloatArray | None = None
) -> EstimatedLink:
    """The slope with its gradients on both sides; the intercept follows from the mean of b."""
    slope = by_target.value
    weight = _step_weights(items, None) if weight is None else weight
    target_b, source_b = (_mean(side, weight) for side in (items.target, items.source))
    target_gradient = np.zeros((2, *target_b.gradient.shape))
    source_gradient = np.zeros_like(target_gradient)
    target_gradient[0] = by_target.gradient
    source_gradient[0] = by_source.gradient
    target_gradient[1] = target_b.gradient - source_b.value * target_gradient[0]
    source_gradient[1] = -slope * source_b.gradient - source_b.value * source_gradient[0]
    return EstimatedLink(
        slope=slope,
        intercept=target_b.value - slope * source_b.value,
        used=items.used,
        target_gradient=target_gradient,
        source_gradient=source_gradient,
    )


def _step_weights(items: CommonItems, weights: ArrayLike | None) -> FloatArray:
    """(J, M) weights that sum to 1, 0 for steps that do not exist and items that do not link."""
    steps = items.target.difficulty
    result = np.zeros_like(steps)
    given = np.ones_like(steps) if weights is None else np.asarray(weights, dtype=float)
    width = min(given.shape[1], steps.shape[1])
    result[:, :width] = np.where(np.isfinite(given[:, :width]), given[:, :width], 0.0)
    result[~items.used[:, None] | ~np.isfinite(steps)] = 0.0
    total = result.sum()
    if not ((result >= 0).all() and total > 0):
        raise LinkingError("the weights must not be negative, and some of them positive")
    return np.asarray(result / total)


def _mean(side: ItemParameters, weight: FloatArray) -> _Moment:
    value = float((weight * np.where(weight > 0, side.difficulty, 0.0)).sum())
    return _Moment(value, _of_difficulties(weight))


def _sd(side: ItemParameters, weight: FloatArray) -> _Moment:
    deviation = np.where(weight > 0, side.difficulty - _mean(side, weight).value, 0.0)
    value = float(np.sqrt((weight * deviation**2).sum()))
    gradient = weight * deviation / value if value > 0 else np.zeros_like(deviation)
    return _Moment(value, _of_difficulties(gradient))


def _of_difficulties(gradient: FloatArray) -> FloatArray:
    return np.pad(gradient, ((0, 0), (1, 2)))


def _mean_slope(items: CommonItems, side: ItemParameters) -> _Moment:
    gradient = np.zeros((side.n_items, side.difficulty.shape[1] + 3))
    gradient[items.used, 0] = 1.0 / items.used.sum()
    return _Moment(float(side.discrimination[items.used].mean()), gradient)
