"""What a line of another program's file of item parameters says, on the scale of that file."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.files.csv_files import DataError
from common.files.dialect import Dialect
from irt.models.parameters import Model, Slope, usual_model

Row = tuple[int, list[str]]

# What other programs call graded and generalized partial credit, and the latter of slope 1.
GRADED = usual_model(n_steps=2)
PARTIAL_CREDIT, PARTIAL_CREDIT_OF_UNIT_SLOPE = (
    next(
        model
        for model in Model
        if model.is_polytomous and not model.steps_must_rise and model.slope is slope
    )
    for slope in (Slope.FREE, Slope.UNIT)
)

_ABSENT = {"", "NA", "NaN", "nan", "."}
_CERTAIN = (0.0, 1.0)


@dataclass(frozen=True)
class ItemLine:
    """An item with its parameters. steps are b, or b_1, ..., b_m; errors a, b..., c, d."""

    name: str
    line: int
    model: Model
    slope: float
    steps: Sequence[float]
    lower: float = 0.0
    upper: float = 1.0


@dataclass(frozen=True)
class Columns:
    """A table with a header: names, and the rows below it."""

    path: Path
    names: list[str]
    rows: Sequence[Row]
    dialect: Dialect

    def has(self, *names: str) -> bool:
        return all(name in self.names for name in names)

    def steps(self, prefix: str) -> list[str]:
        """The columns prefix1, prefix2, ... that there are."""
        found: list[str] = []
        while f"{prefix}{len(found) + 1}" in self.names:
            found.append(f"{prefix}{len(found) + 1}")
        return found

    def cells(self) -> Iterator["Cells"]:
        """The rows by column. Raises `DataError` for one of another length than the header."""
        for line, cells in self.rows:
            if len(cells) != len(self.names):
                raise DataError(
                    f"{self.path} line {line}: {len(cells)} cells where the header has "
                    f"{len(self.names)}"
                )
            named = dict(zip(self.names, map(str.strip, cells), strict=True))
            yield Cells(self.path, line, named, self.dialect)


@dataclass(frozen=True)
class Cells:
    """A row of a table."""

    path: Path
    line: int
    named: dict[str, str]
    dialect: Dialect

    def number(self, column: str, default: float | None = None) -> float:
        """Raises `DataError` for what is no number, and for nothing where there is no default."""
        cell = self.named.get(column, "")
        if cell in _ABSENT and default is not None:
            return default
        try:
            return self.dialect.number(cell)
        except ValueError:
            raise DataError(
                f"{self.path} line {self.line}, column {column}: {cell!r} is not a number"
            ) from None

    def has(self, column: str) -> bool:
        return self.named.get(column, "") not in _ABSENT

    def numbers(self, columns: Sequence[str]) -> list[float]:
        """Of the columns that hold something, which must be the first ones."""
        given = [column for column in columns if self.has(column)]
        return [self.number(column) for column in columns[: len(given)]]

    def name(self, columns: Sequence[str]) -> str:
        """In the first of the columns that there is. Raises `DataError` for an empty one."""
        column = next(column for column in columns if column in self.named)
        if not self.named[column]:
            raise DataError(f"{self.path} line {self.line}: the item has no name")
        return self.named[column]


@dataclass(frozen=True)
class TableFormat:
    """A format of tables with a header."""

    name: str
    recognizes: Callable[[Columns], bool]
    read: Callable[[Columns, Model | None], Iterator[ItemLine]]
    metric: float = 1.0


def dichotomous(
    name: str, line: int, slope: float, location: float, lower: float = 0.0, upper: float = 1.0
) -> ItemLine:
    """An item of the model that has no more asymptotes than it needs."""
    n_asymptotes = 2 if upper < 1 else int(lower > 0)
    model = usual_model(n_asymptotes=n_asymptotes)
    return ItemLine(name, line, model, slope, [location], lower, upper)


def rasch(name: str, line: int, location: float) -> ItemLine:
    return ItemLine(name, line, usual_model(slope=Slope.UNIT), 1.0, [location])


def polytomous(
    name: str, line: int, model: Model, slope: float, steps: Sequence[float]
) -> ItemLine:
    """An item with as many steps as are given; one of a single step is dichotomous."""
    if len(steps) == 1:
        return dichotomous(name, line, slope, steps[0])
    return ItemLine(name, line, model, slope, steps)


def location(intercept: float, slope: float, where: str) -> float:
    """b of a theta + d. Raises `DataError` for an item without a slope."""
    if slope == 0 or not math.isfinite(slope):
        raise DataError(f"{where}: the slope is {slope:g}, so that the item has no difficulty")
    return -intercept / slope
