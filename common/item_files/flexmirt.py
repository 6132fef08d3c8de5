"""flexMIRT's -prm.txt: tabs, no header, a line an item or a group (Cai 2017).

Columns: 1 for an item and 0 for a group, its name, the number of its group, how many dimensions,
the model (1 3PL, 2 graded, 3 nominal), how many categories, and the parameters of a theta + d: the
logit of the lower asymptote, d and a of the 3PL; d_1, ..., d_m and a of the graded model; contrasts
and parameters of the nominal one, which with trends of scores alone is partial credit.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from common.files.csv_files import DataError
from common.item_files.item_lines import (
    GRADED,
    PARTIAL_CREDIT,
    ItemLine,
    dichotomous,
    location,
    polytomous,
)

_LEAST_CELLS = 7


def recognizes(lines: Sequence[str]) -> bool:
    rows = [line.split() for line in lines if line.strip()]
    return bool(rows) and all(
        row[0] in ("0", "1") and len(row) >= _LEAST_CELLS and all(map(str.isdecimal, row[2:5]))
        for row in rows
    )


def read(path: Path, lines: Sequence[str]) -> Iterator[ItemLine]:
    """The items of the first group; those of others must be the same ones."""
    for number, line in enumerate(lines, start=1):
        cells = line.split()
        where = f"{path} line {number}"
        if not cells or cells[0] != "1":
            continue
        if len(cells) < _LEAST_CELLS + 1:
            raise DataError(f"{where}: {len(cells)} cells are too few for an item of flexMIRT")
        if cells[2] != "1":
            raise DataError(f"{where}: items of a second group; keep the lines of one group")
        if cells[3] != "1":
            raise DataError(f"{where}: the item has {cells[3]} dimensions; one can be read")
        yield _item(cells, number, where)


def _item(cells: Sequence[str], number: int, where: str) -> ItemLine:
    name, kind = cells[1], cells[4]
    try:
        n_categories, values = int(cells[5]), [float(cell) for cell in cells[6:]]
        if kind == "1":
            logit, intercept, slope = values[:3]
            lower = 1 / (1 + math.exp(-logit))
            return dichotomous(name, number, slope, location(intercept, slope, where), lower)
        if kind == "2":
            slope = values[n_categories - 1]
            steps = [location(one, slope, where) for one in values[: n_categories - 1]]
            return polytomous(name, number, GRADED, slope, steps)
        if kind == "3":
            return _partial_credit(name, number, values, n_categories, where)
    except (ValueError, IndexError, OverflowError) as error:
        raise DataError(f"{where}: {name} has other cells than flexMIRT writes") from error
    raise DataError(f"{where}: {name} has model {kind}, which cannot be read (1, 2 and 3 can)")


def _partial_credit(
    name: str, number: int, values: Sequence[float], n_categories: int, where: str
) -> ItemLine:
    """Trend contrasts: scores 0, 1, 2, ..., intercepts by the Fourier basis of Thissen et al. 2010.

    gamma_1 weighs k, gamma_m for m > 1 sin(pi (m - 1) k / (K - 1)).
    """
    m = n_categories - 1
    scores, slope, gammas = values[1 : 1 + m], values[1 + m], values[3 + m : 3 + 2 * m]
    is_trend = values[0] == 0 and values[2 + m] == 0
    if not is_trend or scores[0] != 1 or any(scores[1:]) or len(gammas) != m:
        raise DataError(f"{where}: {name} is a nominal item; graded and partial credit can be read")
    intercepts = [
        gammas[0] * k
        + sum(g * math.sin(math.pi * at * k / m) for at, g in enumerate(gammas[1:], start=1))
        for k in range(n_categories)
    ]
    steps = [location(high - low, slope, where) for low, high in pairwise(intercepts)]
    return polytomous(name, number, PARTIAL_CREDIT, slope, steps)
