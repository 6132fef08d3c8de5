"""Pictures of DIF: the differences of all items, and the curves of the groups on single items."""

from collections.abc import Sequence

import numpy as np
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from scipy.special import ndtri

from common.report.axes import linear_axis
from common.report.plot import THETA_LIMIT, Margins, Plot
from common.report.section import Column, Figure, Table
from common.report.words import as_count, shorten, two_decimals
from irt.arrays import BoolArray, IntArray
from irt.dif.logistic_regression import LogisticRegression
from irt.dif.matching import AbilityBands
from irt.dif.tables import EmpiricalCurves, empirical_curves
from scoring.files.calibration_inputs import Groups
from scoring.report.data import ReportData

_ROW, _LEFT, _WIDTH = 18, 90, 420
# ETS: |MH D-DIF| of 1 and 1.5, as log odds ratios.
_MODERATE, _LARGE = 1.0 / 2.35, 1.5 / 2.35
_SPAN_LIMIT = 3.0
_ITEMS_DRAWN, _CURVES_DRAWN = 40, 12
_NAME_LENGTH = 12
_COLOURS = 6


def effect_figure(
    data: ReportData, groups: Groups, found: LogisticRegression, shown: IntArray
) -> Figure:
    """Log odds ratios with 95% intervals, an item a row."""
    effect = found.group_effect[:, shown]
    order = np.argsort(-np.nan_to_num(np.abs(effect).max(axis=0)), kind="stable")[:_ITEMS_DRAWN]
    items = shown[np.sort(order)]
    half = ndtri(0.975) * found.group_effect_se[:, items]
    effect = found.group_effect[:, items]
    reach = np.nanmax(np.append(np.abs(effect) + half, 1.0))
    span = min(float(reach) * 1.05, _SPAN_LIMIT)
    across = linear_axis(-span, span, _LEFT, _WIDTH - 10, _("log odds ratio"), at_most=6)
    names = [shorten(data.items[item], _NAME_LENGTH) for item in items.tolist()]
    plot = Plot.of_rows(names, across, Margins(_LEFT, right=10, top=8, bottom=46), row=_ROW)
    rules = [
        plot.upright("limit" if abs(at) > 0.5 else "close", at)
        for at in (-_LARGE, -_MODERATE, _MODERATE, _LARGE)
        if abs(at) < span
    ]
    n_focal, n_rows = effect.shape
    intervals = [
        plot.interval(
            _kind(focal + 1),
            (middle - width, middle, middle + width),
            row + 0.5 + (focal - (n_focal - 1) / 2) * 5 / _ROW,
        )
        for row in range(n_rows)
        for focal in range(n_focal)
        for middle, width in [(effect[focal, row], half[focal, row])]
        if np.isfinite(middle + width)
    ]
    return Figure(
        name="dif-effects",
        title=_("Difference between groups at equal ability"),
        description=_(
            "Left of 0 the item is harder for the group than for the reference %(reference)s, "
            "right of it easier, with 95%% intervals. Beyond the inner lines a difference is "
            "moderate, beyond the outer ones large."
        )
        % {"reference": groups.names[0]},
        drawing=plot.drawing(*rules, *intervals),
        width=plot.width,
        height=plot.height,
        legend=[(f"dot {_kind(at)}", name) for at, name in enumerate(groups.names) if at > 0],
    )


def group_curves(data: ReportData, groups: Groups, flagged: BoolArray) -> list[Figure]:
    """Mean scores of the groups over ability, for the flagged items.

    Persons are matched on the items that are not flagged, in ten bands of equal size.
    """
    items = np.flatnonzero(flagged)[:_CURVES_DRAWN].tolist()
    if not items:
        return []
    anchors = np.ones_like(flagged) if flagged.all() else ~flagged
    matching = AbilityBands(data.parameters, data.grid, n_bands=10)
    curves = empirical_curves(data.responses, groups.member, matching=matching, anchors=anchors)
    return [_curve(data, groups, curves, item) for item in items]


def _curve(data: ReportData, groups: Groups, curves: EmpiricalCurves, item: int) -> Figure:
    highest = float(data.parameters.n_categories[item] - 1)
    plot = Plot.of((-THETA_LIMIT, THETA_LIMIT, "θ"), (0, highest, ""), 270, 200)
    marks: list[SafeString] = []
    rows: list[tuple[object, ...]] = []
    for group, name in enumerate(groups.names):
        there = curves.n_persons[item, :, group] > 0
        values, mean = curves.values[there], curves.mean[item, there, group]
        marks += [
            plot.curve(_kind(group), values, mean),
            plot.dots(_kind(group), values, mean, radius=2.5),
        ]
        persons = curves.n_persons[item, there, group]
        rows += zip(
            [name] * len(values), values.tolist(), persons.tolist(), mean.tolist(), strict=True
        )
    return Figure(
        name=f"dif-{item + 1}",
        title=data.items[item],
        description=_("Mean score on %(item)s of the groups at equal ability θ.")
        % {"item": data.items[item]},
        drawing=plot.drawing(*marks),
        width=plot.width,
        height=plot.height,
        legend=[(_kind(at), name) for at, name in enumerate(groups.names)],
        numbers=_numbers(item, rows),
        is_small=True,
    )


def _numbers(item: int, rows: Sequence[Sequence[object]]) -> Table:
    return Table(
        name=f"dif-points-{item + 1}",
        caption=_("Mean scores of the groups"),
        columns=[
            Column("group", _("group")),
            Column("theta", "θ", two_decimals),
            Column("persons", _("persons"), as_count),
            Column("mean", _("mean score"), two_decimals),
        ],
        rows=rows,
        shown=range(len(rows)),
    )


def _kind(group: int) -> str:
    return f"series-{group % _COLOURS}"
