"""All formats of item parameters that are read beside our own, and which one a file has."""

from pathlib import Path
from typing import NamedTuple

from common.files.csv_files import DataError, read_lines
from common.files.dialect import DETECTED, Dialect
from common.files.tables import read_rows
from common.item_files import bilog, flexmirt, mirt, plain, winsteps
from common.item_files.item_lines import Columns, ItemLine
from irt.models.parameters import Model

OWN = "irtcat"
_TABLES = (
    mirt.INTERCEPTS,
    mirt.IRT_PARAMETERS,
    plain.CATR,
    plain.PROMIS,
    plain.CONCERTO,
    plain.EDU_IRT,
    plain.DIFFICULTIES,
    plain.PLAIN,
)
_OWN_COLUMNS = {"item", "model", "a"}
_TEXTS = {"flexmirt": flexmirt, "winsteps": winsteps, "bilog": bilog}
# The columns a, b, c, d mean the same to catR.
_NAMESAKES = {"mirt": (mirt.INTERCEPTS, mirt.IRT_PARAMETERS), "catr": (plain.CATR, plain.PLAIN)}
FORMATS = (
    OWN,
    "mirt",
    "flexmirt",
    "winsteps",
    "bilog",
    "catr",
    "jscat",
    "promis",
    "concerto",
    "edu_irt",
)


class Foreign(NamedTuple):
    """The items of a file of another program, its format, and the D that slopes are for there."""

    items: list[ItemLine]
    file_format: str
    metric: float


def read_foreign(
    path: Path, wanted: str | None, model: Model | None, dialect: Dialect = DETECTED
) -> Foreign | None:
    """The items of a file of another program.

    None where the file is in our own format, or in none that can be told. `wanted` is the format,
    or None where the file is to show it; model is that of polytomous items which do not say it.
    Raises `DataError`.
    """
    if wanted == OWN:
        return None
    if wanted in _TEXTS:
        return Foreign(list(_TEXTS[wanted].read(path, read_lines(path, dialect))), wanted, 1.0)
    rows = read_rows(path, dialect)
    names = [name.strip() for name in next(rows, (0, []))[1]]
    if wanted is None and set(names) >= _OWN_COLUMNS:
        return None
    formats = _NAMESAKES.get(wanted or "", [one for one in _TABLES if wanted in (None, one.name)])
    table = Columns(path, names, list(rows), dialect)
    for one in formats:
        if names and one.recognizes(table):
            return Foreign(list(one.read(table, model)), one.name, one.metric)
    if wanted is None:
        return _of_text(path, dialect)
    raise DataError(f"{path} has not the columns that {wanted} writes; see --format")


def _of_text(path: Path, dialect: Dialect) -> Foreign | None:
    try:
        lines = read_lines(path, dialect)
    except DataError:  # no text: what is wrong with it is told by who reads it as our own
        return None
    for name, reader in _TEXTS.items():
        if reader.recognizes(lines):
            return Foreign(list(reader.read(path, lines)), name, 1.0)
    return None
