"""How a whole file is understood: the rule of each item, and scores from chosen options."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from common.files.csv_files import DataError
from irt.responses import MISSING
from scoring.responses.cells import (
    CHOICE,
    CellCodes,
    CellRule,
    Vocabulary,
    advice_on_missing,
    canonical,
)
from scoring.responses.keys import Answers
from scoring.responses.reading import Reading
from scoring.responses.recoding import Recoding, read_recoding
from scoring.responses.table import ResponseTable

Codes = NDArray[np.int16]


@dataclass(frozen=True)
class Coding:
    """The rules of a file. answers are the right options of the items that have a key."""

    reading: Reading
    answers: Answers = field(default_factory=dict)
    recoding: Recoding = field(default_factory=Recoding)
    lenient: frozenset[str] = frozenset()
    options: Vocabulary = field(default_factory=Vocabulary)
    _rules: dict[object, CellCodes] = field(default_factory=dict)

    def of(self, item: str) -> CellCodes:
        """The codes of an item's cells; items under one rule share them."""
        own = item if item in self.recoding.by_item else None
        which = own, item in self.answers, item in self.lenient
        if which not in self._rules:
            self._rules[which] = CellCodes(
                CellRule(
                    missing=frozenset(map(canonical, self.reading.missing)),
                    mapping=self.recoding.of(item),
                    options=self.options if item in self.answers else None,
                    lowest=self.reading.lowest,
                    is_lenient=item in self.lenient,
                    key_lacks_item=bool(self.answers) and item not in self.answers,
                )
            )
        return self._rules[which]

    @property
    def is_uniform(self) -> bool:
        """Whether one rule holds for every item."""
        return not (self.answers or self.recoding.by_item or self.lenient)

    def strict(self, item: str) -> CellCodes:
        """The codes of an item whose cells must all be scores or options."""
        return replace(self, lenient=frozenset(), _rules={}).of(item)


def read_coding(reading: Reading, answers: Answers, lenient: Collection[str]) -> Coding:
    """With the recoding of its file. Raises `DataError`."""
    recoding = Recoding()
    if reading.recode:
        recoding = read_recoding(reading.recode, reading.dialect.for_other_files)
    words = {option for options in answers.values() for option in options}
    return Coding(reading, answers, recoding, frozenset(lenient), Vocabulary(words))


def apply_key(table: ResponseTable, codes: Codes, coding: Coding) -> ResponseTable:
    """The table with scores from the codes (R,) of its responses, and the choices beside them.

    Raises `DataError` where nobody chose an option of the kind that an item's key has.
    """
    if not coding.answers:
        return replace(table, score=codes.astype(np.int8))  # no response is an option
    options = list(coding.options)
    is_choice = codes >= CHOICE
    option = np.where(is_choice, codes - CHOICE, MISSING).astype(np.int16)
    right = np.zeros((len(table.items), len(options) + 1), dtype=np.bool_)
    for at, name in enumerate(table.items):
        answers = coding.answers.get(name, frozenset())
        right[at, :-1] = [one in answers for one in options]
    score = np.where(is_choice, right[table.item, option], codes).astype(np.int8)
    keyed = replace(
        table,
        score=score,
        option=option,
        options=tuple(options),
        key={name: coding.answers[name] for name in table.items if name in coding.answers},
    )
    _refuse_other_kinds(keyed)
    return replace(keyed, notes=(*table.notes, *_notes(keyed, coding.answers)))


def _refuse_other_kinds(table: ResponseTable) -> None:
    """A key of letters where numbers were chosen would call everybody wrong."""
    chosen = _chosen(table)
    for name, answers in table.key.items():
        kinds = {option.isdigit() for option in chosen[name]}
        if kinds and kinds.isdisjoint(option.isdigit() for option in answers):
            raise DataError(
                f"{table.path}: the key of {name} is {' or '.join(sorted(answers))}, but nobody "
                f"chose anything of that kind (chosen: {', '.join(sorted(chosen[name])[:10])}); "
                "write the key as the answers are written, or recode them by --recode"
            )


def _notes(table: ResponseTable, answers: Mapping[str, object]) -> Iterator[str]:
    if unkeyed := [name for name in table.items if name not in answers]:
        yield f"without a key, and read as scores: {', '.join(unkeyed[:10])}"
    if absent := [name for name in answers if name not in set(table.items)]:
        yield f"{len(absent)} items of the key are not in {table.path}: {', '.join(absent[:10])}"
    keyed = {option for options in table.key.values() for option in options}
    counts = Counter(option for own in _chosen(table).values() for option in own.elements())
    usual = max((int(option) for option in keyed if option.isdigit()), default=0)
    for option in sorted(counts, key=option_order):
        is_odd = option == "0" or (option.isdigit() and int(option) > usual + 1)
        if is_odd and option not in keyed:
            advice = advice_on_missing(option) or f"; if it is no answer, --missing {option}"
            yield f"{counts[option]} answers {option} are wrong by the key{advice}"


def option_order(option: str) -> tuple[int, str]:
    """Numbers by their size, then words."""
    return (int(option) if option.isdigit() else 10**9, option)


def _chosen(table: ResponseTable) -> dict[str, Counter[str]]:
    """How often each option of each item with a key was chosen."""
    assert table.option is not None
    width = len(table.options)
    chosen = table.option >= 0
    cells = table.item[chosen].astype(np.int64) * width + table.option[chosen]
    counts = np.bincount(cells, minlength=len(table.items) * width).reshape(-1, width)
    return {
        name: Counter({table.options[at]: int(row[at]) for at in np.flatnonzero(row)})
        for name, row in zip(table.items, counts, strict=True)
        if name in table.key
    }
