"""Derivatives of the log category probabilities with respect to theta, in closed form.

With s_k = d log P_k / d theta, the slope of the curve is P'_k = P_k s_k and its second derivative
P''_k = P_k (s_k^2 + s'_k), so that information, Warm's J and Newton steps all follow from here.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from irt.arrays import BoolArray, FloatArray
from irt.models.curves import log_category_probabilities, log_partial_credit, of_items, step_logits
from irt.models.parameters import ItemParameters

# Beyond this logit every derivative is 0 in double precision; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0

# Probability, score and curvature of some items, each (J, K, Q).
_Curves = tuple[FloatArray, FloatArray, FloatArray]


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
    families = (
        (parameters.dichotomous_items, _dichotomous),
        (parameters.graded_items, _graded),
        (parameters.partial_credit_items, _partial_credit),
    )
    present = [(items, function) for items, function in families if items.size]
    if len(present) == 1:
        return ThetaDerivatives(parameters, theta, *present[0][1](parameters, theta))
    width = int(parameters.n_categories.max(initial=2))
    curves = np.zeros((3, parameters.n_items, width, theta.shape[-1]))
    for items, function in present:
        own = np.stack(function(parameters.take(items), of_items(theta, items)))
        curves[:, items, : own.shape[2]] = own
    return ThetaDerivatives(parameters, theta, *curves)


def _dichotomous(parameters: ItemParameters, theta: FloatArray) -> _Curves:
    """s = P'/P and s' = s (a (1 - 2 sigma) - s), for X = 0 with 1 - P in the place of P."""
    a = parameters.discrimination[:, None]
    lower, upper = parameters.lower_asymptote[:, None], parameters.upper_asymptote[:, None]
    logit = np.clip(a * (theta - parameters.difficulty[:, :1]), -_EXTREME_LOGIT, _EXTREME_LOGIT)
    rise, fall = expit(logit), expit(-logit)
    span = upper - lower
    slope = a * span * rise * fall
    wrong, correct = 1.0 - upper + span * fall, lower + span * rise
    score = np.stack([-slope / wrong, slope / correct], axis=1)
    curvature = score * ((a * (fall - rise))[:, None] - score)
    return np.stack([wrong, correct], axis=1), score, curvature


def _graded(parameters: ItemParameters, theta: FloatArray) -> _Curves:
    """s_k = a (1 - sigma_k - sigma_{k+1}) (Samejima 1969)."""
    steps = _steps(parameters)
    a = parameters.discrimination[:, None, None]
    logit = step_logits(parameters.discrimination, np.where(np.isnan(steps), np.inf, steps), theta)
    rise, fall = expit(logit), expit(-logit)
    zero, one = np.zeros_like(rise[:, :1]), np.ones_like(rise[:, :1])
    probability = np.concatenate([one, rise], axis=1) * np.concatenate([fall, one], axis=1)
    gap = -np.expm1(-a * np.diff(steps, axis=1)[:, :, None])
    probability[:, 1:-1] *= np.where(np.isnan(gap), 1.0, gap)
    score = a * (np.concatenate([zero, fall], axis=1) - np.concatenate([rise, zero], axis=1))
    spread = np.concatenate([zero, rise * fall, zero], axis=1)
    curvature = -a * a * (spread[:, :-1] + spread[:, 1:])
    absent = _absent(parameters, probability)
    score[absent] = 0.0
    curvature[absent] = 0.0
    return probability, score, curvature


def _partial_credit(parameters: ItemParameters, theta: FloatArray) -> _Curves:
    """s_k = a (k - E X) and s'_k = -a^2 Var X (Muraki 1992)."""
    a = parameters.discrimination[:, None, None]
    probability = np.exp(log_partial_credit(parameters.discrimination, _steps(parameters), theta))
    deviation, variance = score_moments(probability)
    score = a * deviation
    curvature = np.repeat(-a * a * variance[:, None], score.shape[1], axis=1)
    absent = _absent(parameters, probability)
    score[absent] = 0.0
    curvature[absent] = 0.0
    return probability, score, curvature


def over_categories(terms: FloatArray) -> FloatArray:
    """(J, Q) sums of (J, K, Q); K is small, and NumPy's own sum over a short axis slow."""
    total = terms[:, 0].copy()
    for category in range(1, terms.shape[1]):
        total += terms[:, category]
    return total


def _steps(parameters: ItemParameters) -> FloatArray:
    """(J, K - 1) the steps, without columns that none of the items uses."""
    return parameters.difficulty[:, : int(parameters.n_categories.max()) - 1]


def _absent(parameters: ItemParameters, probability: FloatArray) -> BoolArray:
    """(J, K) categories that an item does not have."""
    return np.arange(probability.shape[1]) >= parameters.n_categories[:, None]


def score_moments(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, Q) k - E X and (J, Q) Var X of the scores 0, 1, ... with probability (J, K, Q)."""
    scores = np.arange(probability.shape[1], dtype=float)
    # k - E X as a sum over the other categories: exact where E X is close to k.
    deviation = np.moveaxis(np.tensordot(probability, scores - scores[:, None], (1, 0)), -1, 1)
    return deviation, over_categories(deviation * deviation * probability)
