"""Section: fit of the whole model to the pairs of items (M2)."""

from django.utils.translation import gettext as _

from common.report.axes import Axis, linear_axis
from common.report.plot import Margins, Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict, not_computed
from common.report.words import as_fact, three_decimals
from irt.fit.fitted_model import FitError
from irt.fit.m2 import FEWEST_IN_A_GROUP, M2, MAX_ITEMS, m2
from scoring.report.data import ReportData
from scoring.report.limits import ADEQUATE_RMSEA, CLOSE_RMSEA


def model_fit(data: ReportData) -> Section:
    """M2 with RMSEA and its interval, SRMSR, CFI and TLI."""
    title = _("Fit of the model")
    shows = _(
        "Whether the model as a whole tells how pairs of items go together, judged from the "
        "persons who answered every item."
    )
    if max((int(own.items.sum()) for own in data.strata), default=0) > MAX_ITEMS:
        reason = _("it is computed for up to %(limit)d items") % {"limit": MAX_ITEMS}
        return not_computed("model-fit", title, shows, reason)
    if data.model_of_sums is None:
        reason = _("nobody answered every item, as in an adaptive test")
        return not_computed("model-fit", title, shows, reason)
    try:
        fit = m2(data.responses, data.model_of_sums)
    except FitError as error:
        return not_computed("model-fit", title, shows, error)
    return Section(
        name="model-fit",
        title=title,
        shows=shows,
        verdict=_verdict(fit),
        figures=[_figure(fit)],
        tables=[_table(data, fit)],
        notes=[
            _(
                "Fit is close up to an RMSEA of %(close)s and adequate up to %(adequate)s "
                "(Maydeu-Olivares and Joe 2014). SRMSR should be small too, but sampling alone "
                "makes it about %(chance)s with so many persons. The p-value tests exact fit, "
                "which no model has in a large sample."
            )
            % {
                "close": CLOSE_RMSEA,
                "adequate": ADEQUATE_RMSEA,
                "chance": three_decimals(fit.n_persons**-0.5),
            },
            *_notes(data, fit),
        ],
    )


def _notes(data: ReportData, fit: M2) -> list[str]:
    """Of several groups or forms, how they were taken together, and who does not count."""
    if len(data.strata) < 2:
        return []
    notes = [
        _(
            "The margins of each group, and of those who answered the same items, are compared "
            "with what their own distribution of ability foretells: %(count)d such sets of persons."
        )
        % {"count": fit.n_groups}
    ]
    if fit.n_groups < len(data.strata):
        notes.append(
            _("Sets of fewer than %(fewest)d persons do not count: %(count)d.")
            % {"fewest": FEWEST_IN_A_GROUP, "count": len(data.strata) - fit.n_groups}
        )
    return notes


def _verdict(fit: M2) -> Verdict:
    told = {"rmsea": three_decimals(fit.rmsea), "srmsr": three_decimals(fit.srmsr)}
    if fit.rmsea <= CLOSE_RMSEA:
        return Verdict(
            Level.GOOD,
            _("The model fits closely: RMSEA %(rmsea)s, SRMSR %(srmsr)s.") % told,
            _("Nothing needs to be done."),
        )
    if fit.rmsea <= ADEQUATE_RMSEA:
        return Verdict(
            Level.LOOK,
            _("The model fits adequately: RMSEA %(rmsea)s, SRMSR %(srmsr)s.") % told,
            _("Look at misfitting items and dependent pairs: they usually are the reason."),
        )
    return Verdict(
        Level.ACT,
        _("The model does not fit: RMSEA %(rmsea)s, SRMSR %(srmsr)s.") % told,
        _(
            "Do not rely on standard errors and reliability yet. Look at dependent pairs first, "
            "then try a model with more parameters, and ask whether the test measures one thing."
        ),
    )


def _figure(fit: M2) -> Figure:
    high = max(0.12, 1.15 * fit.rmsea_upper)
    width, height, margins = 420, 120, Margins()
    across = linear_axis(0, high, 16, width - 16, "RMSEA", at_most=6)
    plot = Plot(across, Axis(0, 1, height - margins.bottom, margins.top, "", []), width, height)
    return Figure(
        name="rmsea",
        title=_("RMSEA with its interval (90%)"),
        description=_(
            "RMSEA is %(rmsea)s, between %(lower)s and %(upper)s with 90%% confidence. Left of "
            "the first line fit is close, right of the second it is poor."
        )
        % {
            "rmsea": three_decimals(fit.rmsea),
            "lower": three_decimals(fit.rmsea_lower),
            "upper": three_decimals(fit.rmsea_upper),
        },
        drawing=plot.drawing(
            plot.upright("close", CLOSE_RMSEA, _("close")),
            plot.upright("limit", ADEQUATE_RMSEA, _("adequate")),
            plot.interval(
                "series-0 bold", (fit.rmsea_lower, fit.rmsea, fit.rmsea_upper), at=0.4, radius=6
            ),
        ),
        width=width,
        height=height,
    )


def _table(data: ReportData, fit: M2) -> Table:
    who = _("persons who answered every item")
    if len(data.strata) > 1:
        who = _("persons who answered the same items as many others")
    rows = [
        ("m2", "M2", fit.statistic),
        ("df", _("degrees of freedom"), fit.df),
        ("p", _("p-value of exact fit"), fit.p),
        ("rmsea", "RMSEA", fit.rmsea),
        ("rmsea_lower", _("RMSEA, lower end of the interval (90%)"), fit.rmsea_lower),
        ("rmsea_upper", _("RMSEA, upper end of the interval (90%)"), fit.rmsea_upper),
        ("srmsr", "SRMSR", fit.srmsr),
        ("cfi", "CFI", fit.cfi),
        ("tli", "TLI", fit.tli),
        ("persons", who, fit.n_persons),
        ("items", _("items"), int(fit.items.sum())),
    ]
    return Table(
        name="model_fit",
        caption=_("Statistics of model fit"),
        columns=[
            Column("name", None),
            Column("what", _("statistic")),
            Column("value", _("value"), as_fact),
        ],
        rows=rows,
    )
