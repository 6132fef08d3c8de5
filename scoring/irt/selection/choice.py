"""From what may be given to the item that is: criterion, priorities, exposure control, draw."""

from dataclasses import dataclass

import numpy as np

from scoring.irt.ability import Ability
from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.constraints.blueprint import Method
from scoring.irt.constraints.priority import content_priority
from scoring.irt.exposure.control import exposure_vetoes
from scoring.irt.policy import Criterion, Draw, Policy
from scoring.irt.pool import Pool
from scoring.irt.selection.criteria import criterion_values, prioritised
from scoring.irt.selection.draws import draw_item, uniform_draw
from scoring.irt.selection.first_item import fixed_item, selection_theta
from scoring.irt.selection.information_order import FEWEST_ITEMS, ranked_by_information
from scoring.irt.state import NO_ITEM, State


@dataclass(frozen=True, eq=False)
class Choice:
    """item (N,) or -1; criterion (N, J) as ranked, None where it was not worked out for all items;
    withheld (N, J) by exposure control, None without.
    """

    item: IntArray
    criterion: FloatArray | None
    withheld: BoolArray | None


def choose_item(
    pool: Pool,
    policy: Policy,
    state: State,
    ability: Ability,
    available: BoolArray,
    *,
    explain: bool = False,
) -> Choice:
    """The next scored item of N examinees with interim estimate `ability`.

    available (N, J): operational items that nothing but exposure control and the shadow test may
    still forbid. `explain` asks for the criterion of all items.
    """
    at = selection_theta(policy, state, ability)
    withheld = exposure_vetoes(pool, policy, state, at.theta)
    passed = available if withheld is None else _passed(available, withheld)
    priority = content_priority(pool, policy, state)
    if priority is None and not explain and _is_by_information_alone(pool, policy):
        item = _most_informative(pool, policy, state, at, passed)
        return Choice(_or_fixed(pool, policy, state, available, item), None, withheld)
    criterion = criterion_values(pool, policy, state, at)
    if priority is not None:
        criterion = prioritised(policy, criterion, priority)
    item = draw_item(pool, policy, state, criterion, passed)
    return Choice(_or_fixed(pool, policy, state, available, item), criterion, withheld)


def _passed(available: BoolArray, withheld: BoolArray) -> BoolArray:
    """(N, J) what exposure control lets through, or all that it withholds where it leaves nothing.

    Sympson & Hetter (1985) keep k = 1 for as many items as the test is long; an estimate on one
    bank may all the same withhold everything from somebody.
    """
    passed = available & ~withheld
    return np.where(passed.any(axis=1, keepdims=True), passed, available)


def _or_fixed(
    pool: Pool, policy: Policy, state: State, available: BoolArray, item: IntArray
) -> IntArray:
    """item (N,), or the policy's fixed first item where it is due."""
    if policy.selection.first_item is None:
        return item
    fixed = fixed_item(pool, policy, state, available)
    return np.where(fixed == NO_ITEM, item, fixed)


def _is_by_information_alone(pool: Pool, policy: Policy) -> bool:
    selection = policy.selection
    return (
        pool.n_items >= FEWEST_ITEMS
        and selection.criterion == Criterion.MAXIMUM_INFORMATION
        and selection.draw in (Draw.BEST, Draw.RANDOMESQUE)
        and policy.blueprint.method != Method.SHADOW_TEST
    )


def _most_informative(
    pool: Pool, policy: Policy, state: State, at: Ability, available: BoolArray
) -> IntArray:
    """What `draw_item` gives for maximum information, without the information of every item."""
    among = policy.selection.among if policy.selection.draw == Draw.RANDOMESQUE else 1
    rank = np.zeros(len(at.theta), dtype=np.int64)
    if among > 1:
        draw = uniform_draw(state.examinees.seed, state.position)
        rank = (draw * among).astype(np.int64)
    used = int(state.position.max(initial=0))
    item = ranked_by_information(pool, at.theta, available, rank, among, used)
    rest = np.flatnonzero(item == NO_ITEM)
    if rest.size:
        own, there = state.take(rest), Ability(at.theta[rest], at.standard_error[rest])
        criterion = criterion_values(pool, policy, own, there)
        item[rest] = draw_item(pool, policy, own, criterion, available[rest])
    return item
