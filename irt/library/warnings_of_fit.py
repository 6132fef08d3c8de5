"""What makes a fit doubtful, in sentences."""

from collections.abc import Iterator, Sequence

import numpy as np

from irt.calibration.result import (
    COMMON_SLOPE_OWNER,
    FIRST_GROUP_OWNER,
    Calibration,
    Cause,
    ItemStatus,
)
from irt.common_scale.held_population import HeldPopulation
from irt.common_scale.link_errors import Links
from irt.fit.duplicates import Duplicates, duplicates
from irt.library.faults import listed
from irt.library.response_table import ResponseTable

# With fewer responses an item's estimate says little about it.
FEWEST_RESPONSES = 100
_MOST_BLOCKS = 8

_OF_STATUS = {
    ItemStatus.NEGATIVE_SLOPE: (
        "have a negative discrimination: who knows more scores less. Are their keys right?"
    ),
    ItemStatus.STEEP: (
        "have a discrimination that grows without bound; a prior or a simpler model holds it"
    ),
}

_OF_CAUSE = {
    Cause.AT_BOUND: (
        "estimates at a bound have no standard error, and the errors of the others of an item take "
        "them for known; a prior or a simpler model holds them"
    ),
    Cause.FLAT: (
        "estimates with which the likelihood hardly changes have no standard error; more "
        "responses, a prior or a simpler model help"
    ),
}


def warnings_of(
    calibration: Calibration, table: ResponseTable, groups: Sequence[str]
) -> tuple[str, ...]:
    """One sentence a doubt, none where there is none."""
    found = []
    if not calibration.converged:
        found.append(
            f"the search did not converge: {calibration.obstacle}. Estimates and standard errors "
            "are those of the best point reached; do not report them"
        )
    left_out = np.flatnonzero(calibration.status == ItemStatus.EMPTY_CATEGORY)
    if left_out.size:
        reasons = [f"{table.items[item]} ({_emptiness(table, item)})" for item in left_out.tolist()]
        found.append(
            f"items without an estimate: {listed(reasons)}. Where scores were never given, merge "
            "them with their neighbors or leave the item out"
        )
    copies = duplicates(table.responses)
    found += _duplicates(copies, table)
    for status, sentence in _OF_STATUS.items():
        concerned = calibration.status == status
        if status is ItemStatus.STEEP:  # a copy is steep because of its twin
            concerned[copies.items] = False
        items = [table.items[item] for item in np.flatnonzero(concerned)]
        if items:
            found.append(f"items that {sentence}: {listed(items)}")
    found += _undetermined(calibration, table, groups, set(copies.items.tolist()))
    is_told = np.isin(calibration.status, (ItemStatus.EMPTY_CATEGORY, ItemStatus.ANCHORED))
    few = (table.n_responses < FEWEST_RESPONSES) & ~is_told
    if few.any():
        items = [f"{table.items[item]} ({table.n_responses[item]})" for item in np.flatnonzero(few)]
        found.append(f"items with fewer than {FEWEST_RESPONSES} responses: {listed(items)}")
    return tuple(found)


def _duplicates(copies: Duplicates, table: ResponseTable) -> list[str]:
    pairs = [
        f"{table.items[copies.first[pair]]} and {table.items[copies.second[pair]]} "
        f"({copies.n_alike[pair]} of {copies.n_persons[pair]} persons"
        + (", reversed)" if copies.reversed[pair] else ")")
        for pair in np.flatnonzero(copies.is_sure)
    ]
    if not pairs:
        return []
    return [
        "items that are answered alike by nearly everybody who answered both, as one item given "
        f"twice: {listed(pairs)}. Keep one of each pair and fit again: together they pull both "
        "discriminations up and make the test look more reliable than it is"
    ]


def _undetermined(
    calibration: Calibration, table: ResponseTable, groups: Sequence[str], copies: set[int]
) -> Iterator[str]:
    """The estimates without a standard error, by cause; those of copies are told as such."""
    for cause, sentence in _OF_CAUSE.items():
        names = [
            f"{_owner(one.owner, table, groups)} {one.name} = {one.value:.3g}"
            for one in calibration.undetermined
            if one.cause is cause and one.owner not in copies
        ]
        if names:
            yield f"{sentence}: {listed(names)}"


def _owner(owner: int, table: ResponseTable, groups: Sequence[str]) -> str:
    if owner >= 0:
        return table.items[owner]
    if owner == COMMON_SLOPE_OWNER:
        return "common slope"
    return f"ability, {groups[FIRST_GROUP_OWNER - owner]}:"


def warnings_of_held_groups(found: HeldPopulation) -> tuple[str, ...]:
    """One sentence where the moments that were held are not those that the anchors see."""
    whose = " of the reference group" if len(found.mean) > 1 else ""
    return tuple(
        f"by the anchors ability{whose} has mean "
        f"{found.mean[group]:.3f} (se {found.mean_se[group]:.3f}) and variance "
        f"{found.variance[group]:.3f} (se {found.variance_se[group]:.3f}), but it was held: the "
        "estimated items are off their scale by as much. Leave out free_population=False"
        for group in np.flatnonzero(found.is_off).tolist()
    )


def warnings_of_links(links: Links, items: Sequence[str]) -> tuple[str, ...]:
    """One sentence for blocks that nothing links, and one a block that hangs by a thread."""
    found = []
    if not links.linkage.is_linked:
        blocks = [
            f"{listed([items[item] for item in block.items])} ({block.n_persons} persons)"
            for block in links.linkage.blocks
        ]
        found.append(
            f"the responses fall into {len(blocks)} blocks with neither a person nor an item in "
            f"common: {'; '.join(blocks[:_MOST_BLOCKS])}{'; ...' * (len(blocks) > _MOST_BLOCKS)}. "
            "Nothing but the assumption that their persons are alike puts them on one scale: fit "
            "each by itself, or link them by common items, common persons or anchors"
        )
    for tie, error in zip(links.linkage.ties, links.errors, strict=True):
        common = (
            f"{listed([items[item] for item in tie.common_items])} alone"
            if tie.common_items.size
            else f"{len(tie.common_persons)} persons who answered both"
        )
        firmness = (
            f"the standard error of this link is {error:.3f}"
            if np.isfinite(error)
            else "whose answers there are all of one kind, so that they tell nothing of its place"
        )
        found.append(
            f"a block with {len(tie.persons)} persons of its own, "
            f"{listed([items[item] for item in tie.items])}, hangs on the others by {common}: "
            f"{firmness}"
        )
    return tuple(found)


def _emptiness(table: ResponseTable, item: int) -> str:
    counts = table.category_counts[item]
    if not counts.any():
        return "nobody answered it"
    empty = np.flatnonzero(counts == 0).tolist()
    return f"nobody scored {' or '.join(map(str, empty))}"
