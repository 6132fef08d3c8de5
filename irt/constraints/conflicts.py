"""Programs that tell how far a pool is from a blueprint, and which constraints contradict.

Each asks for a whole test from the pool, with some of the constraints left out. Enemies and
stimulus sets always hold: they are facts of the pool.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray
from irt.constraints.compiled import UNLIMITED, Constraints
from irt.constraints.integer_program import best_solution
from irt.constraints.rest_of_test import Rest, possible_items, rest_program
from irt.constraints.useful_items import useful_items

Number = TypeVar("Number", bound=np.generic)


def greatest_count(constraints: Constraints, members: BoolArray, needed: int) -> int:
    """How many of the items (J,) one test can hold; counting stops at `needed`."""
    rest = replace(_unbounded(constraints), longest=needed)
    chosen = _best(constraints, rest, members.astype(float))
    return 0 if chosen is None else int(chosen[members].sum())


def fewest_items(constraints: Constraints, areas: BoolArray) -> int:
    """How many items the minimums of some areas (A,) need by counting alone.

    The areas' minimums are summed over a largest group without common items found greedily, the
    greatest sums first; exact for areas that form a tree.
    """
    needed = np.where(areas, constraints.lower, 0)
    order = np.argsort(constraints.members.sum(axis=1), kind="stable")
    below: list[tuple[BoolArray, int]] = []
    for area in order:
        own = constraints.members[area]
        inside = [(members, count) for members, count in below if (members & own).any()]
        nested = [(m, c) for m, c in inside if not (m & ~own).any()]
        total = max(int(needed[area]), sum(count for _, count in nested))
        if len(nested) == len(inside):
            below = [pair for pair in below if not (pair[0] & own).any()]
            below.append((own, total))
    return sum(count for _, count in below)


def greatest_length(constraints: Constraints, areas: BoolArray, members: BoolArray) -> int:
    """How many of the items (J,) one test can hold under the maximums of some areas (A,)."""
    upper = np.where(areas, constraints.upper, UNLIMITED)
    chosen = _best(
        constraints, replace(_unbounded(constraints), upper=upper), members.astype(float)
    )
    return 0 if chosen is None else int(chosen[members].sum())


def least_load(constraints: Constraints, row: int, full: bool) -> tuple[int, float] | None:
    """Length and words (or seconds) of the test with the fewest that keeps all but the limits.

    None where there is no such test.
    """
    rest = replace(_whole(constraints, full), left=np.full(len(constraints.limits), np.inf))
    chosen = _best(constraints, rest, -constraints.loads[row])
    return None if chosen is None else (int(chosen.sum()), float(constraints.loads[row] @ chosen))


@dataclass(frozen=True)
class _Part:
    """One bound that can be left out of a `Rest`: index `at` of a field."""

    name: str
    field: str
    at: int = 0


def conflict(constraints: Constraints, limits: list[str], full: bool) -> list[str]:
    """Names of constraints that no test keeps together, though it could without any one of them.

    Empty where a test keeps all. Deletion filter (Chinneck 2008, ch. 6): each constraint whose
    absence leaves the others contradictory is left out for good.
    """
    rest = _whole(constraints, full)
    if _possible(constraints, rest):
        return []
    kept = []
    for part in _parts(constraints, rest, limits):
        without = _without(rest, part)
        if _possible(constraints, without):
            kept.append(part.name)
        else:
            rest = without
    return kept


def _parts(constraints: Constraints, rest: Rest, limits: list[str]) -> list[_Part]:
    """The bounds that bind, the least telling first, for the filter leaves these out first."""
    parts = [
        _Part(f"length >= {rest.shortest}", "shortest"),
        _Part(f"length <= {rest.longest}", "longest"),
    ]
    for area, name in enumerate(constraints.names):
        if rest.upper[area] < UNLIMITED:
            parts.append(_Part(f"{name} <= {rest.upper[area]}", "upper", area))
        if rest.lower[area] > 0:
            parts.append(_Part(f"{name} >= {rest.lower[area]}", "lower", area))
    amounts = zip(limits, constraints.limits, strict=True)
    return parts + [
        _Part(f"{kind} <= {amount:g}", "left", at) for at, (kind, amount) in enumerate(amounts)
    ]


def _without(rest: Rest, part: _Part) -> Rest:
    match part.field:
        case "shortest":
            return replace(rest, shortest=0)
        case "longest":
            return replace(rest, longest=UNLIMITED)
        case "upper":
            return replace(rest, upper=_changed(rest.upper, part.at, UNLIMITED))
        case "lower":
            return replace(rest, lower=_changed(rest.lower, part.at, 0))
        case _:
            return replace(rest, left=_changed(rest.left, part.at, np.inf))


def _changed(values: NDArray[Number], at: int, value: float) -> NDArray[Number]:
    changed = values.copy()
    changed[at] = value
    return changed


def _possible(constraints: Constraints, rest: Rest) -> bool:
    if rest.shortest <= 0 and (rest.lower <= 0).all():
        return True
    return _best(constraints, rest, np.zeros(len(constraints.operational))) is not None


def _best(constraints: Constraints, rest: Rest, worth: FloatArray) -> BoolArray | None:
    """(J,) the items of the best test, None where there is none."""
    possible = possible_items(constraints, rest, constraints.operational)
    items = useful_items(constraints, rest, possible, worth)
    chosen = np.zeros(len(possible), dtype=bool)
    if len(items):
        solution = best_solution(rest_program(constraints, rest, items, worth[items]))
        if solution is None:
            return None
        chosen[items] = solution[: len(items)]
    return chosen


def _unbounded(constraints: Constraints) -> Rest:
    return Rest(
        lower=np.zeros(constraints.n_areas, dtype=np.int64),
        upper=np.full(constraints.n_areas, UNLIMITED),
        shortest=0,
        longest=UNLIMITED,
        left=np.full(len(constraints.limits), np.inf),
        current=-1,
        taken=0,
    )


def _whole(constraints: Constraints, full: bool) -> Rest:
    """All constraints; `full`: of a test of the greatest length with the target shares."""
    return Rest(
        lower=constraints.target_lower if full else constraints.lower,
        upper=constraints.target_upper if full else constraints.upper,
        shortest=constraints.max_items if full else constraints.min_items,
        longest=constraints.max_items,
        left=constraints.limits.copy(),
        current=-1,
        taken=0,
    )
