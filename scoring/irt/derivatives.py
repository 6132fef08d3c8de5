"""Derivatives of the log category probabilities with respect to theta, in closed form.

With s_k = d log P_k / d theta, the slope of the curve is P'_k = P_k s_k and its second derivative
P''_k = P_k (s_k^2 + s'_k), so that information, Warm's J and Newton steps all follow from here.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from scoring.irt.arrays import FloatArray
from scoring.irt.curves import log_category_probabilities, of_items, step_logits
from scoring.irt.parameters import ItemParameters

# Beyond this logit every derivative is 0 in double precision; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0


@dataclass(frozen=True, eq=False)
class ThetaDerivatives:
    """log P, its first derivative (score) and its second (curvature) with respect to theta.

    Each (J, K, Q); for categories that an item does not have -inf, 0 and 0.
    """

    log_probability: FloatArray
    score: FloatArray
    curvature: FloatArray

    @property
    def probability(self) -> FloatArray:
        """(J, K, Q)."""
        return np.asarray(np.exp(self.log_probability))


def theta_derivatives(parameters: ItemParameters, theta: FloatArray) -> ThetaDerivatives:
    """Derivatives at theta, (Q,) common to all items or (J, Q) their own."""
    log_probability = log_category_probabilities(parameters, theta)
    score, curvature = np.zeros_like(log_probability), np.zeros_like(log_probability)
    items = parameters.dichotomous_items
    score[items, :2], curvature[items, :2] = _dichotomous(
        parameters.dichotomous, of_items(theta, items)
    )
    items = parameters.graded_items
    score[items], curvature[items] = _graded(
        parameters.graded, of_items(theta, items), log_probability.shape[1]
    )
    items = parameters.partial_credit_items
    score[items], curvature[items] = _partial_credit(
        parameters.discrimination[items], np.exp(log_probability[items])
    )
    return ThetaDerivatives(log_probability, score, curvature)


def _dichotomous(parameters: ItemParameters, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """s = P'/P and s' = s (a (1 - 2 sigma) - s), for X = 0 with 1 - P in the place of P."""
    a = parameters.discrimination[:, None]
    lower, upper = parameters.lower_asymptote[:, None], parameters.upper_asymptote[:, None]
    logit = np.clip(a * (theta - parameters.difficulty[:, :1]), -_EXTREME_LOGIT, _EXTREME_LOGIT)
    rise, fall = expit(logit), expit(-logit)
    span = upper - lower
    slope = a * span * rise * fall
    score = np.stack([-slope / (1.0 - upper + span * fall), slope / (lower + span * rise)], axis=1)
    return score, score * ((a * (fall - rise))[:, None] - score)


def _graded(
    parameters: ItemParameters, theta: FloatArray, width: int
) -> tuple[FloatArray, FloatArray]:
    """s_k = a (1 - sigma_k - sigma_{k+1}) (Samejima 1969)."""
    steps = parameters.difficulty[:, : width - 1]
    a = parameters.discrimination[:, None, None]
    logit = step_logits(parameters.discrimination, np.where(np.isnan(steps), np.inf, steps), theta)
    rise, fall = expit(logit), expit(-logit)
    edge = np.zeros_like(rise[:, :1])
    at_least = np.concatenate([rise, edge], axis=1)
    below = np.concatenate([edge, fall], axis=1)
    spread = np.concatenate([edge, rise * fall, edge], axis=1)
    score = a * (below - at_least)
    curvature = -a * a * (spread[:, :-1] + spread[:, 1:])
    absent = np.arange(width) >= parameters.n_categories[:, None]
    score[absent] = 0.0
    curvature[absent] = 0.0
    return score, curvature


def _partial_credit(
    discrimination: FloatArray, probability: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """s_k = a (k - E X) and s'_k = -a^2 Var X (Muraki 1992)."""
    a = discrimination[:, None, None]
    deviation, variance = score_moments(probability)
    score = np.where(probability > 0, a * deviation, 0.0)
    return score, np.where(probability > 0, -a * a * variance[:, None], 0.0)


def score_moments(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, Q) k - E X and (J, Q) Var X of the scores 0, 1, ... with probability (J, K, Q)."""
    scores = np.arange(probability.shape[1], dtype=float)[:, None]
    deviation = scores - (scores * probability).sum(axis=1, keepdims=True)
    return deviation, (deviation * deviation * probability).sum(axis=1)
