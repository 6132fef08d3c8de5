"""a-stratified selection (Chang & Ying 1999), with b-blocking (Chang, Qian & Ying 2001).

Items with a low slope are given early, where the estimate is still rough, and items with a high
slope late: the pool is cut into strata of rising slope and the test into as many stages.
"""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.policy.policy import Policy
from irt.pool import Pool
from irt.selection.urry import closeness, mean_difficulty


def stratified_closeness(
    pool: Pool, policy: Policy, theta: FloatArray, length: IntArray
) -> FloatArray:
    """(N, J) the nearer an item's stratum to the stage and, within it, b to theta, the larger.

    theta, length (N,). The integer part counts strata, so that the nearest other stratum follows
    where a stratum has no item left (from two equally near ones, the item with the closest b);
    the fraction, at most 1/2, is half of `urry.closeness`.
    """
    n_strata = policy.selection.strata
    stratum = strata(pool, n_strata, policy.selection.b_blocking)
    away = np.abs(stratum - stage(length, policy)[:, None])
    return np.asarray(n_strata - away + 0.5 * closeness(pool, theta))


def stage(length: IntArray, policy: Policy) -> IntArray:
    """(N,) 0 to strata - 1 after length (N,) scored items: the test's maximum in equal parts."""
    n_strata = policy.selection.strata
    return np.minimum(length * n_strata // policy.stopping.max_items, n_strata - 1)


@lru_cache(maxsize=8)
def strata(pool: Pool, n_strata: int, b_blocking: bool) -> IntArray:
    """(J,) stratum of each operational item, 0 = lowest slopes; -1 for pretest items.

    With b_blocking the items are cut into blocks of n_strata items with neighbouring difficulty,
    and the item with the k-th slope of each block goes to stratum k: every stratum then has the
    difficulties of the whole pool. A last, smaller block is spread over the strata.
    """
    result = np.full(pool.n_items, -1, dtype=np.int64)
    operational = np.flatnonzero(pool.operational)
    by_difficulty = operational[np.argsort(mean_difficulty(pool)[operational], kind="stable")]
    size = n_strata if b_blocking else max(len(operational), 1)
    for first in range(0, len(operational), size):
        block = np.sort(by_difficulty[first : first + size])
        slope = pool.parameters.discrimination[block]
        ranked = block[np.argsort(slope, kind="stable")]
        result[ranked] = np.arange(len(block)) * n_strata // len(block)
    return result


def in_best_stratum(criterion: FloatArray, available: BoolArray) -> tuple[FloatArray, BoolArray]:
    """The criterion's part within a stratum, and the available items of the best stratum.

    Both (N, J), for draws that must not leave the stratum. criterion of `stratified_closeness`.
    """
    tier = np.floor(criterion)
    best = np.where(available, tier, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    return criterion - tier, available & (tier == best)


def weigh_within_stratum(criterion: FloatArray, weight: FloatArray) -> FloatArray:
    """(N, J) criterion with its part within the stratum times weight (N, J), from 0 to 1."""
    tier = np.floor(criterion)
    return np.asarray(tier + (criterion - tier) * weight)
