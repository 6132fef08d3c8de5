"""Item curves with empirical points, and the points as a table."""

from collections.abc import Iterable, Sequence

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import THETA_LIMIT, Plot
from common.report.section import Column, Figure, Table
from common.report.words import as_count, three_decimals, two_decimals
from irt.arrays import IntArray
from irt.models.curves import category_probabilities
from scoring.report.data import ReportData

_THETA = np.linspace(-THETA_LIMIT, THETA_LIMIT, 65)
_WIDTH, _HEIGHT = 270, 200
_COLOURS = 6


def item_figures(data: ReportData, items: IntArray, flags: Sequence[Sequence[str]]) -> list[Figure]:
    """A small figure for each of the items at `items`, its curves in the colours of the scores."""
    plot = Plot.of((-THETA_LIMIT, THETA_LIMIT, "θ"), (0, 1, ""), _WIDTH, _HEIGHT)
    curves = category_probabilities(data.parameters.take(items), _THETA)
    return [
        _figure(data, plot, item, own, flags[item])
        for item, own in zip(items.tolist(), curves, strict=True)
    ]


def points_table(data: ReportData) -> Table:
    """The empirical points of all items."""
    every = range(len(data.items))
    return Table(
        name="item_points",
        caption=_("Observed shares in stretches of θ, with intervals (95%)"),
        columns=[Column("item", _("item")), *_point_columns()],
        rows=[(data.items[item], *row) for item in every for row in _points(data, item)],
    )


def _figure(
    data: ReportData, plot: Plot, item: int, curves: np.ndarray, flags: Sequence[str]
) -> Figure:
    points = data.rmsd.points
    n_categories = int(data.parameters.n_categories[item])
    marks = []
    categories = _drawn(n_categories)
    for category in categories:
        kind = _kind(category, n_categories)
        row = points.offsets[item] + category
        shown = points.shown[item]
        theta = points.theta[item][shown]
        marks += [
            plot.curve(kind, _THETA, curves[category]),
            plot.whiskers(kind, theta, points.lower[row][shown], points.upper[row][shown]),
            plot.dots(kind, theta, points.proportion[row][shown], radius=3),
        ]
    told = {
        "item": data.items[item],
        "model": data.parameters.model[item],
        "rmsd": three_decimals(data.rmsd.rmsd[item]),
    }
    title = data.items[item]
    if flags:
        title = _("%(item)s, flagged: %(flags)s") % {
            "item": data.items[item],
            "flags": ", ".join(flags),
        }
    legend = [
        (_kind(category, n_categories), _("score %(score)d") % {"score": category})
        for category in categories
    ]
    rows = list(_points(data, item))
    return Figure(
        name=f"item-{item + 1}",
        title=title,
        description=_(
            "Probability of a score on item %(item)s (%(model)s) over θ, and the shares "
            "observed. RMSD %(rmsd)s."
        )
        % told,
        drawing=plot.drawing(*marks),
        width=plot.width,
        height=plot.height,
        legend=legend if n_categories > 2 else (),
        numbers=Table(
            name=f"points-{item + 1}",
            caption=_("Observed shares of %(item)s") % told,
            columns=_point_columns(),
            rows=rows,
            shown=range(len(rows)),
        ),
        is_small=True,
    )


def _drawn(n_categories: int) -> range:
    """Of two scores one tells all."""
    return range(1, 2) if n_categories == 2 else range(n_categories)


def _kind(category: int, n_categories: int) -> str:
    return f"series-{0 if n_categories == 2 else category % _COLOURS}"


def _point_columns() -> list[Column]:
    return [
        Column("theta", "θ", two_decimals),
        Column("score", _("score"), as_count),
        Column("persons", _("persons"), as_count),
        Column("observed", _("observed"), two_decimals),
        Column("lower", _("from"), two_decimals),
        Column("upper", _("to"), two_decimals),
        Column("expected", _("expected"), two_decimals),
    ]


def _points(data: ReportData, item: int) -> Iterable[tuple[object, ...]]:
    """theta, score, persons, observed, lower, upper and expected of each point of the item."""
    points = data.rmsd.points
    for band in np.flatnonzero(points.shown[item]).tolist():
        for score in _drawn(int(data.parameters.n_categories[item])):
            row = points.offsets[item] + score
            yield (
                float(points.theta[item, band]),
                score,
                float(points.persons[item, band]),
                float(points.proportion[row, band]),
                float(points.lower[row, band]),
                float(points.upper[row, band]),
                float(points.expected[row, band]),
            )
