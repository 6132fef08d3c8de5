"""The candidates of one selection as bars, drawn on the server; colours are those of admin.css."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, grid, linear_axis
from sessions.delivery.explanation import Candidate

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 560, 150, 16, 8, 44
ROW, BAR = 26, 16


def candidate_bars(candidates: Sequence[Candidate], criterion: str) -> SafeString:
    """A bar an item, as long as its criterion; vetoed ones are hatched, the chosen one is full.

    Empty without candidates and where no criterion is above 0.
    """
    longest = max((one.criterion for one in candidates), default=0.0)
    if longest <= 0:
        return SafeString("")
    bottom = TOP + ROW * len(candidates)
    across = linear_axis(0.0, longest, LEFT, WIDTH - RIGHT, criterion)
    frame = grid(across, Axis(0.0, 1.0, bottom, TOP, "", []))
    bars = format_html_join(
        "",
        '<text class="icc-tick" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
        (
            (
                *(LEFT - 8, TOP + ROW * row + ROW // 2 + 4, one.code),
                *(_kind(one), LEFT, TOP + ROW * row + (ROW - BAR) // 2),
                *(f"{max(across.place(max(one.criterion, 0.0)) - LEFT, 1):.1f}", BAR),
                *(one.code, f"{one.criterion:g}"),
            )
            for row, one in enumerate(candidates)
        ),
    )
    label = _("Bars: the criterion of %(count)s items") % {"count": len(candidates)}
    return format_html(
        '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "</figure>",
        *(WIDTH, bottom + BOTTOM, label, frame, bars),
    )


def _kind(one: Candidate) -> str:
    if one.is_chosen:
        return "bar bar-chosen"
    return "bar bar-vetoed" if one.veto else "bar"
