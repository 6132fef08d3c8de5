"""Results as columns: printed, as a frame of pandas or polars, or as a plain dict."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # neither is required: without them these types are unknown, and nothing else
    import pandas  # type: ignore[import-not-found,unused-ignore]
    import polars  # type: ignore[import-not-found,unused-ignore]

Column = NDArray[Any]
Columns = dict[str, Column]

_GAP = "  "
_DIGITS = 3
_MISSING = "-"


class Table(ABC):
    """A result. `print` shows it; `to_frame` and `to_columns` hand it on.

    rows_shown is how many rows are printed of a long table.
    """

    rows_shown: ClassVar[int] = 30

    @abstractmethod
    def to_columns(self) -> Columns:
        """Column name -> array, all of one length."""

    @overload
    def to_frame(self, library: Literal["pandas"] = "pandas") -> "pandas.DataFrame": ...

    @overload
    def to_frame(self, library: Literal["polars"]) -> "polars.DataFrame": ...

    def to_frame(self, library: str = "pandas") -> Any:
        """The columns as a frame of pandas or polars, whichever is asked for.

        Raises ImportError where it is not installed, and ValueError for another library.
        """
        columns = self.to_columns()
        try:
            if library == "pandas":
                return _pandas_frame(columns)
            if library == "polars":
                return _polars_frame(columns)
        except ModuleNotFoundError as error:
            raise ImportError(
                f"{library} is not installed: install it, name the other of 'pandas' and "
                "'polars', or take to_columns(), which needs neither"
            ) from error
        raise ValueError(f"a frame is one of 'pandas' or 'polars', not {library!r}")

    def heading(self) -> list[str]:
        """Lines to print above the table."""
        return []

    def notes(self) -> Sequence[str]:
        """Sentences to print below it."""
        return ()

    def __str__(self) -> str:
        lines = self.heading()
        if lines:
            lines.append("")
        lines += table_lines(self.to_columns(), self.rows_shown)
        notes = [f"! {note}" for note in self.notes()]
        return "\n".join([*lines, "", *notes] if notes else lines)

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, eq=False, repr=False)
class PlainTable(Table):
    """Columns under a title, of a result that has no methods of its own."""

    columns: Columns
    title: str = ""

    def to_columns(self) -> Columns:
        return dict(self.columns)

    def heading(self) -> list[str]:
        return [self.title] if self.title else []


def texts(labels: Sequence[object]) -> Column:
    """Labels as a column of text."""
    return np.array([str(label) for label in labels], dtype=str)


def label_array(values: Iterable[Any]) -> Column:
    """Labels as they are: NumPy would turn 1 beside "a" into text."""
    if hasattr(values, "to_numpy") or isinstance(values, np.ndarray):
        return np.asarray(values)
    listed = list(values)
    kinds = {type(value) for value in listed}
    if len(kinds) == 1 and kinds <= {int, float, str}:
        return np.asarray(listed)
    return np.fromiter(listed, dtype=object, count=len(listed))


def table_lines(columns: Columns, most: int) -> list[str]:
    """Columns as aligned text, `most` rows of a long table; `x_se` is headed `se`."""
    n_rows = len(next(iter(columns.values()))) if columns else 0
    shown = min(n_rows, most)
    cells = []
    for name, values in columns.items():
        body = [_cell(name, value) for value in values[:shown].tolist()]
        header = "se" if name.endswith("_se") else name
        width = max(map(len, [header, *body]))
        is_text = values.dtype.kind in "UO"
        cells.append(
            [text.ljust(width) if is_text else text.rjust(width) for text in [header, *body]]
        )
    lines = [_GAP.join(row).rstrip() for row in zip(*cells, strict=True)]
    if n_rows > shown:
        lines.append(f"... {n_rows - shown} more rows: to_frame() or to_columns() has all")
    return lines


def number(value: float, digits: int = _DIGITS) -> str:
    """A number for people; what is not known is a dash."""
    return _MISSING if np.isnan(value) else f"{value:.{digits}f}"


def _cell(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 4 if name == "p" or name.endswith("_p") else _DIGITS)
    return str(value)


def _pandas_frame(columns: Columns) -> Any:
    import pandas as pd

    return pd.DataFrame(columns)


def _polars_frame(columns: Columns) -> Any:
    import polars as pl

    # An object array would become a column of Python objects, which polars cannot compute with.
    return pl.DataFrame(
        {
            name: values.tolist() if values.dtype.kind == "O" else values
            for name, values in columns.items()
        }
    )
