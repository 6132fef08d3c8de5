"""Item response functions: category probabilities that stay exact far from the items.

Dichotomous: P(X = 1) = c + (d - c) / (1 + exp(-a (theta - b))); Birnbaum (1968), Barton & Lord
(1981). Graded: P(X >= k) = 1 / (1 + exp(-a (theta - b_k))); Samejima (1969). Partial credit:
P(X = k) proportional to exp(sum over v <= k of a (theta - b_v)); Masters (1982), Muraki (1992).

Everywhere theta is (Q,), the same for all items, or (J, Q), each item's own.
"""

import numpy as np
from scipy.special import log_expit, log_softmax

from irt.arrays import FloatArray
from irt.models.parameters import ItemParameters


def log_category_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, K, Q) log P(X_j = k | theta_q); -inf for categories that an item does not have."""
    width = int(parameters.n_categories.max(initial=2))
    result = np.full((parameters.n_items, width, theta.shape[-1]), -np.inf)
    items = parameters.dichotomous_items
    result[items, :2] = log_dichotomous(
        parameters.discrimination[items, None] * (of_items(theta, items) - _b(parameters, items)),
        parameters.lower_asymptote[items, None],
        parameters.upper_asymptote[items, None],
    )
    for items, function in (
        (parameters.graded_items, log_graded),
        (parameters.partial_credit_items, log_partial_credit),
    ):
        if not items.size:
            continue
        result[items] = function(
            parameters.discrimination[items],
            parameters.difficulty[items, : width - 1],
            of_items(theta, items),
        )
    return result


def category_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, K, Q) P(X_j = k | theta_q); 0 for categories that an item does not have."""
    return np.asarray(np.exp(log_category_probabilities(parameters, theta)))


def expected_score(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, Q) expected item score, categories scored 0, 1, ..."""
    probabilities = category_probabilities(parameters, theta)
    scores = np.arange(probabilities.shape[1], dtype=float)
    return np.asarray(np.einsum("k,jkq->jq", scores, probabilities))


def log_dichotomous(logit: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """(J, 2, Q) log of 1 - P and P, neither of them by subtracting from one."""
    log_pass, log_fail = log_expit(logit), log_expit(-logit)
    with np.errstate(divide="ignore"):  # an asymptote at its bound is a term of log 0
        span = np.log(upper - lower)
        log_correct = np.logaddexp(np.log(lower), span + log_pass)
        log_wrong = np.logaddexp(np.log1p(-upper), span + log_fail)
    return np.stack([log_wrong, log_correct], axis=1)


def log_graded(discrimination: FloatArray, difficulty: FloatArray, theta: FloatArray) -> FloatArray:
    """(J, M + 1, Q) log of graded category probabilities without a difference of sigmoids.

    sigma(z_k) - sigma(z_{k+1}) = sigma(z_k) sigma(-z_{k+1}) (1 - exp(z_{k+1} - z_k)), and the last
    factor does not depend on theta.
    """
    logit = step_logits(discrimination, difficulty, theta)
    edge = np.zeros((logit.shape[0], 1, logit.shape[2]))
    log_at_least = np.concatenate([edge, log_expit(logit)], axis=1)
    log_below = np.concatenate([log_expit(-logit), edge], axis=1)
    step = discrimination[:, None] * np.diff(difficulty, axis=1)
    gap = np.pad(np.log(-np.expm1(-step)), ((0, 0), (1, 1)))
    with_gaps = log_at_least + log_below + gap[:, :, None]
    return _close_last_step(with_gaps, log_at_least, difficulty)


def log_partial_credit(
    discrimination: FloatArray, difficulty: FloatArray, theta: FloatArray
) -> FloatArray:
    """(J, M + 1, Q) log of partial credit category probabilities."""
    logit = step_logits(discrimination, difficulty, theta)
    climbed = np.cumsum(np.where(np.isnan(logit), -np.inf, logit), axis=1)
    return np.asarray(log_softmax(np.pad(climbed, ((0, 0), (1, 0), (0, 0))), axis=1))


def step_logits(
    discrimination: FloatArray, difficulty: FloatArray, theta: FloatArray
) -> FloatArray:
    """(J, M, Q) a (theta - b_k); NaN beyond an item's steps."""
    own = np.atleast_2d(theta)[:, None, :]
    return np.asarray(discrimination[:, None, None] * (own - difficulty[:, :, None]))


def of_items(theta: FloatArray, items: np.ndarray) -> FloatArray:
    """theta of the items at `items`: the common (Q,), or their rows of (J, Q)."""
    return theta if theta.ndim == 1 else theta[items]


def _b(parameters: ItemParameters, items: np.ndarray) -> FloatArray:
    return parameters.difficulty[items, :1]


def _close_last_step(
    log_probability: FloatArray, log_at_least: FloatArray, difficulty: FloatArray
) -> FloatArray:
    """Give items with fewer steps than the widest their top category, and none above it."""
    n_steps = np.isfinite(difficulty).sum(axis=1)
    items = np.arange(len(n_steps))
    log_probability[items, n_steps] = log_at_least[items, n_steps]
    absent = np.arange(log_probability.shape[1]) > n_steps[:, None]
    log_probability[absent] = -np.inf
    return log_probability
