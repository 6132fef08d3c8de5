"""Items that are the same, in the section on dependence: what is said first, and the pairs."""

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import Column, Level, Table, Verdict
from common.report.words import as_count, as_share, named, two_decimals
from irt.fit.duplicates import Duplicates
from scoring.report.data import ReportData


def duplicates_verdict(data: ReportData, copies: Duplicates) -> Verdict:
    """Of one or more pairs that surely are the same item."""
    pairs = [
        f"{data.items[copies.first[pair]]} / {data.items[copies.second[pair]]}"
        for pair in np.flatnonzero(copies.is_sure)
    ]
    text = ngettext(
        "%(count)d pair of items is answered alike by nearly everybody: %(names)s.",
        "%(count)d pairs of items are answered alike by nearly everybody: %(names)s.",
        len(pairs),
    )
    return Verdict(
        Level.ACT,
        text % named(pairs),
        _(
            "They seem to be one item twice, one that gives the other away, or one scored the "
            "other way around. Look whether a column was copied, keep one item of each pair, and "
            "calibrate again: together they pull their slopes up and make the test look more "
            "reliable than it is, and what the other sections say of them, and of pairs with "
            "them, cannot be relied on."
        ),
    )


def duplicates_table(data: ReportData, copies: Duplicates) -> Table:
    """The pairs, those that few persons answered last."""
    return Table(
        name="duplicate_items",
        caption=_("Items that are answered alike by nearly everybody who answered both"),
        columns=[
            Column("item", _("item")),
            Column("other", _("other item")),
            Column("persons", _("persons"), as_count),
            Column("alike", _("of them alike"), as_count),
            Column("share", _("share"), as_share),
            Column("kappa", _("beyond chance (κ)"), two_decimals),
            Column("note", _("remark")),
        ],
        rows=[
            (
                data.items[copies.first[pair]],
                data.items[copies.second[pair]],
                int(copies.n_persons[pair]),
                int(copies.n_alike[pair]),
                float(copies.n_alike[pair] / copies.n_persons[pair]),
                float(copies.kappa[pair]),
                _remark(copies, pair),
            )
            for pair in range(len(copies))
        ],
        marked=frozenset(np.flatnonzero(copies.is_sure).tolist()),
    )


def _remark(copies: Duplicates, pair: int) -> str:
    told = []
    if copies.reversed[pair]:
        told.append(_("one scored the other way around"))
    if not copies.is_sure[pair]:
        told.append(_("too few persons to be sure"))
    return "; ".join(told)
