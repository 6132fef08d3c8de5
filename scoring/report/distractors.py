"""Which options were chosen and by whom, where the file held options and there is a key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from common.report.section import Column, Table
from common.report.words import as_count, as_share, two_decimals
from irt.arrays import FloatArray, IntArray
from irt.classical.distractors import OptionStatistics, option_statistics
from irt.classical.rest_share import rest_shares
from scoring.responses.table import ResponseTable

# A wrong option that fewer chose says nothing about whom it draws.
_FEWEST_CHOICES = 20
# One-sided 1%: a wrong option draws the able when its correlation is above this over root n.
_NO_CHANCE = 2.33


@dataclass(frozen=True)
class ItemOptions:
    """An item's options in their order, those that are right, and what is known of each."""

    item: str
    options: Sequence[str]
    right: frozenset[str]
    statistics: OptionStatistics
    n_persons: int

    def is_misleading(self, option: int) -> bool:
        """Whether a wrong option is chosen by those who do well on the other items."""
        own = self.statistics
        drawn = own.correlation[option] * self.n_persons**0.5
        is_wrong = self.options[option] not in self.right
        return bool(is_wrong and own.n_persons[option] >= _FEWEST_CHOICES and drawn > _NO_CHANCE)


@dataclass(frozen=True)
class Options:
    """Items with a key."""

    items: Sequence[ItemOptions]

    @property
    def misleading(self) -> list[str]:
        """Items with a wrong option that draws those who do well."""
        return [
            own.item
            for own in self.items
            if any(own.is_misleading(option) for option in range(len(own.options)))
        ]

    @property
    def not_chosen(self) -> list[str]:
        """As `item: option`."""
        return [
            f"{own.item}: {option}"
            for own in self.items
            for option, count in zip(own.options, own.statistics.n_persons, strict=True)
            if count == 0
        ]


def find_options(
    table: ResponseTable, scores: FloatArray, highest: FloatArray, form: IntArray
) -> Options | None:
    """Of the items with a key; None where the file held scores.

    scores (N, J) with NaN where missing, highest (J,), form (N,) of the persons of the table.
    """
    if table.option is None or not table.key:
        return None
    rest = rest_shares(scores, highest)
    found = []
    for item, name in enumerate(table.items):
        chosen = (table.item == item) & (table.option >= 0)
        if name in table.key and chosen.any():
            person = table.person[chosen]
            found.append(
                _item(
                    name,
                    np.array(table.options)[table.option[chosen]],
                    table.key[name],
                    rest[person, item],
                    form[person],
                )
            )
    return Options(found) if found else None


def _item(
    name: str, chosen: np.ndarray, right: frozenset[str], rest: FloatArray, form: IntArray
) -> ItemOptions:
    options = sorted({*chosen.tolist(), *right}, key=lambda option: (len(option), option))
    place: Mapping[str, int] = {option: at for at, option in enumerate(options)}
    number = np.array([place[option] for option in chosen.tolist()], dtype=np.int64)
    statistics = option_statistics(number, rest, form, len(options))
    return ItemOptions(name, options, right, statistics, len(chosen))


def options_table(found: Options) -> Table:
    """Every option of every item, the right ones marked in a column."""
    rows: list[tuple[object, ...]] = []
    marked: set[int] = set()
    for own in found.items:
        for at, option in enumerate(own.options):
            if own.is_misleading(at):
                marked.add(len(rows))
            statistics = own.statistics
            rows.append(
                (
                    own.item,
                    option,
                    _("right") if option in own.right else "",
                    int(statistics.n_persons[at]),
                    float(statistics.share[at]),
                    float(statistics.low[at]),
                    float(statistics.high[at]),
                    float(statistics.rest[at]),
                    float(statistics.correlation[at]),
                    _("draws those who do well") if own.is_misleading(at) else "",
                )
            )
    return Table(
        name="options",
        caption=_("Options, and who chose them"),
        columns=[
            Column("item", _("item")),
            Column("option", _("option")),
            Column("key", _("key")),
            Column("persons", _("persons"), as_count),
            Column("share", _("share"), as_share),
            Column("lowest_third", _("of the lowest third"), as_share),
            Column("highest_third", _("of the highest third"), as_share),
            Column("rest", _("share of points on the others"), as_share),
            Column("correlation", _("correlation with the others"), two_decimals),
            Column("note", _("remark")),
        ],
        rows=rows,
        marked=frozenset(marked),
    )
