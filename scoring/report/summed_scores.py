"""Section: what each summed score means, and how often it came up.

Sums are compared among persons of one group who answered the same items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals, named, two_decimals
from irt.arrays import FloatArray, IntArray
from irt.estimation.summed_scores import SummedScores, normal_summed_scores, summed_score_counts
from irt.responses import dense_responses
from scoring.report.data import ReportData
from scoring.report.limits import ERROR_RATE, SCORE_GAP
from scoring.report.strata import Stratum

_ROWS = 60


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums 0, ..., S of the persons of a stratum, observed (S + 1,) and expected."""

    stratum: Stratum
    name: str
    observed: IntArray
    expected: SummedScores

    @property
    def n_persons(self) -> int:
        return int(self.observed.sum())

    @property
    def expected_counts(self) -> FloatArray:
        return self.expected.probability * self.n_persons

    @cached_property
    def gap(self) -> float:
        """The largest distance between the shares of sums up to a point."""
        shares = np.cumsum(self.observed) / self.n_persons
        return float(np.abs(shares - np.cumsum(self.expected.probability)).max())

    def limit(self, n_strata: int) -> float:
        """What is of no consequence, or sampling leaves in one of 20 sets of n_strata strata.

        Kolmogorov's point for a large sample: sqrt(-ln(alpha / 2) / 2N).
        """
        chance = np.sqrt(-0.5 * np.log(ERROR_RATE / n_strata / 2) / self.n_persons)
        return max(SCORE_GAP, float(chance))


def summed_scores(data: ReportData) -> Section:
    """EAP of each summed score, and the observed against the expected distribution of scores."""
    found = [_sums(data, stratum) for stratum in data.strata]
    return Section(
        name="summed-scores",
        title=_("Summed scores"),
        shows=_(
            "What a plain sum of the scores says about ability θ, and whether the sums are "
            "distributed as the model expects."
        ),
        verdict=_verdict(found),
        figures=[_figure(found)] if found else [],
        tables=_tables(data, found),
        notes=_notes(data, found),
    )


def _sums(data: ReportData, stratum: Stratum) -> Sums:
    items = np.flatnonzero(stratum.items)
    own = data.parameters.take(items)
    person, item, score = data.responses.take(stratum.persons).long()
    matrix = np.zeros((len(stratum.persons), len(data.items)), dtype=np.int8)
    matrix[person, item] = score
    observed = summed_score_counts(dense_responses(matrix[:, items], own.n_categories))
    model = stratum.model
    expected = normal_summed_scores(own, mean=model.mean, sd=model.variance**0.5, nodes=model.nodes)
    return Sums(stratum, _name(data, stratum), observed, expected)


def _name(data: ReportData, stratum: Stratum) -> str:
    """Group and form, as far as there are several."""
    parts = []
    if data.has_groups:
        parts.append(data.groups.names[stratum.group])
    if any(own.form for own in data.strata):
        parts.append(_("form %(number)d") % {"number": stratum.form + 1})
    return ", ".join(parts)


def _verdict(found: Sequence[Sums]) -> Verdict:
    if not found:
        return Verdict(
            Level.NONE,
            _("Nobody answered every item, so that there are no sums to compare."),
            _("Use the ability estimates: they do not need complete answers."),
        )
    off = [own for own in found if own.gap > own.limit(len(found))]
    told = {
        "gap": as_share(max(own.gap for own in off or found)),
        "sets": len(found),
        **named([own.name for own in off]),
    }
    if not off:
        text = _(
            "The sums are distributed as the model expects: observed and expected shares "
            "differ by %(gap)s at most."
        )
        if len(found) > 1:
            text = _(
                "The sums are distributed as the model expects in each of %(sets)d sets of "
                "persons: observed and expected shares differ by %(gap)s at most."
            )
        return Verdict(
            Level.GOOD, text % told, _("The table may serve to turn sums into estimates of θ.")
        )
    text = _(
        "The sums are not distributed as the model expects: observed and expected shares "
        "differ by up to %(gap)s."
    )
    if len(found) > 1:
        text = ngettext(
            "The sums are not distributed as the model expects in %(count)d of %(sets)d sets of "
            "persons (%(names)s): observed and expected shares differ by up to %(gap)s.",
            "The sums are not distributed as the model expects in %(count)d of %(sets)d sets of "
            "persons (%(names)s): observed and expected shares differ by up to %(gap)s.",
            len(off),
        )
    return Verdict(
        Level.LOOK,
        text % told,
        _(
            "Look at the item curves and at the shape of the distribution: several kinds of "
            "persons, or items that misfit, are the usual causes."
        ),
    )


