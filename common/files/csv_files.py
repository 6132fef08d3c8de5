"""Reading and writing the CSV files that people hand over: whole, or not at all."""

import codecs
import csv
import gzip
import io
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from common.files.dialect import (
    DETECTED,
    Dialect,
    detect_separator,
    is_korean,
    stated_separator,
)
from common.files.spreadsheet import escape_formula

# The longer marks first: that of UTF-32 begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class CsvError(ValueError):
    """Text that is not CSV. The message says where and why."""


class DataError(ValueError):
    """A file's content cannot be used. The message says what, where and how to mend it."""


def read_text_rows(path: Path, dialect: Dialect = DETECTED) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells as they stand) of each row, without blank lines.

    `.gz` is unpacked. What `dialect` leaves open is seen from the file: UTF-8, UTF-16 or UTF-32
    with its mark, or Korean (cp949); commas, semicolons, tabs, | or blanks. Raises `DataError` for
    a file that is missing, damaged, or in an encoding that cannot be told for sure.
    """
    try:
        with _opened(path, dialect) as (text, encoding):
            lines = _stated_lines(path, text, encoding) if encoding else _lines(path, text)
            yield from _rows(path, lines, dialect.separator)
    except (OSError, EOFError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise DataError(f"{path} cannot be read: {reason}") from error


def read_lines(path: Path, dialect: Dialect = DETECTED) -> list[str]:
    """The lines of a text without their ends, decoded as rows are. Raises `DataError`."""
    try:
        with _opened(path, dialect) as (text, encoding):
            lines = _stated_lines(path, text, encoding) if encoding else _lines(path, text)
            return [line.rstrip("\r\n") for line in lines]
    except (OSError, EOFError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise DataError(f"{path} cannot be read: {reason}") from error


def parse_rows(
    lines: Iterable[str], separator: str = ",", first_line: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells) of each row of a text, blank ones too.

    Raises `CsvError` naming the line.
    """
    reader = csv.reader(lines, strict=True, delimiter=separator, skipinitialspace=separator == " ")
    line = first_line
    try:
        for cells in reader:
            yield line, cells
            line = first_line + reader.line_num
    except csv.Error as error:
        raise CsvError(f"line {line}: {error}") from error


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


def open_binary(path: Path) -> io.BufferedReader | gzip.GzipFile:
    """The bytes of a file, unpacked where its name ends in .gz. Raises OSError."""
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _rows(
    path: Path, lines: Iterator[str], separator: str | None
) -> Iterator[tuple[int, list[str]]]:
    """Rows of empty cells are kept between others, where they may be somebody's, and not at the
    end, where a spreadsheet leaves them."""
    begun = list(islice(lines, 2))
    stated = stated_separator(begun[0]) if begun else None
    if stated:
        begun = [*begun[1:], *islice(lines, 1)]
    begun += islice(lines, max(0, 2 - len(begun)))
    mark = separator or stated or detect_separator(*begun[:2], *[""] * (2 - len(begun)))
    rows = parse_rows(chain(begun, lines), mark, 2 if stated else 1)
    empty: list[tuple[int, list[str]]] = []
    try:
        for line, cells in rows:
            if cells and (cells[0].strip() or any(map(str.strip, cells))):
                if empty:
                    yield from empty
                    empty.clear()
                yield line, cells
            elif len(cells) > 1:
                empty.append((line, cells))
    except CsvError as error:
        raise DataError(f"{path} {error}") from error


@contextmanager
def _opened(path: Path, dialect: Dialect) -> Iterator[tuple[TextIO, str | None]]:
    """The text, and its encoding where that is known before it is read."""
    with open_binary(path) as binary:
        encoding = dialect.encoding
        if encoding is None:
            start = binary.peek(4)
            encoding = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
        # Bytes that are not UTF-8 pass as surrogates, so that their line can be named.
        errors = "strict" if encoding else "surrogateescape"
        with io.TextIOWrapper(binary, encoding or "utf-8-sig", errors, newline="") as text:
            yield text, encoding


def _stated_lines(path: Path, text: TextIO, encoding: str) -> Iterator[str]:
    try:
        yield from text
    except UnicodeError as error:
        raise DataError(
            f"{path} is not {encoding.removesuffix('-sig')} text ({error}); name another --encoding"
        ) from error


def _lines(path: Path, text: TextIO) -> Iterator[str]:
    """UTF-8, or Korean where the first line that is not ASCII cannot be anything else."""
    encoding = None
    for number, line in enumerate(text, start=1):
        if "\0" in line:
            raise DataError(
                f"{path} line {number} holds a zero byte: it is no UTF-8 text; if it is UTF-16, "
                "say so by --encoding utf-16-le"
            )
        if not line.isascii():
            own = line.encode("utf-8", "surrogateescape")
            encoding = encoding or ("cp949" if _is_foreign(line) and is_korean(own) else "utf-8")
            line = _line(path, number, own, encoding)
        yield line


def _is_foreign(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return False


def _line(path: Path, number: int, line: bytes, encoding: str) -> str:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        raise DataError(
            f"{path} line {number} is not UTF-8 text: save the file as CSV (UTF-8), or name its "
            "encoding, such as --encoding cp949 (Korean) or --encoding latin-1 (western Europe)"
        ) from None


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
