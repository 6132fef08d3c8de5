"""The rows of SPSS, Stata and SAS files as text, by pyreadstat where it is installed."""

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import Any

from common.files.csv_files import DataError

Row = tuple[int, list[str]]

# By the end of the name: the program, and the function of pyreadstat.
FORMATS = {
    ".sav": ("SPSS", "read_sav"),
    ".zsav": ("SPSS", "read_sav"),
    ".por": ("SPSS", "read_por"),
    ".dta": ("Stata", "read_dta"),
    ".sas7bdat": ("SAS", "read_sas7bdat"),
    ".xpt": ("SAS", "read_xport"),
}


def read_statistics_file(path: Path, encoding: str | None = None) -> Iterator[Row]:
    """(row number, cells), the names of the variables first.

    Labelled values are their codes; values that the file declares missing are empty. Raises
    `DataError`, also where pyreadstat is not installed.
    """
    program, function = FORMATS[path.suffix.lower()]
    try:
        import pyreadstat
    except ImportError:
        raise DataError(
            f"{path} is a file of {program}, which needs a package that is not installed: "
            "`.venv/bin/python -m pip install pyreadstat` (or `uv pip install pyreadstat`) brings "
            "it. Else save the data as CSV there"
        ) from None
    try:
        columns, meta = getattr(pyreadstat, function)(path, output_format="dict", encoding=encoding)
    except Exception as error:  # pyreadstat has errors of its own, and those of the system
        raise DataError(f"{path} cannot be read as a file of {program}: {error}") from error
    names = list(meta.column_names)
    yield 1, names
    for number, values in enumerate(zip(*(columns[name] for name in names), strict=True), start=2):
        yield number, [_text(value) for value in values]


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
