"""The content areas of each bank as a tree, with what its current release holds in each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count

from items.models import Bank, BankRelease, ContentArea
from items.release_rows import ReleaseArrays, load_release

# (bank, parent area) -> areas below it, by code.
Children = dict[tuple[int, int | None], list[Any]]


class AreaRow(NamedTuple):
    """One area: its depth in the tree, the items written for it, and what the current release
    holds of it and of the areas below: operational and pretest items, how many of them have an
    expected time, and the means of their words and of those times (None without any)."""

    area: ContentArea
    depth: int
    written: int
    operational: int = 0
    pretest: int = 0
    timed: int = 0
    words: float | None = None
    seconds: float | None = None


class BankAreas(NamedTuple):
    """`release` is None, and nothing counted, before the bank's first one is published."""

    bank: Bank
    release: BankRelease | None
    rows: list[AreaRow]


def area_trees() -> Iterator[BankAreas]:
    """Every bank by name, areas in tree order. Two queries, and five for each bank."""
    children = _children(ContentArea.objects.all())
    for bank in Bank.objects.order_by("name"):
        yield _tree(bank, children)


def area_tree(bank: Bank) -> BankAreas:
    """The areas of one bank in tree order. Seven queries."""
    return _tree(bank, _children(bank.areas.all()))


def _children(areas: Any) -> Children:
    children: Children = {}
    counted = Count("item_versions__item", distinct=True)
    for area in areas.order_by("code").annotate(n_items=counted):
        children.setdefault((area.bank_id, area.parent_id), []).append(area)
    return children


def _tree(bank: Bank, children: Children) -> BankAreas:
    release = bank.current_release
    held = load_release(release) if release else None
    tree = _below(children, bank.pk, None, 0)
    return BankAreas(bank, release, [_row(area, depth, held) for depth, area in tree])


def _below(
    children: Children, bank: int, parent: int | None, depth: int
) -> Iterator[tuple[int, Any]]:
    for area in children.get((bank, parent), []):
        yield depth, area
        yield from _below(children, bank, area.pk, depth + 1)


def _row(area: Any, depth: int, held: ReleaseArrays | None) -> AreaRow:
    if held is None:
        return AreaRow(area, depth, area.n_items)
    members = held.categories[area.code]
    words, seconds = held.words[members], held.seconds[members]
    known = seconds[np.isfinite(seconds)]
    operational = int(held.operational[members].sum())
    return AreaRow(
        area=area,
        depth=depth,
        written=area.n_items,
        operational=operational,
        pretest=len(words) - operational,
        timed=len(known),
        words=float(words.mean()) if len(words) else None,
        seconds=float(known.mean()) if len(known) else None,
    )
