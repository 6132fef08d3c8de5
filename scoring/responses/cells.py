"""What the cells of a response file say: scores, missing answers, or chosen options."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.files.csv_files import DataError
from irt.responses import MISSING

HIGHEST_SCORE = 99

# Of more different answers hardly any are options, and their numbers must fit into 16 bits.
_MOST_WORDS = 10_000

# How options are decorated: (A), A), A. and the Korean 3번.
_DECORATED = re.compile(r"[(\[<]?\s*(?:([0-9]{1,2})\s*번?|(\w))\s*[)\]>.]*")

# A code from here on is an option of the vocabulary, one below it a score.
CHOICE = 1_000

# Scores alone fit into 8 bits, options beside them into 16.
Codes = NDArray[np.signedinteger[Any]]

_ALWAYS_MISSING = ("", "NA")
_NUMBER = re.compile(r"(-?)0*([0-9]+)(?:[.,]0*)?")
_SCORE = re.compile(r"[0-9]{1,2}")

# Often written where there is no answer.
_OFTEN_MISSING = {
    *("8", "9", "77", "88", "97", "98", "99", "999", "9999", "-1", "-2", "-7", "-8", "-9", "-99"),
    *("-999", ".", "-", "--", "*", "?", "x", "n/a", "#n/a", "na", "nan", "null", "none", "nil"),
    *("missing", "blank", "omit", "omitted", "skip", "skipped", "dk", "무응답", "결측", "미응답"),
    *("#null!", "#value!", "#div/0!", "n.a.", "없음"),
}


def canonical(cell: str) -> str:
    """The cell without blanks around it and full-width characters; 9.0 and 09 are 9."""
    text = cell.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip()
    written = _NUMBER.fullmatch(text)
    return "".join(written.groups()) if written else text


def advice_on_missing(text: str) -> str:
    """What to do where `text` stands for a missing answer; "" for a text that hardly does."""
    code = canonical(text)
    if code.casefold() not in _OFTEN_MISSING:
        return ""
    written = f"--missing={code}" if code.startswith("-") else f"--missing {code}"
    return f"; if {code} stands for a missing answer, say so by {written}"


class Vocabulary(dict[str, int]):
    """Options by number, in the order in which they are met; A and a are one.

    Where the key has words, other words are options, too.
    """

    def __init__(self, words: Collection[str] = ()) -> None:
        self.words = frozenset(words)
        self.has_words = any(len(word) > 1 and not word.isdigit() for word in words)

    def code(self, text: str) -> int:
        """Raises ValueError for a text that is neither a letter, a number nor a word of a key."""
        name = option_name(text)
        is_option = name.isdigit() or (len(name) == 1 and name.isalpha()) or name in self.words
        if self.has_words and len(self) < _MOST_WORDS:
            is_option = True
        if not is_option:
            raise ValueError(text)
        return self.setdefault(name, len(self))


def option_name(text: str) -> str:
    """An option as a key and answers name it: `a`, `A`, `(A)` and the full-width letter are one."""
    name = canonical(text).upper()
    bare = _DECORATED.fullmatch(name)
    return canonical(bare[1] or bare[2]) if bare else name


@dataclass(frozen=True)
class CellRule:
    """How the cells of an item are understood: missing codes first, then recoding, then the key.

    mapping turns cells into others, "" into a missing one. options is the vocabulary where the
    item has a key. A lenient rule takes what it does not understand for missing.
    key_lacks_item says that there is a key, of other items.
    """

    missing: frozenset[str] = frozenset()
    mapping: Mapping[str, str] = field(default_factory=dict)
    options: Vocabulary | None = None
    lowest: int = 0
    is_lenient: bool = False
    key_lacks_item: bool = False

    def value(self, cell: str) -> int:
        """A score, `MISSING`, or `CHOICE` + option. Raises ValueError."""
        text = canonical(cell)
        if text in _ALWAYS_MISSING or text in self.missing:
            return MISSING
        text = self.mapping.get(text, text)
        if not text:
            return MISSING
        if self.options is not None:
            return CHOICE + self.options.code(text)
        if not _SCORE.fullmatch(text) or int(text) < self.lowest:
            raise ValueError(cell)
        return int(text) - self.lowest

    def refusal(self, cell: str) -> str:
        """Why a cell cannot be used, and what mends it."""
        shown, advice = cell.strip()[:40], advice_on_missing(cell)
        if self.options is not None:
            return (
                f"{shown!r} is no option: answers to an item with a key are letters, numbers or "
                f"words of the key, empty where missing{advice}"
            )
        highest = f"{self.lowest} to {HIGHEST_SCORE}"
        if canonical(cell) in self.mapping:
            became = self.mapping[canonical(cell)]
            return (
                f"{shown!r} is recoded to {became!r}, which is not a score; scores are whole "
                f"numbers from {highest}, empty where missing"
            )
        if _SCORE.fullmatch(canonical(cell)):
            return f"{shown!r} is below the lowest score, {self.lowest} (--lowest){advice}"
        if not advice:
            advice = self._advice(option_name(cell))
        return (
            f"{shown!r} is not a score; scores are whole numbers from {highest}, "
            f"empty where missing{advice}"
        )

    def _advice(self, name: str) -> str:
        if len(name) == 1 and name.isalpha():
            if self.key_lacks_item:
                return "; the key says nothing of this item"
            return "; where cells hold the chosen options, --key says which are right"
        if name.isalpha():
            return "; words become scores by --recode"
        return ""


class CellCodes(dict[str, int]):
    """Cell to code by a rule, each distinct cell understood once; ValueError where it cannot be."""

    def __init__(self, rule: CellRule) -> None:
        self.rule = rule
        self.unread: set[str] = set()

    def __missing__(self, cell: str) -> int:
        try:
            return self.setdefault(cell, self.rule.value(cell))
        except ValueError:
            if not self.rule.is_lenient:
                raise
            self.unread.add(cell)
            return self.setdefault(cell, MISSING)

    def of(self, cells: Iterable[str], n_cells: int, dtype: type[np.signedinteger[Any]]) -> Codes:
        return np.fromiter(map(self.__getitem__, cells), dtype=dtype, count=n_cells)

    def knows(self, cell: str) -> bool:
        try:
            self[cell]
        except ValueError:
            return False
        return True

    def check(self, cell: str, where: str, advice: str = "") -> None:
        """Raise `DataError` where the cell says nothing."""
        if not self.knows(cell):
            raise DataError(f"{where}: {self.rule.refusal(cell)}{advice}")
