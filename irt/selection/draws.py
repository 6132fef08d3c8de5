"""Which item next, given the criterion: the best one, or chance on top of it."""

from functools import lru_cache

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from scoring.irt.policy import Criterion, Draw, Policy
from scoring.irt.pool import Pool
from scoring.irt.selection.a_stratified import in_best_stratum
from scoring.irt.state import State

# Criteria closer than this are ties, so that rounding errors of a build cannot choose the item.
CRITERION_DIGITS = 12

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


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
    lifted = _lifted(criterion, available)
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


def _lifted(criterion: FloatArray, available: BoolArray) -> FloatArray:
    lowest = np.where(available, criterion, 0.0).min(axis=1, keepdims=True)
    return np.asarray(criterion - lowest)


@lru_cache(maxsize=64)
def criterion_share(max_items: int, power: float) -> FloatArray:
    """(max_items,) W after 0, 1, ... items: 0 at first, 1 at the last (Barrada et al. 2008).

    The sum of 1^power, ..., n^power after n items over that after max_items - 1.
    """
    grown = np.cumsum((np.arange(1, max_items) / max(max_items - 1, 1)) ** power)
    return np.concatenate([[0.0], grown / grown[-1:]])


def uniform_draw(seed: SeedArray, position: IntArray) -> FloatArray:
    """(N,) numbers in [0, 1) that depend on (seed, position) alone.

    SplitMix64 (Steele, Lea & Flood 2014) evaluated at counter `position`, its upper 53 bits.
    """
    return _to_unit(_bits(seed, position))


def uniform_draws(seed: SeedArray, position: IntArray, item_ids: IntArray) -> FloatArray:
    """(N, J) numbers in [0, 1) that depend on (seed, position, item id) alone.

    The bits that belong to seed and position (N,) seed a SplitMix64 of their own for the items
    (J,).
    """
    return _to_unit(_bits(_bits(seed, position)[:, None], item_ids))


def _bits(seed: SeedArray, counter: IntArray) -> SeedArray:
    with np.errstate(over="ignore"):  # arithmetic modulo 2**64 is the algorithm
        return _mix(_mix(seed) + (counter.astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def _to_unit(bits: SeedArray) -> FloatArray:
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(z: SeedArray) -> SeedArray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
