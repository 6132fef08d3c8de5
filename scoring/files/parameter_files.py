"""Item parameters as CSV: the PARAMS files of the commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TextIO

import numpy as np

from common.files.csv_files import DataError, write_table
from common.files.dialect import DETECTED, Dialect
from common.files.spreadsheet import unescape_formula
from common.files.tables import read_records
from common.item_files.formats import Foreign, read_foreign
from irt.calibration.result import ItemStatus, StandardErrors
from irt.models.parameters import (
    POLYTOMOUS,
    ItemParameters,
    Model,
    ParameterError,
    usual_model,
    validate,
)
from scoring.responses.table import ResponseTable

# What became of an item, where this is not as usual.
_TOLD = frozenset(ItemStatus) - {ItemStatus.ESTIMATED, ItemStatus.ANCHORED}
_NAMED = ("a", "b", "c", "d")

_Estimate = tuple[Model, float, list[float], float, float]
_ReadRow = tuple[int, str, _Estimate | None, _Estimate, str]

_NAN = float("nan")
_NO_ERRORS: _Estimate = (usual_model(), _NAN, [_NAN], _NAN, _NAN)


@dataclass(frozen=True)
class ParameterReading:
    """What people say of a file of parameters; None where the file shows it.

    file_format is one of `FORMATS`, model that of polytomous items which do not say theirs, metric
    the D that slopes are stated for.
    """

    file_format: str | None = None
    model: Model | None = None
    metric: float | None = None
    dialect: Dialect = DETECTED


OWN = ParameterReading()


@dataclass(frozen=True, eq=False)
class ParameterTable:
    """Items with parameters; `without` names the items whose row has no estimate.

    lines (J,) are the lines of the file where the items stand. errors is None where the file holds
    no standard error at all. status (J,) is what became of an item where this is not as usual.
    source says how a file of another program was understood.
    """

    items: list[str]
    parameters: ItemParameters
    without: list[str]
    lines: list[int]
    errors: StandardErrors | None
    status: list[str]
    source: str = ""

    def take(self, names: Sequence[str]) -> "ParameterTable":
        """The named items, in that order."""
        place = {name: position for position, name in enumerate(self.items)}
        index = [place[name] for name in names]
        errors = self.errors and StandardErrors(
            *(getattr(self.errors, field.name)[index] for field in fields(StandardErrors))
        )
        lines = [self.lines[at] for at in index]
        status = [self.status[at] for at in index]
        taken = self.parameters.take(index)
        return ParameterTable(list(names), taken, [], lines, errors, status, self.source)


def write_parameters(
    file: TextIO,
    items: Sequence[str],
    parameters: ItemParameters,
    errors: StandardErrors,
    status: Sequence[str] = (),
    metric: float = 1.0,
) -> None:
    """PARAMS.csv: item, model, a, b, c, d, b1, ..., then their standard errors as se_a, ...

    A cell is empty where the model has no such parameter or there is no estimate or error. There is
    a column `status` where some item has one (J,) that calls for a look. Slopes are stated for the
    D that `metric` is; one other than 1 stands in the column metric.
    """
    told = [text if text in _TOLD else "" for text in map(str, status)]
    has_steps = np.isin(parameters.model, POLYTOMOUS).any()
    n_steps = parameters.difficulty.shape[1] if has_steps else 0
    names = [*_NAMED, *(f"b{step}" for step in range(1, n_steps + 1))]
    stated = [metric] if metric != 1.0 else []
    written = replace(parameters, discrimination=parameters.discrimination / metric)
    own = replace(errors, discrimination=errors.discrimination / metric)
    write_table(
        file,
        [
            "item",
            "model",
            *names,
            *(f"se_{name}" for name in names),
            *["metric"] * len(stated),
            *["status"] * any(told),
        ],
        (
            [
                name,
                str(parameters.model[item]),
                *_cells(Model(parameters.model[item]), written, item, n_steps),
                *_cells(Model(parameters.model[item]), own, item, n_steps),
                *stated,
                *told[item : item + any(told)],
            ]
            for item, name in enumerate(items)
        ),
    )


def read_parameters(
    path: Path, wanted: ParameterReading = OWN, *, allow_negative_slopes: bool = True
) -> ParameterTable:
    """Read PARAMS.csv, or the parameters that another program wrote, onto the metric D = 1.

    Columns beyond item, model, the parameters, their errors and metric are ignored. A calibration
    may find negative slopes, and what looks at them takes them. Raises `DataError` naming line and
    column.
    """
    foreign = read_foreign(path, wanted.file_format, wanted.model, wanted.dialect)
    rows = _own_rows(path, wanted) if foreign is None else _foreign_rows(foreign, wanted)
    lines: dict[str, int] = {}
    status: dict[str, str] = {}
    estimates: dict[str, _Estimate] = {}
    errors: list[_Estimate] = []
    for line, name, estimate, error, told in rows:
        if not name or name in lines:
            raise DataError(f"{path} line {line}: item {name!r} is empty or appears twice")
        lines[name] = line
        status[name] = told
        if estimate:
            estimates[name] = estimate
            errors.append(error)
    if not estimates:
        raise DataError(f"{path} has no item with parameters")
    items = list(estimates)
    parameters = ItemParameters.from_rows(estimates.values())
    try:
        validate(parameters, allow_negative_slopes=allow_negative_slopes)
    except ParameterError as error:
        name = items[error.item]
        raise DataError(f"{path} line {lines[name]}, item {name}: {error.reason}") from error
    without = [name for name in lines if name not in estimates]
    return ParameterTable(
        items,
        parameters,
        without,
        [lines[name] for name in items],
        _standard_errors(errors),
        [status[name] for name in items],
        _source(path, foreign, wanted),
    )


def _source(path: Path, foreign: Foreign | None, wanted: ParameterReading) -> str:
    if foreign is None:
        return ""
    metric = foreign.metric if wanted.metric is None else wanted.metric
    return f"{path} is read as {foreign.file_format} writes it, with slopes for D = {metric:g}"


def match_items(
    table: ResponseTable, known: ParameterTable
) -> tuple[ResponseTable, ParameterTable]:
    """Both reduced to the items they share, in the order of the responses.

    Raises `DataError` where they share none, or a score is beyond its item's categories.
    """
    with_parameters = set(known.items)
    shared = [name for name in table.items if name in with_parameters]
    if not shared:
        raise DataError(f"{table.path} holds none of the items of the parameter file")
    answered, used = table.take_items(shared), known.take(shared)
    answered.check_categories(used.parameters.n_categories)
    return answered, used


def parse_model(text: str, where: str) -> Model:
    """The model of that name. Raises `DataError` that says `where` it stands."""
    try:
        return Model(text.lower())
    except ValueError:
        known = ", ".join(Model)
        raise DataError(f"{where}: unknown model {text!r}; known are {known}") from None


def _standard_errors(rows: Sequence[_Estimate]) -> StandardErrors | None:
    own = ItemParameters.from_rows(rows)
    errors = StandardErrors(
        own.discrimination, own.difficulty, own.lower_asymptote, own.upper_asymptote
    )
    known = [np.isfinite(getattr(errors, field.name)).any() for field in fields(errors)]
    return errors if any(known) else None


def _own_rows(path: Path, wanted: ParameterReading) -> Iterator[_ReadRow]:
    """Line, name, estimate (None without one), errors and status of each row of our own format."""
    for line, cells in read_records(path, ("item", "model", "a"), wanted.dialect):
        row = _Row(path, line, cells, wanted)
        estimate = row.estimate() if cells["a"] else None
        errors = row.errors(estimate) if estimate else _NO_ERRORS
        status = text if (text := cells.get("status", "")) in _TOLD else ""
        yield line, unescape_formula(cells["item"]), estimate, errors, status


def _foreign_rows(foreign: Foreign, wanted: ParameterReading) -> Iterator[_ReadRow]:
    metric = foreign.metric if wanted.metric is None else wanted.metric
    for item in foreign.items:
        name, slope = unescape_formula(item.name), metric * item.slope
        estimate = item.model, slope, list(item.steps), item.lower, item.upper
        yield item.line, name, estimate, _NO_ERRORS, ""


@dataclass(frozen=True)
class _Row:
    path: Path
    line: int
    cells: dict[str, str]
    wanted: ParameterReading

    def estimate(self) -> _Estimate:
        """The row as `ItemParameters.from_rows` takes it."""
        model = parse_model(self.cells["model"], f"{self.path} line {self.line}")
        steps = self._steps(model) if model.is_polytomous else [self._number("b")]
        upper = self._number("d", None if model.has_upper_asymptote else 1.0)
        slope = self._metric() * self._number("a")
        return model, slope, steps, self._number("c", 0.0), upper

    def errors(self, estimate: _Estimate) -> _Estimate:
        """The standard errors in the places of the parameters, NaN where the file has none."""
        model, _, steps, _, _ = estimate
        columns = [f"b{step + 1}" for step in range(len(steps))] if model.is_polytomous else ["b"]
        a, c, d, *b = (self._error(column) for column in ("a", "c", "d", *columns))
        return model, self._metric() * a, b, c, d

    def _metric(self) -> float:
        """D, as the file or else the option says. Raises `DataError` where they disagree."""
        told = 1.0 if self.wanted.metric is None else self.wanted.metric
        own = self._number("metric", told)
        if own != told and self.wanted.metric is not None:
            raise DataError(
                f"{self.path} line {self.line}: the column metric says that slopes are for D = "
                f"{own:g}, --metric says {told:g}"
            )
        return own

    def _error(self, column: str) -> float:
        error = self._number(f"se_{column}", float("nan"))
        if error < 0:
            raise DataError(
                f"{self.path} line {self.line}, column se_{column}: {error:g} is negative"
            )
        return error

    def _steps(self, model: Model) -> list[float]:
        columns = list(self._step_columns())
        given = [column for column in columns if self.cells[column]]
        if not given:
            raise DataError(f"{self.path} line {self.line}: a {model} item needs b1, b2, ...")
        return [self._number(column) for column in columns[: columns.index(given[-1]) + 1]]

    def _step_columns(self) -> Iterator[str]:
        step = 1
        while f"b{step}" in self.cells:
            yield f"b{step}"
            step += 1

    def _number(self, column: str, default: float | None = None) -> float:
        cell = self.cells.get(column, "")
        if not cell and default is not None:
            return default
        try:
            return self.wanted.dialect.number(cell)
        except ValueError:
            raise DataError(
                f"{self.path} line {self.line}, column {column}: {cell!r} is not a number"
            ) from None


def _cells(
    model: Model, values: ItemParameters | StandardErrors, item: int, n_steps: int
) -> list[float | None]:
    """a, b, c, d, b1, ... of one item, None where the model has no such parameter."""
    a, steps = float(values.discrimination[item]), values.difficulty[item].tolist()
    if model.is_polytomous:
        return [a, None, None, None, *steps]
    lower = float(values.lower_asymptote[item]) if model.has_lower_asymptote else None
    upper = float(values.upper_asymptote[item]) if model.has_upper_asymptote else None
    return [a, steps[0], lower, upper, *[None] * n_steps]
