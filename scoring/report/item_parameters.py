"""The table of item parameters with their standard errors."""

import numpy as np
from django.utils.translation import gettext as _

from common.report.section import Column, Table
from common.report.words import two_decimals
from irt.arrays import FloatArray, IntArray
from irt.calibration.result import StandardErrors
from irt.models.parameters import (
    POLYTOMOUS,
    WITH_LOWER_ASYMPTOTE,
    WITH_UPPER_ASYMPTOTE,
    ItemParameters,
)
from scoring.report.data import ReportData
from scoring.report.statuses import status_words


def parameter_table(data: ReportData, shown: IntArray) -> Table:
    """Only the columns that some item has."""
    model, errors = data.parameters.model, data.known.errors
    columns = [Column("item", _("item")), Column("model", _("model"))]
    values: list[list[object]] = [list(data.items), model.tolist()]
    known = _by_name(model, errors) if errors else {}
    for name, estimates in _by_name(model, data.parameters).items():
        columns.append(Column(name, name, two_decimals))
        values.append(estimates.tolist())
        if name in known:
            columns.append(Column(f"se_{name}", _("SE of %(name)s") % {"name": name}, two_decimals))
            values.append(known[name].tolist())
    if any(data.known.status):
        columns.append(Column("status", _("status"), _words_of))
        values.append(list(data.known.status))
    return Table(
        name="item_parameters",
        caption=_("Parameters of the items, metric D = 1"),
        columns=columns,
        rows=list(zip(*values, strict=True)),
        shown=shown.tolist(),
    )


def _words_of(status: object) -> str:
    return status_words(status) if status else ""


def _by_name(model: np.ndarray, values: ItemParameters | StandardErrors) -> dict[str, FloatArray]:
    """(J,) of each parameter that some item has, NaN for items without it."""
    has_steps = np.isin(model, POLYTOMOUS)
    has_lower = np.isin(model, WITH_LOWER_ASYMPTOTE)
    has_upper = np.isin(model, WITH_UPPER_ASYMPTOTE)
    named = {
        "a": values.discrimination,
        "b": np.where(has_steps, np.nan, values.difficulty[:, 0]),
        "c": np.where(has_lower, values.lower_asymptote, np.nan),
        "d": np.where(has_upper, values.upper_asymptote, np.nan),
    }
    for step, difficulty in enumerate(values.difficulty.T, start=1):
        named[f"b{step}"] = np.where(has_steps, difficulty, np.nan)
    return {name: own for name, own in named.items() if np.isfinite(own).any()}
