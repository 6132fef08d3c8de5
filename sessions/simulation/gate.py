"""The gate before students: a test opens once its newest version was simulated without a fault."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.audit import record
from common.errors import Conflict
from items.models import BankRelease
from sessions.models import FEWEST_SIMULATED, Simulation, Test, TestVersion
from sessions.rules.contradictions import contradictions
from sessions.simulation.requests import current_release


@transaction.atomic
def open_test(test: Test, actor: Any) -> None:
    """Open the test to students. Locks the test.

    Raises Conflict `no_version`, `no_release`, `contradicts_bank` for a version that was written
    for another release and cannot be given on this one, and `not_simulated` with the sentence of
    `gate_fault`, for a test whose newest version did not pass a simulation on the bank's current
    release. Opening twice changes nothing.
    """
    locked = Test.objects.select_for_update().get(pk=test.pk)
    if locked.is_open:
        return
    version = locked.current_version
    if version is None:
        raise Conflict("no_version", _("This test has no version yet; create one first."))
    release = current_release(locked)
    contradicting = contradictions(version, release)
    if contradicting:
        sentences = [fault.sentence for fault in contradicting]
        raise Conflict("contradicts_bank", " ".join(sentences), faults=sentences)
    fault = gate_fault(version, release)
    if fault:
        raise Conflict(
            "not_simulated", fault, test=locked.slug, version=version.number, release=release.number
        )
    _set_open(locked, True)
    record(actor, "open_test", locked, version=version.number, release=release.number)
    test.is_open = True


@transaction.atomic
def close_test(test: Test, actor: Any) -> None:
    """Close the test to students; sessions under way go on. Locks the test."""
    locked = Test.objects.select_for_update().get(pk=test.pk)
    if not locked.is_open:
        return
    _set_open(locked, False)
    record(actor, "close_test", locked)
    test.is_open = False


def gate_fault(version: TestVersion, release: BankRelease) -> str | None:
    """Why the version may not be opened on the release, and how to mend it; None where it may."""
    simulations = version.simulations.filter(release=release)
    if simulations.passed().exists():
        return None
    newest = simulations.order_by("-requested_at").first()
    return _fault_of(newest) % {
        "version": version,
        "release": release,
        "least": FEWEST_SIMULATED,
        "count": newest.violations if newest else 0,
        "examinees": newest.examinees if newest else 0,
        "error": newest.error if newest else "",
    }


def _fault_of(newest: Simulation | None) -> str:
    if newest is None:
        return _(
            "%(version)s was not simulated on %(release)s yet. Simulate it with at least %(least)d "
            "examinees, then open it."
        )
    if not newest.is_over:
        return _("%(version)s is being simulated on %(release)s. Open it when that has succeeded.")
    if newest.status != Simulation.Status.SUCCEEDED:
        return _(
            "The last simulation of %(version)s on %(release)s did not succeed. %(error)s Mend "
            "that, and simulate it again."
        )
    if newest.violations:
        return _(
            "%(version)s violated its blueprint %(count)d times when it was simulated on "
            "%(release)s. Change its rules or add items to the bank, then simulate it again."
        )
    return _(
        "%(version)s was simulated on %(release)s with %(examinees)d examinees only. Simulate it "
        "with at least %(least)d, then open it."
    )


def _set_open(test: Test, is_open: bool) -> None:
    test.is_open = is_open
    test.save(update_fields=["is_open"])
