"""Fisher information of items and tests about theta."""

import numpy as np
from scipy.special import expit

from irt.arrays import FloatArray
from irt.models.curves import log_partial_credit, of_items, step_logits
from irt.models.derivatives import score_moments
from irt.models.parameters import ItemParameters

# Beyond this logit the information is 0 in double precision; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0


def item_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, Q) expected information, sum over categories of P'^2 / P (Lord 1980, eq. 5-9).

    theta (Q,), common to all items, or (J, Q), each item's own.
    """
    if parameters.dichotomous_items.size == parameters.n_items:
        return _dichotomous(parameters, theta)
    result = np.empty((parameters.n_items, theta.shape[-1]))
    for items, part, function in (
        (parameters.dichotomous_items, parameters.dichotomous, _dichotomous),
        (parameters.graded_items, parameters.graded, _graded),
        (parameters.partial_credit_items, parameters.partial_credit, _partial_credit),
    ):
        if items.size:
            result[items] = function(part, of_items(theta, items))
    return result


def test_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(Q,) information of all items together."""
    return np.asarray(item_information(parameters, theta).sum(axis=0))


def dichotomous_information(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, theta: FloatArray
) -> FloatArray:
    """a^2 (d - c)^2 sigma^2 (1 - sigma)^2 / (P (1 - P)), for arrays of any shapes that fit."""
    logit = np.clip(a * (b - theta), -_EXTREME_LOGIT, _EXTREME_LOGIT)
    odds = np.exp(logit, out=logit)
    rise = 1.0 / (1.0 + odds)
    fall = odds * rise
    span = d - c
    slope = a * span * rise * fall
    return np.asarray(slope * slope / ((c + span * rise) * (1.0 - d + span * fall)))


def _dichotomous(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    return dichotomous_information(
        parameters.discrimination[:, None],
        parameters.difficulty[:, :1],
        parameters.lower_asymptote[:, None],
        parameters.upper_asymptote[:, None],
        theta,
    )


def _graded(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """Samejima (1969): d log P_k / d theta = a (1 - sigma(z_k) - sigma(z_{k+1}))."""
    a, steps = parameters.discrimination, parameters.difficulty
    n_items, n_steps = steps.shape
    logit = step_logits(a, np.where(np.isnan(steps), np.inf, steps), theta)
    at_least = np.zeros((n_items, n_steps + 2, theta.shape[-1]))
    at_least[:, 0] = 1.0
    at_least[:, 1:-1] = expit(logit)
    below = np.ones_like(at_least)
    below[:, 0] = 0.0
    below[:, 1:-1] = expit(-logit)
    probability = at_least[:, :-1] * below[:, 1:]
    gap = -np.expm1(-a[:, None] * np.diff(steps, axis=1))
    probability[:, 1:-1] *= np.where(np.isnan(gap), 1.0, gap)[:, :, None]
    slope = below[:, :-1] - at_least[:, 1:]
    return np.asarray(a[:, None] ** 2 * (probability * slope * slope).sum(axis=1))


def _partial_credit(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """a^2 Var(X | theta) (Muraki 1993)."""
    a = parameters.discrimination
    probability = np.exp(log_partial_credit(a, parameters.difficulty, theta))
    return np.asarray(a[:, None] ** 2 * score_moments(probability)[1])
