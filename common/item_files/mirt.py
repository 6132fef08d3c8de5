"""Tables of the R package mirt: `coef(fit, simplify = TRUE)$items`, with IRTpars or without.

Chalmers (2012). By default a curve is that of a theta + d: dichotomous g + (u - g) sigma(a1 theta +
d), graded P(X >= k) = sigma(a1 theta + d_k), partial credit exp(ak_k a1 theta + d_k). With IRTpars
the columns are a, b (or b1, b2, ...), g, u.
"""

from collections.abc import Iterator
from itertools import pairwise

from common.files.csv_files import DataError
from common.item_files.item_lines import (
    GRADED,
    PARTIAL_CREDIT,
    Cells,
    Columns,
    ItemLine,
    TableFormat,
    dichotomous,
    location,
    polytomous,
)
from irt.models.parameters import Model

_NAMES = ("", "item", "Item", "rowname", "X", "...1")


def _recognizes_intercepts(table: Columns) -> bool:
    return table.has("a1") and (table.has("d") or table.has("d1"))


def _recognizes_irt(table: Columns) -> bool:
    is_dichotomous = table.has("a", "b") and (table.has("g") or table.has("u"))
    return table.names[0] in _NAMES and (
        is_dichotomous or (table.has("a", "b1") and not table.has("model"))
    )


def _read_intercepts(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    for cells in table.cells():
        _refuse_second_factor(cells)
        name, slope = cells.name(_NAMES), cells.number("a1")
        where = f"{cells.path} line {cells.line}"
        if any(name.startswith("ak") and cells.has(name) for name in table.names):
            yield _partial_credit(table, cells, name, slope, where)
        elif cells.has("d1"):
            intercepts = cells.numbers(table.steps("d"))
            steps = [location(one, slope, where) for one in intercepts]
            yield polytomous(name, cells.line, model or GRADED, slope, steps)
        else:
            yield dichotomous(
                name,
                cells.line,
                slope,
                location(cells.number("d"), slope, where),
                cells.number("g", 0.0),
                cells.number("u", 1.0),
            )


def _partial_credit(table: Columns, cells: Cells, name: str, slope: float, where: str) -> ItemLine:
    """b_k = -(d_k - d_{k-1}) / a1 where the scores ak_k are 0, 1, 2, ..."""
    scores = [
        cells.number(f"ak{k}") for k in range(len(table.steps("ak")) + 1) if cells.has(f"ak{k}")
    ]
    if scores != list(range(len(scores))):
        raise DataError(f"{where}: a nominal item ({name}), whose categories have no order")
    intercepts = [0.0, *cells.numbers(table.steps("d"))]
    steps = [location(high - low, slope, where) for low, high in pairwise(intercepts)]
    return polytomous(name, cells.line, PARTIAL_CREDIT, slope, steps)


def _read_irt(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    for cells in table.cells():
        name, slope = cells.name(_NAMES), cells.number("a")
        if not cells.has("b1"):
            asymptotes = cells.number("g", 0.0), cells.number("u", 1.0)
            yield dichotomous(name, cells.line, slope, cells.number("b"), *asymptotes)
            continue
        steps = cells.numbers(table.steps("b"))
        kind = model or (None if _rise(steps, slope) else PARTIAL_CREDIT)
        if kind is None and len(steps) > 1:
            raise DataError(
                f"{cells.path} lacks the column model, and the steps of {name} (line {cells.line}) "
                "may be those of a graded or of a partial credit item; say which by --item-model "
                "grm or --item-model gpcm"
            )
        yield polytomous(name, cells.line, kind or GRADED, slope, steps)


def _rise(steps: list[float], slope: float) -> bool:
    return all((high - low) * slope > 0 for low, high in pairwise(steps))


def _refuse_second_factor(cells: Cells) -> None:
    if cells.has("a2") and cells.number("a2") != 0:
        raise DataError(
            f"{cells.path} line {cells.line}: the item has slopes on several dimensions; one is "
            "what can be read"
        )


INTERCEPTS = TableFormat("mirt", _recognizes_intercepts, _read_intercepts)
IRT_PARAMETERS = TableFormat("mirt-irt", _recognizes_irt, _read_irt)
