"""Tables of one row an item whose columns are the parameters themselves.

jsCAT and catR: a, b, c, d. catR: alphaj, betaj1, ... (graded), deltaj1, ... (partial credit;
Magis & Raiche 2012). ltm: Dscrmn, Dffclt, Gussng, Extrmt1, ... PROMIS and Firestar: a, CB1, ...,
NCAT. Concerto: p1, ..., p4. edu_irt: Discrimination, Difficulty, Guessing, for D = 1.7.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from common.files.csv_files import DataError
from common.item_files.item_lines import (
    GRADED,
    PARTIAL_CREDIT,
    PARTIAL_CREDIT_OF_UNIT_SLOPE,
    Cells,
    Columns,
    ItemLine,
    TableFormat,
    dichotomous,
    polytomous,
    rasch,
)
from irt.models.parameters import NORMAL_OGIVE_SCALE, Model

_NAMES = ("item", "itemID", "item_id", "itemid", "Item", "ID", "id", "name", "uid", "code", "")

_EVEN = 0.5

# slope, difficulty, lower and upper asymptote of dichotomous items.
_SPELLINGS = (
    ("a", "b", "c", "d"),
    ("discrimination", "difficulty", "guessing", "slipping"),
    ("Dscrmn", "Dffclt", "Gussng", "Upper"),
    ("a", "b", "g", "u"),
    ("alpha", "beta", "gamma", "delta"),
    ("변별도", "난이도", "추측도", "상한"),
)


def _spelling(table: Columns) -> Sequence[str] | None:
    return next((names for names in _SPELLINGS if table.has(*names[:2])), None)


def _recognizes_dichotomous(table: Columns) -> bool:
    return _spelling(table) is not None and not table.has("b1") and _has_names(table)


def _read_dichotomous(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    spelling = _spelling(table)
    assert spelling is not None
    a, b, c, d = spelling
    for cells in table.cells():
        asymptotes = cells.number(c, 0.0), cells.number(d, 1.0)
        name = _name(table, cells)
        yield dichotomous(name, cells.line, cells.number(a, 1.0), cells.number(b), *asymptotes)


def _recognizes_catr(table: Columns) -> bool:
    return table.has("betaj1") or table.has("deltaj1") or table.has("Extrmt1")


def _read_catr(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    is_graded = not table.has("deltaj1")
    prefix = next(one for one in ("betaj", "deltaj", "Extrmt") if table.has(f"{one}1"))
    kind = GRADED if is_graded else PARTIAL_CREDIT
    slope = "Dscrmn" if prefix == "Extrmt" else "alphaj"
    if not is_graded and not table.has(slope):
        kind = PARTIAL_CREDIT_OF_UNIT_SLOPE
    for cells in table.cells():
        steps = cells.numbers(table.steps(prefix))
        name, a = _name(table, cells), cells.number(slope, 1.0)
        yield polytomous(name, cells.line, model or kind, a, steps)


def _recognizes_promis(table: Columns) -> bool:
    return table.has("a", "CB1")


def _read_promis(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    for cells in table.cells():
        steps, name = cells.numbers(table.steps("CB")), _name(table, cells)
        if cells.has("NCAT") and cells.number("NCAT") != len(steps) + 1:
            raise DataError(
                f"{cells.path} line {cells.line}, item {name}: NCAT is {cells.named['NCAT']}, but "
                f"there are {len(steps)} thresholds"
            )
        yield polytomous(name, cells.line, model or GRADED, cells.number("a"), steps)


def _recognizes_concerto(table: Columns) -> bool:
    return table.has("p1", "p2")


def _read_concerto(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    places = table.steps("p")
    rows = list(table.cells())
    are_dichotomous = model is None and all(map(_fits_asymptotes, rows))
    for cells in rows:
        name, (slope, *others) = _name(table, cells), cells.numbers(places)
        rises = all(low < high for low, high in pairwise(others))
        if are_dichotomous and cells.has("p3") and not cells.has("p4") and rises:
            raise DataError(
                f"{cells.path} line {cells.line}: p3 of {name} may be an asymptote or a second "
                "threshold; write p4 = 1 where it is an asymptote, or say --item-model grm"
            )
        if are_dichotomous:
            asymptotes = cells.number("p3", 0.0), cells.number("p4", 1.0)
            yield dichotomous(name, cells.line, slope, others[0], *asymptotes)
        else:
            kind = model or (GRADED if rises else PARTIAL_CREDIT)
            yield polytomous(name, cells.line, kind, slope, others)


def _fits_asymptotes(cells: Cells) -> bool:
    """p3 and p4 may be asymptotes: nobody guesses or slips more often than not."""
    lower, upper = cells.number("p3", 0.0), cells.number("p4", 1.0)
    return 0 <= lower < _EVEN < upper <= 1 and not cells.has("p5")


def _recognizes_edu_irt(table: Columns) -> bool:
    return table.has("Discrimination") and (table.has("Difficulty") or table.has("Difficulty1"))


def _read_edu_irt(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    for at, cells in enumerate(table.cells(), start=1):
        name = _name(table, cells) if _has_names(table) else f"Q{at}"
        slope = cells.number("Discrimination")
        if cells.has("Difficulty1"):
            steps = cells.numbers(table.steps("Difficulty"))
            yield polytomous(name, cells.line, model or GRADED, slope, steps)
            continue
        asymptotes = cells.number("Guessing", 0.0), cells.number("Upper", 1.0)
        yield dichotomous(name, cells.line, slope, cells.number("Difficulty"), *asymptotes)


def _recognizes_difficulties(table: Columns) -> bool:
    return table.names in (["item", "b"], ["item", "difficulty"], ["", "b"])


def _read_difficulties(table: Columns, model: Model | None) -> Iterator[ItemLine]:
    for cells in table.cells():
        yield rasch(_name(table, cells), cells.line, cells.number(table.names[1]))


def _has_names(table: Columns) -> bool:
    return any(name in table.names for name in _NAMES)


def _name(table: Columns, cells: Cells) -> str:
    if not _has_names(table):
        raise DataError(f"{table.path} names no items: it needs a column item")
    return cells.name(_NAMES)


PLAIN = TableFormat("jscat", _recognizes_dichotomous, _read_dichotomous)
CATR = TableFormat("catr", _recognizes_catr, _read_catr)
PROMIS = TableFormat("promis", _recognizes_promis, _read_promis)
CONCERTO = TableFormat("concerto", _recognizes_concerto, _read_concerto)
EDU_IRT = TableFormat("edu_irt", _recognizes_edu_irt, _read_edu_irt, NORMAL_OGIVE_SCALE)
DIFFICULTIES = TableFormat("difficulties", _recognizes_difficulties, _read_difficulties)
