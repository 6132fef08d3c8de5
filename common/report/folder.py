"""A report as a folder: the page, a CSV file for each table, and a list of them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from common.files.csv_files import DataError, write_table
from common.files.tables import read_records
from common.files.whole_folder import whole_folder
from common.report.section import Section, Table

PAGE = "report.html"
CONTENTS = "contents.csv"


def write_report(
    folder: Path, sections: Sequence[Section], page: str, *, inputs: Iterable[Path]
) -> list[str]:
    """Write the folder, and return the names of its files.

    It appears whole. Where it exists its files are replaced, and tables of an earlier report that
    this one does not have are taken away. Raises `DataError` where that would cost an input.
    """
    tables = [table for section in sections for table in section.files]
    names = [PAGE, CONTENTS, *(table.file_name for table in tables)]
    stale = _earlier_tables(folder) - set(names)
    taken = {(folder / name).resolve() for name in (*names, *stale)}
    for path in inputs:
        if path.resolve() in taken:
            raise DataError(
                f"{path} would be replaced by a file of the report; choose another --out"
            )
    with whole_folder(folder) as temporary:
        (temporary / PAGE).write_text(page, encoding="utf-8")
        for table in tables:
            _write_table(temporary / table.file_name, table)
        with (temporary / CONTENTS).open("w", encoding="utf-8", newline="") as file:
            write_table(file, ["file", "section", "rows", "content"], _contents(sections))
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    return names


def _write_table(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_table(file, table.header, table.rows)


def _contents(sections: Sequence[Section]) -> Iterator[list[object]]:
    for section in sections:
        for table in section.files:
            yield [table.file_name, section.name, len(table.rows), table.caption]


def _earlier_tables(folder: Path) -> set[str]:
    """The CSV files that the list of an earlier report in this folder names."""
    if not (folder / CONTENTS).is_file():
        return set()
    try:
        names = {cells["file"] for _, cells in read_records(folder / CONTENTS, ("file", "section"))}
    except DataError:
        return set()  # somebody else's file, which is replaced
    return {name for name in names if name.endswith(".csv") and Path(name).name == name}
