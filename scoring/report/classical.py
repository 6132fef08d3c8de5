"""Section: statistics of items and sums that take no model (p, item-rest, alpha, omega)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, named, two_decimals
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.classical.items import ClassicalItems, classical_items
from irt.classical.reliability import ClassicalReliability, classical_reliability
from irt.classical.rest_share import score_table
from irt.fit.forms import forms_of
from scoring.report.data import ReportData
from scoring.report.distractors import Options, find_options, options_table
from scoring.report.limits import FEWEST_RESPONSES, LEAST_ITEM_REST, USABLE_RELIABILITY
from scoring.responses.table import ResponseTable

# Scores of more persons times items are not held at once: of so many persons a part is counted.
_MOST_SCORES = 20_000_000
# One-sided 5%: a correlation below minus this over the root of the persons is no chance.
_NO_CHANCE = 1.645


@dataclass(frozen=True, eq=False)
class Classical:
    """N persons and the J items of the file, those without parameters too.

    form (N,) as `forms_of`; scores (N, J) with NaN where missing; highest (J,).
    """

    table: ResponseTable
    scores: FloatArray
    highest: FloatArray
    form: IntArray
    is_part: bool

    @cached_property
    def items(self) -> ClassicalItems:
        found = classical_items(self.scores, self.highest, self.form)
        if not self.has_forms:
            found.item_rest[:] = np.nan
        return found

    @property
    def has_forms(self) -> bool:
        """Whether persons answered the same items, so that sums can be compared."""
        return bool((self.form >= 0).any())

    @cached_property
    def reliabilities(self) -> list[tuple[int, ClassicalReliability]]:
        """How many items each form has, and its reliability."""
        found = []
        for form in range(int(self.form.max(initial=-1)) + 1):
            own = self.scores[self.form == form]
            own = own[:, np.isfinite(own[0])]
            found.append((own.shape[1], classical_reliability(own)))
        return found

    @cached_property
    def is_judged(self) -> BoolArray:
        """(J,)."""
        enough = self.items.n_persons >= FEWEST_RESPONSES
        return np.asarray(enough & np.isfinite(self.items.item_rest))

    @cached_property
    def goes_against(self) -> BoolArray:
        """(J,) items that those with many points miss."""
        with np.errstate(invalid="ignore"):  # NaN goes against nothing
            r = self.items.item_rest * np.sqrt(self.items.n_persons)
            return np.asarray(self.is_judged & (r < -_NO_CHANCE))

    @cached_property
    def is_weak(self) -> BoolArray:
        """(J,) items that hardly go with the others, but not against them."""
        with np.errstate(invalid="ignore"):
            low = self.items.item_rest < LEAST_ITEM_REST
        return np.asarray(self.is_judged & low & ~self.goes_against)


def classical(data: ReportData) -> Section:
    """Share of points and item-rest correlation of each item, alpha and omega, options."""
    found = _read(data)
    options = find_options(found.table, found.scores, found.highest, found.form)
    return Section(
        name="classical",
        title=_("Classical statistics"),
        shows=_(
            "What can be said without a model: how many points an item gave, whether those who did "
            "well on the other items did well on it, and how reliable the sum of the scores is."
        ),
        verdict=_verdict(found, options),
        figures=[_figure(found)] if found.is_judged.any() else [],
        tables=[
            _items_table(found),
            *([_reliability_table(found)] if found.reliabilities else []),
            *([options_table(options)] if options else []),
        ],
        notes=_notes(found, options),
    )


def _read(data: ReportData) -> Classical:
    """All items of the file; of the persons those who answered anything."""
    silent = np.bincount(data.whole.person, minlength=len(data.whole.persons)) == 0
    table = data.whole.drop_persons(silent)
    highest = np.ones(len(table.items), dtype=np.int64)
    np.maximum.at(highest, table.item, table.score)
    known = dict(zip(data.items, (data.parameters.n_categories - 1).tolist(), strict=True))
    highest = np.array(
        [known.get(name, own) for name, own in zip(table.items, highest.tolist(), strict=True)]
    )
    most = max(1000, _MOST_SCORES // max(len(table.items), 1))
    if is_part := len(table.persons) > most:
        out = np.ones(len(table.persons), dtype=np.bool_)
        out[np.linspace(0, len(out) - 1, most).astype(np.int64)] = False
        table = table.drop_persons(out)
    responses = table.to_responses(highest + 1)
    return Classical(
        table, score_table(responses), highest.astype(float), forms_of(responses), is_part
    )


def _verdict(found: Classical, options: Options | None) -> Verdict:
    if not found.has_forms:
        return Verdict(
            Level.NONE,
            _("Persons answered different items, so that their sums cannot be compared."),
            _("Use the statistics of the model: they do not need the same items."),
        )
    text = _reliability_text(found)
    against = [found.table.items[item] for item in np.flatnonzero(found.goes_against)]
    weak = [found.table.items[item] for item in np.flatnonzero(found.is_weak)]
    if against or (options and options.misleading):
        told = named(against or (options.misleading if options else []))
        return Verdict(
            Level.ACT,
            text,
            _(
                "Look at the key and the wording of items that those who do well elsewhere miss, "
                "or in which a wrong option draws them: %(names)s"
            )
            % told,
        )
    if weak:
        return Verdict(
            Level.LOOK,
            text,
            _(
                "Look at items that hardly go with the others (item-rest correlation below "
                "%(limit)s): %(names)s"
            )
            % {"limit": two_decimals(LEAST_ITEM_REST), **named(weak)},
        )
    alphas = [own.alpha for _n, own in found.reliabilities if np.isfinite(own.alpha)]
    if alphas and min(alphas) < USABLE_RELIABILITY:
        return Verdict(
            Level.LOOK,
            text,
            _("The sum is too inexact to tell persons apart: add items that go with the others."),
        )
    return Verdict(Level.GOOD, text, _("Nothing needs to be done."))


def _reliability_text(found: Classical) -> str:
    """Of the form that most persons answered; a number that does not exist is called unknown."""
    _n_items, own = found.reliabilities[0]
    told = {
        "alpha": two_decimals(own.alpha) or _("unknown"),
        "omega": two_decimals(own.omega) or _("unknown"),
        "forms": len(found.reliabilities),
    }
    text = _("Alpha of the sum is %(alpha)s, omega %(omega)s.")
    if len(found.reliabilities) > 1:
        text = _(
            "Alpha of the sum is %(alpha)s, omega %(omega)s on the form that most persons "
            "answered, the first of %(forms)d."
        )
    count = int((found.goes_against | found.is_weak).sum())
    items = ngettext(
        "%(count)d of %(items)d items hardly goes with the others, or against them.",
        "%(count)d of %(items)d items hardly go with the others, or against them.",
        count,
    ) % {"count": count, "items": int(found.is_judged.sum())}
    return f"{text % told} {items}"


def _figure(found: Classical) -> Figure:
    judged = np.flatnonzero(np.isfinite(found.items.item_rest))
    share, correlation = found.items.share[judged], found.items.item_rest[judged]
    low = min(0.0, float(np.floor(correlation.min() * 5) / 5))
    plot = Plot.of((0, 1, _("share of points (p)")), (low, 1, _("item-rest correlation")))
    titles = [
        f"{found.table.items[item]}: {two_decimals(p)}, {two_decimals(r)}"
        for item, p, r in zip(judged.tolist(), share.tolist(), correlation.tolist(), strict=True)
    ]
    return Figure(
        name="classical-items",
        title=_("Items by share of points and item-rest correlation"),
        description=_(
            "Each dot is an item: right of the middle are easy ones, below the line those that "
            "hardly go with the others."
        ),
        drawing=plot.drawing(
            plot.level("limit", LEAST_ITEM_REST, ""),
            plot.dots("series-0", share, correlation, titles),
        ),
        width=plot.width,
        height=plot.height,
    )


def _items_table(found: Classical) -> Table:
    own = found.items
    columns = (
        found.table.items,
        own.n_persons.tolist(),
        own.mean.tolist(),
        own.sd.tolist(),
        own.share.tolist(),
        own.item_rest.tolist(),
        [_remark(found, item) for item in range(len(found.table.items))],
    )
    return Table(
        name="classical_items",
        caption=_("Items without a model"),
        columns=[
            Column("item", _("item")),
            Column("persons", _("persons"), as_count),
            Column("mean", _("mean score"), two_decimals),
            Column("sd", _("SD"), two_decimals),
            Column("p", _("share of points (p)"), two_decimals),
            Column("item_rest", _("item-rest correlation"), two_decimals),
            Column("note", _("remark")),
        ],
        rows=list(zip(*columns, strict=True)),
        marked=frozenset(np.flatnonzero(found.goes_against | found.is_weak).tolist()),
    )


def _remark(found: Classical, item: int) -> str:
    own = found.items
    if own.n_persons[item] == 0:
        return _("no responses")
    if own.n_persons[item] > 1 and own.sd[item] == 0:
        return _("everybody has the same score: no correlation")
    if found.goes_against[item]:
        return _("against the others")
    if found.is_weak[item]:
        return _("hardly with the others")
    if own.n_persons[item] < FEWEST_RESPONSES:
        return _("too few responses to be judged")
    return ""


def _reliability_table(found: Classical) -> Table:
    return Table(
        name="classical_reliability",
        caption=_("Reliability of the sum of the scores, by form"),
        columns=[
            Column("form", _("form"), as_count),
            Column("items", _("items"), as_count),
            Column("persons", _("persons"), as_count),
            Column("varying_items", _("items that vary"), as_count),
            Column("mean", _("mean of the sum"), two_decimals),
            Column("sd", _("its SD"), two_decimals),
            Column("alpha", _("alpha"), two_decimals),
            Column("omega", _("omega"), two_decimals),
            Column("standard_error", _("standard error of a sum"), two_decimals),
        ],
        rows=[
            (
                form,
                n_items,
                own.n_persons,
                int(own.varies.sum()),
                own.mean,
                own.sd,
                own.alpha,
                own.omega,
                own.standard_error,
            )
            for form, (n_items, own) in enumerate(found.reliabilities, start=1)
        ],
    )


def _notes(found: Classical, options: Options | None) -> list[str]:
    notes = [
        _(
            "The item-rest correlation is that of the score with the share of points on the other "
            "items (within forms, where there are several); items below %(limit)s are marked (Ebel "
            "and Frisbie 1991). Alpha and omega count persons who answered the whole form and "
            "items that vary. An empty cell is a number that does not exist, not a zero."
        )
        % {"limit": two_decimals(LEAST_ITEM_REST)}
    ]
    if found.is_part:
        notes.append(
            _("Computed from %(count)s persons, spread evenly over all.")
            % {"count": as_count(len(found.table.persons))}
        )
    if options and options.not_chosen:
        notes.append(
            _("Options of the key that nobody chose: %(names)s") % named(options.not_chosen)
        )
    return notes
