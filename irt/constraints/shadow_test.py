"""Shadow tests: the best full test that holds all answered items and keeps every constraint.

van der Linden & Reese (1998); van der Linden (2005, ch. 9, with the sets of ch. 7).
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.constraints.compiled import Constraints, compiled
from irt.constraints.integer_program import best_solution
from irt.constraints.progress import Answered, Progress, progress, still_open
from irt.constraints.rest_of_test import Rest, possible_items, rest_program
from irt.constraints.useful_items import useful_items
from irt.constraints.yielding import lower_to_attainable_minimums
from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.pool import Pool

# Constraints, what to ask for (the most wanted first), free items (J,), criterion (J,).
Question = tuple[Constraints, list[Rest], BoolArray, FloatArray]
# Digits of the criterion that count, so that batch and single session solve the same program.
DIGITS = 12


def shadow_tests(
    pool: Pool,
    policy: Policy,
    state: Answered,
    criterion: FloatArray,
    available: BoolArray,
    *,
    yielding_to: BoolArray | None = None,
) -> BoolArray:
    """(N, J) the items of each examinee's shadow test that may be given now.

    While the shadow test goes on with the current stimulus set, only its items may. criterion
    (N, J): larger is better, of any sign. available (N, J): the items that nothing outside of the
    content forbids. The program keeps the constraints itself: what `content_vetoes` vetoes for
    the shadow test may be taken out of `available` or not, but the vetoes of the priority method,
    where it asks for a shadow test in a dead end, must not, for they forbid too much.

    The priority method is out of its dead end, and gets nothing, where the test may end as it is.
    With the shadow test method the test has the greatest length and the target shares, rounded
    outwards to whole items. Where there is no such test (items were withdrawn, or shares do not
    fit), and in the priority method, it has any allowed length and keeps the bounds alone. All
    False where there is no such test either: the caller asks again with the items that exposure
    control took away. Last, where items were taken away from outside, it gives `yielding_to`
    (N, J), all that are left with those that exposure control took: minimums are lowered as little
    as these allow (`yielding`). The sum of the criterion is within `integer_program.RELATIVE_GAP`
    of the best; equal input gives equal output.
    """
    constraints = compiled(pool, policy)
    used = progress(constraints, state)
    free = still_open(constraints, used, state, available)
    targets = policy.blueprint.method == Method.SHADOW_TEST
    rests = [_rests(constraints, used, row, targets) for row in range(len(free))]
    if yielding_to is not None:
        left = still_open(constraints, used, state, yielding_to)
        rests = [
            [lower_to_attainable_minimums(constraints, rest, left[row]) for rest in asked[-1:]]
            for row, asked in enumerate(rests)
        ]
    questions = [(constraints, rests[row], free[row], criterion[row]) for row in range(len(free))]
    return np.array(solve_each.get()(questions), dtype=bool).reshape(free.shape)


def _rests(constraints: Constraints, used: Progress, row: int, targets: bool) -> list[Rest]:
    """What to ask for, the most wanted first."""
    length, counts = int(used.length[row]), used.areas[row]
    longest = constraints.max_items - length
    if longest <= 0:
        return []
    left = constraints.limits - used.spent[row]
    current = int(used.current[row])
    taken = int(used.sets[row, current]) if current >= 0 else 0
    lower, upper = constraints.lower - counts, constraints.upper - counts
    shortest = max(constraints.min_items - length, 1)
    bounded = Rest(lower, upper, shortest, longest, left, current, taken)
    if not targets:
        begun = current >= 0 and taken < constraints.set_lower[current]
        may_end = length >= constraints.min_items and not (lower > 0).any() and not begun
        return [] if may_end else [bounded]
    lower, upper = constraints.target_lower - counts, constraints.target_upper - counts
    return [Rest(lower, upper, longest, longest, left, current, taken), bounded]


def items_to_give(question: Question) -> BoolArray:
    """(J,) the items of one examinee's shadow test that may be given now, none without a test."""
    constraints, rests, free, criterion = question
    for rest in rests:
        chosen = _best_test(constraints, rest, free, criterion)
        if chosen is not None:
            following = chosen & (constraints.set_of == rest.current)
            return following if rest.current >= 0 and following.any() else chosen
    return np.zeros_like(free)


def _solve_one_after_another(questions: Sequence[Question]) -> list[BoolArray]:
    return [items_to_give(question) for question in questions]


# How the questions of a batch are answered; a caller may spread them over processes.
solve_each: ContextVar[Callable[[Sequence[Question]], list[BoolArray]]] = ContextVar(
    "solve_each", default=_solve_one_after_another
)


def _best_test(
    constraints: Constraints, rest: Rest, free: BoolArray, criterion: FloatArray
) -> BoolArray | None:
    """(J,) the free items of the best rest of the test, None where there is none."""
    possible = possible_items(constraints, rest, free)
    worth = _make_nonnegative(criterion, possible)
    items = useful_items(constraints, rest, possible, worth)
    if not len(items):
        return None
    solution = best_solution(rest_program(constraints, rest, items, worth[items]))
    if solution is None:
        return None
    chosen = np.zeros(len(free), dtype=bool)
    chosen[items] = solution[: len(items)]
    return chosen


def _make_nonnegative(criterion: FloatArray, free: BoolArray) -> FloatArray:
    """The criterion (J,) rounded, and shifted where a free item's is negative.

    A shift does not matter among tests of one length; among lengths it favours the longest.
    """
    worth = np.round(np.where(free, criterion, 0.0), DIGITS)
    shifted: FloatArray = worth - worth.min(initial=0.0)
    return shifted
