"""Expected length and standard error by θ; colours are those of admin.css."""

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.plot import Margins, Plot
from sessions.simulation.preview import AtTheta

WIDTH, HEIGHT, MARGINS = 420, 190, Margins(left=44, right=12, top=10, bottom=44)


def length_figure(rows: list[AtTheta], longest: int) -> SafeString:
    """Mean scored items by θ, in a band from the shortest to the longest session."""
    plot = _plot(rows, longest, _("scored items"))
    theta = np.array([row.theta for row in rows])
    mean = np.array([row.length for row in rows])
    return plot.figure(
        _("Scored items by θ"),
        plot.band(
            "preview-band",
            theta,
            np.array([row.longest for row in rows], dtype=float),
            np.array([row.shortest for row in rows], dtype=float),
        ),
        plot.curve("icc-line", theta, mean),
        plot.dots("preview-dot", theta, mean, radius=3),
    )


def error_figure(rows: list[AtTheta]) -> SafeString:
    """Mean standard error by θ."""
    theta = np.array([row.theta for row in rows])
    errors = np.array([row.standard_error for row in rows])
    plot = _plot(rows, 1.25 * float(errors.max()), _("standard error"))
    return plot.figure(
        _("Standard error by θ"),
        plot.curve("icc-line", theta, errors),
        plot.dots("preview-dot", theta, errors, radius=3),
    )


def _plot(rows: list[AtTheta], highest: float, name: str) -> Plot:
    across = (rows[0].theta, rows[-1].theta, "θ")
    return Plot.of(across, (0, highest, name), WIDTH, HEIGHT, MARGINS)
