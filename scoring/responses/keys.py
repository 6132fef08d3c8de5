"""The key of a test: which options of each item are right."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.files.csv_files import DataError
from common.files.dialect import Dialect
from common.files.tables import read_rows
from scoring.responses.cells import option_name
from scoring.responses.column_names import fold, item_column, listed

Answers = Mapping[str, frozenset[str]]

_KEY_COLUMNS = {
    *("key", "keys", "answer", "answers", "correct", "correctanswer", "solution", "right"),
    *("정답", "답", "정답번호", "정답키", "lösung", "clave", "正解", "答案"),
}
_OR = re.compile(r"\s*[|/;,&+]\s*|\s+(?:or|und|oder|또는|혹은)\s+|\s+", re.IGNORECASE)
# Two or more rising letters in one cell are as many right options.
_LETTERS = re.compile(r"(?=[A-H]{2,})A?B?C?D?E?F?G?H?")
_ONE = re.compile(r"[A-Z]|\d")


@dataclass(frozen=True)
class StatedKey:
    """A key as it was given: by item, or one entry an item in the order of the columns."""

    by_item: Answers
    in_order: tuple[frozenset[str], ...] = ()

    def answers(self, items: Sequence[str], source: str) -> Answers:
        """The right options by item. Raises `DataError` where they are not as many as the items."""
        if not self.in_order:
            return self.by_item
        if len(self.in_order) != len(items):
            raise DataError(
                f"the key has {len(self.in_order)} answers, {source} {len(items)} items "
                f"({listed(items)}); give one answer an item, or a file of the columns item,key"
            )
        return dict(zip(items, self.in_order, strict=True))


def read_key(text: str, dialect: Dialect) -> StatedKey:
    """From a string (`BDAC`, or `B,D|A,C`) or the path of a file.

    The file has the columns item and key, a row that names the items above one that keys them, the
    string, or one entry a line; pairs of item and key need no header. Several right options stand
    between |, / or blanks, or in rows of their own. Raises `DataError`.
    """
    path = Path(text)
    if path.is_file():
        return _of_file(path, dialect)
    if path.suffix or not re.fullmatch(r"[\w,;|/ ]+", text):
        raise DataError(f"--key: there is no file {text}")
    return _of_string(text)


def key_of_row(names: Sequence[str], cells: Sequence[str]) -> StatedKey:
    """From a row that keys the columns above it; where an id stands it may say so."""
    return StatedKey(
        {
            name: options
            for name, cell in zip(names, cells, strict=False)
            if (options := right_options(cell)) and fold(cell) not in _KEY_COLUMNS
        }
    )


def right_options(cell: str) -> frozenset[str]:
    """The options that a cell of a key calls right; none for an empty one."""
    text = option_name(cell).strip("()[]")
    if _LETTERS.fullmatch(text):
        return frozenset(text)
    return frozenset(option_name(part) for part in _OR.split(text) if part)


def _of_string(text: str) -> StatedKey:
    if any(mark in text for mark in ",;"):
        parts = re.split(r"[,;]", text)
    elif " " in text.strip():
        parts = text.split()
    else:
        parts = list(text.strip())
    keys = tuple(map(right_options, parts))
    if not keys or not all(keys):
        raise DataError(
            f"--key {text!r} is neither a file nor a key: a key has a letter or number for each "
            "item, as BDAC, or B,D|A,C where several are right"
        )
    return StatedKey({}, keys)


def _of_file(path: Path, dialect: Dialect) -> StatedKey:
    rows = [[cell.strip() for cell in cells] for _, cells in read_rows(path, dialect)]
    if not rows:
        raise DataError(f"{path} is empty; a key has the columns item,key")
    header, body = rows[0], rows[1:]
    if not body and len(header) == 1:
        return _of_string(header[0])
    keyed = [at for at, name in enumerate(map(fold, header)) if name in _KEY_COLUMNS]
    if all(len(row) == 1 for row in rows):
        return StatedKey({}, tuple(right_options(cell) for (cell,) in (body if keyed else rows)))
    items = item_column(header)
    if keyed and items:
        return StatedKey(_by_item(path, [(row[items[0]], row[keyed[0]]) for row in body]))
    if _are_pairs(rows):
        return StatedKey(_by_item(path, [(item, cell) for item, cell in rows]))
    if len(body) == 1:
        return key_of_row(header, body[0])
    if not body:
        return StatedKey({}, tuple(map(right_options, header)))
    raise DataError(
        f"{path} is no key: it needs the columns item and key, or a row of items above a row of "
        "right options"
    )


def _are_pairs(rows: Sequence[Sequence[str]]) -> bool:
    """Of an item and what keys it, in every row: without a header nothing else says so."""
    return all(len(row) == 2 and _is_key(row[1]) and not _is_key(row[0]) for row in rows)


def _is_key(cell: str) -> bool:
    options = right_options(cell)
    return bool(options) and all(_ONE.fullmatch(option) for option in options)


def _by_item(path: Path, pairs: Sequence[tuple[str, str]]) -> Answers:
    found: dict[str, frozenset[str]] = {}
    for item, cell in pairs:
        if not item:
            raise DataError(f"{path}: a key without an item ({cell!r})")
        found[item] = found.get(item, frozenset()) | right_options(cell)
    return {item: options for item, options in found.items() if options}
