"""Fisher information of items and tests about theta."""

import numpy as np
from scipy.special import expit

from scoring.irt.arrays import FloatArray
from scoring.irt.parameters import ItemParameters

# Beyond this logit the information is 0 in double precision; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0


def item_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, Q) expected information, sum over categories of P'^2 / P (Lord 1980, eq. 5-9)."""
    if parameters.graded_items.size == 0:
        return _dichotomous(parameters, theta)
    if parameters.dichotomous_items.size == 0:
        return _graded(parameters, theta)
    result = np.empty((parameters.n_items, len(theta)))
    result[parameters.dichotomous_items] = _dichotomous(parameters.dichotomous, theta)
    result[parameters.graded_items] = _graded(parameters.graded, theta)
    return result


def test_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(Q,) information of all items together."""
    return np.asarray(item_information(parameters, theta).sum(axis=0))


def _dichotomous(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    a = parameters.discrimination[:, None]
    lower = parameters.lower_asymptote[:, None]
    upper = parameters.upper_asymptote[:, None]
    logit = np.clip(a * (theta - parameters.difficulty[:, :1]), -_EXTREME_LOGIT, _EXTREME_LOGIT)
    rise, fall = expit(logit), expit(-logit)
    span = upper - lower
    slope = a * span * rise * fall
    variance = (lower + span * rise) * (1.0 - upper + span * fall)
    return np.asarray(slope * slope / variance)


def _graded(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """Samejima (1969): d log P_k / d theta = a (1 - sigma(z_k) - sigma(z_{k+1}))."""
    a, steps = parameters.discrimination, parameters.difficulty
    n_items, n_steps = steps.shape
    logit = a[:, None, None] * (theta - np.where(np.isnan(steps), np.inf, steps)[:, :, None])
    at_least = np.zeros((n_items, n_steps + 2, len(theta)))
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
