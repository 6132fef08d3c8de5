"""Long files of responses: a row a response, in columns of persons, items and responses."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.files.csv_files import DataError
from common.files.spreadsheet import unescape_formula
from common.files.tables import Row
from irt.arrays import IntArray
from irt.responses import MISSING
from scoring.responses.coding import Coding, apply_key, read_coding
from scoring.responses.column_names import (
    item_column,
    person_column,
    response_column,
    without_scores,
)
from scoring.responses.keys import StatedKey
from scoring.responses.layout import find_column
from scoring.responses.reading import KEY_ROW, Reading
from scoring.responses.row_batches import batches
from scoring.responses.table import Codes, ResponseTable


class LongColumns(NamedTuple):
    """Places of the three columns; others are not looked at."""

    person: int
    item: int
    response: int


def long_columns(
    path: Path, names: Sequence[str], reading: Reading, known: Collection[str]
) -> LongColumns | None:
    """Of a file whose header names all three, or the options do; None of a wide one.

    Raises `DataError` where an option names no column, or several may hold the responses.
    """
    persons, items = person_column(names), item_column(names)
    responses = response_column(names)
    if reading.item_column:
        items = [find_column(path, names, reading.item_column, "--item-column")]
    if reading.response_column:
        responses = [find_column(path, names, reading.response_column, "--response-column")]
    is_stated = bool(reading.item_column or reading.response_column)
    if not is_stated and not set(names).isdisjoint(known):
        return None
    if reading.id_column and items and responses:
        persons = [find_column(path, names, reading.id_column, "--id-column")]
    if not (persons and items and responses):
        if is_stated:
            raise DataError(
                f"{path}: a long file needs columns of persons, items and responses; name them by "
                "--id-column, --item-column and --response-column"
            )
        return None
    if reading.key and len(choices := without_scores(names, responses)) == 1:
        responses = choices
    if len(responses) > 1:
        told = " and ".join(repr(names[at]) for at in responses)
        raise DataError(
            f"{path}: {told} may both hold the responses; say which by --response-column"
        )
    return LongColumns(persons[0], items[0], responses[0])


def read_long(
    path: Path,
    columns: LongColumns,
    width: int,
    rows: Iterator[Row],
    reading: Reading,
    key: StatedKey | None,
) -> ResponseTable:
    """The responses of the rows, as `read_responses` tells. Raises `DataError`."""
    if key and (key.in_order or reading.key == KEY_ROW):
        raise DataError(
            f"{path}: the key of a long file names its items; give --key a file of the columns "
            "item,key"
        )
    coding = read_coding(reading, key.by_item if key else {}, ())
    persons, items = _Names(), _Names()
    parts = [
        (*_coded(path, lines, body, columns, persons, items, coding), lines)
        for lines, body in batches(path, rows, width)
    ]
    person, item, codes, line = (np.concatenate(part) for part in zip(*parts, strict=True))
    table = ResponseTable(
        path,
        list(persons.codes),
        list(items.codes),
        person,
        item,
        np.empty(0, dtype=np.int8),
        line,
        line[_first_places(person)],
        line[_first_places(item)],
    )
    _refuse_second_responses(table)
    return apply_key(table, codes, coding).keep_responses(codes != MISSING)


def _coded(
    path: Path,
    lines: Codes,
    body: Sequence[list[str]],
    columns: LongColumns,
    persons: "_Names",
    items: "_Names",
    coding: Coding,
) -> tuple[Codes, Codes, NDArray[np.int16]]:
    cells = list(zip(*body, strict=True))
    person, item, response = (cells[at] for at in columns)
    try:
        return persons.of(person), items.of(item), _codes(item, response, coding)
    except ValueError:
        for line, *named, cell in zip(lines.tolist(), person, item, response, strict=True):
            if not all(map(str.strip, named)):
                raise DataError(
                    f"{path} line {line}: a response needs a person and an item"
                ) from None
            where = f"{path} line {line}, column response"
            coding.of(_name(named[1])).check(cell, where)
        raise


def _codes(items: Sequence[str], cells: Sequence[str], coding: Coding) -> NDArray[np.int16]:
    if coding.is_uniform:
        return np.asarray(coding.of("").of(cells, len(cells), np.int16))
    own = {item: coding.of(_name(item)) for item in set(items)}
    pairs = zip(items, cells, strict=True)
    return np.fromiter((own[item][cell] for item, cell in pairs), np.int16, len(cells))


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


def _name(cell: str) -> str:
    return unescape_formula(cell.strip())


class _Names(dict[str, int]):
    """Cell to the number of the name in it; ValueError for a cell without one."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}

    def __missing__(self, cell: str) -> int:
        name = _name(cell)
        if not name:
            raise ValueError(cell)
        return self.setdefault(cell, self.codes.setdefault(name, len(self.codes)))

    def of(self, cells: Sequence[str]) -> Codes:
        return np.fromiter(map(self.__getitem__, cells), dtype=np.int32, count=len(cells))
