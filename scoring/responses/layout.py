"""Which columns of a wide file are items, and which one holds the persons."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.files.csv_files import DataError
from scoring.responses.cells import CellCodes
from scoring.responses.column_names import (
    chosen,
    fold,
    listed,
    looks_like,
    names_no_item,
    names_persons,
    person_column,
    quoted,
)
from scoring.responses.keys import StatedKey
from scoring.responses.reading import NO_ID, Reading

# With this many rows a first column without a repeated value holds ids rather than scores.
_ROWS_THAT_TELL_IDS = 10


@dataclass(frozen=True)
class Layout:
    """Places of columns: the ids (None without), and the items in the order of the file.

    in_doubt says that the values of the first column must tell whether it holds ids; it is then
    the first of the items. lenient are the names that may be no items, whatever they hold.
    """

    names: list[str]
    ids: int | None
    items: list[int]
    in_doubt: bool
    lenient: frozenset[str]

    @property
    def item_names(self) -> list[str]:
        return [self.names[at] for at in self.items]


def lay_out(
    path: Path, names: list[str], reading: Reading, known: Collection[str], key: StatedKey | None
) -> Layout:
    """From the header and the key alone: what has a key is an item.

    Raises `DataError` for options that name columns which are not there.
    """
    items = set(range(len(names)))
    if reading.columns:
        items &= _marked(chosen(names, reading.columns, "--columns"))
    ignored = _marked(chosen(names, reading.ignore, "--ignore")) if reading.ignore else set()
    items -= ignored
    ids, in_doubt = _ids(path, names, reading, known, items, ignored)
    if in_doubt and key:
        is_shorter = len(key.in_order) == len(items) - 1
        ids = 0 if key.in_order and is_shorter else None
        in_doubt = not key.in_order and names[0] not in key.by_item
    if ids is not None:
        items.discard(ids)
    names_without = known or [name for name in names if not names_no_item(name)]
    lenient = frozenset(names[at] for at in items) - frozenset(names_without)
    if reading.columns and not known:
        lenient = frozenset()
    return Layout(names, ids, sorted(items), in_doubt, lenient)


def first_holds_ids(
    path: Path,
    layout: Layout,
    cells: Sequence[str],
    codes: CellCodes,
    highest_of_others: int,
    known: Collection[str],
) -> bool:
    """Whether the values of a first column in doubt are ids rather than scores.

    highest_of_others is the highest score of the other columns. Raises `DataError` that asks, where
    values that repeat are unlike scores.
    """
    name, others = layout.names[0], layout.item_names[1:]
    distinct = set(cells)
    is_unique = len(distinct) == len(cells) and "" not in distinct
    if is_unique and len(cells) >= _ROWS_THAT_TELL_IDS:
        return True
    scores = [codes[cell] for cell in distinct if codes.knows(cell)]
    if not scores:
        return True
    if not others or looks_like(name, others):
        return False
    if known and is_unique and len(cells) > 1:
        return True
    if len(scores) < len(distinct):
        return False
    if max(scores) <= highest_of_others:
        return False
    if is_unique:
        return True
    raise DataError(
        f"{path}: the first column, {name!r}, may hold persons or be an item: its values repeat "
        f"and go up to {max(scores)}, the others to {highest_of_others}. Say --id-column none if "
        f"it is an item, --ignore {quoted(name)} if it is neither, --id-column COLUMN if another "
        "one holds the ids"
    )


def advice_on_ids(name: str) -> str:
    """What to do where values that were taken for ids are not."""
    return (
        f"; if the column {name!r} holds no ids of persons, say --id-column none (it is an item) "
        f"or --ignore {quoted(name)} (it is neither)"
    )


def find_column(path: Path, names: Sequence[str], wanted: str, option: str) -> int:
    """The place of a column that an option names. Raises `DataError`."""
    exact = [at for at, name in enumerate(names) if name == wanted]
    found = exact or [at for at, name in enumerate(names) if fold(name) == fold(wanted)]
    if len(found) != 1:
        raise DataError(
            f"{option}: {path} has {len(found) or 'no'} columns called {wanted!r}; there are "
            f"{listed(names)}"
        )
    return found[0]


def _ids(
    path: Path,
    names: list[str],
    reading: Reading,
    known: Collection[str],
    items: set[int],
    ignored: set[int],
) -> tuple[int | None, bool]:
    """The place of the ids, and whether the first column is in doubt."""
    if reading.id_column is not None:
        if reading.id_column.lower() == NO_ID and NO_ID not in names:
            return None, False
        return find_column(path, names, reading.id_column, "--id-column"), False
    if 0 not in ignored and names[0] not in known and names_persons(names[0]):
        return 0, False
    people = [
        at
        for at in person_column(names)
        if at not in ignored and names[at] not in known and names_persons(names[at])
    ]
    if people and names_no_item(names[0]) and names[0] not in known:
        return people[0], False
    return None, 0 in items and names[0] not in known


def _marked(marks: Sequence[bool]) -> set[int]:
    return {at for at, is_marked in enumerate(marks) if is_marked}
