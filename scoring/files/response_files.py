"""Response files: wide (a row a person, a column an item) or long (person, item, response)."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.files.csv_files import DataError, read_rows, refuse_ragged
from common.files.spreadsheet import unescape_formula
from irt.arrays import IntArray
from irt.responses import MISSING
from scoring.files.response_table import Codes, ResponseTable

HIGHEST_SCORE = 99

_LONG_COLUMNS = ("person", "item", "response")
_RESPONSE_HEADERS = {"response", "resp", "score"}
_PERSON_HEADERS = {"", "person", "person_id", "id", "student", "student_id", "examinee"}
_MISSING_CELLS = ("", "NA")
_SCORE = re.compile(r"0*([0-9]{1,2})(?:\.0*)?")

# With this many rows a first column without a repeated value holds ids rather than scores.
_ROWS_THAT_TELL_IDS = 10

# So many rows are coded at a time: more would wake Python's garbage collector again and again.
_ROWS_PER_BATCH = 250

Row = tuple[int, list[str]]


def read_responses(path: Path, known_items: Collection[str] = ()) -> ResponseTable:
    """Read a wide or long file, `.gz` too. Raises `DataError` naming line and column.

    Wide: the first column is a person id when its name says so (empty, person, id, student, ...),
    when no value in it repeats or none is a score; not when it is one of `known_items`. Persons
    without an id are numbered from 1. An empty cell (or NA) is missing; scores are whole numbers
    from 0.
    """
    rows = read_rows(path)
    header_line, header = next(rows, (0, []))
    if not header:
        raise DataError(f"{path} is empty; it needs a header line and responses")
    names = [unescape_formula(name.strip()) for name in header]
    lowered = [name.lower() for name in names]
    lowered = ["response" if name in _RESPONSE_HEADERS else name for name in lowered]
    is_long = sorted(lowered) == sorted(_LONG_COLUMNS)
    if not is_long:
        _refuse_repeats(names, f"{path} line {header_line}: the column")
    first = next(rows, None)
    if first is None:
        raise DataError(f"{path} has a header but no responses")
    body = chain([first], rows)
    if is_long:
        return _long_table(path, [lowered.index(name) for name in _LONG_COLUMNS], body)
    return _wide_table(path, names, header_line, body, known_items)


def _wide_table(
    path: Path, names: list[str], header_line: int, rows: Iterator[Row], known: Collection[str]
) -> ResponseTable:
    scores = _Scores()
    first: list[str] = []
    parts: list[tuple[Codes, NDArray[np.int8]]] = []
    for lines, body in _batches(path, rows, len(names)):
        first += [cells[0].strip() for cells in body]
        parts.append(
            (lines, _score_matrix(path, names[1:], lines, [row[1:] for row in body], scores))
        )
    line, matrix = (np.concatenate(part) for part in zip(*parts, strict=True))
    if names[0] not in known and _holds_ids(names[0], first, scores):
        persons = _person_ids(path, line, first)
        items = names[1:]
    else:
        own = _score_matrix(path, names[:1], line, [[cell] for cell in first], scores)
        matrix = np.hstack([own, matrix])
        persons = [str(number) for number in range(1, len(line) + 1)]
        items = names
    if not items:
        raise DataError(f"{path} has no item columns")
    if "" in items:
        raise DataError(
            f"{path}: column {names.index('', len(names) - len(items)) + 1} has no name"
        )
    person, item = (index.astype(np.int32) for index in np.nonzero(matrix != MISSING))
    header_lines = np.full(len(items), header_line, dtype=np.int32)
    return ResponseTable(
        path, persons, items, person, item, matrix[person, item], line[person], line, header_lines
    )


def _score_matrix(
    path: Path, names: Sequence[str], lines: Codes, rows: Sequence[list[str]], scores: "_Scores"
) -> NDArray[np.int8]:
    """(len(rows), len(names)) scores, `MISSING` where a cell is empty."""
    shape = len(rows), len(names)
    try:
        return scores.of(chain.from_iterable(rows), shape[0] * shape[1]).reshape(shape)
    except ValueError:
        for line, cells in zip(lines.tolist(), rows, strict=True):
            for name, cell in zip(names, cells, strict=True):
                scores.check(cell, f"{path} line {line}, column {name}")
        raise


def _person_ids(path: Path, lines: Codes, cells: list[str]) -> list[str]:
    if "" in cells:
        raise DataError(f"{path} line {lines[cells.index('')]}: the person has no id")
    persons = [unescape_formula(cell) for cell in cells]
    seen: set[str] = set()
    for line, name in zip(lines.tolist(), persons, strict=True):
        if name in seen:
            raise DataError(f"{path} line {line}: the person {name!r} appears twice")
        seen.add(name)
    return persons


def _long_table(path: Path, order: list[int], rows: Iterator[Row]) -> ResponseTable:
    persons, items, scores = _Names(), _Names(), _Scores()
    parts = [
        (*_long_columns(path, lines, body, order, persons, items, scores), lines)
        for lines, body in _batches(path, rows, len(order))
    ]
    person, item, score, line = (np.concatenate(part) for part in zip(*parts, strict=True))
    table = ResponseTable(
        path,
        list(persons.codes),
        list(items.codes),
        person,
        item,
        score,
        line,
        line[_first_places(person)],
        line[_first_places(item)],
    )
    _refuse_second_responses(table)
    return table.keep_responses(score != MISSING)


def _long_columns(
    path: Path,
    lines: Codes,
    body: Sequence[list[str]],
    order: list[int],
    persons: "_Names",
    items: "_Names",
    scores: "_Scores",
) -> tuple[Codes, Codes, NDArray[np.int8]]:
    columns = list(zip(*body, strict=True))
    person, item, response = (columns[at] for at in order)
    try:
        return persons.of(person), items.of(item), scores.of(response, len(response))
    except ValueError:
        for line, *named, cell in zip(lines.tolist(), person, item, response, strict=True):
            if not all(map(str.strip, named)):
                raise DataError(
                    f"{path} line {line}: a response needs a person and an item"
                ) from None
            scores.check(cell, f"{path} line {line}, column response")
        raise


def _first_places(codes: Codes) -> IntArray:
    """Where each code appears first; codes are numbered in the order of their appearance."""
    return np.flatnonzero(np.diff(np.maximum.accumulate(codes), prepend=-1))


def _refuse_second_responses(table: ResponseTable) -> None:
    pair = table.person.astype(np.int64) * len(table.items) + table.item
    order = np.argsort(pair, kind="stable")
    repeated = order[1:][np.diff(pair[order]) == 0]
    if repeated.size:
        at = repeated.min()
        raise DataError(
            f"{table.path} line {table.line[at]}: person {table.persons[table.person[at]]} has a "
            f"second response to {table.items[table.item[at]]}"
        )


def _batches(
    path: Path, rows: Iterator[Row], width: int
) -> Iterator[tuple[Codes, tuple[list[str], ...]]]:
    """Line numbers (n,) and cells of the rows, some at a time, each row as wide as the header."""
    while batch := list(islice(rows, _ROWS_PER_BATCH)):
        for line, cells in batch:
            if len(cells) != width:
                refuse_ragged(path, line, cells, width)
        lines, body = zip(*batch, strict=True)
        yield np.array(lines, dtype=np.int32), body


class _Scores(dict[str, int]):
    """Cell to score, each distinct cell parsed once; ValueError for a cell that is no score."""

    def __missing__(self, cell: str) -> int:
        text = cell.strip()
        if text in _MISSING_CELLS:
            return self.setdefault(cell, MISSING)
        written = _SCORE.fullmatch(text)
        if not written:
            raise ValueError(cell)
        return self.setdefault(cell, int(written[1]))

    def of(self, cells: Iterable[str], n_cells: int) -> NDArray[np.int8]:
        return np.fromiter(map(self.__getitem__, cells), dtype=np.int8, count=n_cells)

    def knows(self, cell: str) -> bool:
        try:
            self[cell]
        except ValueError:
            return False
        return True

    def check(self, cell: str, where: str) -> None:
        """Raise `DataError` where the cell is no score."""
        if not self.knows(cell):
            shown = cell.strip()[:40]
            raise DataError(
                f"{where}: {shown!r} is not a score; scores are whole numbers from 0 to "
                f"{HIGHEST_SCORE}, empty where missing"
            ) from None


class _Names(dict[str, int]):
    """Cell to the number of the name in it; ValueError for a cell without one."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        name = unescape_formula(cell.strip())
        if not name:
            raise ValueError(cell)
        return self.setdefault(cell, self.codes.setdefault(name, len(self.codes)))

    def of(self, cells: Sequence[str]) -> Codes:
        return np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells))


def _holds_ids(header: str, cells: list[str], scores: _Scores) -> bool:
    if header.lower() in _PERSON_HEADERS:
        return True
    if len(cells) >= _ROWS_THAT_TELL_IDS and all(cells) and len(set(cells)) == len(cells):
        return True
    return not any(map(scores.knows, set(cells)))


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{what} {name!r} appears twice")
        seen.add(name)
