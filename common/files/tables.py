"""The rows of a table in whatever kind of file people have: text, a workbook, SPSS, Stata, SAS."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from common.files.csv_files import DataError, open_binary, read_text_rows
from common.files.dialect import DETECTED, Dialect
from common.files.statistics_files import FORMATS, read_statistics_file
from common.files.workbooks import is_workbook, read_sheet

Row = tuple[int, list[str]]

# How files begin that are often taken for a table, with what to do about it.
_OTHER_FORMATS = {
    b"\x1f\x8b": "is compressed: give it a name that ends in .gz",
    b"PK": "is an archive and no workbook: save the sheet as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is a workbook of the old kind: save it as .xlsx or CSV (UTF-8)",
    b"%PDF": "is a PDF: save the data as CSV (UTF-8)",
    b"RDX3": "is a file of R: write the data by write.csv(..., row.names = FALSE)",
    b"<?xml": "is XML: save the data as CSV (UTF-8)",
    b"{": "is JSON: save the data as CSV (UTF-8)",
}
_LONGEST_MARK = max(map(len, _OTHER_FORMATS))


def read_rows(path: Path, dialect: Dialect = DETECTED) -> Iterator[Row]:
    """(line or row number, cells as they stand) of each row that is not blank, the header first.

    Trailing columns without name and content are left out. Raises `DataError` for a file that
    cannot be read, with what mends it.
    """
    rows = _rows_of_kind(path, dialect)
    line, header = next(rows, (0, []))
    if not header:
        return
    width = len(header)
    while width > 1 and not header[width - 1].strip():
        width -= 1
    if width == len(header):
        yield line, header
        for row in rows:  # of which there may be millions
            yield row if len(row[1]) == width else _as_wide(row, width)
        return
    yield line, header[:width]
    for at, cells in rows:
        if any(map(str.strip, cells[width : len(header)])):
            column = next(at for at in range(width, len(cells)) if cells[at].strip())
            raise DataError(f"{path}: column {column + 1} has no name")
        yield _as_wide((at, cells), width)


def read_records(
    path: Path, required: Sequence[str], dialect: Dialect = DETECTED
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column) of each row; cells lose surrounding blanks.

    Raises `DataError` also for a file without a required column, or rows of unequal length.
    """
    rows = read_rows(path, dialect)
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    for name in required:
        if name not in names:
            variants = [own for own in names if own.casefold() == name]
            advice = f"; {variants[0]} must be written {name}" if variants else ""
            raise DataError(f"{path} lacks the column {name}{advice}")
    for name in filter(None, names):
        if names.count(name) > 1:
            raise DataError(f"{path}: the column {name!r} appears twice")
    for line, cells in rows:
        refuse_ragged(path, line, cells, len(names))
        yield line, dict(zip(names, map(str.strip, cells), strict=True))


def refuse_ragged(path: Path, line: int, cells: Sequence[str], width: int) -> None:
    """Raise `DataError` where a row has not as many cells as the header."""
    if len(cells) != width:
        advice = "; take out lines above the header, if there are any" if width == 1 else ""
        raise DataError(
            f"{path} line {line}: {len(cells)} cells where the header has {width}{advice}"
        )


def _rows_of_kind(path: Path, dialect: Dialect) -> Iterator[Row]:
    if path.suffix.lower() in FORMATS and path.is_file():
        return read_statistics_file(path, dialect.encoding)
    start = _start(path)
    if start.startswith(b"PK") and is_workbook(path):
        return read_sheet(path, dialect.sheet)
    for mark, what in _OTHER_FORMATS.items():
        if start.startswith(mark):
            raise DataError(f"{path} {what}")
    return read_text_rows(path, dialect)


def _start(path: Path) -> bytes:
    """Nothing where the file cannot be read, which is told when its rows are."""
    try:
        with open_binary(path) as binary:
            return binary.read(_LONGEST_MARK)
    except (OSError, EOFError):
        return b""


def _as_wide(row: Row, width: int) -> Row:
    """Without cells beyond the header where they are empty."""
    line, cells = row
    if len(cells) > width and not any(map(str.strip, cells[width:])):
        return line, cells[:width]
    return row
