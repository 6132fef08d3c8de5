"""The cells of a CSV file as spreadsheets write it: where its columns are, and what is wrong."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from common.files.csv_files import CsvError, parse_rows
from common.files.dialect import stated_separator
from items.exchange.cells import is_known, known_columns
from items.exchange.reading import foreign_format, unreadable
from items.exchange.rows import RowFault, check_row_count

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_OTHERS = {";": "semicolon", "\t": "tab", "|": None}
_NUMBERS = re.compile(
    r"(se_)?(a|b|c|d|b[1-9][0-9]?)|rule_[1-9][0-9]?_(lower|upper)"
    r"|Discrimination|Guessing|Difficulty[0-9]*"
)
_DECIMAL_COMMA = re.compile(r"\s*[-+]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?\s*")
_THOUSANDS = re.compile(r"\s*[-+]?[1-9][0-9]{0,2}(?:,[0-9]{3})+\s*")


@dataclass(frozen=True)
class Records:
    """A header without its empty columns, and (row, cells) of each row that says something.

    Rows are numbered as a spreadsheet does. `faults` are those of the columns, `row_faults` those
    of rows that have other cells than the header, which are not in the body.
    """

    header: list[str]
    body: list[tuple[int, list[str]]]
    faults: list[RowFault]
    row_faults: list[RowFault]


def read_records(text: str, separator: str | None, knows: Callable[[str], bool]) -> Records:
    """The records of a text; a first line such as `sep=;` states its separator.

    A text without any column that the caller `knows` is looked at more closely, to say what it is.

    Raises InvalidInput `unreadable_file`, `file_too_large`.
    """
    separator = separator or stated_separator(text.partition("\n")[0]) or ","
    text = without_stated_separator(text)
    try:
        lines = io.StringIO(text, newline="")
        records = [cells for _line, cells in parse_rows(lines, separator)]
    except CsvError as error:
        raise unreadable(foreign_format(text) or _("The file is not CSV: %s.") % error) from error
    if not any(cell.strip() for cells in records for cell in cells):
        raise unreadable(_("The file is empty."))
    check_row_count(len(records) - 1)
    numbered = list(enumerate(records, start=1))
    first = next(i for i, cells in enumerate(records) if any(map(str.strip, cells)))
    header = [name.strip().lstrip("\ufeff") for name in records[first]]
    if not any(map(knows, header)):
        _refuse_other_tables(text, header, separator)
    body = [(row, cells) for row, cells in numbered[first + 1 :] if any(map(str.strip, cells))]
    return _without_empty_columns(header, body, separator)


def without_stated_separator(text: str) -> str:
    """The text without a first line such as `sep=;`."""
    line, _end, rest = text.partition("\n")
    return rest if stated_separator(line) else text


def place_of(number: int) -> str:
    """A column by its place from 0, with the letters of a spreadsheet: "28 (AB)"."""
    letters, rest = "", number + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return f"{number + 1} ({letters})"


def unknown_column(name: str) -> str:
    """Why a column cannot be read, with the name that was perhaps meant."""
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    meant = [plain] if is_known(plain) else get_close_matches(plain, known_columns(), 1, 0.8)
    if meant:
        return _("Unknown column. Is it “%s”?") % meant[0]
    return _("Unknown column.")


def repeated_columns(header: Sequence[str]) -> list[RowFault]:
    """The columns that appear more than once, with their places."""
    repeated = sorted({name for name in header if header.count(name) > 1})
    return [
        RowFault(
            1,
            name,
            _("This column appears twice: %s.")
            % ", ".join(place_of(n) for n, other in enumerate(header) if other == name),
        )
        for name in repeated
    ]


def _refuse_other_tables(text: str, header: Sequence[str], separator: str) -> None:
    """Raise InvalidInput for a text that looks like something else."""
    what = foreign_format(text)
    if what:
        raise unreadable(what)
    for other, name in _OTHERS.items():
        if other != separator and header[0].count(other) >= len(header):
            raise unreadable(_separated_by(other, name))


def _separated_by(other: str, name: str | None) -> str:
    told = {
        ";": _("The columns are separated by semicolons."),
        "\t": _("The columns are separated by tabs."),
        "|": _("The columns are separated by vertical bars."),
    }[other]
    cure = _("Save the file as CSV with commas between the cells.")
    if name:
        cure = _(
            "Save the file as CSV with commas between the cells, or import it with --separator %s."
        )
        return f"{told} {cure % name}"
    return f"{told} {cure}"


def _without_empty_columns(
    header: list[str], body: list[tuple[int, list[str]]], separator: str
) -> Records:
    """Without columns that have neither name nor content, as spreadsheets leave them behind."""
    width = len(header)
    kept = [number for number, name in enumerate(header) if name]
    named = [header[number] for number in kept]
    is_trailing = kept == list(range(len(kept)))
    faults = [
        fault for number in range(width) if not header[number] for fault in _nameless(number, body)
    ]
    whole: list[tuple[int, list[str]]] = []
    row_faults: list[RowFault] = []
    for row, cells in ((row, _trim(cells, width)) for row, cells in body):
        if len(cells) == width:
            whole.append((row, [cells[number] for number in kept]))
        elif is_trailing and len(cells) == len(kept):
            whole.append((row, cells))
        else:
            row_faults.append(_ragged(row, cells, header))
    if separator != ",":
        whole, more = _with_points(named, whole)
        row_faults += more
    return Records(named, whole, faults, row_faults)


def _nameless(number: int, body: list[tuple[int, list[str]]]) -> Iterator[RowFault]:
    """The fault of a column that has no name, where something is in it."""
    for row, cells in body:
        if "".join(cells[number : number + 1]).strip():
            reason = _("It has no name, but something in it (row %s): name it, or empty it.")
            yield RowFault(1, place_of(number), reason % row)
            return


def _ragged(row: int, cells: Sequence[str], header: Sequence[str]) -> RowFault:
    number = min(len(cells), len(header) - 1)
    reason = _("The row has %(cells)s cells, the header %(columns)s.") % {
        "cells": len(cells),
        "columns": len(header),
    }
    return RowFault(row, header[number] or place_of(number), reason)


def _trim(cells: list[str], width: int) -> list[str]:
    """Without the empty cells beyond the header's columns."""
    last = len(cells)
    while last > width and not cells[last - 1].strip():
        last -= 1
    return cells[:last]


