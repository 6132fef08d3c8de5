"""The rows of a sheet of a workbook (.xlsx) as text."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from common.files.csv_files import DataError

Row = tuple[int, list[str]]


def is_workbook(path: Path) -> bool:
    """Whether an archive holds a workbook; other archives begin with the same two letters."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def read_sheet(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """(row number, cells) of each row that is not blank, of the first sheet or the one named.

    A formula counts as its stored value. Raises `DataError`.
    """
    from openpyxl import load_workbook  # takes long to import, and few files are workbooks

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # whatever a damaged archive makes openpyxl raise
        raise DataError(f"{path} is a damaged workbook: save the sheet as CSV (UTF-8)") from error
    try:
        yield from _rows(path, book, sheet)
    finally:
        book.close()


def _rows(path: Path, book: Any, sheet: str | None) -> Iterator[Row]:
    names = [one.title for one in book.worksheets]
    if sheet is not None and sheet not in names:
        raise DataError(f"{path} has no sheet {sheet!r}; it has {', '.join(names)}")
    if not names:
        raise DataError(f"{path} has no sheet with cells")
    width = 0
    rows = book[sheet or names[0]].iter_rows(values_only=True)
    for number, values in enumerate(rows, start=1):
        cells = [_text(value) for value in values]
        if any(cells):
            width = width or len(cells)
            yield number, cells + [""] * (width - len(cells))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)
