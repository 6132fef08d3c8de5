"""Which items a best test can need: the others are no better in anything that counts."""

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.compiled import Constraints
from irt.constraints.rest_of_test import Rest


def useful_items(
    constraints: Constraints, rest: Rest, free: BoolArray, worth: FloatArray
) -> IntArray:
    """Indices, rising, of the free items (J,) that some best rest of the test can need.

    Items of the same areas and the same set, without free enemies, can stand for each other. Of
    those a test that holds at most n of them needs only items that fewer than n others beat: in
    worth (J,) and, where words or seconds are limited, in these as well; equals by lower index.
    """
    items = np.flatnonzero(free)
    kind = constraints.kind[items]
    lone = ~_has_free_enemy(constraints, free)[items]
    order = np.lexsort((items, -worth[items], kind))
    kept = ~lone
    for group in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
        rivals = group[lone[group]]
        if not len(rivals):
            continue
        most = _most_of_kind(constraints, rest, int(items[rivals[0]]))
        if not len(constraints.limits):
            kept[rivals[:most]] = True
        else:
            kept[rivals] = _beaten_by(constraints.loads[:, items[rivals]]) < most
    return items[kept]


def _most_of_kind(constraints: Constraints, rest: Rest, item: int) -> int:
    """How many items of the areas and the set of this one the rest may hold."""
    most = rest.upper[constraints.members[:, item]].min(initial=rest.longest)
    if constraints.set_of[item] >= 0:
        most = min(most, constraints.set_upper[constraints.set_of[item]])
    return max(int(most), 0)


def _has_free_enemy(constraints: Constraints, free: BoolArray) -> BoolArray:
    threatened = np.zeros(len(free), dtype=bool)
    hostile = constraints.hostile
    if len(hostile):
        threatened[hostile] = constraints.hostility @ free[hostile].astype(np.float32) > 0
    return threatened


def _beaten_by(loads: FloatArray) -> IntArray:
    """(n,) how many of the items before an item, which are worth no less, have no higher load."""
    lighter = (loads[:, :, None] <= loads[:, None, :]).all(axis=0)
    counts: IntArray = np.triu(lighter, 1).sum(axis=0)
    return counts
