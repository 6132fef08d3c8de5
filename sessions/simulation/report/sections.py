"""A finished simulation as sections: the admin page, the report of the command, the CSV files."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from common.report.section import Level, Section, Table, Verdict
from sessions.models import FEWEST_SIMULATED, Simulation
from sessions.simulation.report.classification import classification
from sessions.simulation.report.endings import endings
from sessions.simulation.report.exposure import exposure
from sessions.simulation.report.overall import overall
from sessions.simulation.report.precision import precision
from sessions.simulation.report.violations import violations

# In the order of the page. Each is a section, or None where it has nothing to tell of this run.
SECTIONS: tuple[Callable[[Simulation], Section | None], ...] = (
    overall,
    violations,
    precision,
    exposure,
    endings,
    classification,
)


def sections_of(run: Simulation) -> list[Section]:
    """Every section; those about both versions show them in one picture, on the same axes."""
    return [section for make in SECTIONS if (section := make(run))]


def tables_of(run: Simulation) -> dict[str, Table]:
    """{name of the file: table}."""
    return {table.file_name: table for section in sections_of(run) for table in section.files}


def facts_of(run: Simulation) -> list[tuple[str, str]]:
    """What was simulated: (name, value)."""
    points = f"{len(run.points)} \N{MULTIPLICATION SIGN} {run.per_point:,}"
    reach = f"{min(run.points):g} … {max(run.points):g}"
    facts = [
        (_("Test version"), str(run.test_version)),
        (_("Bank release"), str(run.release)),
        (_("Examinees"), f"{run.examinees:,}"),
        (_("Population"), f"N({run.theta_mean:g}, {run.theta_sd:g}²)"),
        (
            _("Points of θ"),
            f"{points} ({reach})",
        ),
        (_("Seed"), str(run.seed)),
    ]
    if run.comparison:
        facts.append((_("Compared with"), str(run.comparison)))
    return facts


def verdict_of(run: Simulation) -> Verdict:
    """Whether the version may be opened, in one sentence, and what to do."""
    about = {
        "version": run.test_version,
        "release": run.release,
        "sessions": f"{run.examinees + run.per_point * len(run.points):,}",
        "least": FEWEST_SIMULATED,
        "violations": run.violations,
    }
    if run.violations:
        return Verdict(
            Level.ACT,
            _(
                "Not ready: the blueprint was violated %(violations)d times in %(sessions)s "
                "simulated sessions."
            )
            % about,
            _("See the violations below. Change the rules or add items, and simulate again."),
        )
    if run.examinees < FEWEST_SIMULATED:
        return Verdict(
            Level.LOOK,
            _("A trial: no violation, but fewer than the %(least)d examinees that open a test.")
            % about,
            _("Simulate at least %(least)d examinees before you open the test.") % about,
        )
    concerns = [s for s in sections_of(run) if s.verdict.level in (Level.LOOK, Level.ACT)]
    if concerns:
        return Verdict(
            Level.LOOK,
            _(
                "Ready to open: no violation in %(sessions)s simulated sessions of %(version)s on "
                "%(release)s. Something is worth a look first."
            )
            % about,
            " ".join(section.verdict.text for section in concerns),
        )
    return Verdict(
        Level.GOOD,
        _(
            "Ready to open: no violation in %(sessions)s simulated sessions of %(version)s on "
            "%(release)s."
        )
        % about,
        _("Nothing needs to be done before students see it."),
    )
