"""The candidates of one selection as bars; colours are those of admin.css."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import linear_axis
from common.report.plot import Margins, Plot
from sessions.delivery.explanation import Candidate

WIDTH, MARGINS = 560, Margins(left=150, right=16, top=8, bottom=44)


def candidate_bars(candidates: Sequence[Candidate], criterion: str) -> SafeString:
    """A bar an item, as long as its criterion; vetoed ones are hatched, the chosen one is full.

    Empty without candidates and where no criterion is above 0.
    """
    longest = max((one.criterion for one in candidates), default=0.0)
    if longest <= 0:
        return SafeString("")
    across = linear_axis(0.0, longest, MARGINS.left, WIDTH - MARGINS.right, criterion)
    plot = Plot.of_rows([one.code for one in candidates], across, MARGINS)
    bars = [
        plot.row_bar(
            _kind(one), row, 0.0, max(one.criterion, 0.0), f"{one.code}: {one.criterion:g}"
        )
        for row, one in enumerate(candidates)
    ]
    name = _("Bars: the criterion of %(count)s items") % {"count": len(candidates)}
    return plot.figure(name, *bars)


def _kind(one: Candidate) -> str:
    if one.is_chosen:
        return "bar bar-chosen"
    return "bar bar-vetoed" if one.veto else "bar"
