"""Section: pairs of items that go together more than ability explains (adjusted Q3)."""

from collections import Counter

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, two_decimals
from irt.arrays import FloatArray, IntArray
from irt.fit.duplicates import Duplicates
from irt.fit.fitted_model import FitStatus
from irt.fit.q3 import Q3, q3
from scoring.report.data import ReportData
from scoring.report.duplicate_items import duplicates_table, duplicates_verdict
from scoring.report.heat_map import WIDTH, heat_map
from scoring.report.limits import ADJUSTED_Q3
from scoring.report.statuses import status_words

_LIMITS = (0.05, 0.10, 0.20, 0.30)
_ITEMS_DRAWN = 20
_PAIRS_SHOWN = 20


def local_dependence(data: ReportData) -> Section:
    """Heat map of the items in the largest pairs, and the pairs in order of size."""
    found = q3(data.responses, data.model, data.theta.theta, flag_above=ADJUSTED_Q3)
    copies = data.copies
    first, second = _pairs(found)
    return Section(
        name="local-dependence",
        title=_("Dependence between items"),
        shows=_(
            "Pairs of items whose answers go together more, or less, than the persons' ability "
            "explains, for example because one gives the other away."
        ),
        verdict=_verdict(data, found, first, second, copies),
        figures=[_figure(data, found, first, second)] if first.size else [],
        tables=[
            *([duplicates_table(data, copies)] if len(copies) else []),
            _table(data, found, first, second),
        ],
        notes=[
            _(
                "Q3 is the correlation of what is left of two items when ability is taken away. "
                "It is adjusted by its mean over all pairs, %(mean)s here; a pair is flagged "
                "above %(limit)s (Christensen, Makransky and Horton 2017)."
            )
            % {"mean": two_decimals(found.mean), "limit": ADJUSTED_Q3},
            *_notes(found),
        ],
    )


def _notes(found: Q3) -> list[str]:
    """Which pairs have no Q3, and why."""
    reasons = _reasons(found)
    if not reasons:
        return []
    return [
        _(
            "%(count)s of %(pairs)s pairs have no Q3 (%(reasons)s); they stand at the end of "
            "local_dependence.csv with their remark."
        )
        % {
            "count": as_count(sum(reasons.values())),
            "pairs": as_count(len(found.status) * (len(found.status) - 1) // 2),
            "reasons": ", ".join(
                f"{status_words(status)}: {as_count(count)}" for status, count in reasons.items()
            ),
        }
    ]


def _reasons(found: Q3) -> dict[str, int]:
    """How many pairs lack a Q3, by status."""
    statuses = found.status[np.triu_indices(len(found.status), 1)]
    return dict(Counter(statuses[statuses != FitStatus.OK].tolist()))


def _pairs(found: Q3) -> tuple[IntArray, IntArray]:
    """The computed pairs by falling size of adjusted Q3."""
    first, second = np.nonzero(np.triu(found.status == FitStatus.OK, 1))
    order = np.argsort(-np.abs(found.adjusted[first, second]), kind="stable")
    return first[order], second[order]


def _verdict(
    data: ReportData, found: Q3, first: IntArray, second: IntArray, copies: Duplicates
) -> Verdict:
    if copies.is_sure.any():
        return duplicates_verdict(data, copies)
    if not first.size:
        return Verdict(
            Level.NONE,
            _("No pair of items has enough persons who answered both."),
            _("Collect more responses, or give items together more often."),
        )
    flagged = found.flagged[first, second]
    count = int(flagged.sum())
    text = ngettext(
        "%(count)d of %(pairs)s pairs of items depends on more than ability.",
        "%(count)d of %(pairs)s pairs of items depend on more than ability.",
        count,
    ) % {"count": count, "pairs": as_count(first.size)}
    if not_judged := sum(_reasons(found).values()):
        text += " " + _("Pairs that could not be judged: %(count)s.") % {
            "count": as_count(not_judged)
        }
    if count == 0:
        return Verdict(Level.GOOD, text, _("Nothing needs to be done."))
    names = ", ".join(
        f"{data.items[i]} / {data.items[j]}"
        for i, j in zip(first[flagged][:5].tolist(), second[flagged][:5].tolist(), strict=True)
    )
    return Verdict(
        Level.LOOK,
        text,
        _(
            "Read these items side by side. Use one of each pair, or make them one item with "
            "several points, else reliability looks better than it is: %(names)s"
        )
        % {"names": names},
    )


def _figure(data: ReportData, found: Q3, first: IntArray, second: IntArray) -> Figure:
    items = _drawn(first, second)
    names = [data.items[item] for item in items]
    values = found.adjusted[np.ix_(items, items)].astype(float)
    values[np.triu_indices(len(items))] = np.nan
    drawing, height = heat_map(
        [f"{at}. {name}" for at, name in enumerate(names, start=1)],
        [str(at + 1) for at in range(len(items))],
        values,
        _LIMITS,
        _titles(names, values),
    )
    return Figure(
        name="q3",
        title=_("Adjusted Q3 of the items in the largest pairs"),
        description=_(
            "Columns are the numbers of the rows. Orange: together more than ability "
            "explains; blue: less; the deeper the colour, the more, from 0.05, 0.1, 0.2 and 0.3."
        ),
        drawing=drawing,
        width=WIDTH,
        height=height,
        legend=[
            ("cell-above-3", _("more")),
            ("cell-0", _("about none")),
            ("cell-below-3", _("less")),
        ],
    )


def _drawn(first: IntArray, second: IntArray) -> list[int]:
    """The items of the largest pairs, in their order."""
    items: dict[int, None] = {}
    for pair in zip(first.tolist(), second.tolist(), strict=True):
        if len(items.keys() | set(pair)) > _ITEMS_DRAWN:
            break
        items.update(dict.fromkeys(pair))
    return sorted(items)


def _titles(names: list[str], values: FloatArray) -> list[list[str]]:
    return [
        [
            f"{row} / {column}: {two_decimals(value)}"
            for column, value in zip(names, own, strict=True)
        ]
        for row, own in zip(names, values.tolist(), strict=True)
    ]


def _table(data: ReportData, found: Q3, first: IntArray, second: IntArray) -> Table:
    """All pairs: those with a Q3 by its size, then the others."""
    others = np.nonzero(np.triu(found.status != FitStatus.OK, 1))
    row, column = np.concatenate([first, others[0]]), np.concatenate([second, others[1]])
    columns = (
        [data.items[item] for item in row.tolist()],
        [data.items[item] for item in column.tolist()],
        found.n_persons[row, column].tolist(),
        found.correlation[row, column].tolist(),
        found.adjusted[row, column].tolist(),
        [status_words(status) for status in found.status[row, column].tolist()],
    )
    flagged = np.flatnonzero(found.flagged[first, second]).tolist()
    return Table(
        name="local_dependence",
        caption=_("Pairs of items by size of adjusted Q3"),
        columns=[
            Column("item", _("item")),
            Column("other", _("other item")),
            Column("persons", _("persons"), as_count),
            Column("q3", "Q3", two_decimals),
            Column("q3_adjusted", _("Q3, adjusted"), two_decimals),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(row), _PAIRS_SHOWN)),
        marked=frozenset(flagged),
    )
