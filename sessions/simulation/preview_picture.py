"""Expected length and standard error by θ, drawn on the server; colours are those of admin.css."""

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, grid, linear_axis, points, polyline
from sessions.simulation.preview import AtTheta

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 420, 44, 12, 10, 44
HEIGHT = 190


def length_figure(rows: list[AtTheta], longest: int) -> SafeString:
    """Mean scored items by θ, in a band from the shortest to the longest session."""
    across = _theta_axis(rows)
    upward = linear_axis(0, longest, HEIGHT - BOTTOM, TOP, _("scored items"))
    x = across.places(np.array([row.theta for row in rows]))
    lowest = upward.places(np.array([row.shortest for row in rows], dtype=float))
    highest = upward.places(np.array([row.longest for row in rows], dtype=float))
    mean = upward.places(np.array([row.length for row in rows]))
    band = points([*x, *x[::-1]], [*highest, *lowest[::-1]])
    inner = format_html(
        '<polygon class="preview-band" points="{}"/>{}{}',
        *(band, polyline("icc-line", x, mean), _dots(x, mean)),
    )
    return _figure(_("Scored items by θ"), across, upward, inner)


def error_figure(rows: list[AtTheta]) -> SafeString:
    """Mean standard error by θ."""
    across = _theta_axis(rows)
    errors = np.array([row.standard_error for row in rows])
    upward = linear_axis(0, 1.25 * float(errors.max()), HEIGHT - BOTTOM, TOP, _("standard error"))
    x, y = across.places(np.array([row.theta for row in rows])), upward.places(errors)
    inner = format_html("{}{}", polyline("icc-line", x, y), _dots(x, y))
    return _figure(_("Standard error by θ"), across, upward, inner)


def _theta_axis(rows: list[AtTheta]) -> Axis:
    return linear_axis(rows[0].theta, rows[-1].theta, LEFT, WIDTH - RIGHT, "θ")


def _dots(x: np.ndarray, y: np.ndarray) -> SafeString:
    return format_html_join(
        "",
        '<circle class="preview-dot" cx="{}" cy="{}" r="3"/>',
        ((f"{a:.1f}", f"{b:.1f}") for a, b in zip(x, y, strict=True)),
    )


def _figure(label: str, across: Axis, upward: Axis, inner: SafeString) -> SafeString:
    return format_html(
        '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        "</figure>",
        *(WIDTH, HEIGHT, label, grid(across, upward), inner),
    )
