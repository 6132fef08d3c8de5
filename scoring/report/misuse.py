"""Sections: pairs of persons with the same answers, and persons who knew items beforehand."""

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import THETA_LIMIT, Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict, not_computed
from common.report.words import as_count, as_p, as_share, decimals, two_decimals
from irt.arrays import BoolArray, FloatArray
from irt.misuse.answer_similarity import AnswerSimilarity, answer_similarity
from irt.misuse.preknowledge import Preknowledge, preknowledge
from irt.responses import ResponseError
from scoring.report.data import ReportData
from scoring.report.limits import ERROR_RATE, adjust_p_values
from scoring.report.statuses import status_words

_ROWS_SHOWN = 20
_PAIRS_DRAWN = 2000


def similarity(data: ReportData) -> Section:
    """The generalized binomial test of all pairs of persons."""
    name, title = "similarity", _("Answers in common")
    shows = _(
        "Whether two persons gave the same answers more often than two persons of their "
        "abilities who work alone."
    )
    try:
        found = answer_similarity(data.responses, data.theta.theta)
    except ResponseError as error:
        return not_computed(name, title, shows, error)
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=_pair_verdict(found),
        figures=[_pair_figure(data, found)] if len(found.pair) else [],
        tables=[_pair_table(data, found)],
        notes=[
            _(
                "Scores are compared, not the options that were chosen: with the options the test "
                "would find more. Flags hold for all %(pairs)s pairs together (Bonferroni); pairs "
                "with a p-value up to 0.001 are listed."
            )
            % {"pairs": as_count(found.n_compared)}
        ],
    )


def _pair_verdict(found: AnswerSimilarity) -> Verdict:
    count = int(found.flagged.sum())
    text = _("%(count)s of %(pairs)s pairs of persons answered too much alike.") % {
        "count": as_count(count),
        "pairs": as_count(found.n_compared),
    }
    if count == 0:
        return Verdict(Level.GOOD, text, _("Nothing needs to be done."))
    return Verdict(
        Level.ACT,
        text,
        _(
            "Ask where and when these persons sat. A flag is a question to look into, never a "
            "verdict on a person."
        ),
    )


def _pair_figure(data: ReportData, found: AnswerSimilarity) -> Figure:
    drawn = slice(0, _PAIRS_DRAWN)
    expected, matches = found.expected[drawn], found.n_matches[drawn].astype(float)
    flagged = found.flagged[drawn]
    top = float(len(data.items))
    plot = Plot.of((0, top, _("answers in common, expected")), (0, top, _("observed")))
    ends = np.array([0.0, top])
    return Figure(
        name="pairs",
        title=_("Answers in common of the most similar pairs"),
        description=_(
            "Each point is a pair of persons; the higher above the line, the more of their "
            "answers agree beyond what is expected."
        ),
        drawing=plot.drawing(
            plot.curve("rule", ends, ends),
            plot.dots("series-0", expected[~flagged], matches[~flagged], radius=2.5),
            plot.dots("flagged", expected[flagged], matches[flagged]),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("dot series-0", _("not flagged")), ("dot flagged", _("flagged"))],
    )


def _pair_table(data: ReportData, found: AnswerSimilarity) -> Table:
    columns = (
        [data.persons[at] for at in found.pair[:, 0]],
        [data.persons[at] for at in found.pair[:, 1]],
        found.n_common.tolist(),
        found.n_matches.tolist(),
        found.expected.tolist(),
        found.p_value.tolist(),
        found.flagged.astype(int).tolist(),
    )
    return Table(
        name="similar_pairs",
        caption=_("Pairs of persons by p-value"),
        columns=[
            Column("person", _("person")),
            Column("other", _("other person")),
            Column("common", _("items of both"), as_count),
            Column("matches", _("same answers"), as_count),
            Column("expected", _("expected"), decimals(1)),
            Column("p", _("p"), as_p),
            Column("flagged", None),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(found.pair), _ROWS_SHOWN)),
        marked=frozenset(np.flatnonzero(found.flagged).tolist()),
    )


