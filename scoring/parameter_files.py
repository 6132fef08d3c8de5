"""Item parameters as CSV: the PARAMS files of the commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from items.spreadsheet import unescape_formula
from scoring.csv_files import DataError, read_rows, write_rows
from scoring.irt.calibration.result import StandardErrors
from scoring.irt.parameters import ItemParameters, Model, ParameterError, validate

_NAMED = ("a", "b", "c", "d")


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """Items with parameters; `without` names the items whose row has no estimate."""

    items: list[str]
    parameters: ItemParameters
    without: list[str]


def write_parameters(
    file: TextIO, items: Sequence[str], parameters: ItemParameters, errors: StandardErrors
) -> None:
    """PARAMS.csv: item, model, a, b, c, d, b1, ..., then their standard errors as se_a, ...

    A cell is empty where the model has no such parameter or there is no estimate.
    """
    graded = parameters.model == Model.GRADED
    n_steps = parameters.difficulty.shape[1] if graded.any() else 0
    steps = [f"b{step}" for step in range(1, n_steps + 1)]
    names = [*_NAMED, *steps]
    write_rows(file, [["item", "model", *names, *(f"se_{name}" for name in names)]])
    write_rows(
        file,
        (
            [
                name,
                str(parameters.model[item]),
                *_estimates(parameters, item, n_steps),
                *_errors(parameters, errors, item, n_steps),
            ]
            for item, name in enumerate(items)
        ),
    )


def read_parameters(path: Path) -> ParameterTable:
    """Read PARAMS.csv; columns beyond item, model and the parameters are ignored.

    Raises `DataError` naming line and column.
    """
    rows = read_rows(path)
    _, header = next(rows, (0, []))
    if missing := [name for name in ("item", "model", "a") if name not in header]:
        raise DataError(f"{path} lacks the column {missing[0]}")
    items: list[str] = []
    lines: list[int] = []
    estimates = []
    without: list[str] = []
    for line, cells in rows:
        if len(cells) != len(header):
            raise DataError(
                f"{path} line {line}: {len(cells)} cells where the header has {len(header)}"
            )
        row = _Row(path, line, dict(zip(header, cells, strict=True)))
        name = unescape_formula(row.cells["item"])
        if not name or name in items or name in without:
            raise DataError(f"{path} line {line}: item {name!r} is empty or appears twice")
        if not row.cells["a"]:
            without.append(name)
            continue
        items.append(name)
        lines.append(line)
        estimates.append(row.estimate())
    if not items:
        raise DataError(f"{path} has no item with parameters")
    parameters = ItemParameters.from_rows(estimates)
    try:
        validate(parameters)
    except ParameterError as error:
        raise DataError(
            f"{path} line {lines[error.item]}, item {items[error.item]}: {error.reason}"
        ) from error
    return ParameterTable(items, parameters, without)


@dataclass(frozen=True)
class _Row:
    path: Path
    line: int
    cells: dict[str, str]

    def estimate(self) -> tuple[Model, float, list[float], float, float]:
        """The row as `ItemParameters.from_rows` takes it."""
        try:
            model = Model(self.cells["model"].lower())
        except ValueError:
            known = ", ".join(Model)
            raise DataError(
                f"{self.path} line {self.line}: unknown model {self.cells['model']!r}; "
                f"known are {known}"
            ) from None
        steps = list(self._steps()) if model == Model.GRADED else [self._number("b")]
        return model, self._number("a"), steps, self._number("c", 0.0), self._number("d", 1.0)

    def _steps(self) -> Iterator[float]:
        step = 1
        while self.cells.get(f"b{step}"):
            yield self._number(f"b{step}")
            step += 1
        if step == 1:
            raise DataError(f"{self.path} line {self.line}: a graded item needs b1, b2, ...")

    def _number(self, column: str, default: float | None = None) -> float:
        cell = self.cells.get(column, "")
        if not cell and default is not None:
            return default
        try:
            return float(cell)
        except ValueError:
            raise DataError(
                f"{self.path} line {self.line}, column {column}: {cell!r} is not a number"
            ) from None


def _estimates(parameters: ItemParameters, item: int, n_steps: int) -> list[float | None]:
    a, steps = parameters.discrimination[item], parameters.difficulty[item]
    c = parameters.lower_asymptote[item]
    return _cells(parameters.model[item], float(a), steps, float(c), n_steps)


def _errors(
    parameters: ItemParameters, errors: StandardErrors, item: int, n_steps: int
) -> list[float | None]:
    a, steps, c = errors.discrimination[item], errors.difficulty[item], errors.lower_asymptote[item]
    return _cells(parameters.model[item], float(a), steps, float(c), n_steps)


def _cells(model: str, a: float, steps: np.ndarray, c: float, n_steps: int) -> list[float | None]:
    """a, b, c, d, b1, ... of one item, None where the model has no such parameter."""
    if model == Model.GRADED:
        return [a, None, None, None, *steps.tolist()]
    lower = c if model == Model.THREE_PL else None
    return [a, float(steps[0]), lower, None, *[None] * n_steps]
