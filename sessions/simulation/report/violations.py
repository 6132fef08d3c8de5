"""Section: constraints that simulated sessions broke. There must be none."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from common.report.section import Column, Level, Section, Table, Verdict
from common.report.words import as_count
from sessions.models import Simulation
from sessions.simulation.results import PolicyResults


def violations(run: Simulation) -> Section:
    """Red where there is one; without any the table is empty."""
    policies: list[PolicyResults] = run.results["policies"]
    rows = [
        (policy["name"], kind, subject, _sentence(kind) % {"subject": subject}, n)
        for policy in policies
        for kind, subject, n in policy["violations"]
    ]
    return Section(
        name="violations",
        title=_("Blueprint"),
        shows=_(
            "Each simulated session is checked again, item by item: content areas, stimulus sets, "
            "enemy items, words, time and length."
        ),
        verdict=_verdict(policies[0]),
        tables=[_table(rows)] if rows else [],
        file_tables=[] if rows else [_table(rows)],
    )


def _verdict(policy: PolicyResults) -> Verdict:
    if not policy["violated"]:
        return Verdict(
            Level.GOOD,
            _("No session broke a constraint."),
            _("Nothing needs to be done."),
        )
    return Verdict(
        Level.ACT,
        _("Constraints were broken %(count)d times.") % {"count": policy["violated"]},
        _(
            "Students would get such tests. Loosen the constraint, add items to the bank, or let a "
            "shadow test balance the content."
        ),
    )


def _table(rows: Sequence[tuple[str, str, str, str, int]]) -> Table:
    return Table(
        name="violations",
        caption=_("Broken constraints"),
        columns=[
            Column("version", _("version")),
            Column("constraint", None),
            Column("subject", None),
            Column("what", _("constraint")),
            Column("sessions", _("sessions"), as_count),
        ],
        rows=rows,
        marked=frozenset(range(len(rows))),
    )


def _sentence(kind: str) -> str:
    """The constraint in words; kinds as in irt.constraints.satisfaction."""
    sentences: dict[str, Callable[[], str]] = {
        "area_minimum": lambda: _("too few items of content area %(subject)s"),
        "area_maximum": lambda: _("too many items of content area %(subject)s"),
        "set_minimum": lambda: _("too few items of stimulus %(subject)s"),
        "set_maximum": lambda: _("too many items of stimulus %(subject)s"),
        "set_together": lambda: _("items of stimulus %(subject)s not one after the other"),
        "enemies": lambda: _("enemy items in one session"),
        "repeated": lambda: _("an item given twice"),
        "longest": lambda: _("more items than the most allowed"),
        "words": lambda: _("more words than allowed"),
        "seconds": lambda: _("more expected time than allowed"),
    }
    return sentences.get(kind, lambda: kind)()
