"""Section: each item's curve against what was observed, its parameters and statistics of fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.report.section import ROWS_SHOWN, Column, Level, Section, Table, Verdict
from common.report.words import as_count, as_p, named, three_decimals, two_decimals
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.fit.fitted_groups import Fitted
from irt.fit.fitted_model import FittedModel
from irt.fit.mean_square_limits import mean_square_limits
from irt.fit.mean_squares import MeanSquares, mean_squares
from irt.fit.rmsd import Rmsd
from irt.fit.s_x2 import SX2, s_x2
from irt.models.parameters import UNIT_SLOPE
from scoring.report.data import ReportData
from scoring.report.item_curves import item_figures, points_table
from scoring.report.item_parameters import parameter_table
from scoring.report.limits import ERROR_RATE, FEWEST_RESPONSES, NOISE, RMSD_LIMIT, adjust_p_values
from scoring.report.statuses import status_words

# More misfitting items than this share are a matter of the model, not of single items.
_MANY = 0.15


@dataclass(frozen=True, eq=False)
class ItemFit:
    """S-X2 with p-values adjusted for their number, mean squares and RMSD of J items.

    Each mean square with its limits (J,), which are those of these data.
    """

    s_x2: SX2
    adjusted_p: FloatArray
    mean_squares: MeanSquares
    infit_limit: FloatArray
    outfit_limit: FloatArray
    rmsd: Rmsd

    @property
    def flags(self) -> list[list[str]]:
        """Of each item the statistics that speak against it."""
        with np.errstate(invalid="ignore"):  # NaN speaks against nobody
            spoken = {
                "S-X²": self.adjusted_p < ERROR_RATE,
                "RMSD": self.rmsd.corrected > RMSD_LIMIT,
                "infit": self.mean_squares.infit > self.infit_limit,
                "outfit": self.mean_squares.outfit > self.outfit_limit,
            }
        return [
            [name for name, flagged in spoken.items() if flagged[item] and self.judged[item]]
            for item in range(len(self.adjusted_p))
        ]

    @property
    def judged(self) -> BoolArray:
        """(J,)."""
        return np.asarray(self.rmsd.n_responses >= FEWEST_RESPONSES)

    @property
    def status(self) -> list[str]:
        """Why a statistic of the item is missing, in words."""
        sources = (self.s_x2.status, self.mean_squares.status, self.rmsd.status)
        return [
            status_words(*own) for own in zip(*(source.tolist() for source in sources), strict=True)
        ]


def item_fit(data: ReportData) -> Section:
    """Curves with empirical points, then the tables of fit and of parameters."""
    chi_square = s_x2(data.responses, _conditional_model(data))
    limits = mean_square_limits(data.responses, data.model, error_rate=ERROR_RATE)
    fit = ItemFit(
        s_x2=chi_square,
        adjusted_p=adjust_p_values(chi_square.p),
        mean_squares=mean_squares(data.responses, data.model, data.theta.theta),
        infit_limit=np.maximum(limits.infit, NOISE * limits.usual_infit),
        outfit_limit=np.maximum(limits.outfit, NOISE * limits.usual_outfit),
        rmsd=data.rmsd,
    )
    flags = fit.flags
    flagged = np.array([bool(own) for own in flags])
    shown = _most_telling(flagged, fit.rmsd.rmsd)
    return Section(
        name="items",
        title=_("Items"),
        shows=_(
            "How each item works: the curve is what the model says about persons of each ability "
            "θ, the points are what was observed of them, with intervals (95%)."
        ),
        verdict=_verdict(
            [data.items[item] for item in np.flatnonzero(flagged)], int(fit.judged.sum())
        ),
        small_figures=item_figures(data, shown, flags),
        tables=[_fit_table(data, fit, flags, shown), parameter_table(data, shown)],
        file_tables=[points_table(data)],
        notes=_notes(data, fit, shown),
    )


def _conditional_model(data: ReportData) -> Fitted:
    """The model for S-X2: given the sum, Rasch and PCM items do not depend on the variance.

    To pay a degree of freedom for it would reject too often (docs/psychometrics.md).
    """
    model = data.model_of_sums or data.models[0]
    if isinstance(model, FittedModel) and np.isin(data.parameters.model, UNIT_SLOPE).all():
        return replace(model, free_variance=False)
    return model


def _most_telling(flagged: BoolArray, distance: FloatArray) -> IntArray:
    """The items for the page, in their order: flagged ones first, then those furthest off."""
    rank = np.lexsort((-np.nan_to_num(distance), ~flagged))
    return np.sort(rank[:ROWS_SHOWN])


def _verdict(flagged: Sequence[str], n_items: int) -> Verdict:
    if n_items == 0:
        return Verdict(
            Level.NONE,
            _("No item has enough responses to be judged (%(fewest)d).")
            % {"fewest": FEWEST_RESPONSES},
            _("Collect more responses."),
        )
    told = {**named(flagged), "items": n_items}
    text = ngettext(
        "%(count)d of %(items)d items misfits.",
        "%(count)d of %(items)d items misfit.",
        len(flagged),
    )
    if not flagged:
        return Verdict(
            Level.GOOD,
            text % told,
            _("The items behave as the model says. Nothing needs to be done."),
        )
    if len(flagged) <= _MANY * n_items:
        return Verdict(
            Level.LOOK,
            text % told,
            _(
                "Look at the curve of each flagged item, and at its key and wording, before it is "
                "used: %(names)s"
            )
            % told,
        )
    return Verdict(
        Level.ACT,
        text % told,
        _(
            "So many point to the model rather than to single items: try one with more parameters, "
            "and look for several dimensions or kinds of persons. The items: %(names)s"
        )
        % told,
    )


def _notes(data: ReportData, fit: ItemFit, shown: IntArray) -> list[str]:
    notes = [
        _(
            "An item is flagged where S-X² is significant at %(rate)s after adjustment for the "
            "number of items (Benjamini and Hochberg), where the curve is off by more than "
            "%(rmsd)s (RMSD less what sampling adds), or where infit or outfit are above their "
            "limits. At estimated abilities they are below 1 where all is well, by more the "
            "shorter the test: the limits are simulated for these persons and items, so that "
            "chance exceeds any in one of %(tests)d tests, and are at least %(noise)s times what "
            "is usual here."
        )
        % {
            "rate": f"{ERROR_RATE:.0%}",
            "rmsd": f"{RMSD_LIMIT:.2f}",
            "noise": NOISE,
            "tests": round(1 / ERROR_RATE),
        }
    ]
    if fit.s_x2.n_persons < len(data.persons):
        text = _(
            "S-X² counts the %(count)s persons who answered every item, the other statistics "
            "everybody."
        )
        if len(data.strata) > 1:
            text = _(
                "S-X² counts the %(count)s persons who answered the same items as many others of "
                "their group, the other statistics everybody."
            )
        notes.append(text % {"count": as_count(fit.s_x2.n_persons)})
    if not fit.judged.all():
        notes.append(
            _("Items with fewer than %(fewest)d responses, which are not judged: %(count)d")
            % {"fewest": FEWEST_RESPONSES, "count": int((~fit.judged).sum())}
        )
    if len(shown) < len(data.items):
        notes.append(
            _(
                "The %(shown)d items that are flagged or furthest from their curve are drawn and "
                "listed; item_fit.csv, item_parameters.csv and item_points.csv have all "
                "%(all)d."
            )
            % {"shown": len(shown), "all": len(data.items)}
        )
    return notes


def _fit_table(
    data: ReportData, fit: ItemFit, flags: Sequence[Sequence[str]], shown: IntArray
) -> Table:
    columns: list[tuple[Column, Sequence[object]]] = [
        (Column("item", _("item")), data.items),
        (Column("flags", _("flags")), [", ".join(own) for own in flags]),
        (Column("responses", _("responses"), as_count), fit.rmsd.n_responses.tolist()),
        (Column("s_x2", "S-X²", two_decimals), fit.s_x2.statistic.tolist()),
        (Column("df", _("df"), as_count), fit.s_x2.df.tolist()),
        (Column("p", _("p"), as_p), fit.s_x2.p.tolist()),
        (Column("p_adjusted", _("p, adjusted"), as_p), fit.adjusted_p.tolist()),
        (Column("infit", _("infit"), two_decimals), fit.mean_squares.infit.tolist()),
        (Column("infit_limit", _("infit, limit"), two_decimals), fit.infit_limit.tolist()),
        (Column("outfit", _("outfit"), two_decimals), fit.mean_squares.outfit.tolist()),
        (Column("outfit_limit", _("outfit, limit"), two_decimals), fit.outfit_limit.tolist()),
        (Column("rmsd", "RMSD", three_decimals), fit.rmsd.rmsd.tolist()),
        (
            Column("rmsd_corrected", _("RMSD, corrected"), three_decimals),
            fit.rmsd.corrected.tolist(),
        ),
        (Column("note", _("remark")), fit.status),
    ]
    return Table(
        name="item_fit",
        caption=_("Fit of the items"),
        columns=[column for column, _values in columns],
        rows=list(zip(*(values for _column, values in columns), strict=True)),
        shown=shown.tolist(),
        marked=frozenset(item for item, own in enumerate(flags) if own),
    )