def _figure(found: Sequence[Sums]) -> Figure:
    """All strata together: the same person counts once, among those with that sum."""
    highest = max(len(own.observed) for own in found) - 1
    observed, expected = np.zeros((2, highest + 1))
    for own in found:
        observed[: len(own.observed)] += own.observed
        expected[: len(own.observed)] += own.expected_counts
    top = max(float(observed.max()), float(expected.max()), 1.0) * 1.05
    plot = Plot.of((-0.5, highest + 0.5, _("summed score")), (0, top, _("persons")))
    edges = np.arange(highest + 2.0) - 0.5
    return Figure(
        name="score-distribution",
        title=_("Persons at each summed score"),
        description=_("Bars are the persons observed, the line is what the model expects."),
        drawing=plot.drawing(
            plot.bars("people", edges, observed),
            plot.curve("series-1", np.arange(highest + 1.0), expected),
        ),
        width=plot.width,
        height=plot.height,
        legend=[("people", _("observed")), ("series-1", _("expected"))],
    )


def _tables(data: ReportData, found: Sequence[Sums]) -> list[Table]:
    return [_table(data, found), *([_sets_table(data, found)] if len(found) > 1 else [])]


def _table(data: ReportData, found: Sequence[Sums]) -> Table:
    rows = [
        row
        for own in found
        for row in zip(
            *([name] * len(own.observed) for name in _names(data, own.stratum)),
            range(len(own.observed)),
            own.expected.ability.theta.tolist(),
            own.expected.ability.standard_error.tolist(),
            own.observed.tolist(),
            own.expected_counts.tolist(),
            strict=True,
        )
    ]
    n = len(rows)
    return Table(
        name="summed_scores",
        caption=_("Summed score, ability and number of persons"),
        columns=[
            *_name_columns(data),
            Column("score", _("score"), as_count),
            Column("eap", _("θ (EAP)"), two_decimals),
            Column("eap_se", _("standard error"), two_decimals),
            Column("observed", _("observed"), as_count),
            Column("expected", _("expected"), decimals(1)),
        ],
        rows=rows,
        shown=range(n) if n <= _ROWS else range(0, n, int(np.ceil(n / _ROWS))),
    )


def _sets_table(data: ReportData, found: Sequence[Sums]) -> Table:
    rows = [
        (
            *_names(data, own.stratum),
            int(own.stratum.items.sum()),
            own.n_persons,
            own.stratum.model.mean,
            own.stratum.model.variance**0.5,
            own.gap,
            own.limit(len(found)),
            " ".join(data.items[item] for item in np.flatnonzero(own.stratum.items).tolist()),
        )
        for own in found
    ]
    return Table(
        name="score_sets",
        caption=_("Sets of persons whose sums are compared"),
        columns=[
            *_name_columns(data),
            Column("items", _("items"), as_count),
            Column("persons", _("persons"), as_count),
            Column("mean", _("mean of θ"), two_decimals),
            Column("sd", _("SD of θ"), two_decimals),
            Column("gap", _("largest difference of the shares"), as_share),
            Column("limit", _("allowed"), as_share),
            Column("item_names", None),
        ],
        rows=rows,
        marked=frozenset(at for at, own in enumerate(found) if own.gap > own.limit(len(found))),
    )


def _name_columns(data: ReportData) -> list[Column]:
    """Of one set none."""
    if len(data.strata) < 2:
        return []
    return [Column("group", _("group")), Column("form", _("form"), as_count)]


def _names(data: ReportData, stratum: Stratum) -> list[object]:
    if len(data.strata) < 2:
        return []
    return [data.groups.names[stratum.group] if data.has_groups else "", stratum.form + 1]


def _notes(data: ReportData, found: Sequence[Sums]) -> list[str]:
    told = {
        "count": as_count(sum(own.n_persons for own in found)),
        "persons": as_count(len(data.persons)),
    }
    if (len(found) == 1 and found[0].stratum.is_complete) or not found:
        return [
            _("%(count)s of %(persons)s persons answered every item and are counted here.") % told
        ]
    return [
        _(
            "Sums are compared among persons of one group who answered exactly the same items; "
            "%(count)s of %(persons)s persons belong to such a set and are counted here. Where a "
            "group answered several forms, each is judged by the ability of those who answered it."
        )
        % told
    ]
