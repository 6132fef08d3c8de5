"""Derivatives of the log category probabilities with respect to theta, in closed form.

With s_k = d log P_k / d theta, the slope of the curve is P'_k = P_k s_k and its second derivative
P''_k = P_k (s_k^2 + s'_k), so that information, Warm's J and Newton steps all follow from here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from irt.arrays import FloatArray
from irt.models.category_sums import over_categories
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters


@dataclass(frozen=True, eq=False)
class ThetaDerivatives:
    """P and the first (score) and second (curvature) derivative of log P with respect to theta.

    Each (J, K, Q), for categories that an item does not have 0. parameters and theta are those at
    which they were taken.
    """

    parameters: ItemParameters
    theta: FloatArray
    probability: FloatArray
    score: FloatArray
    curvature: FloatArray

    @cached_property
    def log_probability(self) -> FloatArray:
        """(J, K, Q) log P; -inf for categories that an item does not have."""
        return log_category_probabilities(self.parameters, self.theta)

    @property
    def information(self) -> FloatArray:
        """(J, Q) expected information, the sum over categories of P'^2 / P."""
        return over_categories(self.probability * self.score**2)

    @property
    def warm_j(self) -> FloatArray:
        """(J, Q) the sum over categories of P' P'' / P (Warm 1989, eq. 9)."""
        s = self.score
        return over_categories(self.probability * s * (s * s + self.curvature))


def theta_derivatives(parameters: ItemParameters, theta: FloatArray) -> ThetaDerivatives:
    """Derivatives at theta, (Q,) common to all items or (J, Q) their own."""
    parts = parameters.parts
    if len(parts) == 1:
        return ThetaDerivatives(
            parameters, theta, *parts[0].family.theta_derivatives(parameters, theta)
        )
    width = int(parameters.n_categories.max(initial=2))
    curves = np.zeros((3, parameters.n_items, width, theta.shape[-1]))
    for part in parts:
        own = np.stack(part.family.theta_derivatives(part.parameters, part.theta(theta)))
        curves[:, part.items, : own.shape[2]] = own
    return ThetaDerivatives(parameters, theta, *curves)
