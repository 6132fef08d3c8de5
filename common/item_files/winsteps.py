"""Winsteps' item file (IFILE=), of fixed width or with separators: Rasch difficulties.

Linacre (2024). ENTRY, MEASURE, STATUS, COUNT, SCORE, ... and NAME. Measures are taken for logits.
Rating scales have their thresholds in another file and cannot be read from this one.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from common.files.csv_files import DataError
from common.item_files.item_lines import ItemLine, rasch

# A deleted item, or one without a measure.
_LEAST_STATUS = -1


def recognizes(lines: Sequence[str]) -> bool:
    return any(_is_heading(line) for line in lines[:8])


def read(path: Path, lines: Sequence[str]) -> Iterator[ItemLine]:
    at = next((at for at, line in enumerate(lines) if _is_heading(line)), None)
    if at is None:
        raise DataError(f"{path} has no heading with ENTRY and MEASURE, as IFILE= of Winsteps has")
    names = [name.upper() for name in _cells(lines[at].lstrip(";"), lines[at])]
    for number, line in enumerate(lines[at + 1 :], start=at + 2):
        if not line.strip(" ;\r\n"):
            continue
        cells = _cells(line.replace(";", " ", 1), lines[at], len(names))
        if len(cells) != len(names):
            raise DataError(f"{path} line {number}: {len(cells)} cells under {len(names)} headings")
        item = _item(path, number, dict(zip(names, cells, strict=True)))
        if item:
            yield item


def _item(path: Path, number: int, cells: dict[str, str]) -> ItemLine | None:
    where = f"{path} line {number}"
    try:
        measure = float(cells["MEASURE"])
        status = float(cells.get("STATUS") or cells.get("STTS") or cells.get("ST") or 1)
        count, score = float(cells.get("COUNT", 0)), float(cells.get("SCORE", 0))
    except ValueError as error:
        raise DataError(f"{where}: MEASURE, STATUS, COUNT or SCORE is not a number") from error
    if status < _LEAST_STATUS:
        return None
    if score > count:
        raise DataError(
            f"{where}: the score is above the count, so that the item is a rating scale; this file "
            "does not hold its thresholds. Give the file with item,model,a,b1,b2,... instead"
        )
    return rasch(cells.get("NAME") or cells["ENTRY"], number, measure)


def _is_heading(line: str) -> bool:
    upper = line.upper()
    return "ENTRY" in upper and "MEASURE" in upper


def _cells(line: str, heading: str, width: int | None = None) -> list[str]:
    """Separated as the heading is; between blanks, the last cell (the name) may hold some."""
    for mark in ("\t", ","):
        if mark in heading:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]
    return line.split(None, width - 1) if width else line.split()
