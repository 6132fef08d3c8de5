"""Section: persons and items on one scale (a Wright map)."""

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.report.axes import Axis, join, label, linear_axis
from common.report.plot import Margins, Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals, shorten, two_decimals
from irt.arrays import FloatArray, IntArray
from irt.models.parameters import ItemParameters
from scoring.report.data import ReportData

_LIMIT, _STEP = 4.0, 0.25
_WIDTH, _HEIGHT = 420, 460
_LEFT, _MIDDLE = 40, 200
_LETTER = 7.0  # pixels of a letter at the size of labels
_NAME_LENGTH = 10

# The persons' middle and the items' middle may differ by this many SDs of the persons.
_OFF_TARGET = 1.0


def person_item_map(data: ReportData) -> Section:
    """Histogram of EAP on the left, the items' difficulties (steps by themselves) on the right."""
    item, step, place = _difficulties(data.parameters)
    return Section(
        name="person-item-map",
        title=_("Person-item map"),
        shows=_(
            "Persons and items on the same scale: where a person stands beside an item, the "
            "person masters it about half of the time."
        ),
        verdict=_verdict(data, place),
        figures=[_figure(data, item, step, place)],
        tables=[_table(data, place), _item_places(data, item, step, place)],
    )


def _difficulties(parameters: ItemParameters) -> tuple[IntArray, IntArray, FloatArray]:
    """Item, step (from 0) and place of every difficulty."""
    item, step = np.nonzero(np.isfinite(parameters.difficulty))
    return item, step, parameters.difficulty[item, step]


def _verdict(data: ReportData, place: FloatArray) -> Verdict:
    persons, items = float(np.mean(data.theta.theta)), float(np.median(place))
    gap = (persons - items) / max(float(np.std(data.theta.theta)), 1e-9)
    told = {"persons": two_decimals(persons), "items": two_decimals(items)}
    where = _("The persons' mean is %(persons)s, the items' median difficulty %(items)s.") % told
    if gap > _OFF_TARGET:
        return Verdict(
            Level.LOOK,
            _("The test is easy for these persons.") + " " + where,
            _("Write harder items: able persons are measured with few items near them."),
        )
    if gap < -_OFF_TARGET:
        return Verdict(
            Level.LOOK,
            _("The test is hard for these persons.") + " " + where,
            _("Write easier items: less able persons are measured with few items near them."),
        )
    return Verdict(
        Level.GOOD,
        _("The items are as difficult as the persons are able.") + " " + where,
        _("Look for stretches of the scale with many persons and no item: write items there."),
    )


def _figure(data: ReportData, item: IntArray, step: IntArray, place: FloatArray) -> Figure:
    top, bottom = Margins().top, _HEIGHT - Margins().bottom
    upward = linear_axis(-_LIMIT, _LIMIT, bottom, top, "θ")
    plot = Plot(Axis(0, 1, _LEFT, _WIDTH - 8, "", []), upward, _WIDTH, _HEIGHT)
    edges = np.arange(-_LIMIT, _LIMIT + _STEP / 2, _STEP)
    labels = [
        data.items[j] + (f".{k + 1}" if data.parameters.n_categories[j] > 2 else "")
        for j, k in zip(item.tolist(), step.tolist(), strict=True)
    ]
    heads = (
        label(_MIDDLE - 8, _HEIGHT - 14, _("persons"), "end"),
        label(_MIDDLE + 8, _HEIGHT - 14, _("items"), "start"),
    )
    spine = format_html('<path class="icc-axis" d="M{} {}V{}"/>', _MIDDLE, top, bottom)
    return Figure(
        name="wright-map",
        title=_("Persons (left) and items (right) along θ"),
        description=_(
            "Each bar counts the persons at that ability, each name stands at the difficulty of "
            "the item (with .1, .2 … at the steps of an item with several scores). A plus and a "
            "number tell how many more stand there; the file has them all."
        ),
        drawing=plot.drawing(
            _persons(data.theta.theta, edges, upward),
            spine,
            _names(labels, place, edges, upward),
            *heads,
        ),
        width=_WIDTH,
        height=_HEIGHT,
    )


def _persons(theta: FloatArray, edges: FloatArray, upward: Axis) -> SafeString:
    counts = np.histogram(theta.clip(edges[0], edges[-1]), edges)[0]
    length = counts / max(counts.max(), 1) * (_MIDDLE - _LEFT - 4)
    y = upward.places(edges)
    path = "".join(
        f"M{_MIDDLE} {low:.1f}H{_MIDDLE - own:.1f}V{high:.1f}H{_MIDDLE}Z"
        for own, low, high in zip(length, y[:-1], y[1:], strict=True)
        if own > 0
    )
    return format_html('<path class="bar people" d="{}"/>', path)


def _names(labels: list[str], place: FloatArray, edges: FloatArray, upward: Axis) -> SafeString:
    """The labels of each band in one line, as many as there is room for."""
    band = np.digitize(place, edges[1:-1])
    room = int((_WIDTH - 8 - _MIDDLE - 8) / _LETTER)
    texts = []
    for own in np.unique(band).tolist():
        members = [labels[at] for at in np.flatnonzero(band == own)]
        y = upward.place((edges[own] + edges[own + 1]) / 2) + 4
        texts.append(
            format_html(
                '<text class="icc-tick item-name" x="{}" y="{}"><title>{}</title>{}</text>',
                *(_MIDDLE + 8, f"{y:.1f}", ", ".join(members), _line(members, room)),
            )
        )
    return join(texts)


def _line(members: list[str], room: int) -> str:
    line: list[str] = []
    for count, name in enumerate(members):
        short = shorten(name, _NAME_LENGTH)
        rest = f"+{len(members) - count}"
        if len(" ".join([*line, short])) + (len(rest) + 1) * (count + 1 < len(members)) > room:
            return " ".join([*line, rest])
        line.append(short)
    return " ".join(line)


def _table(data: ReportData, place: FloatArray) -> Table:
    edges = np.arange(-_LIMIT, _LIMIT + 0.25, 0.5)
    persons = np.histogram(data.theta.theta.clip(-_LIMIT, _LIMIT), edges)[0]
    items = np.histogram(place.clip(-_LIMIT, _LIMIT), edges)[0]
    return Table(
        name="person_item_map",
        caption=_("Persons and difficulties in each stretch of the scale; the ends are open"),
        columns=[
            Column("from", _("θ from"), decimals(1)),
            Column("to", _("to"), decimals(1)),
            Column("persons", _("persons"), as_count),
            Column("share", _("share"), as_share),
            Column("difficulties", _("items or steps"), as_count),
        ],
        rows=list(
            zip(
                edges[:-1].tolist(),
                edges[1:].tolist(),
                persons.tolist(),
                (persons / persons.sum()).tolist(),
                items.tolist(),
                strict=True,
            )
        ),
    )


def _item_places(data: ReportData, item: IntArray, step: IntArray, place: FloatArray) -> Table:
    order = np.argsort(place)
    return Table(
        name="difficulties",
        caption=_("Items and steps from the hardest to the easiest"),
        columns=[
            Column("item", _("item")),
            Column("step", _("step"), as_count),
            Column("difficulty", _("difficulty"), two_decimals),
        ],
        rows=[
            (data.items[item[at]], int(step[at]) + 1, float(place[at]))
            for at in order[::-1].tolist()
        ],
        shown=range(min(len(order), 12)),
    )
