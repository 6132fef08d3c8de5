"""Items and persons that a calibration cannot use, with the reasons."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, IntArray
from scoring.responses.table import ResponseTable

# So many faults (or scores) are told one by one; a file with more has one cause for most.
_LISTED = 10


@dataclass(frozen=True, eq=False)
class Unusable:
    """Marks of unusable items (J,) and persons (N,) of a table, and a sentence for each."""

    items: BoolArray
    persons: BoolArray
    reasons: list[str]

    def lines(self) -> list[str]:
        """The first reasons, and how many more there are."""
        more = len(self.reasons) - _LISTED
        return self.reasons[:_LISTED] + ([f"and {more} more"] if more > 0 else [])


def find_unusable(table: ResponseTable, anchored: BoolArray) -> Unusable:
    """Items without a finite estimate, and persons who answered none of the others.

    An item needs a response in category 0, in the highest one seen and in each between; one that
    `anchored` (J,) marks needs any response.
    """
    counts = _counts(table)
    reasons = [_reason(own, known) for own, known in zip(counts, anchored.tolist(), strict=True)]
    items = np.array([reason is not None for reason in reasons], dtype=np.bool_)
    answered = np.bincount(table.person, ~items[table.item], len(table.persons))
    persons = np.asarray(answered == 0)
    told = [*_about_items(table, reasons), *_about_persons(table, persons)]
    return Unusable(items, persons, told)


def _counts(table: ResponseTable) -> IntArray:
    """(J, K) how often each score was given."""
    n_scores = max(int(table.score.max(initial=0)) + 1, 2)
    cell = table.item.astype(np.int64) * n_scores + table.score
    return np.bincount(cell, minlength=len(table.items) * n_scores).reshape(-1, n_scores)


def _reason(counts: IntArray, anchored: bool) -> str | None:
    seen = np.flatnonzero(counts)
    if not seen.size:
        return "no response"
    if anchored:
        return None
    if seen.size == 1:
        return f"every response is {seen[0]}"
    if seen.size <= seen[-1]:
        unseen = np.setdiff1d(np.arange(seen[-1]), seen)
        return f"no response is {_listed(unseen)} (seen: {_listed(seen)})"
    return None


def _listed(scores: IntArray) -> str:
    more = ", ..." if len(scores) > _LISTED else ""
    return ", ".join(map(str, scores[:_LISTED].tolist())) + more


def _about_items(table: ResponseTable, reasons: list[str | None]) -> Iterator[str]:
    for name, line, reason in zip(table.items, table.item_line.tolist(), reasons, strict=True):
        if reason:
            yield f"item {name} (line {line}): {reason}"


def _about_persons(table: ResponseTable, persons: BoolArray) -> Iterator[str]:
    silent = np.bincount(table.person, minlength=len(table.persons)) == 0
    for at in np.flatnonzero(silent).tolist():
        yield f"person {table.persons[at]} (line {table.person_line[at]}): no response"
    if others := int((persons & ~silent).sum()):
        yield f"{others} more who responded to none but these items"
