"""Section: what each summed score means, and how often it came up."""

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals, two_decimals
from irt.arrays import FloatArray, IntArray
from irt.estimation.summed_scores import SummedScores, normal_summed_scores, summed_score_counts
from scoring.report.data import ReportData
from scoring.report.limits import SCORE_GAP

_ROWS = 60


def summed_scores(data: ReportData) -> Section:
    """EAP of each summed score, and the observed against the expected distribution of scores."""
    expected = normal_summed_scores(
        data.parameters, mean=data.mean, sd=data.sd, nodes=data.grid.nodes
    )
    observed = summed_score_counts(data.responses)
    n_complete = int(observed.sum())
    return Section(
        name="summed-scores",
        title=_("Summed scores"),
        shows=_(
            "What a plain sum of the scores says about ability θ, and whether the sums are "
            "distributed as the model expects."
        ),
        verdict=_verdict(observed, expected.probability),
        figures=[_figure(observed, expected.probability * n_complete)],
        tables=[_table(expected, observed)],
        notes=[
            _("%(count)s of %(persons)s persons answered every item and are counted here.")
            % {"count": as_count(n_complete), "persons": as_count(len(data.persons))}
        ],
    )


def _verdict(observed: IntArray, probability: FloatArray) -> Verdict:
    if not observed.any():
        return Verdict(
            Level.NONE,
            _("Nobody answered every item, so that there are no sums to compare."),
            _("Use the ability estimates: they do not need complete answers."),
        )
    gap = float(np.abs(np.cumsum(observed) / observed.sum() - np.cumsum(probability)).max())
    # What sampling alone leaves (Kolmogorov's 5% point for a large sample).
    chance = 1.36 / np.sqrt(observed.sum())
    told = {"gap": as_share(gap)}
    if gap <= max(SCORE_GAP, chance):
        return Verdict(
            Level.GOOD,
            _(
                "The sums are distributed as the model expects: observed and expected shares "
                "differ by %(gap)s at most."
            )
            % told,
            _("The table may serve to turn sums into estimates of θ."),
        )
    return Verdict(
        Level.LOOK,
        _(
            "The sums are not distributed as the model expects: observed and expected shares "
            "differ by up to %(gap)s."
        )
        % told,
        _(
            "Look at the item curves and at the shape of the distribution: several kinds of "
            "persons, or items that misfit, are the usual causes."
        ),
    )


def _figure(observed: IntArray, expected: FloatArray) -> Figure:
    top = max(float(observed.max()), float(expected.max()), 1.0) * 1.05
    highest = len(observed) - 1
    plot = Plot.of((-0.5, highest + 0.5, _("summed score")), (0, top, _("persons")))
    edges = np.arange(highest + 2.0) - 0.5
    return Figure(
        name="score-distribution",
        title=_("Persons at each summed score"),
        description=_("Bars are the persons observed, the line is what the model expects."),
        drawing=plot.drawing(
            plot.bars("people", edges, observed.astype(float)),
            plot.curve("series-1", np.arange(highest + 1.0), expected),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("people", _("observed")), ("series-1", _("expected"))],
    )


def _table(expected: SummedScores, observed: IntArray) -> Table:
    n = len(observed)
    rows = zip(
        range(n),
        expected.ability.theta.tolist(),
        expected.ability.standard_error.tolist(),
        observed.tolist(),
        (expected.probability * observed.sum()).tolist(),
        strict=True,
    )
    return Table(
        name="summed_scores",
        caption=_("Summed score, ability and number of persons"),
        columns=[
            Column("score", _("score"), as_count),
            Column("eap", _("θ (EAP)"), two_decimals),
            Column("eap_se", _("standard error"), two_decimals),
            Column("observed", _("observed"), as_count),
            Column("expected", _("expected"), decimals(1)),
        ],
        rows=list(rows),
        shown=range(n) if n <= _ROWS else range(0, n, int(np.ceil(n / _ROWS))),
    )
