"""What a calibration is told beside the responses: models, anchors and groups, from CSV files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError, read_records
from common.files.spreadsheet import unescape_formula
from irt.arrays import BoolArray, IntArray
from irt.models.parameters import FAMILIES, POLYTOMOUS, ItemParameters, Model, concatenate
from scoring.files.parameter_files import parse_model, read_parameters
from scoring.files.response_table import ResponseTable


@dataclass(frozen=True, eq=False)
class Groups:
    """names (G,) in the order of the file; member (N,) the group of each person."""

    names: list[str]
    member: IntArray


@dataclass(frozen=True)
class Stated:
    """A model that a file names for an item, and where."""

    model: Model
    where: str


def read_models(path: Path, table: ResponseTable) -> dict[str, Stated]:
    """The file of columns item and model. Raises `DataError`, also for items not in the table."""
    return {
        name: Stated(parse_model(text, where), where)
        for name, (text, where) in _read_pairs(
            path, "item", "model", table.items, table.path
        ).items()
    }


def one_group(table: ResponseTable) -> Groups:
    """All persons together."""
    return Groups(["group"], np.zeros(len(table.persons), dtype=np.int64))


def read_groups(path: Path, table: ResponseTable) -> Groups:
    """The file of columns person and group, which names each person of the table once.

    Raises `DataError`.
    """
    stated = _read_pairs(path, "person", "group", table.persons, table.path)
    for name, line in zip(table.persons, table.person_line.tolist(), strict=True):
        if name not in stated:
            raise DataError(f"{path} has no group for person {name} ({table.path} line {line})")
    numbers: dict[str, int] = {}
    for text, where in stated.values():
        if not text:
            raise DataError(f"{where}: the group has no name")
        numbers.setdefault(text, len(numbers))
    member = np.array([numbers[stated[name][0]] for name in table.persons], dtype=np.int64)
    return Groups(list(numbers), member)


@dataclass(frozen=True, eq=False)
class Anchors:
    """parameters of all J items, NaN where an item is not anchored.

    `stated` holds the model of each anchored item; `without` names the items whose row of the file
    has no parameters.
    """

    parameters: ItemParameters
    stated: dict[str, Stated]
    without: list[str]

    @property
    def marks(self) -> BoolArray:
        """(J,) the anchored items."""
        return np.isfinite(self.parameters.discrimination)


def read_anchors(path: Path, table: ResponseTable) -> Anchors:
    """PARAMS.csv with items of the table. Raises `DataError`."""
    known = read_parameters(path, allow_negative_slopes=False)
    place = {name: position for position, name in enumerate(table.items)}
    stated = {}
    for name, line, model in zip(known.items, known.lines, known.parameters.model, strict=True):
        if name not in place:
            raise DataError(f"{path} line {line}: item {name} is not in {table.path}")
        stated[name] = Stated(Model(model), f"{path} line {line}")
    index = [place[name] for name in known.items]
    return Anchors(_scatter(known.parameters, index, len(place)), stated, known.without)


def decide_models(
    default: Model, items: Sequence[str], stated: Mapping[str, Stated], anchors: Anchors | None
) -> list[Model]:
    """The model of each item: as anchored, else as stated for it, else the default.

    Raises `DataError` where an item is stated to have another model than it is anchored with.
    """
    anchored = anchors.stated if anchors else {}
    for name in stated.keys() & anchored.keys():
        if stated[name].model != anchored[name].model:
            raise DataError(
                f"{stated[name].where}: item {name} has model {stated[name].model}, but is "
                f"anchored as {anchored[name].model} ({anchored[name].where})"
            )
    chosen = {**stated, **anchored}
    return [chosen[name].model if name in chosen else default for name in items]


def count_categories(
    table: ResponseTable, models: Sequence[Model], anchors: Anchors | None
) -> IntArray:
    """(J,) categories: as anchored, two of a dichotomous item, else up to the highest score seen.

    Raises `DataError` for a score beyond them.
    """
    highest = np.ones(len(table.items), dtype=np.int64)
    np.maximum.at(highest, table.item, table.score)
    n_categories = np.where(np.isin(models, POLYTOMOUS), highest + 1, 2)
    if anchors:
        n_categories = np.where(anchors.marks, anchors.parameters.n_categories, n_categories)
    families = " or ".join(family.name for family in FAMILIES if family.is_polytomous)
    table.check_categories(
        n_categories, f"a score above 1 takes a {families} model (--model, --models)"
    )
    return n_categories


def _scatter(parameters: ItemParameters, index: Sequence[int], n_items: int) -> ItemParameters:
    """The items at places `index` among n_items, NaN elsewhere."""
    rows = np.full(n_items, parameters.n_items)
    rows[index] = np.arange(parameters.n_items)
    nothing = (Model(parameters.model[0]), np.nan, [np.nan], np.nan, np.nan)
    return concatenate([parameters, ItemParameters.from_rows([nothing])]).take(rows)


def _read_pairs(
    path: Path, key: str, value: str, known: Sequence[str], source: Path
) -> dict[str, tuple[str, str]]:
    """Value and place by key; each key is one of the known, and appears once."""
    names = set(known)
    pairs: dict[str, tuple[str, str]] = {}
    for line, cells in read_records(path, (key, value)):
        name, where = unescape_formula(cells[key]), f"{path} line {line}"
        if name not in names:
            raise DataError(f"{where}: {key} {name!r} is not in {source}")
        if name in pairs:
            raise DataError(f"{where}: {key} {name!r} appears twice")
        pairs[name] = cells[value], where
    return pairs
