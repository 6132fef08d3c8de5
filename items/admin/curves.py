"""Item characteristic curves as SVG, drawn on the server.

Colours and dashes come from `static/css/admin.css`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, join
from common.report.plot import THETA_LIMIT, Margins, Plot, key_to
from irt.models.curves import category_probabilities, expected_score
from irt.models.parameters import ItemParameters, Model
from items.item_parameters import Parameters

SMALL = (72, 26)
LARGE = (340, 220)
MARGINS = Margins(left=28, right=8, top=8, bottom=38)


class Curve(NamedTuple):
    """One set of parameters in a figure, and its name in the legend."""

    label: str
    parameters: Parameters


def small_curve(parameters: Parameters) -> SafeString:
    """The expected score of one item over θ in [-4, 4], as a share of its highest score."""
    theta = np.linspace(-THETA_LIMIT, THETA_LIMIT, 33)
    width, height = SMALL
    share = expected_score(_arrays(parameters), theta)[0] / len(parameters.difficulty)
    across = Axis(-THETA_LIMIT, THETA_LIMIT, 0, width, "", [])
    plot = Plot(across, Axis(0, 1, height - 1, 1, "", []), width, height)
    return format_html(
        '<svg class="icc-small" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}"><path class="icc-axis" d="M{} 0V{}M0 {}H{}"/>{}</svg>',
        *(width, height, width, height, _("Item characteristic curve")),
        *(width // 2, height, height - 1, width),
        plot.curve("icc-line", theta, share),
    )


def curve_figure(curves: Sequence[Curve]) -> SafeString:
    """Response curves of one item under several parameter sets, with axes and a legend.

    Items scored 0 and 1 show P(correct). The others show one curve for each score: there colours
    tell the scores apart, and dashes the sets.
    """
    plot = _plot()
    names = ", ".join(curve.label for curve in curves)
    return plot.figure(
        _("Probability of each answer over θ: %(names)s") % {"names": names},
        *(_lines(plot, number, curve) for number, curve in enumerate(curves)),
        legend=_legend(curves),
    )


def _legend(curves: Sequence[Curve]) -> SafeString:
    top = max((len(curve.parameters.difficulty) for curve in curves), default=1)
    ink = " icc-category-any" if top > 1 else ""
    keys = [(f"icc-set-{number}{ink}", curve.label) for number, curve in enumerate(curves)]
    if top > 1:
        scores = range(top + 1)
        keys += [(_category(score), _("score %(score)s") % {"score": score}) for score in scores]
    return key_to(28, 8, [(_sample(kind), name) for kind, name in keys])


def _sample(kind: str) -> SafeString:
    return SafeString(f'<path class="line icc-line {kind}" d="M0 4H28"/>')


def _lines(plot: Plot, number: int, curve: Curve) -> SafeString:
    theta = np.linspace(-THETA_LIMIT, THETA_LIMIT, 81)
    probabilities = category_probabilities(_arrays(curve.parameters), theta)[0]
    has_steps = len(probabilities) > 2
    categories = range(len(probabilities)) if has_steps else (1,)
    return join(
        plot.curve(
            f"icc-line icc-set-{number}" + (f" {_category(category)}" if has_steps else ""),
            theta,
            probabilities[category],
        )
        for category in categories
    )


def _category(score: int) -> str:
    return f"icc-category-{score % 6}"


def _plot() -> Plot:
    left, right, top, bottom = MARGINS
    width, height = LARGE
    thetas = [(value, f"{value:g}") for value in range(-4, 5, 2)]
    shares = [(value, f"{value:g}") for value in (0, 0.5, 1)]
    return Plot(
        Axis(-THETA_LIMIT, THETA_LIMIT, left, width - right, "θ", thetas),
        Axis(0, 1, height - bottom, top, "", shares),
        width,
        height,
    )


def _arrays(item: Parameters) -> ItemParameters:
    asymptotes = (item.lower_asymptote, item.upper_asymptote)
    row = (Model(item.model), item.discrimination, item.difficulty, *asymptotes)
    return ItemParameters.from_rows([row])
