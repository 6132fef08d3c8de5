"""Derivatives of the category probabilities with respect to the item parameters.

The parameters of an item are laid out in P = M + 3 columns: a, b_1, ..., b_M, c, d, where M is the
width of `ItemParameters.difficulty`; b of a dichotomous item is b_1.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from irt.arrays import FloatArray
from irt.models.curves import category_probabilities, of_items, step_logits
from irt.models.parameters import ItemParameters

_LOWER, _UPPER = -2, -1


def parameter_column(name: str, n_steps: int) -> int:
    """The column of "a", "b", "b1", ..., "c" or "d" where M = n_steps."""
    if name.startswith("b"):
        return int(name[1:] or 1)
    return {"a": 0, "c": n_steps + 1, "d": n_steps + 2}[name]


def parameter_columns(
    discrimination: FloatArray, difficulty: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """(J, P) values of (J,), (J, M), (J,) and (J,), laid out as above."""
    return np.column_stack([discrimination, difficulty, lower, upper])


def probability_gradient(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, P, K, Q) dP(X_j = k | theta_q) / d parameter; 0 for what an item does not have.

    theta (Q,) or (J, Q) as in `irt.models.curves`.
    """
    n_steps = parameters.difficulty.shape[1]
    width = int(parameters.n_categories.max(initial=2))
    shape = (parameters.n_items, n_steps + 3, width, theta.shape[-1])
    result = np.zeros(shape)
    items = parameters.dichotomous_items
    result[items, :, :2] = _dichotomous(parameters.dichotomous, of_items(theta, items))
    for items, own, function in (
        (parameters.graded_items, parameters.graded, _graded),
        (parameters.partial_credit_items, parameters.partial_credit, _partial_credit),
    ):
        result[items] = function(own, of_items(theta, items), width)
    return result


def score_gradient(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, P, Q) derivatives of the expected item score, categories scored 0, 1, ..."""
    gradient = probability_gradient(parameters, theta)
    return np.asarray(np.einsum("k,jpkq->jpq", np.arange(float(gradient.shape[2])), gradient))


def _dichotomous(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(n, P, 2, Q): with s = sigma(a (theta - b)), dP/da = (d - c) s (1 - s) (theta - b), ..."""
    a, b = parameters.discrimination[:, None], parameters.difficulty[:, :1]
    rise, fall = expit(a * (theta - b)), expit(-a * (theta - b))
    spread = (parameters.upper_asymptote - parameters.lower_asymptote)[:, None] * rise * fall
    result = np.zeros((len(a), parameters.difficulty.shape[1] + 3, 2, rise.shape[1]))
    result[:, 0, 1] = spread * (theta - b)
    result[:, 1, 1] = -a * spread
    result[:, _LOWER, 1] = fall
    result[:, _UPPER, 1] = rise
    result[:, :, 0] = -result[:, :, 1]
    return result


def _graded(parameters: ItemParameters, theta: FloatArray, width: int) -> FloatArray:
    """(n, P, width, Q) from those of P(X >= k), of which P(X = k) is a difference."""
    a, steps = _steps(parameters, width)
    logit = step_logits(parameters.discrimination, np.where(np.isnan(steps), np.inf, steps), theta)
    spread = expit(logit) * expit(-logit)
    by_slope = spread * np.where(spread > 0, logit, 0.0) / a
    n_items, n_steps, n_nodes = spread.shape
    result = np.zeros((n_items, parameters.difficulty.shape[1] + 3, width, n_nodes))
    for step in range(n_steps):
        by_step = -a[:, 0] * spread[:, step]
        result[:, step + 1, step + 1] = by_step
        result[:, step + 1, step] = -by_step
        result[:, 0, step + 1] += by_slope[:, step]
        result[:, 0, step] -= by_slope[:, step]
    return result


def _partial_credit(parameters: ItemParameters, theta: FloatArray, width: int) -> FloatArray:
    """(n, P, width, Q): d log P_k / db_v = -a (1(k >= v) - P(X >= v)); a through all the steps."""
    a, steps = _steps(parameters, width)
    probability = category_probabilities(parameters, theta)
    probability = np.pad(probability, ((0, 0), (0, width - probability.shape[1]), (0, 0)))
    at_least = np.cumsum(probability[:, ::-1], axis=1)[:, ::-1]
    distance = np.nan_to_num(np.atleast_2d(theta)[:, None, :] - steps[:, :, None])
    result = np.zeros((len(a), parameters.difficulty.shape[1] + 3, *probability.shape[1:]))
    for step in range(width - 1):
        reached = (np.arange(width) > step)[:, None]
        share = probability * (reached - at_least[:, step + 1 : step + 2])
        result[:, step + 1] = -a * share
        result[:, 0] += distance[:, step : step + 1] * share
    return result


def _steps(parameters: ItemParameters, width: int) -> Sequence[FloatArray]:
    """a (n, 1, 1) and the steps (n, width - 1), NaN beyond an item's own."""
    return parameters.discrimination[:, None, None], parameters.difficulty[:, : width - 1]
