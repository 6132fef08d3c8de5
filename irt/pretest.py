"""Pretest slots: positions at which an item is tried out that does not count."""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from irt.constraints.pretest_room import leave_no_test
from irt.policy.policy import Policy
from irt.pool import Pool
from irt.random_numbers import uniform_draws
from irt.selection.draws import CRITERION_DIGITS
from irt.state import NO_ITEM, State

# Their numbers must not be those of a position, nor of the first theta (position -1).
_BEFORE_THE_TEST = -2
# Items on a session's shortlist for each of its slots, so that theta has a choice.
SHORTLIST = 3


def slot_positions(policy: Policy, seed: SeedArray) -> IntArray:
    """(N, count) positions from 1, rising, at which examinees get pretest items.

    Those of the policy, or drawn from the seed alone, each set of `count` among the first
    min_items + count - 1 positions as likely as any other. A scored item is due after the last of
    these, so that no stopping rule can end a test before its pretest items.
    """
    slots = policy.pretest
    if slots.positions or not slots.count:
        return np.tile(np.array(sorted(slots.positions), dtype=np.int64), (len(seed), 1))
    places = np.arange(1, policy.stopping.min_items + slots.count)
    before = np.full(len(seed), _BEFORE_THE_TEST)
    order = np.argsort(uniform_draws(seed, before, places), axis=1, kind="stable")
    return np.sort(places[order[:, : slots.count]], axis=1)


def pretest_items(
    pool: Pool,
    policy: Policy,
    state: State,
    theta: FloatArray,
    free: BoolArray,
    passed: BoolArray,
) -> IntArray:
    """(N,) the pretest item that is due next, -1 where none is due or may be given.

    theta (N,), free (N, J) items that nothing but content may forbid, passed (N, J) those that
    content passes. Of the examinee's shortlist the one whose provisional difficulty (mean of the
    steps) is nearest to theta, ties in the order of the list, unless it takes from the test what
    it needs (`leave_no_test`). A slot for which no item was free stays due.
    """
    n, n_listed = state.examinees.pretest.shape
    item = np.full(n, NO_ITEM)
    if not policy.pretest.count or not n_listed:
        return item
    owed = (slot_positions(policy, state.examinees.seed) <= state.position[:, None] + 1).sum(axis=1)
    due = np.flatnonzero(owed > state.position - state.length)
    if not due.size:
        return item
    listed = state.examinees.pretest[due]
    candidate = (listed >= 0) & passed[due[:, None], listed] & ~pool.operational[listed]
    distance = np.abs(provisional_difficulty(pool)[listed] - theta[due, None])
    distance = np.where(candidate, np.round(distance, CRITERION_DIGITS), np.inf)
    rows = np.arange(len(due))
    while rows.size:
        nearest = distance[rows].argmin(axis=1)
        found = np.isfinite(distance[rows, nearest])
        some = due[rows]
        item[some] = np.where(found, listed[rows, nearest], NO_ITEM)
        refused = leave_no_test(pool, policy, state.take(some), item[some], free[some])
        distance[rows[refused], nearest[refused]] = np.inf
        rows = rows[refused]
    return item


@lru_cache(maxsize=32)
def provisional_difficulty(pool: Pool) -> FloatArray:
    """(J,) mean of an item's steps."""
    return np.asarray(np.nanmean(pool.parameters.difficulty, axis=1))
