"""Response files: wide (a row a person, a column an item) or long (person, item, response)."""

from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

from common.files.csv_files import DataError
from common.files.spreadsheet import unescape_formula
from common.files.tables import read_rows
from scoring.responses.keys import StatedKey, key_of_row, read_key
from scoring.responses.long import long_columns, read_long
from scoring.responses.reading import KEY_ROW, PLAIN, Reading
from scoring.responses.table import ResponseTable
from scoring.responses.wide import read_wide


def read_responses(
    path: Path, known_items: Collection[str] = (), reading: Reading = PLAIN
) -> ResponseTable:
    """Read a wide or long file of any kind. Raises `DataError` naming line and column.

    Wide: the first column is a person id when its name says so, when no value in it repeats, none
    is a score, or they are unlike the other scores; not when it is one of `known_items`. Persons
    without an id are numbered from 1. Other columns than known_items, where some are named, may
    hold anything. An empty cell (or NA) is missing; scores are whole numbers from 0. `reading`
    says what the file does not show by itself.
    """
    rows = read_rows(path, reading.dialect)
    header_line, header = next(rows, (0, []))
    if not header:
        raise DataError(f"{path} is empty; it needs a header line and responses")
    names = [unescape_formula(name.strip()) for name in header]
    columns = long_columns(path, names, reading, known_items)
    if columns is None:
        _refuse_repeats(names, f"{path} line {header_line}: the column")
    first = next(rows, None)
    if first is None:
        raise DataError(f"{path} has a header but no responses")
    key = _stated_key(reading, names, first[1])
    body = rows if reading.key == KEY_ROW else chain([first], rows)
    if columns is not None:
        return read_long(path, columns, len(names), body, reading, key)
    return read_wide(path, names, header_line, body, reading, known_items, key)


def _stated_key(reading: Reading, names: Sequence[str], first: Sequence[str]) -> StatedKey | None:
    if reading.key is None:
        return None
    if reading.key == KEY_ROW:
        return key_of_row(names, first)
    return read_key(reading.key, reading.dialect.for_other_files)


def _refuse_repeats(names: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise DataError(f"{what} {name!r} appears twice")
        seen.add(name)
