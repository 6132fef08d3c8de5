"""Section: the data, the models, the population, and how exactly the test measures."""

from collections import Counter

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import THETA_LIMIT, Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_fact, decimals, named, two_decimals
from irt.arrays import FloatArray
from irt.estimation.reliability import empirical_reliability, marginal_reliability
from irt.models.information import test_information
from scoring.report.data import ReportData
from scoring.report.limits import HIGH_RELIABILITY, USABLE_RELIABILITY

_STEP = 0.1
_ROWS_APART = 5


def summary(data: ReportData) -> Section:
    """Facts in a table, test information and SE(theta) as curves."""
    empirical = empirical_reliability(data.theta)
    marginal = marginal_reliability(data.parameters, data.grid)
    theta = np.arange(-THETA_LIMIT, THETA_LIMIT + _STEP / 2, _STEP).round(10)
    information = test_information(data.parameters, theta)
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(information)
    return Section(
        name="summary",
        title=_("The test and the people who took it"),
        shows=_(
            "What was analysed, and how exactly the items together measure ability θ at each "
            "point of the scale."
        ),
        # Of a test that nobody took as a whole, only what the persons answered counts.
        verdict=_verdict(marginal if data.share_complete == 1 else empirical, theta, error),
        figures=_figures(data, theta, information, error),
        tables=[_facts(data, empirical, marginal), _curve_table(theta, information, error)],
        notes=_notes(data),
    )


def _verdict(reliability: float, theta: FloatArray, error: FloatArray) -> Verdict:
    best = float(theta[np.argmin(error)])
    told = {"reliability": f"{reliability:.2f}", "theta": two_decimals(best)}
    if reliability >= HIGH_RELIABILITY:
        return Verdict(
            Level.GOOD,
            _("Reliability is %(reliability)s: exact enough to decide about single persons.")
            % told,
            _("Nothing needs to be done. The test measures best around θ = %(theta)s.") % told,
        )
    if reliability >= USABLE_RELIABILITY:
        return Verdict(
            Level.GOOD,
            _(
                "Reliability is %(reliability)s: exact enough to compare groups and to rank "
                "persons roughly."
            )
            % told,
            _(
                "For decisions about single persons use a longer test, or items that inform more. "
                "The test measures best around θ = %(theta)s."
            )
            % told,
        )
    return Verdict(
        Level.ACT,
        _("Reliability is %(reliability)s: too low to tell persons apart.") % told,
        _(
            "Add items, above all ones that discriminate well where the persons are; see the "
            "person-item map."
        ),
    )


def _facts(data: ReportData, empirical: float, marginal: float) -> Table:
    counts = Counter(data.parameters.model.tolist())
    models = ", ".join(f"{model} ({n})" for model, n in counts.items())
    origin = _("estimated from the responses") if data.is_population_estimated else _("as given")
    rows = [
        ("persons", _("persons"), len(data.persons)),
        ("items", _("items"), len(data.items)),
        ("responses", _("responses"), len(data.table.score)),
        ("share_answered", _("share of all answers that were given"), data.share_answered),
        ("models", _("models and number of items"), models),
        ("population_mean", _("mean of θ, %(how)s") % {"how": origin}, data.mean),
        ("population_sd", _("SD of θ, %(how)s") % {"how": origin}, data.sd),
        *_group_facts(data),
        ("marginal_reliability", _("marginal reliability (all items)"), marginal),
        ("empirical_reliability", _("empirical reliability (EAP, as answered)"), empirical),
    ]
    return Table(
        name="summary",
        caption=_("The analysis in numbers"),
        columns=[
            Column("name", None),
            Column("what", _("what")),
            Column("value", _("value"), as_fact),
        ],
        rows=rows,
    )


def _group_facts(data: ReportData) -> list[tuple[str, str, float]]:
    """Mean and SD of each group; none where there is one."""
    if not data.has_groups:
        return []
    facts = []
    moments = zip(
        data.groups.names,
        data.population.mean.tolist(),
        np.sqrt(data.population.variance).tolist(),
        strict=True,
    )
    for number, (name, mean, sd) in enumerate(moments, start=1):
        told = {"group": name}
        facts.append((f"population_mean_{number}", _("mean of θ in %(group)s") % told, mean))
        facts.append((f"population_sd_{number}", _("SD of θ in %(group)s") % told, sd))
    return facts


def _curve_table(theta: FloatArray, information: FloatArray, error: FloatArray) -> Table:
    return Table(
        name="test_information",
        caption=_("Test information and standard error at points of the scale"),
        columns=[
            Column("theta", "θ", decimals(1)),
            Column("information", _("information"), two_decimals),
            Column("standard_error", _("standard error of θ"), two_decimals),
        ],
        rows=list(zip(theta.tolist(), information.tolist(), error.tolist(), strict=True)),
        shown=range(0, len(theta), _ROWS_APART),
    )


def _figures(
    data: ReportData, theta: FloatArray, information: FloatArray, error: FloatArray
) -> list[Figure]:
    across = (-THETA_LIMIT, THETA_LIMIT, "θ")
    height = float(information.max()) * 1.08
    plot = Plot.of(across, (0, height, _("information")))
    density = _density(data, theta) * height * 0.6
    people = plot.band("people", theta, np.zeros_like(theta), density)
    ceiling = max(1.0, float(np.ceil(2 * error.min()) / 2))
    errors = Plot.of(across, (0, ceiling, _("standard error of θ")))
    return [
        Figure(
            name="test-information",
            title=_("Test information"),
            description=_(
                "The higher the curve, the more exactly the test measures there. The shaded "
                "hill shows where the persons are."
            ),
            drawing=plot.drawing(people, plot.curve("series-0", theta, information)),
            width=plot.width,
            height=plot.height,
            legend=[("series-0", _("information")), ("people", _("distribution of the persons"))],
        ),
        Figure(
            name="standard-error",
            title=_("Standard error of θ"),
            description=_(
                "How far an ability estimate typically lies from the truth; lower is better. "
                "Values above the top of the picture are cut off."
            ),
            drawing=errors.drawing(errors.curve("series-1", theta, error)),
            width=errors.width,
            height=errors.height,
            legend=[("series-1", _("standard error of θ"))],
        ),
    ]


def _density(data: ReportData, theta: FloatArray) -> FloatArray:
    """Of all groups together at theta (Q,), 1 where it is highest."""
    mean, sd = data.population.mean[:, None], data.population.variance[:, None] ** 0.5
    hills = np.exp(-0.5 * ((theta - mean) / sd) ** 2) / sd
    density = data.group_shares @ hills
    return np.asarray(density / density.max())


def _notes(data: ReportData) -> list[str]:
    notes = []
    if data.borrowed:
        notes.append(
            _(
                "Groups that have too few persons, or too extreme answers, for a distribution of "
                "their own, and are judged by that of all others together: %(names)s"
            )
            % named(data.borrowed)
        )
    if data.left_out:
        notes.append(
            _("Left out, because they have no parameters (%(count)d): %(names)s")
            % named(data.left_out)
        )
    if data.unanswered:
        notes.append(
            _("Items of the parameter file that were not asked (%(count)d): %(names)s")
            % named(data.unanswered)
        )
    if data.n_silent:
        notes.append(
            _("Left out, because they answered nothing: %(count)d persons")
            % {"count": data.n_silent}
        )
    return notes
