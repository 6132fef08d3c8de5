"""Response files: wide (a row a person, a column an item) or long (person, item, response)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from items.spreadsheet import unescape_formula
from scoring.csv_files import DataError, read_rows
from scoring.irt.arrays import BoolArray, IntArray
from scoring.irt.responses import MISSING, Responses, dense_responses, sparse_responses

LONG_COLUMNS = ("person", "item", "response")
_PERSON_HEADERS = {"", "person", "person_id", "id", "student", "student_id", "examinee"}
_MISSING_CELLS = ("", "NA")
_HIGHEST_SCORE = 99

# With this many rows a first column without a repeated value holds ids rather than scores.
_ROWS_THAT_TELL_IDS = 10

# Below this share of answered cells the sparse form needs less memory and time.
_SPARSE_BELOW = 0.2


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """Responses with their names; person, item, score and line hold one entry a response."""

    path: Path
    persons: list[str]
    items: list[str]
    person: IntArray
    item: IntArray
    score: IntArray
    line: IntArray

    def check_categories(self, n_categories: IntArray) -> None:
        """Raise `DataError` for the first score at or above n_categories (J,) of its item."""
        for at in np.flatnonzero(self.score >= n_categories[self.item]).tolist():
            item = self.item[at]
            raise DataError(
                f"{self.path} line {self.line[at]}, item {self.items[item]}: a score of "
                f"{self.score[at]}, but the item's scores are 0 to {n_categories[item] - 1}"
            )

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

    def only(self, items: Sequence[str]) -> "ResponseTable":
        """The responses to the named items, which then stand in that order."""
        place = np.full(len(self.items), MISSING)
        index = {name: position for position, name in enumerate(self.items)}
        for position, name in enumerate(items):
            place[index[name]] = position
        kept: BoolArray = place[self.item] != MISSING
        return replace(
            self,
            items=list(items),
            person=self.person[kept],
            item=place[self.item[kept]],
            score=self.score[kept],
            line=self.line[kept],
        )


def read_responses(path: Path, known_items: Collection[str] = ()) -> ResponseTable:
    """Read a wide or long file, `.gz` too. Raises `DataError` naming line and column.

    Wide: the first column is a person id when its name says so (empty, person, id, student, ...)
    or when no value in it repeats; not when it is one of `known_items`. Persons without an id are
    numbered from 1. An empty cell (or NA) is missing; scores are whole numbers from 0.
    """
    rows = read_rows(path)
    header_line, header = next(rows, (0, []))
    if not header:
        raise DataError(f"{path} is empty; it needs a header line and responses")
    body = list(rows)
    if not body:
        raise DataError(f"{path} has a header but no responses")
    for line, cells in body:
        if len(cells) != len(header):
            raise DataError(
                f"{path} line {line}: {len(cells)} cells where the header has {len(header)}"
            )
    names = [unescape_formula(name) for name in header]
    if sorted(name.lower() for name in names) == sorted(LONG_COLUMNS):
        return _long_table(path, [name.lower() for name in names], body)
    _refuse_repeats(names, f"{path} line {header_line}: the column")
    return _wide_table(path, names, body, known_items)


def _wide_table(
    path: Path, header: list[str], body: list[tuple[int, list[str]]], known: Collection[str]
) -> ResponseTable:
    has_ids = header[0] not in known and _holds_ids(header[0], [cells[0] for _, cells in body])
    items = header[1:] if has_ids else header
    if not items:
        raise DataError(f"{path} has no item columns")
    if "" in items:
        raise DataError(f"{path}: column {header.index('', has_ids) + 1} has no name")
    persons = [str(number) for number, _ in zip(count(1), body, strict=False)]
    if has_ids:
        persons = [unescape_formula(cells[0]) for _, cells in body]
        _refuse_repeats(persons, f"{path}: the person")
    scores = _Scores()
    matrix = np.empty((len(body), len(items)), dtype=np.int64)
    for row, (line, cells) in enumerate(body):
        try:
            matrix[row] = [scores[cell] for cell in cells[has_ids:]]
        except ValueError:
            raise _bad_score(path, line, items, cells[has_ids:], scores) from None
    person, item = np.nonzero(matrix != MISSING)
    lines = np.array([line for line, _ in body])
    return ResponseTable(path, persons, items, person, item, matrix[person, item], lines[person])


def _long_table(path: Path, header: list[str], body: list[tuple[int, list[str]]]) -> ResponseTable:
    order = [header.index(name) for name in LONG_COLUMNS]
    persons: dict[str, int] = {}
    items: dict[str, int] = {}
    scores = _Scores()
    seen: set[tuple[int, int]] = set()
    coded: list[tuple[int, int, int, int]] = []
    for line, cells in body:
        person_name, item_name, cell = (cells[column] for column in order)
        if not person_name or not item_name:
            raise DataError(f"{path} line {line}: a response needs a person and an item")
        try:
            score = scores[cell]
        except ValueError:
            raise _bad_score(path, line, ["response"], [cell], scores) from None
        person = persons.setdefault(unescape_formula(person_name), len(persons))
        item = items.setdefault(unescape_formula(item_name), len(items))
        if (person, item) in seen:
            raise DataError(
                f"{path} line {line}: person {person_name} has a second response to {item_name}"
            )
        seen.add((person, item))
        if score != MISSING:
            coded.append((person, item, score, line))
    columns = np.array(coded, dtype=np.int64).reshape(-1, 4).T
    return ResponseTable(path, list(persons), list(items), *columns)


class _Scores(dict[str, int]):
    """Cell to score, each distinct cell parsed once; ValueError for a cell that is no score."""

    def __missing__(self, cell: str) -> int:
        if cell in _MISSING_CELLS:
            return self.setdefault(cell, MISSING)
        score = float(cell)
        if not (score.is_integer() and 0 <= score <= _HIGHEST_SCORE):
            raise ValueError(cell)
        return self.setdefault(cell, int(score))


def _bad_score(
    path: Path, line: int, names: Sequence[str], cells: Sequence[str], scores: _Scores
) -> DataError:
    for name, cell in zip(names, cells, strict=True):
        try:
            scores[cell]
        except ValueError:
            return DataError(
                f"{path} line {line}, column {name}: {cell!r} is not a score; scores are whole "
                f"numbers from 0 to {_HIGHEST_SCORE}, empty where missing"
            )
    raise AssertionError("called without a bad cell")


def _holds_ids(header: str, cells: list[str]) -> bool:
    if header.lower() in _PERSON_HEADERS:
        return True
    return len(cells) >= _ROWS_THAT_TELL_IDS and all(cells) and len(set(cells)) == len(cells)


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{what} {name!r} appears twice")
        seen.add(name)
