"""Discriminations for another D than 1, and items that other programs calibrated."""

import io
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from common.files.csv_files import DataError, write_table
from common.item_files.formats import read_foreign
from irt.models.parameters import Model
from items.exchange.rows import Table
from items.item_parameters import Parameters


def to_logistic_metric(table: Table, metric: float | None) -> Table:
    """The table on D = 1, where its discriminations are for the D that `metric` is.

    Raises InvalidInput `metric_stated` for a file that says its metric itself.
    """
    if metric is None:
        return table
    if table.conversion:
        raise InvalidInput(
            "metric_stated",
            _("The file says itself which D its discriminations are for: leave the metric out."),
        )
    return replace(
        table,
        rows=[replace(row, parameters=_times(row.parameters, metric)) for row in table.rows],
        conversion={"metric": f"D = {metric:g} to D = 1", "discrimination_times": metric},
    )


def own_csv(path: Path, file_format: str, model: Model | None, metric: float | None) -> bytes:
    """The items of another program's file in the columns of an import, on D = 1.

    Raises InvalidInput `unreadable_file`.
    """
    try:
        foreign = read_foreign(path, file_format, model)
    except DataError as error:
        raise InvalidInput("unreadable_file", str(error)) from error
    items = foreign.items if foreign else []
    scale = metric or (foreign.metric if foreign else 1.0)
    n_steps = max((len(item.steps) for item in items), default=1)
    steps = [f"b{step}" for step in range(1, n_steps + 1)]
    rows = (
        [item.name, str(item.model), scale * item.slope, item.lower, item.upper, *item.steps]
        + [None] * (n_steps - len(item.steps))
        for item in items
    )
    file = io.StringIO()
    write_table(file, ["code", "model", "a", "c", "d", *steps], rows)
    return file.getvalue().encode()


def _times(parameters: Parameters | None, metric: float) -> Parameters | None:
    if parameters is None:
        return None
    error = parameters.discrimination_se
    return replace(
        parameters,
        discrimination=metric * parameters.discrimination,
        discrimination_se=None if error is None else metric * error,
    )
