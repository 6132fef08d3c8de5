"""What the constraints need to know of where examinees stand."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.compiled import Constraints


class Answered(Protocol):
    """A state as the constraints read it; items, administered as in `irt.state.State`."""

    @property
    def items(self) -> IntArray: ...

    @property
    def administered(self) -> BoolArray: ...


@dataclass(frozen=True, eq=False)
class Progress:
    """How much of the constraints N examinees have used.

    areas (N, A), sets (N, S), length (N,) counts of operational items; current (N,) the set of the
    last item, pretest items included, or -1; spent (N, M) words, seconds or both.
    """

    areas: IntArray
    sets: IntArray
    length: IntArray
    current: IntArray
    spent: FloatArray


def progress(constraints: Constraints, state: Answered) -> Progress:
    """Count the answered items of each examinee."""
    items, n_areas = state.items, constraints.n_areas
    counts = constraints.counting[items].sum(axis=1)
    spent = np.zeros((len(items), len(constraints.limits)))
    if len(constraints.limits):
        loads = np.pad(constraints.loads, ((0, 0), (0, 1)))
        spent = loads[:, items].sum(axis=2).T
    return Progress(
        areas=counts[:, :n_areas],
        sets=counts[:, n_areas:-1],
        length=counts[:, -1],
        current=_current_set(constraints, items),
        spent=spent,
    )


def _current_set(constraints: Constraints, items: IntArray) -> IntArray:
    n_answers = (items >= 0).sum(axis=1)
    if not items.shape[1] or not constraints.n_sets:
        return np.full(len(items), -1)
    last = items[np.arange(len(items)), n_answers - 1]
    return np.where(n_answers > 0, constraints.set_of[last], -1)


def enemies_met(constraints: Constraints, state: Answered) -> BoolArray | None:
    """(N, J) True for the items one of whose enemies was administered; None without enemies."""
    hostile = constraints.hostile
    if not len(hostile):
        return None
    met = np.zeros(state.administered.shape, dtype=bool)
    met[:, hostile] = state.administered[:, hostile].astype(np.float32) @ constraints.hostility > 0
    return met


def still_open(
    constraints: Constraints, used: Progress, state: Answered, available: BoolArray
) -> BoolArray:
    """(N, J) the available scored items that neither enemies nor sets that were left forbid."""
    left = in_left_sets(constraints, used)
    is_open = available & constraints.operational & ~state.administered & ~left
    met = enemies_met(constraints, state)
    return is_open if met is None else is_open & ~met


def in_left_sets(constraints: Constraints, used: Progress) -> BoolArray:
    """(N, J) True for items of a set that was entered and is not the current one any more.

    Pretest items of a set that also holds scored ones are given within that set only.
    """
    if not constraints.n_sets:
        return np.zeros((len(used.length), len(constraints.set_of)), dtype=bool)
    sets = np.arange(constraints.n_sets)
    closed = (used.sets > 0) & (used.current[:, None] != sets)
    outside = used.current[:, None] != sets
    items = constraints.set_of
    by_item = np.where(constraints.operational, closed[:, items], outside[:, items])
    in_left: BoolArray = by_item & (items >= 0)
    return in_left
