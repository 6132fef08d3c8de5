"""Section: whether examinees get the level that they have."""

from itertools import pairwise

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.report.section import Column, Level, Section, Table, Verdict
from common.report.words import as_count, as_share
from items.models import in_language
from sessions.models import Simulation
from sessions.simulation.report.limits import ACCURACY
from sessions.simulation.results import Classes, PolicyResults


def classification(run: Simulation) -> Section | None:
    """True level against the level given; None where no version has cut scores."""
    policies: list[PolicyResults] = run.results["policies"]
    given = [(p["name"], p["classification"]) for p in policies if p["classification"]]
    if not given:
        return None
    name, first = given[0]
    return Section(
        name="classification",
        title=_("Levels"),
        shows=_(
            "The row is the level that an examinee has by true ability, the column the level that "
            "the test gives."
        ),
        verdict=_verdict(first),
        tables=[_table(version, found, number) for number, (version, found) in enumerate(given)],
        notes=[_note(version, found) for version, found in given if version != name],
    )


def _verdict(found: Classes) -> Verdict:
    told = {"accuracy": as_share(found["accuracy"])}
    if found["accuracy"] >= ACCURACY:
        return Verdict(
            Level.GOOD,
            _("%(accuracy)s of the examinees get their level.") % told,
            _("Most others lie close to a cut score."),
        )
    return Verdict(
        Level.LOOK,
        _("Only %(accuracy)s of the examinees get their level.") % told,
        _("Make the test longer, use fewer levels, or write items that inform at the cut scores."),
    )


def _note(version: str, found: Classes) -> str:
    return _("%(version)s: %(accuracy)s of the examinees get their level.") % {
        "version": version,
        "accuracy": as_share(found["accuracy"]),
    }


def _table(version: str, found: Classes, number: int) -> Table:
    names = _names(found)
    return Table(
        name="classification" if number == 0 else "classification_compared_with",
        caption=_("Examinees by true level and by level given: %(version)s") % {"version": version},
        columns=[
            Column("true_level", _("true level")),
            *(Column(f"level_{n}", name, as_count) for n, name in enumerate(names)),
        ],
        rows=[(name, *row) for name, row in zip(names, found["table"], strict=True)],
    )


def _names(found: Classes) -> list[str]:
    """The names of the levels, or the ranges of theta that they cover."""
    if len(found["levels"]) == len(found["table"]):
        return [in_language(level, get_language() or "en") for level in found["levels"]]
    edges = [f"{cut:g}" for cut in found["cuts"]]
    return [
        _("below %(cut)s") % {"cut": edges[0]},
        *(f"{low} \N{EN DASH} {high}" for low, high in pairwise(edges)),
        _("from %(cut)s") % {"cut": edges[-1]},
    ]
