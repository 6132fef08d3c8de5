"""A change of scale: theta on the target scale = A theta + B."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray
from irt.calibration.result import StandardErrors
from irt.models.parameters import ItemParameters


@dataclass(frozen=True)
class Link:
    """theta on the target scale = slope * theta + intercept; slope > 0."""

    slope: float
    intercept: float

    def theta(self, theta: ArrayLike) -> FloatArray:
        """Abilities or difficulties on the target scale."""
        return self.slope * np.asarray(theta, dtype=float) + self.intercept

    def theta_errors(
        self, errors: ArrayLike, theta: ArrayLike = 0.0, covariance: ArrayLike | None = None
    ) -> FloatArray:
        """Standard errors of abilities on the target scale, from `errors` of `theta`.

        covariance (2, 2) of slope and intercept adds the link's own uncertainty:
        A^2 se^2 + theta^2 Var A + 2 theta Cov(A, B) + Var B. None takes the link as known.
        """
        known = self.slope**2 * np.asarray(errors, dtype=float) ** 2
        if covariance is None:
            return np.asarray(np.sqrt(known))
        own, value = np.asarray(covariance, dtype=float), np.asarray(theta, dtype=float)
        link = value**2 * own[0, 0] + 2 * value * own[0, 1] + own[1, 1]
        return np.asarray(np.sqrt(known + link))

    def parameters(self, parameters: ItemParameters) -> ItemParameters:
        """Items on the target scale: a / slope, slope * b + intercept; asymptotes stay."""
        return replace(
            parameters,
            discrimination=parameters.discrimination / self.slope,
            difficulty=self.theta(parameters.difficulty),
        )

    def standard_errors(self, errors: StandardErrors) -> StandardErrors:
        """Errors on the target scale, the link taken as known.

        `linking.standard_errors.linked_standard_errors` adds the link's own uncertainty.
        """
        return replace(
            errors,
            discrimination=errors.discrimination / self.slope,
            difficulty=errors.difficulty * self.slope,
        )

    @property
    def inverse(self) -> "Link":
        """From the target scale back to the source scale."""
        return Link(1.0 / self.slope, -self.intercept / self.slope)


@dataclass(frozen=True, eq=False)
class EstimatedLink(Link):
    """A link, and how it hangs on the J common items that it was estimated from.

    used (J,) items that took part; target_gradient, source_gradient (2, J, P) derivatives of slope
    and intercept with respect to the items' parameters on either scale, laid out as in
    `irt.models.parameter_derivatives`; 0 for items that took no part.
    """

    used: BoolArray
    target_gradient: FloatArray
    source_gradient: FloatArray
