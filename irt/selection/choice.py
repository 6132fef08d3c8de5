"""From what may be given to the item that is: criterion, priorities, exposure control, draw."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.priority import content_priority
from irt.constraints.shadow_test import shadow_tests
from irt.exposure.control import exposure_vetoes
from irt.policy.blueprint import Method
from irt.policy.policy import Criterion, Draw, Policy
from irt.pool import Pool, Veto
from irt.random_numbers import uniform_draw
from irt.selection.criteria import criterion_values, prioritize
from irt.selection.draws import draw_item
from irt.selection.first_item import fixed_item, selection_theta
from irt.selection.information_order import FEWEST_ITEMS, ranked_by_information
from irt.state import NO_ITEM, State


@dataclass(frozen=True, eq=False)
class Choice:
    """item (N,) or -1, taken among `allowed` (N, J); criterion (N, J) as ranked, None where it was
    not worked out for all items; withheld (N, J) by exposure control, None without.
    """

    item: IntArray
    allowed: BoolArray
    criterion: FloatArray | None
    withheld: BoolArray | None


@dataclass(frozen=True, eq=False)
class _Open:
    """free, withheld, outside (N, J) as in `choose_item` and `Choice`."""

    free: BoolArray
    withheld: BoolArray | None
    outside: NDArray[np.uint8] | None

    def take(self, rows: IntArray) -> "_Open":
        withheld = None if self.withheld is None else self.withheld[rows]
        outside = None if self.outside is None else self.outside[rows]
        return _Open(self.free[rows], withheld, outside)

    @property
    def not_withheld(self) -> BoolArray:
        """(N, J) what exposure control does not withhold."""
        return self.free if self.withheld is None else self.free & ~self.withheld

    def must_yield(self, pool: Pool) -> BoolArray:
        """(N,) True where scored items were taken away from outside, and for good.

        What is not eligible comes back before content yields.
        """
        if self.outside is None:
            return np.zeros(len(self.free), dtype=bool)
        taken = ((self.outside != Veto.NONE) & pool.operational).any(axis=1)
        return np.asarray(taken & ~(self.outside == Veto.INELIGIBLE).any(axis=1))


def choose_item(
    pool: Pool,
    policy: Policy,
    state: State,
    ability: Ability,
    free: BoolArray,
    available: BoolArray,
    *,
    outside: NDArray[np.uint8] | None = None,
    explain: bool = False,
) -> Choice:
    """The next scored item of N examinees with interim estimate `ability`.

    free (N, J): operational items that nothing but content and exposure control may still forbid;
    available (N, J): those that `content_vetoes` passes; outside (N, J) the `Veto` codes given from
    outside. `explain` asks for the criterion of all items.
    """
    at = selection_theta(policy, state, ability)
    fixed = fixed_item(pool, policy, state, available)
    withheld = exposure_vetoes(pool, policy, state, at.theta)
    if withheld is not None:
        withheld &= np.arange(pool.n_items) != fixed[:, None]
    allowed = available if withheld is None else _let_through(available, withheld)
    if not explain and _is_by_information_alone(pool, policy):
        item = _find_most_informative(pool, policy, state, at, allowed)
        choice = Choice(item, allowed, None, withheld)
    else:
        criterion = _rank(pool, policy, state, at)
        if policy.blueprint.method == Method.SHADOW_TEST:
            wanted = _favor_first(criterion, fixed)
            allowed = _restrict_to_shadow_tests(
                pool, policy, state, wanted, _Open(free, withheld, outside)
            )
            fixed = np.where(allowed[np.arange(len(fixed)), fixed], fixed, NO_ITEM)
        item = draw_item(pool, policy, state, criterion, allowed)
        choice = Choice(item, allowed, criterion, withheld)
    if policy.blueprint.method == Method.PRIORITY:
        choice = _lead_out_of_dead_ends(
            pool, policy, state, at, _Open(free, withheld, outside), choice
        )
    return _give_instead(choice, np.flatnonzero(fixed != NO_ITEM), fixed)


def _lead_out_of_dead_ends(
    pool: Pool, policy: Policy, state: State, at: Ability, items: _Open, choice: Choice
) -> Choice:
    """Where the counting of the priority method left nothing, an item of the best full test."""
    rows = np.flatnonzero((choice.item == NO_ITEM) & items.free.any(axis=1))
    if not rows.size:
        return choice
    own = state.take(rows)
    criterion = _rank(pool, policy, own, at.take(rows))
    ways_out = _restrict_to_shadow_tests(pool, policy, own, criterion, items.take(rows))
    item, allowed = choice.item.copy(), choice.allowed.copy()
    item[rows] = draw_item(pool, policy, own, criterion, ways_out)
    allowed[rows] = ways_out
    return replace(choice, item=item, allowed=allowed)


def _give_instead(choice: Choice, rows: IntArray, given: IntArray) -> Choice:
    """The choice, with the items `given` (N,) at `rows`."""
    if not rows.size:
        return choice
    item, allowed = choice.item.copy(), choice.allowed.copy()
    item[rows] = given[rows]
    allowed[rows, given[rows]] = True
    return replace(choice, item=item, allowed=allowed)


def _let_through(available: BoolArray, withheld: BoolArray) -> BoolArray:
    """(N, J) what exposure control lets through, or all that it withholds where it leaves nothing.

    Sympson & Hetter (1985) keep k = 1 for as many items as the test is long; the table of another
    bank or length may all the same withhold everything from somebody.
    """
    passed = available & ~withheld
    return np.where(passed.any(axis=1, keepdims=True), passed, available)


def _rank(pool: Pool, policy: Policy, state: State, at: Ability) -> FloatArray:
    """(N, J) the criterion, times the priority of the content."""
    criterion = criterion_values(pool, policy, state, at)
    priority = content_priority(pool, policy, state)
    return criterion if priority is None else prioritize(policy, criterion, priority)


def _favor_first(criterion: FloatArray, fixed: IntArray) -> FloatArray:
    """(N, J) the criterion, so high for the items `fixed` (N,) that a best test holds its own."""
    rows = np.flatnonzero(fixed != NO_ITEM)
    if not rows.size:
        return criterion
    wanted = criterion.copy()
    wanted[rows, fixed[rows]] = 1.0 + 2.0 * np.abs(criterion[rows]).sum(axis=1)
    return wanted


def _restrict_to_shadow_tests(
    pool: Pool, policy: Policy, state: State, criterion: FloatArray, items: _Open
) -> BoolArray:
    """(N, J) items of the best full tests, without exposure control where it leaves no test.

    Where there is none either, and items were taken away from outside, the minimums yield.
    """
    shadow = shadow_tests(pool, policy, state, criterion, items.not_withheld)
    for lifted, yielding in ((True, False), (False, True), (True, True)):
        if lifted and items.withheld is None:
            continue
        none = ~shadow.any(axis=1)
        rows = np.flatnonzero(none & items.must_yield(pool) if yielding else none)
        if not rows.size:
            continue
        own = items.take(rows)
        shadow[rows] = shadow_tests(
            pool,
            policy,
            state.take(rows),
            criterion[rows],
            own.free if lifted else own.not_withheld,
            yielding_to=own.free if yielding else None,
        )
    return shadow


def _is_by_information_alone(pool: Pool, policy: Policy) -> bool:
    selection = policy.selection
    return (
        pool.n_items >= FEWEST_ITEMS
        and selection.criterion == Criterion.MAXIMUM_INFORMATION
        and selection.draw in (Draw.BEST, Draw.RANDOMESQUE)
        and policy.blueprint.method == Method.PRIORITY
        and not policy.blueprint.areas
    )


def _find_most_informative(
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
        own = state.take(rest)
        criterion = criterion_values(pool, policy, own, at.take(rest))
        item[rest] = draw_item(pool, policy, own, criterion, available[rest])
    return item
