"""Pictures of a calibration run as SVG, drawn on the server; colours are those of admin.css."""

import math
from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, grid, linear_axis, round_steps

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 44


def difficulty_shift(items: Sequence[dict[str, Any]]) -> SafeString:
    """Old b against new b of the common items, thresholds included, with the line of no change.

    Empty when no item had parameters before.
    """
    pairs = [
        (old, new, item["code"])
        for item in items
        if item["shift"] is not None
        for old, new in zip(item["old_b"], item["b"], strict=True)
    ]
    if not pairs:
        return SafeString("")
    values = [value for old, new, _code in pairs for value in (old, new)]
    low = math.floor(min(values))
    high = max(math.ceil(max(values)), low + 1)
    across = linear_axis(low, high, LEFT, WIDTH - RIGHT, _("standing b"))
    upward = linear_axis(low, high, HEIGHT - BOTTOM, TOP, _("new b"))
    line = format_html(
        '<path class="icc-axis run-identity" d="M{} {}L{} {}"/>',
        *(across.start, upward.start, across.end, upward.end),
    )
    points = format_html_join(
        "",
        '<circle class="run-point" cx="{}" cy="{}" r="3.5"><title>{}: {} → {}</title></circle>',
        (
            (
                f"{across.place(old):.1f}",
                f"{upward.place(new):.1f}",
                code,
                f"{old:.2f}",
                f"{new:.2f}",
            )
            for old, new, code in pairs
        ),
    )
    label = _("Scatter plot of %(count)d difficulties: standing against new") % {
        "count": len(pairs)
    }
    return _figure(across, upward, format_html("{}{}", line, points), label)


def em_history(history: Sequence[float]) -> SafeString:
    """How far each iteration's log-posterior lay below the last one, on a logarithmic scale.

    Empty with fewer than two iterations above the end.
    """
    gaps = [
        (iteration, math.log10(history[-1] - value))
        for iteration, value in enumerate(history, start=1)
        if value < history[-1]
    ]
    if len(gaps) < 2:
        return SafeString("")
    low = math.floor(min(gap for _i, gap in gaps))
    high = max(math.ceil(max(gap for _i, gap in gaps)), low + 1)
    powers = [(power, _power(power)) for power in round_steps(low, high)]
    counts = [
        (count, f"{count:g}") for count in round_steps(1, len(history)) if count == int(count)
    ]
    across = Axis(1, len(history), LEFT, WIDTH - RIGHT, _("EM iteration"), counts)
    upward = Axis(low, high, HEIGHT - BOTTOM, TOP, _("log-posterior below the maximum"), powers)
    points = " ".join(f"{across.place(x):.1f},{upward.place(y):.1f}" for x, y in gaps)
    dots = format_html_join(
        "",
        '<circle class="run-point" cx="{}" cy="{}" r="2.5"/>',
        ((f"{across.place(x):.1f}", f"{upward.place(y):.1f}") for x, y in gaps),
    )
    line = format_html('<polyline class="icc-line" points="{}"/>{}', points, dots)
    label = _("The log-posterior over %(count)d EM iterations") % {"count": len(history)}
    return _figure(across, upward, line, label)


def _figure(across: Axis, upward: Axis, content: SafeString, label: str) -> SafeString:
    return format_html(
        '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "</figure>",
        *(WIDTH, HEIGHT, label, grid(across, upward), content),
    )


def _power(exponent: float) -> str:
    return f"{10.0**exponent:g}" if -3 <= exponent <= 4 else f"1e{exponent:g}"
