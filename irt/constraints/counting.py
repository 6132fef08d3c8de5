"""How much an item may take from a test that must still be completed under its constraints."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.area_tree import AreaTree, area_tree
from irt.constraints.compiled import Constraints
from irt.constraints.completion import UNREACHABLE, Remainder, outside_costs
from irt.constraints.progress import Progress

# A load above the whole limit is as forbidden as one of twice the limit; the cap keeps every sum
# of loads far below UNREACHABLE.
HIGHEST_LOAD = 2.0
# Shares of a limit are summed: rounding must not forbid an exact fit.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Families:
    """Families of enemies that lie within one unit, in the order of their units.

    items: their members, family by family; starts: where a family begins in `items`; unit of each
    family. counted (J,): the items in such a family.
    """

    items: IntArray
    starts: IntArray
    unit: IntArray
    counted: BoolArray


class Room(NamedTuple):
    """What an item of each unit (N, U) may load on the test, as a share of what is left.

    The load of an item that stands for its family in the plan is at most `single`, and at most
    `gain` above the lowest load of the family. An item whose family is not counted on loads at
    most `extra`. reachable and extra_reachable: the counts alone allow such an item.
    """

    single: FloatArray
    gain: FloatArray
    extra: FloatArray
    reachable: BoolArray
    extra_reachable: BoolArray


@lru_cache(maxsize=32)
def families(constraints: Constraints) -> Families:
    """The families that the counting may rely on."""
    tree, family = area_tree(constraints), constraints.family
    unit = np.where(tree.unit >= 0, tree.family_unit[family], -1)
    items = np.flatnonzero(unit >= 0)
    items = items[np.lexsort((family[items], unit[items]))]
    starts = np.flatnonzero(np.diff(family[items], prepend=-1))
    return Families(items, starts, unit[items[starts]], unit >= 0)


def loads(constraints: Constraints, used: Progress) -> FloatArray | None:
    """(N, J) share of the words or seconds left that an item takes, the larger; None unlimited.

    Items whose shares sum to 1 or less keep both limits.
    """
    if not len(constraints.limits):
        return None
    left = np.maximum(constraints.limits - used.spent, 1e-12)
    share = (constraints.loads / left[:, :, None]).max(axis=1)
    capped: FloatArray = np.minimum(share, HIGHEST_LOAD)
    return capped


def lowest_of_family(known: Families, free: BoolArray, load: FloatArray) -> FloatArray:
    """(N, F) the lowest load of a free item in each family, UNREACHABLE without one."""
    open_loads = np.where(free[:, known.items], load[:, known.items], UNREACHABLE)
    lowest: FloatArray = np.minimum.reduceat(open_loads, known.starts, axis=1)
    return lowest


def room(
    constraints: Constraints, used: Progress, free: BoolArray, load: FloatArray | None
) -> Room:
    """What may be given now, for examinees with these free items (N, J) and loads (N, J)."""
    tree, known = area_tree(constraints), families(constraints)
    width = 1 + max(1, int((constraints.max_items - used.length).max()))
    bounds = _bounds(constraints, tree, used, width)
    if load is None:
        n_free = _free_families(known, free, tree.n_units)
        counts = np.concatenate([np.minimum(n_free, width), bounds], axis=1)
        return _room_by_counts(constraints, counts, width)
    cost = _cheapest_of_units(known, lowest_of_family(known, free, load), tree.n_units, width)
    return _room_of(tree, cost, bounds)


def _bounds(constraints: Constraints, tree: AreaTree, used: Progress, width: int) -> IntArray:
    """(N, 3 U + 2 V) least, most, obliged of the units and least, most of the nodes."""
    n, n_nodes, n_sets = len(used.length), tree.n_nodes, constraints.n_sets
    least = np.zeros((n, tree.n_units), dtype=np.int64)
    most = np.full((n, tree.n_units), width)
    obliged = np.zeros((n, tree.n_units), dtype=np.int64)
    if n_sets:
        current = used.current[:, None] == np.arange(n_sets)
        least[:, n_nodes:] = np.maximum(constraints.set_lower - used.sets, 0)
        most[:, n_nodes:] = np.maximum(constraints.set_upper - used.sets, 0)
        obliged[:, n_nodes:] = current & (least[:, n_nodes:] > 0)
    areas = used.areas[:, tree.area]
    length = used.length[:, None]
    lower = np.append(constraints.lower[tree.area], constraints.min_items)
    upper = np.append(constraints.upper[tree.area], constraints.max_items)
    counts = np.concatenate([areas, length], axis=1)
    nodes = np.concatenate([lower - counts, upper - counts], axis=1)
    bounds = np.concatenate([least, most, obliged, nodes], axis=1)
    return np.asarray(bounds.clip(0, width))


def _free_families(known: Families, free: BoolArray, n_units: int) -> IntArray:
    """(N, U) number of families with a free item."""
    if not len(known.starts):
        return np.zeros((len(free), n_units), dtype=np.int64)
    of_family = np.logical_or.reduceat(free[:, known.items], known.starts, axis=1)
    first = np.searchsorted(known.unit, np.arange(n_units + 1))
    sums = np.zeros((len(free), len(known.unit) + 1), dtype=np.int64)
    np.cumsum(of_family, axis=1, out=sums[:, 1:])
    counts: IntArray = sums[:, first[1:]] - sums[:, first[:-1]]
    return counts


def _cheapest_of_units(known: Families, lowest: FloatArray, n_units: int, width: int) -> FloatArray:
    """(N, U, width) load of the k cheapest families of each unit."""
    first = np.searchsorted(known.unit, np.arange(n_units + 1))
    table = np.full((len(lowest), n_units, width), UNREACHABLE)
    table[:, :, 0] = 0.0
    for unit in range(n_units):
        cheapest = np.sort(lowest[:, first[unit] : first[unit + 1]], axis=1)[:, : width - 1]
        table[:, unit, 1 : 1 + cheapest.shape[1]] = cheapest
    cheapest_first: FloatArray = np.minimum(np.cumsum(table, axis=2), UNREACHABLE)
    return cheapest_first


def _room_by_counts(constraints: Constraints, counts: IntArray, width: int) -> Room:
    """Without loads the room depends on few counts: compute it once for each distinct row."""
    keys = [row.tobytes() for row in counts]
    if len(keys) == 1:
        return _room_of_one(constraints, keys[0], width)
    first: dict[bytes, int] = {}
    back = np.array([first.setdefault(key, len(first)) for key in keys])
    found = _room_of_counts(constraints, b"".join(first), width)
    return Room(*(values[back] for values in found))


def _room_of_counts(constraints: Constraints, counts: bytes, width: int) -> Room:
    tree = area_tree(constraints)
    rows = np.frombuffer(counts, np.int64).reshape(-1, 4 * tree.n_units + 2 * tree.n_nodes)
    available = rows[:, : tree.n_units, None]
    cost = np.where(np.arange(width) <= available, 0.0, UNREACHABLE)
    return _room_of(tree, cost, rows[:, tree.n_units :])


# Live sessions meet the same counts over and over.
_room_of_one = lru_cache(maxsize=1024)(_room_of_counts)


def _room_of(tree: AreaTree, cost: FloatArray, bounds: IntArray) -> Room:
    n_units, n_nodes = tree.n_units, tree.n_nodes
    least, most, obliged, node_least, node_most = np.split(
        bounds, np.cumsum([n_units, n_units, n_units, n_nodes]), axis=1
    )
    around = outside_costs(
        tree.merges, Remainder(cost, least, most, obliged > 0, node_least, node_most)
    )[:, :, 1:]
    counts = np.arange(1, cost.shape[2])
    allowed = (counts >= least[:, :, None]) & (counts <= most[:, :, None])
    around = np.where(allowed, around, UNREACHABLE)
    with_family = around + cost[:, :, 1:]
    without = around + cost[:, :, :-1]
    fits = with_family <= 1.0 + ROUNDING
    best = np.where(fits, without, np.inf).argmin(axis=2)[:, :, None]

    def at_best(values: FloatArray) -> FloatArray:
        chosen = np.take_along_axis(values, best, axis=2)[:, :, 0]
        return np.where(fits.any(axis=2), 1.0 - chosen, -UNREACHABLE)

    return Room(
        single=at_best(without),
        gain=at_best(with_family),
        extra=1.0 - without.min(axis=2),
        reachable=with_family.min(axis=2) < UNREACHABLE / 2,
        extra_reachable=without.min(axis=2) < UNREACHABLE / 2,
    )
