"""How many items each content area has, as bars drawn on the server; colours are admin.css's."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from common.report.axes import Axis, grid, round_steps
from items.areas import AreaRow

WIDTH, ROW, BAR = 560, 26, 16
LEFT, RIGHT, TOP, BOTTOM = 170, 16, 4, 40
LONGEST_NAME = 24


def area_figure(rows: Sequence[AreaRow]) -> SafeString:
    """A bar an area, operational items first and pretest items after; "" without any item."""
    most = max((row.operational + row.pretest for row in rows), default=0)
    if not most:
        return SafeString("")
    bottom = TOP + ROW * len(rows)
    counts = [(n, f"{n:g}") for n in round_steps(0, most) if n == int(n)]
    across = Axis(0, most, LEFT, WIDTH - RIGHT, _("items in the current release"), counts)
    names = [
        (number + 0.5, Truncator(row.area.code).chars(LONGEST_NAME))
        for number, row in enumerate(rows)
    ]
    # From the bottom up, as `grid` wants it: the first area is at the top.
    upward = Axis(len(rows), 0, bottom, TOP, "", names)
    bars = format_html_join(
        "",
        '<rect class="area-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                kind,
                f"{across.place(start):.1f}",
                f"{upward.place(number + 0.5) - BAR / 2:.1f}",
                f"{across.place(start + count) - across.place(start):.1f}",
                BAR,
                f"{row.area.code}: {count} {name}",
            )
            for number, row in enumerate(rows)
            for kind, name, start, count in (
                ("operational", _("operational"), 0, row.operational),
                ("pretest", _("pretest"), row.operational, row.pretest),
            )
            if count
        ),
    )
    return format_html(
        '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        '<figcaption><ul class="icc-legend">{}</ul></figcaption></figure>',
        *(WIDTH, bottom + BOTTOM, _("Operational and pretest items of each content area")),
        *(grid(across, upward), bars, _legend()),
    )


def _legend() -> SafeString:
    return format_html_join(
        "",
        '<li><svg width="14" height="14" aria-hidden="true"><rect class="area-{}" width="14" '
        'height="14"/></svg>{}</li>',
        (("operational", _("operational")), ("pretest", _("pretest"))),
    )
