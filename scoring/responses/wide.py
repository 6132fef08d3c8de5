"""Wide files of responses: a row a person, a column an item."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.files.csv_files import DataError
from common.files.spreadsheet import unescape_formula
from common.files.tables import Row
from irt.responses import MISSING
from scoring.responses.cells import CHOICE
from scoring.responses.coding import Coding, apply_key, read_coding
from scoring.responses.column_names import (
    advice_on_ignoring,
    names_no_item,
    names_persons,
    response_column,
)
from scoring.responses.keys import StatedKey
from scoring.responses.layout import Layout, advice_on_ids, first_holds_ids, lay_out
from scoring.responses.reading import KEY_ROW, Reading
from scoring.responses.row_batches import batches
from scoring.responses.table import Codes, ResponseTable

_ADVICE_ON_LONG = (
    "; where a row is one response, name the columns by --item-column and --response-column"
)

Matrix = NDArray[np.signedinteger[Any]]


def read_wide(
    path: Path,
    names: list[str],
    header_line: int,
    rows: Iterator[Row],
    reading: Reading,
    known: Collection[str],
    key: StatedKey | None,
) -> ResponseTable:
    """The responses below a header of `names`, as `read_responses` tells. Raises `DataError`."""
    layout = lay_out(path, names, reading, known, key)
    answers = key.answers(layout.item_names, f"{path} has") if key else {}
    if reading.key == KEY_ROW:
        answers = {name: answers[name] for name in layout.item_names if name in answers}
    coding = read_coding(reading, answers, layout.lenient)
    sheet = _Sheet(path, layout, coding)
    for lines, body in batches(path, rows, len(names)):
        sheet.add(lines, body)
    if not sheet.lines:
        raise DataError(f"{path} has no responses below its key")
    persons, items, matrix = sheet.resolve(known or set(answers))
    line = np.concatenate(sheet.lines)
    person, item = (index.astype(np.int32) for index in np.nonzero(matrix != MISSING))
    codes = matrix[person, item]
    table = ResponseTable(
        path,
        persons,
        items,
        person,
        item,
        np.empty(0, dtype=np.int8),
        line[person],
        line,
        np.full(len(items), header_line, dtype=np.int32),
        notes=tuple(_notes(layout, items, sheet.unread, known, coding)),
    )
    return apply_key(table, codes.astype(np.int16, copy=False), coding)


def _notes(
    layout: Layout,
    items: Sequence[str],
    unread: Collection[str],
    known: Collection[str],
    coding: Coding,
) -> Iterator[str]:
    for name in unread:
        persons = names_persons(name) and layout.ids is None
        advice = f"; if it holds the persons, --id-column {name}" if persons else ""
        yield f"the column {name!r} holds no scores and is left out{advice}"
    for item in coding.recoding.by_item:
        if item not in layout.names:
            yield f"the recoding names the item {item!r}, which is not there"
    for name in items if not known else ():
        if name in layout.lenient and names_no_item(name):
            yield f"the column {name!r} is taken for an item; --ignore {name} leaves it out"


@dataclass
class _Sheet:
    """What has been read: lines and codes of the items, and the cells that may be ids."""

    path: Path
    layout: Layout
    coding: Coding
    lines: list[Codes] = field(default_factory=list)
    parts: list[Matrix] = field(default_factory=list)
    id_cells: list[str] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)

    @property
    def places(self) -> list[int]:
        """Of the columns that are items for sure."""
        return self.layout.items[1:] if self.layout.in_doubt else self.layout.items

    def add(self, lines: Codes, body: Sequence[list[str]]) -> None:
        ids = 0 if self.layout.in_doubt else self.layout.ids
        if ids is not None:
            self.id_cells += [cells[ids].strip() for cells in body]
        self.lines.append(lines)
        self.parts.append(self._codes(lines, self.places, body))

    def resolve(self, named: Collection[str]) -> tuple[list[str], list[str], Matrix]:
        """Names of persons and items, and the codes (N, J) of their responses."""
        layout, matrix = self.layout, np.concatenate(self.parts)
        items = [layout.names[at] for at in self.places]
        has_ids = layout.ids is not None
        if layout.in_doubt:
            scores = matrix[matrix < CHOICE]
            has_ids = first_holds_ids(
                self.path,
                layout,
                self.id_cells,
                self.coding.strict(layout.names[0]),
                int(scores.max(initial=MISSING)),
                named,
            )
            if not has_ids:
                first = [[cell] for cell in self.id_cells]
                own = self._codes(np.concatenate(self.lines), [0], first)
                matrix, items = np.hstack([own, matrix]), layout.item_names
        if has_ids and len(layout.names) == 1:
            raise DataError(
                f"{self.path} has no item columns; its header is one cell, "
                f"{layout.names[0][:40]!r}: name the mark that separates cells by --separator"
            )
        persons = self._persons() if has_ids else [str(n) for n in range(1, len(matrix) + 1)]
        return (persons, *self._readable(items, matrix))

    def _readable(self, items: list[str], matrix: Matrix) -> tuple[list[str], Matrix]:
        """Without columns that hold what is no score though they need not be items."""
        if self.unread:
            kept = [at for at, name in enumerate(items) if name not in self.unread]
            items, matrix = [items[at] for at in kept], matrix[:, kept]
        if not items:
            raise DataError(f"{self.path} has no item columns")
        if "" in items:
            raise DataError(f"{self.path}: column {self.layout.names.index('') + 1} has no name")
        return items, matrix

    def _persons(self) -> list[str]:
        lines, cells = np.concatenate(self.lines), self.id_cells
        name = self.layout.names[self.layout.ids or 0]
        if "" in cells:
            line = lines[cells.index("")]
            raise DataError(f"{self.path} line {line}: the person has no id{advice_on_ids(name)}")
        seen: set[str] = set()
        persons = [unescape_formula(cell) for cell in cells]
        for line, person in zip(lines.tolist(), persons, strict=True):
            if person in seen:
                raise DataError(
                    f"{self.path} line {line}: the person {person!r} appears twice"
                    + advice_on_ids(name)
                    + (_ADVICE_ON_LONG if response_column(self.layout.names) else "")
                )
            seen.add(person)
        return persons

    def _codes(self, lines: Codes, places: Sequence[int], body: Sequence[list[str]]) -> Matrix:
        """(len(body), len(places)) codes, `MISSING` where a cell is empty."""
        shape = len(body), len(places)
        names = [self.layout.names[at] for at in places]
        dtype: type[np.signedinteger[Any]] = np.int16 if self.coding.answers else np.int8
        try:
            if self.coding.is_uniform and names:
                cells = chain.from_iterable(map(_taker(places, self.layout), body))
                return self.coding.of(names[0]).of(cells, shape[0] * shape[1], dtype).reshape(shape)
            return self._columns(places, body, np.empty(shape, dtype=dtype))
        except ValueError:
            self._refuse(lines, places, body)
            raise

    def _columns(self, places: Sequence[int], body: Sequence[list[str]], out: Matrix) -> Matrix:
        for column, place in enumerate(places):
            name = self.layout.names[place]
            codes, cells = self.coding.of(name), [row[place] for row in body]
            out[:, column] = codes.of(cells, len(cells), np.int16)
            if codes.unread and not codes.unread.isdisjoint(cells):
                self.unread[name] = None
        return out

    def _refuse(self, lines: Codes, places: Sequence[int], body: Sequence[list[str]]) -> None:
        for line, cells in zip(lines.tolist(), body, strict=True):
            for place in places:
                name = self.layout.names[place]
                where = f"{self.path} line {line}, column {name}"
                self.coding.of(name).check(cells[place], where, advice_on_ignoring(name))


def _taker(places: Sequence[int], layout: Layout) -> Callable[[list[str]], Sequence[str]]:
    """What takes the cells of the items out of a row; a slice where they stand together."""
    first, last = places[0], places[-1]
    if last - first + 1 == len(places):
        return itemgetter(slice(first, last + 1))
    return itemgetter(*places)
