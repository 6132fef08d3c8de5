"""What a calibration is told beside the responses: models, anchors and groups, from CSV files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError
from common.files.dialect import DETECTED, Dialect
from common.files.spreadsheet import unescape_formula
from common.files.tables import read_rows, refuse_ragged
from irt.arrays import BoolArray, IntArray
from irt.models.parameters import FAMILIES, POLYTOMOUS, ItemParameters, Model, concatenate
from scoring.files.parameter_files import OWN, ParameterReading, parse_model, read_parameters
from scoring.responses.column_names import group_column, item_column, listed, person_column
from scoring.responses.table import ResponseTable


@dataclass(frozen=True, eq=False)
class Groups:
    """names (G,) in the order of the file; member (N,) the group of each person.

    notes are sentences on persons of the file who are not among the N.
    """

    names: list[str]
    member: IntArray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stated:
    """A model that a file names for an item, and where."""

    model: Model
    where: str


def read_models(path: Path, table: ResponseTable, dialect: Dialect = DETECTED) -> dict[str, Stated]:
    """The file of columns item and model. Raises `DataError`, also for items not in the table."""
    pairs = _read_pairs(path, "item", "model", dialect)
    known = set(table.items)
    for name, (_, where) in pairs.items():
        if name not in known:
            raise DataError(f"{where}: item {name!r} is not in {table.path}")
    return {name: Stated(parse_model(text, where), where) for name, (text, where) in pairs.items()}


def one_group(table: ResponseTable) -> Groups:
    """All persons together."""
    return Groups(["group"], np.zeros(len(table.persons), dtype=np.int64))


def read_groups(path: Path, table: ResponseTable, dialect: Dialect = DETECTED) -> Groups:
    """The file of columns person and group, which names each person of the table once.

    It may name others, too: groups of which nobody is in the table are none. Raises `DataError`.
    """
    stated = _read_pairs(path, "person", "group", dialect)
    for name, line in zip(table.persons, table.person_line.tolist(), strict=True):
        if name not in stated:
            raise DataError(f"{path} has no group for person {name} ({table.path} line {line})")
    for text, where in stated.values():
        if not text:
            raise DataError(f"{where}: the group has no name")
    present = {stated[name][0] for name in table.persons}
    named = dict.fromkeys(text for text, _ in stated.values())
    numbers = {name: at for at, name in enumerate(name for name in named if name in present)}
    member = np.array([numbers[stated[name][0]] for name in table.persons], dtype=np.int64)
    absent = sorted(stated.keys() - set(table.persons))
    return Groups(list(numbers), member, _told_of_absent(path, "persons", absent, table))


@dataclass(frozen=True, eq=False)
class Anchors:
    """parameters of all J items, NaN where an item is not anchored.

    `stated` holds the model of each anchored item; `without` names the items whose row of the file
    has no parameters; notes are sentences on items of the file that are not among the J.
    """

    parameters: ItemParameters
    stated: dict[str, Stated]
    without: list[str]
    notes: tuple[str, ...] = ()

    @property
    def marks(self) -> BoolArray:
        """(J,) the anchored items."""
        return np.isfinite(self.parameters.discrimination)


def read_anchors(path: Path, table: ResponseTable, wanted: ParameterReading = OWN) -> Anchors:
    """Parameters of items of the table, and of others, which are not looked at.

    Raises `DataError`, also where the file has none of the items.
    """
    known = read_parameters(path, wanted, allow_negative_slopes=False)
    place = {name: position for position, name in enumerate(table.items)}
    shared = [name for name in known.items if name in place]
    if not shared:
        raise DataError(
            f"{path} has none of the items of {table.path} ({listed(table.items, 5)}); it has "
            f"{listed(known.items, 5)}"
        )
    used = known.take(shared)
    models = map(Model, used.parameters.model.tolist())
    stated = {
        name: Stated(model, f"{path} line {line}")
        for name, line, model in zip(shared, used.lines, models, strict=True)
    }
    absent = [name for name in known.items if name not in place]
    return Anchors(
        _scatter(used.parameters, [place[name] for name in shared], len(place)),
        stated,
        [name for name in known.without if name in place],
        (*filter(None, [known.source]), *_told_of_absent(path, "items", absent, table)),
    )


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


def _told_of_absent(
    path: Path, what: str, names: Sequence[str], table: ResponseTable
) -> tuple[str, ...]:
    if not names:
        return ()
    return (f"{len(names)} {what} of {path} are not in {table.path}: {listed(names, 5)}",)


def _read_pairs(path: Path, key: str, value: str, dialect: Dialect) -> dict[str, tuple[str, str]]:
    """Value and place by key, of columns with these names or others of the kind; each key once."""
    rows = read_rows(path, dialect)
    _, header = next(rows, (0, []))
    names = [name.strip() for name in header]
    at_key, at_value = (names.index(_column_of(path, names, name)) for name in (key, value))
    pairs: dict[str, tuple[str, str]] = {}
    for line, cells in rows:
        refuse_ragged(path, line, cells, len(names))
        name, where = unescape_formula(cells[at_key].strip()), f"{path} line {line}"
        if name in pairs:
            raise DataError(f"{where}: {key} {name!r} appears twice")
        pairs[name] = cells[at_value].strip(), where
    return pairs


def _column_of(path: Path, names: Sequence[str], wanted: str) -> str:
    if wanted in names:
        return wanted
    kinds = {"person": person_column, "item": item_column, "group": group_column}
    places = kinds[wanted](names) if wanted in kinds else []
    if len(places) != 1:
        raise DataError(f"{path} lacks the column {wanted}")
    return names[places[0]]
