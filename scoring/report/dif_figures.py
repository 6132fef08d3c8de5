"""Pictures of DIF: the differences of all items, and the curves of the groups on single items."""

from collections.abc import Sequence

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from scipy.special import ndtri

from common.report.axes import Axis, grid, round_steps
from common.report.plot import THETA_LIMIT, Plot, join
from common.report.section import Column, Figure, Table
from common.report.words import as_count, two_decimals
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
    height = 14 + _ROW * len(items) + 40
    ticks = [(value, f"{value:g}") for value in round_steps(-span, span, 6)]
    across = Axis(-span, span, _LEFT, _WIDTH - 10, _("log odds ratio"), ticks)
    upward = Axis(0, len(items), height - 42, 8, "", [])
    plot = Plot(across, upward, _WIDTH, height)
    marks = [
        plot.upright("limit" if abs(at) > 0.5 else "close", at)
        for at in (-_LARGE, -_MODERATE, _MODERATE, _LARGE)
        if abs(at) < span
    ]
    n_focal = len(effect)
    for row, item in enumerate(items.tolist()):
        foot = upward.place(len(items) - row - 0.5)
        name = data.items[item]
        short = name if len(name) <= _NAME_LENGTH else name[: _NAME_LENGTH - 1] + "…"
        marks.append(
            format_html(
                '<text class="icc-tick" x="{}" y="{}" text-anchor="end">{}</text>',
                *(_LEFT - 6, f"{foot + 4:.1f}", short),
            )
        )
        for focal in range(n_focal):
            if not np.isfinite(effect[focal, row] + half[focal, row]):
                continue
            y = foot + (focal - (n_focal - 1) / 2) * 5
            low, middle, high = across.places(
                effect[focal, row] + half[focal, row] * np.array([-1.0, 0.0, 1.0])
            ).tolist()
            marks.append(
                format_html(
                    '<path class="whisker {0}" d="M{1} {2}H{3}"/>'
                    '<circle class="dot {0}" cx="{4}" cy="{2}" r="3.5"/>',
                    *(_kind(focal + 1), f"{low:.1f}", f"{y:.1f}", f"{high:.1f}", f"{middle:.1f}"),
                )
            )
    return Figure(
        name="dif-effects",
        title=_("Difference between groups at equal ability"),
        description=_(
            "Left of 0 the item is harder for the group than for the reference %(reference)s, "
            "right of it easier, with 95%% intervals. Beyond the inner lines a difference is "
            "moderate, beyond the outer ones large."
        )
        % {"reference": groups.names[0]},
        drawing=join([grid(across, upward), *marks]),
        width=_WIDTH,
        height=height,
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
