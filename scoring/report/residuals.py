"""Section: standardised residuals of items in stretches of ability."""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals, three_decimals, two_decimals
from irt.arrays import BoolArray, FloatArray, IntArray
from scoring.report.data import ReportData
from scoring.report.heat_map import WIDTH, heat_map

_LIMITS = (1.0, 2.0, 3.0, 4.0)
_BEYOND = 1.96
_ITEMS_DRAWN = 40
# By chance about 4% lie beyond; of items calibrated from the same responses hardly any, because
# their curves follow these persons (benchmarks/error_rates_fit.py).
_SOME, _SOME_CALIBRATED, _MANY = 0.06, 0.02, 0.15


@dataclass(frozen=True, eq=False)
class Residuals:
    """Mean scores of J items in B bands of ability as shares of the highest score, (J, B) each.

    standardised is (observed - expected) / standard error; NaN where `shown` is false.
    """

    theta: FloatArray
    persons: FloatArray
    observed: FloatArray
    expected: FloatArray
    standardised: FloatArray
    shown: BoolArray


def residuals(data: ReportData) -> Section:
    """A heat map of the items with the largest residuals; all of them in the file."""
    found = band_residuals(data)
    items = _drawn(found)
    return Section(
        name="residuals",
        title=_("Residuals"),
        shows=_(
            "Where on the scale an item is answered better or worse than its curve says, in "
            "standard errors."
        ),
        verdict=_verdict(found, bool(data.estimated.any())),
        figures=[_figure(data, found, items)] if items.size else [],
        tables=[_table(data, found)],
        notes=[
            _(
                "By chance about one residual in 25 lies beyond ±1.96, and hardly any where "
                "the items were calibrated from the same responses, because the curves then follow "
                "these very persons."
            )
        ],
    )


def band_residuals(data: ReportData) -> Residuals:
    """From the empirical points of the items' curves."""
    points, highest = data.rmsd.points, data.parameters.n_categories - 1
    score = np.concatenate([np.arange(n + 1) for n in highest.tolist()])[:, None]

    def mean_of(values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, points.offsets[:-1], axis=0))

    observed, expected = mean_of(points.proportion * score), mean_of(points.expected * score)
    variance = mean_of(points.expected * score**2) - expected**2
    with np.errstate(divide="ignore", invalid="ignore"):  # nobody, or nothing can vary
        standardised = (observed - expected) / np.sqrt(variance / points.effective_persons)
    shown = points.shown & np.isfinite(standardised)
    return Residuals(
        theta=points.theta,
        persons=points.persons,
        observed=observed / highest[:, None],
        expected=expected / highest[:, None],
        standardised=np.where(shown, standardised, np.nan),
        shown=shown,
    )


def _drawn(found: Residuals) -> IntArray:
    """The items with the largest residuals, in their order."""
    size = np.where(found.shown, np.abs(found.standardised), -1).max(axis=1)
    largest = np.argsort(-size, kind="stable")[:_ITEMS_DRAWN]
    return np.sort(largest[size[largest] >= 0])


def _verdict(found: Residuals, is_calibrated: bool) -> Verdict:
    judged = int(found.shown.sum())
    if judged == 0:
        return Verdict(
            Level.NONE,
            _("No item has enough persons in any stretch of the scale."),
            _("Collect more responses."),
        )
    beyond = int((np.abs(found.standardised[found.shown]) > _BEYOND).sum())
    share = beyond / judged
    text = ngettext(
        "%(count)s of %(judged)s residuals (%(share)s) is beyond ±1.96.",
        "%(count)s of %(judged)s residuals (%(share)s) are beyond ±1.96.",
        beyond,
    ) % {"count": as_count(beyond), "judged": as_count(judged), "share": as_share(share)}
    if share <= (_SOME_CALIBRATED if is_calibrated else _SOME):
        return Verdict(Level.GOOD, text, _("Nothing needs to be done."))
    return Verdict(
        Level.LOOK if share <= _MANY else Level.ACT,
        text,
        _(
            "Look for rows of one colour (an item that is easier or harder than its "
            "parameters say) and for rows that change colour (a slope that is too flat or too "
            "steep); a column of one colour means that the distribution of ability is off."
        ),
    )


def _figure(data: ReportData, found: Residuals, items: IntArray) -> Figure:
    bands = np.flatnonzero(found.shown.any(axis=0))
    values = found.standardised[np.ix_(items, bands)]
    centres = np.nanmean(np.where(found.shown, found.theta, np.nan)[:, bands], axis=0)
    heads = [decimals(1)(centre) for centre in centres]
    names = [data.items[item] for item in items.tolist()]
    titles = [
        [f"{name}, θ {head}: {two_decimals(value)}" for head, value in zip(heads, own, strict=True)]
        for name, own in zip(names, values.tolist(), strict=True)
    ]
    drawing, height = heat_map(names, heads, values, _LIMITS, titles)
    return Figure(
        name="residuals-map",
        title=_("Standardised residuals by item and ability θ"),
        description=_(
            "Orange: more points than expected; blue: fewer; the deeper the colour, the more, from "
            "1, 2, 3 and 4 standard errors. Columns are mean abilities θ."
        ),
        drawing=drawing,
        width=WIDTH,
        height=height,
        legend=[
            ("cell-above-3", _("more points")),
            ("cell-0", _("as expected")),
            ("cell-below-3", _("fewer points")),
        ],
    )


def _table(data: ReportData, found: Residuals) -> Table:
    item, band = np.nonzero(found.shown)
    order = np.argsort(-np.abs(found.standardised[item, band]), kind="stable")
    item, band = item[order], band[order]
    columns = (
        [data.items[at] for at in item],
        found.theta[item, band].tolist(),
        found.persons[item, band].tolist(),
        found.observed[item, band].tolist(),
        found.expected[item, band].tolist(),
        found.standardised[item, band].tolist(),
    )
    return Table(
        name="residuals",
        caption=_("Residuals by size"),
        columns=[
            Column("item", _("item")),
            Column("theta", "θ", two_decimals),
            Column("persons", _("persons"), as_count),
            Column("observed", _("observed share of points"), three_decimals),
            Column("expected", _("expected"), three_decimals),
            Column("residual", _("residual"), two_decimals),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(order), 20)),
    )
