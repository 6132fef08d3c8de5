"""Log-likelihoods of the answers so far: exact at given thetas, and their highest on intervals.

Only answers to operational items that were not left out count. Sums run answer by answer, so that
an examinee's value does not depend on the longest test in the batch.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.models.curves import log_category_probabilities
from irt.models.derivatives import theta_derivatives
from irt.pool import Pool
from irt.state import State

# From half a node's distance Newton's method squares the error: 0.1, 1e-2, 1e-4, 1e-8.
_NEWTON_STEPS = 4


def counted_answers(pool: Pool, state: State) -> BoolArray:
    """(N, L) True for the answers that count: to operational items and not left out."""
    return np.asarray((state.scores >= 0) & pool.operational[state.items])


def log_likelihood_at(pool: Pool, state: State, points: tuple[float, ...]) -> FloatArray:
    """(N, P) log-likelihood of the counted answers at P values of theta."""
    terms = _log_probabilities_at(pool, points)[state.items, state.scores]
    return _sums(np.where(counted_answers(pool, state)[:, :, None], terms, 0.0))


@lru_cache(maxsize=16)
def _log_probabilities_at(pool: Pool, points: tuple[float, ...]) -> FloatArray:
    """(J, K, P) of all items of the pool."""
    return log_category_probabilities(pool.parameters, np.array(points))


def highest_log_likelihood(
    pool: Pool, state: State, intervals: Sequence[tuple[float, float]]
) -> FloatArray:
    """(N, P) highest log-likelihood of the counted answers on each of P intervals of theta.

    The highest of an interval's ends and of the nodes inside it, refined by Newton's method within
    a node's distance.
    """
    lower, upper = (np.array(ends) for ends in zip(*intervals, strict=True))
    at_ends = log_likelihood_at(pool, state, (*lower, *upper))
    theta, height = np.empty((2, len(state.items), len(intervals)))
    rows = np.arange(len(theta))
    for place, (low, high) in enumerate(intervals):
        inside = (pool.nodes > low) & (pool.nodes < high)
        points = np.concatenate([pool.nodes[inside], [low, high]])
        ends = at_ends[:, [place, len(intervals) + place]]
        heights = np.concatenate([state.log_likelihood[:, inside], ends], axis=1)
        best = heights.argmax(axis=1)
        theta[:, place], height[:, place] = points[best], heights[rows, best]
    width = pool.nodes[1] - pool.nodes[0]
    within = np.maximum(theta - width, lower), np.minimum(theta + width, upper)
    return np.maximum(height, _climb(pool, state, theta, *within))


def _climb(
    pool: Pool, state: State, theta: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """(N, P) the highest log-likelihood met by Newton steps from theta within lower, upper."""
    counted = counted_answers(pool, state)
    person = np.nonzero(counted)[0]
    items = pool.parameters.take(state.items[counted])
    answer = np.arange(len(person)), state.scores[counted]
    table = np.zeros((*counted.shape, 3, theta.shape[1]))
    highest: FloatArray = np.full_like(theta, -np.inf)
    for _ in range(_NEWTON_STEPS):
        at = theta_derivatives(items, theta[person])
        with np.errstate(divide="ignore"):  # far from a very steep item P underflows to 0
            log_probability = np.log(at.probability[answer])
        terms = [log_probability, at.score[answer], at.curvature[answer]]
        table[counted] = np.stack(terms, axis=1)
        height, slope, curvature = np.moveaxis(_sums(table), 1, 0)
        highest = np.maximum(highest, height)
        concave = curvature < 0
        newton = -slope / np.where(concave, curvature, -1.0)
        half_way = 0.5 * (np.where(slope > 0, upper, lower) - theta)
        theta = np.clip(theta + np.where(concave, newton, half_way), lower, upper)
    return highest


def _sums(terms: FloatArray) -> FloatArray:
    """(N, ...) sums of terms (N, L, ...) over the positions, one after the other."""
    if terms.shape[1] == 0:
        return np.zeros((len(terms), *terms.shape[2:]))
    return np.asarray(terms.cumsum(axis=1)[:, -1])
