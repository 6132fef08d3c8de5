"""Linking one scale to another by mean and sigma of the common items' difficulties."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from scoring.irt.arrays import FloatArray
from scoring.irt.calibration.result import StandardErrors
from scoring.irt.parameters import ItemParameters


class LinkingError(ValueError):
    """The common items do not determine a link."""


@dataclass(frozen=True)
class Link:
    """theta on the target scale = slope * theta + intercept; slope > 0."""

    slope: float
    intercept: float

    def theta(self, theta: ArrayLike) -> FloatArray:
        """Abilities or difficulties on the target scale."""
        return self.slope * np.asarray(theta, dtype=float) + self.intercept

    def parameters(self, parameters: ItemParameters) -> ItemParameters:
        """Items on the target scale: a / slope, slope * b + intercept; asymptotes stay."""
        return replace(
            parameters,
            discrimination=parameters.discrimination / self.slope,
            difficulty=self.theta(parameters.difficulty),
        )

    def standard_errors(self, errors: StandardErrors) -> StandardErrors:
        """Errors on the target scale, the link taken as known."""
        return replace(
            errors,
            discrimination=errors.discrimination / self.slope,
            difficulty=errors.difficulty * self.slope,
        )


def mean_sigma(
    target: ItemParameters, source: ItemParameters, weights: ArrayLike | None = None
) -> Link:
    """Link the source scale to the target scale through the same J items on both.

    Marco (1977): slope = sd(b target) / sd(b source), intercept = mean(b target) - slope *
    mean(b source), over difficulties and all graded thresholds. weights (J, M), such as inverse
    sampling variances (Linn, Levine, Hastings & Wardrop 1981), default to equal; a difficulty or
    weight that is not finite takes no part.

    Raises `LinkingError` when the items differ in steps or fewer than two difficulties are left.
    """
    if target.difficulty.shape[0] != source.difficulty.shape[0]:
        raise LinkingError("the two sets must hold the same items")
    if not np.array_equal(target.n_categories, source.n_categories):
        raise LinkingError("the two sets have items with different numbers of categories")
    shared = min(target.difficulty.shape[1], source.difficulty.shape[1])
    target_b, source_b = target.difficulty[:, :shared], source.difficulty[:, :shared]
    weight = np.ones_like(target_b) if weights is None else np.asarray(weights)[:, :shared]
    used = np.isfinite(target_b) & np.isfinite(source_b) & np.isfinite(weight)
    target_mean, target_sd = _moments(target_b[used], weight[used])
    source_mean, source_sd = _moments(source_b[used], weight[used])
    if not (target_sd > 0 and source_sd > 0):
        raise LinkingError("linking needs at least two common items of different difficulty")
    slope = target_sd / source_sd
    return Link(slope, target_mean - slope * source_mean)


def _moments(difficulty: FloatArray, weight: FloatArray) -> tuple[float, float]:
    total = weight.sum()
    if not total > 0:
        return 0.0, 0.0
    mean = float((weight * difficulty).sum() / total)
    return mean, float(np.sqrt((weight * (difficulty - mean) ** 2).sum() / total))
