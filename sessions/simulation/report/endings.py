"""Section: why the tests ended."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.report.section import Column, Level, Section, Table, Verdict
from common.report.words import as_count, as_share
from sessions.models import Session, Simulation
from sessions.simulation.report.limits import RUN_OUT_SHARE
from sessions.simulation.results import PolicyResults

Reason = Session.StopReason


def endings(run: Simulation) -> Section:
    """How often each rule ended a test."""
    policies: list[PolicyResults] = run.results["policies"]
    return Section(
        name="endings",
        title=_("Why the tests ended"),
        shows=_(
            "Each test ends by the stopping rule, at its greatest length or for want of items."
        ),
        verdict=_verdict(policies[0]),
        tables=[_table(policies)],
    )


def _verdict(policy: PolicyResults) -> Verdict:
    share = policy["stops"].get(Reason.NO_ITEMS.value, 0) / policy["overall"]["examinees"]
    reason, count = max(policy["stops"].items(), key=lambda entry: entry[1])
    told = {
        "reason": Reason(reason).label,
        "share": as_share(count / policy["overall"]["examinees"]),
        "out": as_share(share),
    }
    if share > RUN_OUT_SHARE:
        return Verdict(
            Level.LOOK,
            _("%(out)s of the tests ended because no item was left.") % told,
            _("Add items, loosen the constraints or the exposure control, or shorten the test."),
        )
    return Verdict(
        Level.GOOD,
        _("Most often: %(reason)s (%(share)s).") % told,
        _("The tests end as they should."),
    )


def _table(policies: Sequence[PolicyResults]) -> Table:
    reasons = list(dict.fromkeys(reason for policy in policies for reason in policy["stops"]))
    return Table(
        name="stop_reasons",
        caption=_("How often each reason ended a test"),
        columns=[
            Column("version", _("version") if len(policies) > 1 else None),
            Column("reason", None),
            Column("what", _("reason")),
            Column("sessions", _("sessions"), as_count),
            Column("share", _("share"), as_share),
        ],
        rows=[
            (policy["name"], reason, Reason(reason).label, n, n / policy["overall"]["examinees"])
            for policy in policies
            for reason in reasons
            for n in [policy["stops"].get(reason, 0)]
        ],
    )