def _with_points(
    header: list[str], body: list[tuple[int, list[str]]]
) -> tuple[list[tuple[int, list[str]]], list[RowFault]]:
    """Decimal commas become points in columns of numbers, where commas separate no columns.

    "1,234" could be a thousand: it is read where another number of the file shows that commas are
    decimal, and refused elsewhere.
    """
    numbers = [number for number, name in enumerate(header) if is_number_column(name)]
    held = [
        (row, header[n], cells[n])
        for row, cells in body
        for n in numbers
        if len(cells) == len(header) and "," in cells[n]
    ]
    shows = any(_DECIMAL_COMMA.fullmatch(c) and not _THOUSANDS.fullmatch(c) for _r, _n, c in held)
    if held and not shows:
        reason = _("Is “%s” a thousand or a fraction? Write it with a point, or without a comma.")
        doubtful = ((r, n, c) for r, n, c in held if _THOUSANDS.fullmatch(c))
        return body, [RowFault(row, name, reason % cell) for row, name, cell in doubtful]
    return [(row, list(_pointed(cells, numbers))) for row, cells in body], []


def _pointed(cells: list[str], numbers: Sequence[int]) -> Iterator[str]:
    for n, cell in enumerate(cells):
        yield cell.replace(",", ".") if n in numbers and _DECIMAL_COMMA.fullmatch(cell) else cell


def is_number_column(name: str) -> bool:
    """Its cells are parameters, or bounds of numeric answers."""
    return _NUMBERS.fullmatch(name) is not None
