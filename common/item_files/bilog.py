"""BILOG-MG's item parameter file (>SAVE PARM): four lines of heading, then columns of fixed width.

Name and subtest of 8 characters, then of 10 each intercept, slope, threshold, dispersion, lower
asymptote and drift, every one followed by its standard error (Zimowski et al. 2003). The slopes
are for the logistic metric D = 1.7 or 1 as the calibration was: `LOGistic` makes it 1.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from common.files.csv_files import DataError
from common.item_files.item_lines import ItemLine, dichotomous

_HEADING = 4
_NAME, _WIDTH, _FIRST = 8, 10, 16
_SLOPE, _THRESHOLD, _LOWER = 2, 4, 8


def recognizes(lines: Sequence[str]) -> bool:
    body = [line for line in lines[_HEADING:] if line.strip()]
    return bool(body) and all(_values(line) is not None for line in body)


def read(path: Path, lines: Sequence[str]) -> Iterator[ItemLine]:
    for number, line in enumerate(lines[_HEADING:], start=_HEADING + 1):
        if not line.strip():
            continue
        values = _values(line)
        if values is None:
            raise DataError(
                f"{path} line {number}: not as BILOG-MG writes its parameters, below four lines of "
                "heading in columns of fixed width"
            )
        name = line[:_NAME].strip()
        yield dichotomous(name, number, values[_SLOPE], values[_THRESHOLD], values[_LOWER])


def _values(line: str) -> list[float] | None:
    """Intercept, its error, slope, ... as far as the asymptote; None where they are not there."""
    cells = [line[_FIRST + _WIDTH * at :][:_WIDTH] for at in range(_LOWER + 1)]
    try:
        return [float(cell) for cell in cells] if line[:_NAME].strip() else None
    except ValueError:
        return None
