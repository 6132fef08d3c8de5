"""A file that says what cells of responses become: recoding, collapsing, reversing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from common.files.csv_files import DataError
from common.files.dialect import Dialect
from common.files.spreadsheet import unescape_formula
from common.files.tables import read_rows, refuse_ragged
from scoring.responses.cells import canonical
from scoring.responses.column_names import fold, item_column

_FROM = {"from", "old", "code", "was", "원래값", "이전"}
_TO = {"to", "new", "becomes", "새값", "이후"}
_EVERY_ITEM = ("", "*", "all")


@dataclass(frozen=True)
class Recoding:
    """Cell to cell, for all items and for single ones; "" is a missing answer."""

    common: Mapping[str, str] = field(default_factory=dict)
    by_item: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def of(self, item: str) -> Mapping[str, str]:
        """What holds for an item: its own rows before those for all."""
        own = self.by_item.get(item)
        return {**self.common, **own} if own else self.common


def read_recoding(path: Path, dialect: Dialect) -> Recoding:
    """The columns from and to, and item where rows hold for single items (empty or * for all).

    `3|4` in from is two cells. Raises `DataError` naming the line.
    """
    rows = read_rows(path, dialect)
    _, header = next(rows, (0, []))
    names = list(map(fold, header))
    sources = [at for at, name in enumerate(names) if name in _FROM]
    targets = [at for at, name in enumerate(names) if name in _TO]
    items = item_column(header)
    if len(sources) != 1 or len(targets) != 1:
        raise DataError(f"{path} needs the columns from and to, and item for single items")
    found: dict[str, dict[str, str]] = {}
    for line, cells in rows:
        refuse_ragged(path, line, cells, len(header))
        item = unescape_formula(cells[items[0]].strip()) if items else ""
        own = found.setdefault("" if item in _EVERY_ITEM else item, {})
        for part in cells[sources[0]].split("|"):
            cell = canonical(unescape_formula(part.strip()))
            if cell in own:
                raise DataError(f"{path} line {line}: {cell!r} is recoded twice for the same items")
            own[cell] = canonical(unescape_formula(cells[targets[0]].strip()))
    return Recoding(found.pop("", {}), found)
