"""Log-likelihoods of the answers so far: exact at given thetas, and their highest on intervals.

Only answers to operational items that were not left out count. The sums run answer by answer, so
that an examinee's value does not depend on the longest test in the batch.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.curves import log_category_probabilities
from scoring.irt.derivatives import theta_derivatives
from scoring.irt.estimation.answers import Answers
from scoring.irt.parameters import ItemParameters
from scoring.irt.pool import Pool
from scoring.irt.state import State

# From half a node's distance four steps of Newton reach the accuracy of doubles; one in reserve.
_NEWTON_STEPS = 5


def counted_answers(pool: Pool, state: State) -> BoolArray:
    """(N, L) True for the answers that count: to operational items and not left out."""
    return np.asarray((state.scores >= 0) & pool.operational[state.items])


def log_likelihood_at(pool: Pool, state: State, points: tuple[float, ...]) -> FloatArray:
    """(N, P) log-likelihood of the counted answers at P values of theta."""
    if state.items.shape[1] == 0:
        return np.zeros((len(state.items), len(points)))
    terms = _log_probabilities_at(pool, points)[state.items, state.scores]
    counted = counted_answers(pool, state)[:, :, None]
    return np.asarray(np.where(counted, terms, 0.0).cumsum(axis=1)[:, -1])


@lru_cache(maxsize=16)
def _log_probabilities_at(pool: Pool, points: tuple[float, ...]) -> FloatArray:
    """(J, K, P) of all items of the pool."""
    return log_category_probabilities(pool.parameters, np.array(points))


def highest_log_likelihood(
    pool: Pool, state: State, intervals: Sequence[tuple[float, float]]
) -> FloatArray:
    """(N, P) highest log-likelihood of the counted answers on each of P intervals of theta.

    The highest of the interval's ends and of the nodes inside it is found first, then refined by
    Newton's method within a node's distance.
    """
    lower, upper = (np.array(ends) for ends in zip(*intervals, strict=True))
    n, width = len(state.items), float(pool.nodes[1] - pool.nodes[0])
    ends = log_likelihood_at(pool, state, (*lower, *upper))
    heights, places = [], []
    for index, (low, high) in enumerate(intervals):
        inside = (pool.nodes > low) & (pool.nodes < high)
        points = np.concatenate([[low, high], pool.nodes[inside]])
        at_points = np.concatenate(
            [ends[:, [index, len(intervals) + index]], state.log_likelihood[:, inside]], axis=1
        )
        best = at_points.argmax(axis=1)
        heights.append(at_points[np.arange(n), best])
        places.append(points[best])
    start, found = np.stack(places, axis=1), np.stack(heights, axis=1)
    answers = _answers(pool, state, len(intervals))
    refined = _climb(
        answers,
        start.ravel(),
        np.maximum(start - width, lower).ravel(),
        np.minimum(start + width, upper).ravel(),
    )
    return np.maximum(found, refined.reshape(found.shape))


def _answers(pool: Pool, state: State, copies: int) -> Answers:
    """The counted answers, of each examinee `copies` times in a row."""
    counted = counted_answers(pool, state).repeat(copies, axis=0)
    person, place = np.nonzero(counted)
    item = state.items[person // copies, place]
    score = state.scores[person // copies, place]
    return Answers(pool.parameters, len(counted), person, item, score)


def _climb(answers: Answers, theta: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """(M,) the highest log-likelihood met by Newton steps from theta within lower, upper (M,)."""
    highest = np.full(len(theta), -np.inf)
    if answers.item.size == 0:
        return np.zeros(len(theta))
    for _ in range(_NEWTON_STEPS):
        height, slope, curvature = answers.add_up(theta, _terms, 3)
        highest = np.maximum(highest, height)
        # Where the likelihood is not concave, half way to the end that it rises to.
        towards = 0.5 * (np.where(slope > 0, upper, lower) - theta)
        concave = curvature < 0
        newton = -slope / np.where(concave, curvature, -1.0)
        theta = np.clip(theta + np.where(concave, newton, towards), lower, upper)
    return highest


def _terms(items: ItemParameters, theta: FloatArray, score: IntArray) -> list[FloatArray]:
    """log P and its two derivatives (n, 1) of n answers, theta (n, 1), score (n,)."""
    derivatives = theta_derivatives(items, theta)
    answer = np.arange(len(score)), score
    return [
        table[answer]
        for table in (derivatives.log_probability, derivatives.score, derivatives.curvature)
    ]
