"""The bounded content areas as a tree, and the units of items that fill it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, IntArray
from irt.constraints.compiled import Constraints
from irt.constraints.completion import Merges, plan_merges


class NotATree(ValueError):
    """Areas overlap without one holding the other, or a set spreads over bounded areas."""


@dataclass(frozen=True, eq=False)
class AreaTree:
    """V nodes: the A bounded areas, children before parents, and last the whole test.

    area (V - 1,) the blueprint's area of a node; parent (V,) node, -1 for the last.
    U = V + S units: node v's items outside of sets are unit v, set s is unit V + s. home (U,) the
    smallest node that holds the unit. unit (J,) of an operational item, -1 for others.
    family_unit (F,) unit of a family of enemies (an item without enemies is its own family), -1
    where it spreads over units; family as in `Constraints`. merges: the order in which the units
    are summed up.
    """

    area: IntArray
    parent: IntArray
    home: IntArray
    unit: IntArray
    family_unit: IntArray
    merges: Merges

    @property
    def n_nodes(self) -> int:
        return len(self.parent)

    @property
    def n_units(self) -> int:
        return len(self.home)


def crossing_areas(members: BoolArray) -> list[tuple[int, int]]:
    """Pairs of rows of members (A, J) that overlap without one holding the other."""
    common = members.astype(float) @ members.T
    size = members.sum(axis=1)
    crossing = (common > 0) & (common < size) & (common < size[:, None])
    return [(int(i), int(j)) for i, j in np.argwhere(np.triu(crossing))]


def scattered_sets(constraints: Constraints) -> IntArray:
    """Sets with items in different bounded areas (or some outside of all of them)."""
    signature = np.unique(constraints.members, axis=1, return_inverse=True)[1]
    spread = [
        len(np.unique(signature[constraints.operational & (constraints.set_of == s)])) > 1
        for s in range(constraints.n_sets)
    ]
    return np.flatnonzero(spread)


@lru_cache(maxsize=32)
def area_tree(constraints: Constraints) -> AreaTree:
    """The tree of the bounded areas. Raises NotATree."""
    if crossing_areas(constraints.members) or len(scattered_sets(constraints)):
        raise NotATree("the priority method needs areas that form a tree and sets within one area")
    sizes = constraints.members.sum(axis=1)
    area = np.argsort(sizes, kind="stable")
    members = np.vstack([constraints.members[area], constraints.operational])
    unit = _deepest(members)
    unit = np.where(
        constraints.operational & (constraints.set_of >= 0), len(members) + constraints.set_of, unit
    )
    first = [np.flatnonzero(unit == len(members) + s)[0] for s in range(constraints.n_sets)]
    parent = _parents(members)
    home = np.append(np.arange(len(members)), _deepest(members)[first]).astype(np.int64)
    return AreaTree(
        area=area,
        parent=parent,
        home=home,
        unit=unit,
        family_unit=_family_units(constraints.family, unit),
        merges=plan_merges(parent, home),
    )


def _deepest(members: BoolArray) -> IntArray:
    """(J,) first of the rows that hold an item, the smallest area; -1 for none."""
    return np.where(members.any(axis=0), members.argmax(axis=0), -1)


def _parents(members: BoolArray) -> IntArray:
    last = len(members) - 1
    parent = np.full(len(members), last)
    for node in range(last):
        within = ~(members[node] & ~members[node + 1 :]).any(axis=1)
        parent[node] = node + 1 + int(within.argmax()) if members[node].any() else last
    parent[last] = -1
    return parent


def _family_units(family: IntArray, unit: IntArray) -> IntArray:
    units = np.full(int(family.max(initial=-1)) + 1, -1)
    for label in range(len(units)):
        of_members = unit[family == label]
        if (of_members == of_members[0]).all():
            units[label] = of_members[0]
    return units
