"""Reading and writing the CSV files that people hand over: whole, or not at all."""

import csv
import gzip
import io
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from items.spreadsheet import escape_formula


class DataError(ValueError):
    """A file's content cannot be used. The message says what, where and how to mend it."""


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not blank; `.gz` is unpacked.

    Cells lose surrounding blanks. Raises `DataError` for a file that is missing, damaged or not
    UTF-8.
    """
    try:
        with _open_text(path) as file:
            reader = csv.reader(file)
            for cells in reader:
                if cells:
                    yield reader.line_num, [cell.strip() for cell in cells]
    except (OSError, EOFError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error.reason}") from error


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Write a text file that appears under its name only when it is complete.

    Several may be open together: none appears when writing any of them fails.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_rows(file: TextIO, rows: Iterable[Iterable[object]]) -> None:
    """Write rows as CSV; None and NaN become empty cells."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerows([_cell(value) for value in row] for row in rows)


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


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
