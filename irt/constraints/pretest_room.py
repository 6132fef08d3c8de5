"""Whether a pretest item leaves the test possible: it has enemies, and it may interrupt a set."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, IntArray
from irt.constraints.compiled import compiled, unconstrained
from irt.constraints.progress import Answered, progress
from irt.constraints.shadow_test import shadow_tests
from irt.constraints.vetoes import content_vetoes
from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.pool import Pool, Veto


@dataclass(frozen=True, eq=False)
class _Answers:
    items: IntArray
    administered: BoolArray


def leave_no_test(
    pool: Pool, policy: Policy, state: Answered, item: IntArray, free: BoolArray
) -> BoolArray:
    """(N,) True where no scored item could follow the pretest item (N,), -1 for none.

    free (N, J): items that nothing outside of the content forbids.
    """
    impossible = np.zeros(len(item), dtype=bool)
    rows = np.flatnonzero(_touches_others(pool, policy, state, item, free))
    if not rows.size:
        return impossible
    after = _append_item(state.items[rows], state.administered[rows], item[rows])
    open_items = free[rows]
    codes = content_vetoes(pool, policy, after, available=open_items)
    passed = open_items & pool.operational & (codes == Veto.NONE)
    if policy.blueprint.method == Method.SHADOW_TEST:
        passed[:] = False
    asked = np.flatnonzero(~passed.any(axis=1))
    if asked.size:
        states = _Answers(after.items[asked], after.administered[asked])
        nothing = np.zeros((len(asked), pool.n_items))
        passed[asked] = shadow_tests(pool, policy, states, nothing, open_items[asked])
    impossible[rows] = ~passed.any(axis=1)
    return impossible


def _touches_others(
    pool: Pool, policy: Policy, state: Answered, item: IntArray, free: BoolArray
) -> BoolArray:
    """(N,) whether the item takes scored items away: its enemies, or the rest of a set."""
    if unconstrained(pool, policy):
        return np.zeros(len(item), dtype=bool)
    constraints = compiled(pool, policy)
    current = progress(constraints, state).current
    touches = (current >= 0) & (constraints.set_of[item] != current)
    if pool.enemies is not None:
        touches |= (pool.enemies[item] & free & pool.operational).any(axis=1)
    given: BoolArray = touches & (item >= 0)
    return given


def _append_item(items: IntArray, administered: BoolArray, item: IntArray) -> _Answers:
    """The answers (N, L) and one more (N,)."""
    rows = np.arange(len(item))
    longer = np.pad(items, ((0, 0), (0, 1)), constant_values=-1)
    longer[rows, (items >= 0).sum(axis=1)] = item
    given = administered.copy()
    given[rows, item] = True
    return _Answers(longer, given)
