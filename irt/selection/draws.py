"""Which item next, given the criterion: the best one, or chance on top of it."""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.policy.policy import Criterion, Draw, Policy
from irt.pool import Pool
from irt.random_numbers import uniform_draw, uniform_draws
from irt.selection.a_stratified import in_best_stratum
from irt.state import State

# Criteria closer than this are ties, so that rounding errors of a build cannot choose the item.
CRITERION_DIGITS = 12


def draw_item(
    pool: Pool, policy: Policy, state: State, criterion: FloatArray, available: BoolArray
) -> IntArray:
    """(N,) index of each examinee's next item, or -1 where none is available.

    criterion (N, J), larger is better, available (N, J). Ties go to the lower item id. A function
    of seed and position (progressive: and item id). With a-stratified selection chance stays
    within the stratum. Progressive and proportional take a criterion that is negative for an
    available item as its distance from the lowest of them.
    """
    chance = policy.selection
    if chance.draw == Draw.BEST or not available.size:
        return best_item(criterion, available)
    seed, position = state.examinees.seed, state.position
    if chance.criterion == Criterion.A_STRATIFIED:
        criterion, available = in_best_stratum(criterion, available)
    if chance.draw == Draw.RANDOMESQUE:
        return select_randomesque(criterion, available, uniform_draw(seed, position), chance.among)
    lifted = _lift(criterion, available)
    share = criterion_share(policy.stopping.max_items, chance.power)[
        np.minimum(state.length, policy.stopping.max_items - 1)
    ]
    if chance.draw == Draw.PROGRESSIVE:
        return select_progressive(
            lifted, available, uniform_draws(seed, position, pool.item_ids), share
        )
    exponent = policy.stopping.max_items * share
    return select_proportional(lifted, available, uniform_draw(seed, position), exponent)


def best_item(criterion: FloatArray, available: BoolArray) -> IntArray:
    """(N,) index of the best available item, -1 without any; ties go to the lower index."""
    if criterion.shape[1] == 0:
        return np.full(len(criterion), -1, dtype=np.int64)
    chosen = np.where(available, np.round(criterion, CRITERION_DIGITS), -np.inf).argmax(axis=1)
    return np.where(available[np.arange(len(chosen)), chosen], chosen, -1)


def select_randomesque(
    criterion: FloatArray, available: BoolArray, draw: FloatArray, k: int
) -> IntArray:
    """(N,) index of one of each examinee's `k` best items, or -1 where none is available.

    Kingsbury & Zara (1989). criterion (N, J), larger is better; available (N, J); draw (N,)
    uniform on [0, 1). Ties go to the lower index.
    """
    if criterion.shape[1] == 0:
        return np.full(len(criterion), -1, dtype=np.int64)
    ranked = np.where(available, np.round(criterion, CRITERION_DIGITS), -np.inf)
    n_available = available.sum(axis=1)
    rank = (draw * np.minimum(k, n_available)).astype(np.int64)
    rows = np.arange(len(ranked))
    chosen = ranked.argmax(axis=1)
    for place in range(1, int(rank.max(initial=0)) + 1):
        ranked[rows, chosen] = np.where(rank >= place, -np.inf, ranked[rows, chosen])
        chosen = ranked.argmax(axis=1)
    return np.where(n_available > 0, chosen, -1)


def select_progressive(
    criterion: FloatArray, available: BoolArray, draws: FloatArray, share: FloatArray
) -> IntArray:
    """(N,) index of the item with the largest (1 - W) R + W c, -1 where none is available.

    Revuelta & Ponsoda (1998). criterion c (N, J), not negative; R is draws (N, J) times the
    largest criterion of an available item; W is share (N,), 0 = chance alone, 1 = criterion alone.
    """
    largest = np.where(available, criterion, 0.0).max(axis=1, keepdims=True)
    weight = share[:, None]
    return best_item((1.0 - weight) * largest * draws + weight * criterion, available)


def select_proportional(
    criterion: FloatArray, available: BoolArray, draw: FloatArray, exponent: FloatArray
) -> IntArray:
    """(N,) index of an item drawn with probability proportional to c^H, -1 where none is available.

    Segall (2004), Barrada et al. (2008). criterion c (N, J), not negative; draw (N,)
    uniform on [0, 1); H is exponent (N,), 0 = all available items alike.
    """
    candidates = np.where(available, np.round(criterion, CRITERION_DIGITS), 0.0)
    largest = candidates.max(axis=1, keepdims=True)
    relative = np.where(largest > 0, candidates / np.where(largest > 0, largest, 1.0), 1.0)
    cumulative = np.where(available, relative ** exponent[:, None], 0.0).cumsum(axis=1)
    total = cumulative[:, -1]
    reached = np.minimum(draw * total, np.nextafter(total, 0.0))
    chosen = (cumulative > reached[:, None]).argmax(axis=1)
    return np.where(total > 0, chosen, -1)


def _lift(criterion: FloatArray, available: BoolArray) -> FloatArray:
    lowest = np.where(available, criterion, 0.0).min(axis=1, keepdims=True)
    return np.asarray(criterion - lowest)


@lru_cache(maxsize=64)
def criterion_share(max_items: int, power: float) -> FloatArray:
    """(max_items,) W after 0, 1, ... items: 0 at first, 1 at the last (Barrada et al. 2008).

    The sum of 1^power, ..., n^power after n items over that after max_items - 1.
    """
    grown = np.cumsum((np.arange(1, max_items) / max(max_items - 1, 1)) ** power)
    return np.concatenate([[0.0], grown / grown[-1:]])
