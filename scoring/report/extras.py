"""What may be told beside responses and parameters: groups, times, another calibration, leaks."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError
from common.files.spreadsheet import unescape_formula
from common.files.tables import read_records
from irt.arrays import BoolArray
from irt.response_times.times import ResponseTimeError, ResponseTimes, response_times
from scoring.files.calibration_inputs import Groups
from scoring.files.parameter_files import ParameterTable, read_parameters
from scoring.report.data import ReportData


@dataclass(frozen=True, eq=False)
class Extras:
    """Each is None where it was not given; groups are those of the persons of the report.

    standing is the calibration to link to; compromised (J,) marks items that are known to be out.
    """

    groups: Groups | None = None
    standing: ParameterTable | None = None
    times: ResponseTimes | None = None
    compromised: BoolArray | None = None
    with_similarity: bool = False


def read_extras(
    data: ReportData,
    *,
    link_to: Path | None = None,
    times: Path | None = None,
    compromised: Path | None = None,
    with_similarity: bool = False,
) -> Extras:
    """Read the files that are given. Raises `DataError` naming file and line."""
    return Extras(
        groups=data.groups if data.has_groups else None,
        standing=_standing(link_to, data) if link_to else None,
        times=_times(times, data) if times else None,
        compromised=_compromised(compromised, data) if compromised else None,
        with_similarity=with_similarity,
    )


def _standing(path: Path, data: ReportData) -> ParameterTable:
    known = read_parameters(path)
    common = [name for name in data.items if name in set(known.items)]
    if len(common) < 2:
        raise DataError(
            f"{path} has {len(common)} of the items of the report; a link needs two or more"
        )
    return known.take(common)


def _times(path: Path, data: ReportData) -> ResponseTimes:
    """Times of persons or items that the report does not have are left out."""
    persons = {name: place for place, name in enumerate(data.persons)}
    items = {name: place for place, name in enumerate(data.items)}
    triples: dict[tuple[int, int], float] = {}
    for line, cells in read_records(path, ("person", "item", "seconds")):
        if not cells["seconds"]:
            continue
        seconds = _seconds(cells["seconds"], f"{path} line {line}, column seconds")
        person = persons.get(unescape_formula(cells["person"]))
        item = items.get(unescape_formula(cells["item"]))
        if person is None or item is None:
            continue
        if (person, item) in triples:
            raise DataError(
                f"{path} line {line}: person {data.persons[person]} has a second time for "
                f"{data.items[item]}"
            )
        triples[person, item] = seconds
    if not triples:
        raise DataError(f"{path} has no time of a person and an item of the report")
    pairs = np.array(list(triples))
    try:
        return response_times(
            pairs[:, 0],
            pairs[:, 1],
            np.array(list(triples.values())),
            n_persons=len(persons),
            n_items=len(items),
        )
    except ResponseTimeError as error:
        raise DataError(f"{path}: {error}") from error


def _seconds(text: str, where: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds > 0):
        raise DataError(f"{where}: {text[:40]!r} is not a time; times are seconds above 0")
    return seconds


def _compromised(path: Path, data: ReportData) -> BoolArray:
    place = {name: position for position, name in enumerate(data.items)}
    marks = np.zeros(len(data.items), dtype=np.bool_)
    for line, cells in read_records(path, ("item",)):
        name = unescape_formula(cells["item"])
        if name not in place:
            raise DataError(f"{path} line {line}: item {name!r} is not in the report")
        marks[place[name]] = True
    if not marks.any() or marks.all():
        raise DataError(
            f"{path} names {'all' if marks.any() else 'none'} of the items; persons are compared "
            "on compromised and on secure items, so that there must be some of both"
        )
    return marks
