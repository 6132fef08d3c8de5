"""Reading and writing the CSV files that people hand over: whole, or not at all."""

import csv
import gzip
import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

from common.files.spreadsheet import escape_formula

# How files begin that are often taken for CSV, with what to do about it.
_OTHER_FORMATS = {
    b"\x1f\x8b": "is compressed: give it a name that ends in .gz",
    b"PK": "is a workbook or an archive: save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is a workbook: save the sheet as CSV (UTF-8)",
    b"\xff\xfe": "is UTF-16 text: save it as CSV (UTF-8)",
    b"\xfe\xff": "is UTF-16 text: save it as CSV (UTF-8)",
}
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs"}


class CsvError(ValueError):
    """Text that is not CSV. The message says where and why."""


class DataError(ValueError):
    """A file's content cannot be used. The message says what, where and how to mend it."""


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells as they stand) of each row that is not blank.

    `.gz` is unpacked. Raises `DataError` for a file that is missing, damaged, not UTF-8, or whose
    columns are not separated by commas.
    """
    try:
        with _open_binary(path) as binary:
            _refuse_other_formats(path, binary)
            # Bytes that are not UTF-8 pass as surrogates, so that _lines can name their line.
            text = io.TextIOWrapper(binary, "utf-8-sig", "surrogateescape", newline="")
            yield from _rows(path, text)
    except (OSError, EOFError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise DataError(f"{path} cannot be read: {reason}") from error


def parse_rows(lines: Iterable[str], separator: str = ",") -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row of a text, blank ones too.

    Raises `CsvError` naming the line.
    """
    reader = csv.reader(lines, strict=True, delimiter=separator)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise CsvError(f"line {line}: {error}") from error


def read_records(path: Path, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column) of each row; cells lose surrounding blanks.

    Raises `DataError` also for a file without a required column, or rows of unequal length.
    """
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    for name in required:
        if name not in names:
            raise DataError(f"{path} lacks the column {name}")
    for name in filter(None, names):
        if names.count(name) > 1:
            raise DataError(f"{path}: the column {name!r} appears twice")
    for line, cells in rows:
        refuse_ragged(path, line, cells, len(names))
        yield line, dict(zip(names, map(str.strip, cells), strict=True))


def refuse_ragged(path: Path, line: int, cells: Sequence[str], width: int) -> None:
    """Raise `DataError` where a row has not as many cells as the header."""
    if len(cells) != width:
        raise DataError(f"{path} line {line}: {len(cells)} cells where the header has {width}")


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Write a text file that appears under its name only when it is complete.

    Several may be open together: none appears when writing any of them fails. A link is followed.
    """
    path = path.resolve()
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_table(file: TextIO, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a header and rows as `write_rows` does."""
    write_rows(file, chain([header], rows))


def write_rows(file: TextIO, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as CSV; None and NaN become empty cells."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)


def _open_binary(path: Path) -> io.BufferedReader | gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _refuse_other_formats(path: Path, binary: io.BufferedReader | gzip.GzipFile) -> None:
    start = binary.peek(4)
    for mark, what in _OTHER_FORMATS.items():
        if start.startswith(mark):
            raise DataError(f"{path} {what}")


def _rows(path: Path, text: TextIO) -> Iterator[tuple[int, list[str]]]:
    is_header = True
    try:
        for line, cells in parse_rows(_lines(path, text)):
            if len(cells) > 1 or (cells and cells[0].strip()):
                if is_header:
                    _refuse_other_separators(path, cells)
                    is_header = False
                yield line, cells
    except CsvError as error:
        raise DataError(f"{path} {error}") from error


def _lines(path: Path, text: TextIO) -> Iterator[str]:
    for number, line in enumerate(text, start=1):
        if "\0" in line:
            raise DataError(f"{path} line {number} holds a zero byte: it is no UTF-8 text")
        if not line.isascii():
            _refuse_undecoded(path, number, line)
        yield line


def _refuse_undecoded(path: Path, number: int, line: str) -> None:
    try:
        line.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"{path} line {number} is not UTF-8 text: save the file as CSV (UTF-8)"
        ) from None


def _refuse_other_separators(path: Path, header: list[str]) -> None:
    for mark, name in _OTHER_SEPARATORS.items():
        if len(header) == 1 and mark in header[0].strip():
            raise DataError(
                f"{path} looks separated by {name}: save it as CSV with commas between the cells"
            )


def _cell(value: object) -> object:
    if value is None or value != value:  # NaN alone differs from itself
        return ""
    if not isinstance(value, str) or _is_number(value):
        return value
    return escape_formula(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
