"""Section: response times, and how seriously the test was taken."""

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.plot import Plot
from common.report.section import (
    ROWS_SHOWN,
    Column,
    Figure,
    Level,
    Section,
    Table,
    Verdict,
    not_computed,
)
from common.report.words import as_count, as_p, as_share, decimals, three_decimals, two_decimals
from irt.response_times.effort import ResponseTimeEffort, response_time_effort
from irt.response_times.lognormal import LognormalItems, fit_lognormal
from irt.response_times.speed import Speed, estimate_speed
from irt.response_times.times import ResponseTimeError, ResponseTimes
from scoring.report.data import ReportData
from scoring.report.limits import LEAST_EFFORT, adjust_p_values
from scoring.report.statuses import status_words

_EDGES = np.linspace(0, 1, 21)
_PERSONS_SHOWN = 20
# A test that this share took without effort says little about anybody.
_MANY = 0.05


def times(data: ReportData, given: ResponseTimes) -> Section:
    """Lognormal model, speed of the persons, response-time effort."""
    name, title = "times", _("Response times")
    shows = _(
        "How long the items take, how fast the persons work, and who answered faster than "
        "anybody can read."
    )
    try:
        items = fit_lognormal(given)
    except ResponseTimeError as error:
        return not_computed(name, title, shows, error)
    speed, effort = estimate_speed(given, items), response_time_effort(given)
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=_verdict(effort),
        figures=[_effort_figure(effort), _intensity_figure(data, items)],
        tables=[_item_table(data, items, effort), _person_table(data, speed, effort)],
        notes=[
            _(
                "Response-time effort is the share of answers that took at least a tenth of the "
                "item's mean time, ten seconds at most (Wise and Kong 2005); below %(limit)s it "
                "counts as low. Times are modelled as lognormal (van der Linden 2006)."
            )
            % {"limit": two_decimals(LEAST_EFFORT)}
        ],
    )


def _verdict(effort: ResponseTimeEffort) -> Verdict:
    judged, low = int(np.isfinite(effort.effort).sum()), int(effort.low_effort.sum())
    text = ngettext(
        "%(count)s of %(judged)s persons shows low effort.",
        "%(count)s of %(judged)s persons show low effort.",
        low,
    ) % {"count": as_count(low), "judged": as_count(judged)}
    if low == 0:
        return Verdict(Level.GOOD, text, _("Nothing needs to be done."))
    return Verdict(
        Level.LOOK if low <= _MANY * judged else Level.ACT,
        text,
        _(
            "Leave rapid guesses out of a calibration, and do not report abilities of persons "
            "with low effort without a remark."
        ),
    )


def _effort_figure(effort: ResponseTimeEffort) -> Figure:
    known = effort.effort[np.isfinite(effort.effort)]
    counts = np.histogram(known, _EDGES)[0]
    plot = Plot.of(
        (0, 1, _("response-time effort")), (0, 1.08 * max(int(counts.max()), 1), _("persons"))
    )
    return Figure(
        name="effort",
        title=_("Response-time effort of the persons"),
        description=_("Bars count persons; those left of the line show low effort."),
        drawing=plot.drawing(
            plot.bars("people", _EDGES, counts.astype(float)),
            plot.upright("limit", LEAST_EFFORT),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("people", _("persons"))],
        numbers=Table(
            name="effort-distribution",
            caption=_("Persons in each stretch of effort"),
            columns=[
                Column("from", _("effort from"), two_decimals),
                Column("to", _("to"), two_decimals),
                Column("persons", _("persons"), as_count),
            ],
            rows=list(zip(_EDGES[:-1].tolist(), _EDGES[1:].tolist(), counts.tolist(), strict=True)),
        ),
    )


def _intensity_figure(data: ReportData, items: LognormalItems) -> Figure:
    known = np.isfinite(items.intensity)
    difficulty = np.nanmean(data.parameters.difficulty, axis=1)[known]
    seconds = np.exp(items.intensity[known])
    top = 1.08 * float(seconds.max())
    plot = Plot.of((-4, 4, _("difficulty")), (0, top, _("typical seconds")))
    names = [data.items[item] for item in np.flatnonzero(known)]
    return Figure(
        name="time-intensity",
        title=_("Typical time and difficulty of the items"),
        description=_(
            "Each point is an item. Items far above the others of their difficulty cost time "
            "without telling more."
        ),
        drawing=plot.drawing(plot.dots("series-0", difficulty, seconds, names)),
        width=plot.width,
        height=plot.height,
    )


def _item_table(data: ReportData, items: LognormalItems, effort: ResponseTimeEffort) -> Table:
    columns = (
        data.items,
        np.exp(items.intensity).tolist(),
        items.intensity.tolist(),
        items.intensity_se.tolist(),
        items.discrimination.tolist(),
        items.discrimination_se.tolist(),
        effort.threshold.tolist(),
        effort.rapid_share.tolist(),
        [status_words(status) for status in items.status],
    )
    order = np.argsort(-np.nan_to_num(effort.rapid_share), kind="stable")
    return Table(
        name="item_times",
        caption=_("Times of the items"),
        columns=[
            Column("item", _("item")),
            Column("seconds", _("typical seconds"), decimals(1)),
            Column("intensity", _("time intensity"), two_decimals),
            Column("intensity_se", _("standard error"), three_decimals),
            Column(
                "discrimination",
                _("time discrimination"),
                two_decimals,
            ),
            Column("discrimination_se", _("standard error"), three_decimals),
            Column("threshold", _("rapid below seconds"), decimals(1)),
            Column("rapid_share", _("rapid answers"), as_share),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=np.sort(order[:ROWS_SHOWN]).tolist(),
    )


def _person_table(data: ReportData, speed: Speed, effort: ResponseTimeEffort) -> Table:
    p_value = adjust_p_values(speed.p_value)
    order = np.lexsort((np.nan_to_num(p_value, nan=1.0), np.nan_to_num(effort.effort, nan=2.0)))
    columns = (
        [data.persons[at] for at in order],
        effort.effort[order].tolist(),
        speed.speed[order].tolist(),
        speed.standard_error[order].tolist(),
        p_value[order].tolist(),
        [status_words(status) for status in speed.status[order]],
    )
    return Table(
        name="person_times",
        caption=_("Effort and speed of the persons, the lowest effort first"),
        columns=[
            Column("person", _("person")),
            Column("effort", _("effort"), two_decimals),
            Column("speed", _("speed"), two_decimals),
            Column("speed_se", _("standard error"), two_decimals),
            Column("p_adjusted", _("p of even speed, adjusted"), as_p),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(order), _PERSONS_SHOWN)),
        marked=frozenset(np.flatnonzero(effort.low_effort[order]).tolist()),
    )
