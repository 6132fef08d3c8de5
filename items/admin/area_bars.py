"""How many items each content area has, as bars; colours are those of admin.css."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import count_axis
from common.report.plot import Margins, Plot, key_to
from common.report.words import shorten
from items.areas import AreaRow

WIDTH, MARGINS = 560, Margins(left=170, right=16, top=4, bottom=40)
LONGEST_NAME = 24


def area_figure(rows: Sequence[AreaRow]) -> SafeString:
    """A bar an area, operational items first and pretest items after; "" without any item."""
    most = max((row.operational + row.pretest for row in rows), default=0)
    if not most:
        return SafeString("")
    names = [shorten(row.area.code, LONGEST_NAME) for row in rows]
    title = _("items in the current release")
    across = count_axis(0, most, MARGINS.left, WIDTH - MARGINS.right, title)
    plot = Plot.of_rows(names, across, MARGINS)
    kinds = (("operational", _("operational")), ("pretest", _("pretest")))
    bars = [
        plot.row_bar(f"area-{kind}", number, start, start + count, f"{row.area.code}: {count} {of}")
        for number, row in enumerate(rows)
        for (kind, of), start, count in zip(
            kinds, (0, row.operational), (row.operational, row.pretest), strict=True
        )
        if count
    ]
    legend = key_to(14, 14, [(_sample(kind), of) for kind, of in kinds])
    return plot.figure(
        _("Operational and pretest items of each content area"), *bars, legend=legend
    )


def _sample(kind: str) -> SafeString:
    return SafeString(f'<rect class="area-{kind}" width="14" height="14"/>')