def known_beforehand(data: ReportData, compromised: BoolArray) -> Section:
    """The signed likelihood ratio of abilities on compromised and on secure items."""
    name, title = "preknowledge", _("Items known beforehand")
    shows = _(
        "Whether persons did better on the compromised items than their answers to the secure "
        "ones lead to expect."
    )
    try:
        found = preknowledge(data.responses, data.parameters, compromised)
    except ResponseError as error:
        return not_computed(name, title, shows, error)
    p_value = adjust_p_values(found.p_value)
    with np.errstate(invalid="ignore"):  # NaN is not flagged
        flagged = p_value < ERROR_RATE
    return Section(
        name=name,
        title=title,
        shows=shows,
        verdict=_knowledge_verdict(found, flagged),
        figures=[_knowledge_figure(data, found, flagged)],
        tables=[_knowledge_table(data, found, p_value, flagged)],
        notes=[
            _(
                "%(count)d of %(items)d items are taken as compromised. p-values are adjusted for "
                "the number of persons (Sinharay 2017; Benjamini and Hochberg 1995)."
            )
            % {"count": int(compromised.sum()), "items": len(compromised)}
        ],
    )


def _knowledge_verdict(found: Preknowledge, flagged: BoolArray) -> Verdict:
    judged, count = int(np.isfinite(found.statistic).sum()), int(flagged.sum())
    if judged == 0:
        return Verdict(
            Level.NONE,
            _("Nobody answered both compromised and secure items."),
            _("Nothing can be compared."),
        )
    text = _(
        "%(count)s of %(judged)s persons (%(share)s) did much better on compromised items."
    ) % {
        "count": as_count(count),
        "judged": as_count(judged),
        "share": as_share(count / judged),
    }
    if count == 0:
        return Verdict(Level.GOOD, text, _("Nothing speaks for preknowledge."))
    return Verdict(
        Level.ACT,
        text,
        _(
            "Retire the compromised items, and look into these persons' sessions. A flag is a "
            "question to look into, never a verdict on a person."
        ),
    )


def _knowledge_figure(data: ReportData, found: Preknowledge, flagged: BoolArray) -> Figure:
    limits = (-THETA_LIMIT, THETA_LIMIT)
    plot = Plot.of(
        (*limits, _("θ on secure items")), (*limits, _("θ on compromised items")), 420, 360
    )
    known = np.isfinite(found.statistic)
    plain = np.flatnonzero(known & ~flagged)
    # Thousands of points would hide each other; every k-th of the unflagged shows the cloud.
    plain = plain[:: max(1, len(plain) // 1000)]
    own = np.flatnonzero(flagged)
    ends = np.array(limits)
    return Figure(
        name="preknowledge-map",
        title=_("Ability on compromised and on secure items"),
        description=_(
            "Each point is a person; at most a thousand or so of those who are not flagged are "
            "drawn. Far above the line somebody did better on the compromised items."
        ),
        drawing=plot.drawing(
            plot.curve("rule", ends, ends),
            plot.dots(
                "series-0", found.theta_secure[plain], found.theta_compromised[plain], radius=2
            ),
            plot.dots(
                "flagged",
                found.theta_secure[own],
                found.theta_compromised[own],
                [data.persons[at] for at in own],
            ),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("dot series-0", _("not flagged")), ("dot flagged", _("flagged"))],
    )


def _knowledge_table(
    data: ReportData, found: Preknowledge, p_value: FloatArray, flagged: BoolArray
) -> Table:
    order = np.argsort(found.p_value, kind="stable")  # NaN last
    columns = (
        [data.persons[at] for at in order],
        found.theta_compromised[order].tolist(),
        found.theta_secure[order].tolist(),
        found.statistic[order].tolist(),
        p_value[order].tolist(),
        [status_words(status) for status in found.status[order]],
    )
    return Table(
        name="preknowledge",
        caption=_("Persons by the difference"),
        columns=[
            Column("person", _("person")),
            Column("theta_compromised", _("θ on compromised items"), two_decimals),
            Column("theta_secure", _("θ on secure items"), two_decimals),
            Column("statistic", _("statistic"), two_decimals),
            Column("p_adjusted", _("p, adjusted"), as_p),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(order), _ROWS_SHOWN)),
        marked=frozenset(np.flatnonzero(flagged[order]).tolist()),
    )
