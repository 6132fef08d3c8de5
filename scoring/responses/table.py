"""Responses with the names and lines that a file gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from common.files.csv_files import DataError
from irt.arrays import BoolArray, IntArray
from irt.responses import MISSING, Responses, dense_responses, sparse_responses
from scoring.responses.cells import advice_on_missing
from scoring.responses.column_names import advice_on_ignoring

# Below this share of answered cells the sparse form needs less memory and time.
_SPARSE_BELOW = 0.2

# So many scores without a 0 among them are no accident.
_TELLING = 5

# Persons, items and lines are counted in 32 bits: a file may hold tens of millions of responses.
Codes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """Responses with their names; person, item, score and line hold one entry a response.

    person_line (N,) and item_line (J,) are the lines of the file that name them first. Where the
    file held chosen options, option has their numbers in `options` (-1 of an item without a key),
    and key the right ones by item. notes are sentences on what was left out or looks wrong.
    """

    path: Path
    persons: list[str]
    items: list[str]
    person: Codes
    item: Codes
    score: NDArray[np.int8]
    line: Codes
    person_line: Codes
    item_line: Codes
    option: NDArray[np.int16] | None = None
    options: tuple[str, ...] = ()
    key: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def check_categories(self, n_categories: IntArray, advice: str = "") -> None:
        """Raise `DataError` for the first score at or above n_categories (J,) of its item."""
        for at in np.flatnonzero(self.score >= n_categories[self.item]).tolist():
            item = self.item[at]
            name = self.items[item]
            raise DataError(
                f"{self.path} line {self.line[at]}, item {name}: a score of "
                f"{self.score[at]}, but the item's scores are 0 to {n_categories[item] - 1}"
                + (f"; {advice}" if advice else "")
                + advice_on_missing(str(self.score[at]))
                + advice_on_ignoring(name)
                + self._advice_on_counting(item)
            )

    @property
    def counts_from_one(self) -> bool:
        """Whether no score is 0 and some are 1, over at least five of them."""
        return self.score.size >= _TELLING and int(self.score.min()) == 1

    def _advice_on_counting(self, item: int) -> str:
        if self.counts_from_one:
            return "; no score of the file is 0: if it counts from 1, say so by --lowest 1"
        own = self.score[self.item == item]
        if own.size >= _TELLING and own.min() == 1:
            return "; none of its scores is 0: if it counts from 1, recode it by --recode"
        return ""

    def to_responses(self, n_categories: ArrayLike | None = None) -> Responses:
        """Dense or sparse, whichever suits. Raises `ResponseError`."""
        shape = len(self.persons), len(self.items)
        if len(self.score) < _SPARSE_BELOW * shape[0] * shape[1]:
            return sparse_responses(
                self.person,
                self.item,
                self.score,
                n_persons=shape[0],
                n_items=shape[1],
                n_categories=n_categories,
            )
        matrix = np.full(shape, MISSING, dtype=np.int8)
        matrix[self.person, self.item] = self.score
        return dense_responses(matrix, n_categories)

    def take_items(self, items: Sequence[str]) -> "ResponseTable":
        """The responses to the named items, which then stand in that order."""
        index = {name: position for position, name in enumerate(self.items)}
        order = np.array([index[name] for name in items], dtype=np.int32)
        place = np.full(len(self.items), MISSING, dtype=np.int32)
        place[order] = np.arange(len(order))
        kept = place[self.item] != MISSING
        chosen = replace(self, items=list(items), item_line=self.item_line[order])
        return chosen.keep_responses(kept, item=place[self.item[kept]])

    def drop_persons(self, out: BoolArray) -> "ResponseTable":
        """The table without the persons whom out (N,) marks."""
        if not out.any():
            return self
        place = np.cumsum(~out, dtype=np.int32) - 1
        kept = ~out[self.person]
        persons = [self.persons[at] for at in np.flatnonzero(~out).tolist()]
        chosen = replace(self, persons=persons, person_line=self.person_line[~out])
        return chosen.keep_responses(kept, person=place[self.person[kept]])

    def keep_responses(self, kept: BoolArray, **codes: Codes) -> "ResponseTable":
        """The responses that kept (R,) marks, with other `codes` in place of their own."""
        own = {name: getattr(self, name)[kept] for name in ("person", "item", "score", "line")}
        option = None if self.option is None else self.option[kept]
        return replace(self, **(own | codes), option=option)
