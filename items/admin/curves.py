"""Item characteristic curves as SVG, drawn on the server.

Colours and dashes come from `static/css/admin.css`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, grid, points, polyline
from irt.models.curves import category_probabilities, expected_score
from irt.models.parameters import ItemParameters, Model
from items.item_parameters import Parameters

THETA_LIMIT = 4.0
SMALL = (72, 26)
LARGE = (340, 220)
MARGIN_LEFT, MARGIN_BOTTOM, MARGIN_TOP, MARGIN_RIGHT = 28, 38, 8, 8


class Curve(NamedTuple):
    """One set of parameters in a figure, and its name in the legend."""

    label: str
    parameters: Parameters


def small_curve(parameters: Parameters) -> SafeString:
    """The expected score of one item over θ in [-4, 4], as a share of its highest score."""
    theta = np.linspace(-THETA_LIMIT, THETA_LIMIT, 33)
    width, height = SMALL
    share = expected_score(_arrays(parameters), theta)[0] / len(parameters.difficulty)
    x = (theta + THETA_LIMIT) / (2 * THETA_LIMIT) * width
    y = 1 + (1 - share) * (height - 2)
    return format_html(
        '<svg class="icc-small" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}"><path class="icc-axis" d="M{} 0V{}M0 {}H{}"/>'
        '<polyline class="icc-line" points="{}"/></svg>',
        *(width, height, width, height, _("Item characteristic curve")),
        *(width // 2, height, height - 1, width),
        points(x, y),
    )


def curve_figure(curves: Sequence[Curve]) -> SafeString:
    """Response curves of one item under several parameter sets, with axes and a legend.

    Items scored 0 and 1 show P(correct). The others show one curve for each score: there colours
    tell the scores apart, and dashes the sets.
    """
    width, height = LARGE
    axes = _axes()
    lines = format_html_join(
        "", "{}", ((_lines(n, curve, *axes),) for n, curve in enumerate(curves))
    )
    names = ", ".join(curve.label for curve in curves)
    return format_html(
        '<figure class="icc"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>'
        '<figcaption><ul class="icc-legend">{}</ul></figcaption></figure>',
        *(width, height, _("Probability of each answer over θ: %(names)s") % {"names": names}),
        *(grid(*axes), lines, _legend(curves)),
    )


def _legend(curves: Sequence[Curve]) -> SafeString:
    top = max((len(curve.parameters.difficulty) for curve in curves), default=1)
    ink = " icc-category-any" if top > 1 else ""
    keys = [(f"icc-set-{number}{ink}", curve.label) for number, curve in enumerate(curves)]
    if top > 1:
        scores = range(top + 1)
        keys += [(_category(score), _("score %(score)s") % {"score": score}) for score in scores]
    return format_html_join(
        "",
        '<li><svg class="icc-key" viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">'
        '<path class="icc-line {}" d="M0 4H28"/></svg>{}</li>',
        keys,
    )


def _lines(number: int, curve: Curve, across: Axis, upward: Axis) -> SafeString:
    theta = np.linspace(-THETA_LIMIT, THETA_LIMIT, 81)
    probabilities = category_probabilities(_arrays(curve.parameters), theta)[0]
    has_steps = len(probabilities) > 2
    categories = range(len(probabilities)) if has_steps else (1,)
    return format_html_join(
        "",
        "{}",
        (
            (
                polyline(
                    f"icc-line icc-set-{number}" + (f" {_category(category)}" if has_steps else ""),
                    across.places(theta),
                    upward.places(probabilities[category]),
                ),
            )
            for category in categories
        ),
    )


def _category(score: int) -> str:
    return f"icc-category-{score % 6}"


def _axes() -> tuple[Axis, Axis]:
    width, height = LARGE
    thetas = [(value, f"{value:g}") for value in range(-4, 5, 2)]
    shares = [(value, f"{value:g}") for value in (0, 0.5, 1)]
    return (
        Axis(-THETA_LIMIT, THETA_LIMIT, MARGIN_LEFT, width - MARGIN_RIGHT, "θ", thetas),
        Axis(0, 1, height - MARGIN_BOTTOM, MARGIN_TOP, "", shares),
    )


def _arrays(item: Parameters) -> ItemParameters:
    asymptotes = (item.lower_asymptote, item.upper_asymptote)
    row = (Model(item.model), item.discrimination, item.difficulty, *asymptotes)
    return ItemParameters.from_rows([row])
