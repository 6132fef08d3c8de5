"""Section: persons whose answers do not hang together (l_z*)."""

import numpy as np
from django.utils.translation import gettext as _
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, two_decimals
from irt.arrays import BoolArray
from irt.person_fit.person_fit import PersonFit, person_fit
from irt.policy.policy import Estimator
from scoring.report.data import ReportData
from scoring.report.limits import ERROR_RATE
from scoring.report.statuses import status_words

_EDGES = np.linspace(-6, 4, 41)
_PERSONS_SHOWN = 20
# Answers that were asked of some only: perhaps an adaptive test.
_COMPLETE = 0.95
_MANY = 2.0  # times the share that chance flags


def person_fit_section(data: ReportData) -> Section:
    """Distribution of l_z* with its cut, and the persons below it."""
    fit = person_fit(
        data.responses,
        data.parameters,
        data.modal_theta.theta,
        Estimator.MAP,
        prior_mean=data.population.mean[data.groups.member],
        prior_sd=data.population.variance[data.groups.member] ** 0.5,
    )
    cut = float(ndtri(ERROR_RATE))
    with np.errstate(invalid="ignore"):  # NaN is below no cut
        flagged = fit.lz_star.value < cut
    return Section(
        name="person-fit",
        title=_("Persons"),
        shows=_(
            "Whether each person's answers hang together: easy items right and hard ones wrong, "
            "as the model expects at that ability."
        ),
        verdict=_verdict(fit, flagged),
        figures=[_figure(fit, flagged, cut)],
        tables=[_table(data, fit, flagged)],
        notes=_notes(data, cut),
    )


def _verdict(fit: PersonFit, flagged: BoolArray) -> Verdict:
    judged, count = int(fit.lz_star.ok.sum()), int(flagged.sum())
    if judged == 0:
        return Verdict(
            Level.NONE,
            _("Nobody answered enough items to be judged."),
            _("Ask more items of each person."),
        )
    text = _(
        "%(count)s of %(judged)s persons (%(share)s) answered unexpectedly; by chance about "
        "%(chance)s would."
    ) % {
        "count": as_count(count),
        "judged": as_count(judged),
        "share": as_share(count / judged),
        "chance": f"{ERROR_RATE:.0%}",
    }
    if count <= _most_by_chance(judged):
        return Verdict(
            Level.GOOD,
            text,
            _(
                "Nothing needs to be done. A flag alone says nothing about a person: most of "
                "these are chance."
            ),
        )
    level = Level.LOOK if count <= _MANY * ERROR_RATE * judged else Level.ACT
    return Verdict(
        level,
        text,
        _(
            "Look at the persons with the lowest values: guessing, carelessness, copying, or "
            "a page of answers that slipped by one. A flag is a question to look into, never a "
            "verdict on a person."
        ),
    )


def _most_by_chance(judged: int) -> int:
    """The upper end of the 95% interval of a count at the error rate."""
    return int(binom.ppf(0.975, judged, ERROR_RATE))


def _figure(fit: PersonFit, flagged: BoolArray, cut: float) -> Figure:
    values = fit.lz_star.value
    counts = np.histogram(values[~flagged & fit.lz_star.ok].clip(-6, 4), _EDGES)[0]
    below = np.histogram(values[flagged].clip(-6, 4), _EDGES)[0]
    expected = np.diff(ndtr(_EDGES)) * fit.lz_star.ok.sum()
    top = 1.08 * max(1.0, float((counts + below).max()), float(expected.max()))
    plot = Plot.of((-6, 4, "l_z*"), (0, top, _("persons")))
    centres = (_EDGES[:-1] + _EDGES[1:]) / 2
    return Figure(
        name="lz",
        title=_("Distribution of l_z*"),
        description=_(
            "Bars are persons, the line is what the model expects. Persons left of the cut at "
            "%(cut)s are flagged; values beyond the ends are counted in the last bar."
        )
        % {"cut": two_decimals(cut)},
        drawing=plot.drawing(
            plot.bars("people", _EDGES, (counts + below).astype(float)),
            plot.bars("flagged", _EDGES, below.astype(float)),
            plot.curve("series-0", centres, expected),
            plot.upright("limit", cut, _("cut")),
        ),
        width=plot.width,
        height=plot.height,
        legend=[
            ("people", _("persons")),
            ("flagged", _("flagged")),
            ("series-0", _("expected")),
        ],
        numbers=Table(
            name="lz_distribution",
            caption=_("Persons in each stretch of l_z*; the ends are open"),
            columns=[
                Column("from", _("l_z* from"), two_decimals),
                Column("to", _("to"), two_decimals),
                Column("persons", _("persons"), as_count),
                Column("expected", _("expected"), as_count),
            ],
            rows=list(
                zip(
                    _EDGES[:-1].tolist(),
                    _EDGES[1:].tolist(),
                    (counts + below).tolist(),
                    expected.tolist(),
                    strict=True,
                )
            ),
        ),
    )


def _table(data: ReportData, fit: PersonFit, flagged: BoolArray) -> Table:
    order = np.argsort(fit.lz_star.value, kind="stable")  # NaN last
    columns = (
        [data.persons[at] for at in order],
        fit.n_answers[order].tolist(),
        data.theta.theta[order].tolist(),
        data.theta.standard_error[order].tolist(),
        fit.lz_star.value[order].tolist(),
        fit.mean_squares.infit[order].tolist(),
        fit.mean_squares.outfit[order].tolist(),
        flagged[order].astype(int).tolist(),
        [status_words(status) for status in fit.lz_star.status[order]],
    )
    return Table(
        name="persons",
        caption=_("Persons by l_z*, the lowest first"),
        columns=[
            Column("person", _("person")),
            Column("answers", _("answers"), as_count),
            Column("eap", _("θ (EAP)"), two_decimals),
            Column("eap_se", _("standard error"), two_decimals),
            Column("lz_star", "l_z*", two_decimals),
            Column("infit", _("infit"), two_decimals),
            Column("outfit", _("outfit"), two_decimals),
            Column("flagged", None),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        shown=range(min(len(order), _PERSONS_SHOWN)),
    )


def _notes(data: ReportData, cut: float) -> list[str]:
    notes = [
        _("l_z* is computed at MAP estimates (Snijders 2001); flagged is what lies below %(cut)s.")
        % {"cut": two_decimals(cut)}
    ]
    if data.share_complete < _COMPLETE:
        notes.append(
            _(
                "Not everybody was asked every item. If the test was adaptive, this cut flags too "
                "few persons: the right one has to be simulated for the item bank and the "
                "stopping rule."
            )
        )
    return notes
