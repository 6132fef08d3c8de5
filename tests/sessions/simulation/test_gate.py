"""The gate: a test opens, and a version is delivered, once it was simulated without a fault."""

import pytest
from django.utils import timezone

from common.audit import AuditEntry
from common.errors import Conflict
from items.releases import open_draft, publish, retire
from sessions.delivery.delivery import start_session
from sessions.models import Session, Simulation, Test, TestVersion
from sessions.rules.specification import create_test_version
from sessions.simulation.execution import execute
from sessions.simulation.gate import close_test, gate_fault, open_test
from tests.factories import make_bank as make_authored_bank
from tests.factories import make_release
from tests.sessions.builders import make_bank, make_student
from tests.sessions.simulations import queued, simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def test() -> Test:
    made = Test.objects.create(slug="placement", bank=make_bank(), title={"en": "Placement"})
    create_test_version(made, None, min_items=3, max_items=8)
    return made


def refusal(test: Test) -> str:
    with pytest.raises(Conflict) as refused:
        open_test(test, None)
    test.refresh_from_db()
    assert test.is_open is False
    return refused.value.message


def test_a_test_that_was_not_simulated_does_not_open(test):
    assert refusal(test) == (
        "placement v1 was not simulated on math release 1 yet. Simulate it with at least 500 "
        "examinees, then open it."
    )
    assert not AuditEntry.objects.filter(act="open_test").exists()


def test_a_simulated_test_opens_and_closes_with_an_audit_row_each(test):
    simulated(test.current_version)

    open_test(test, None)
    open_test(test, None)
    assert Test.objects.get().is_open is True
    close_test(test, None)
    close_test(test, None)

    assert Test.objects.get().is_open is False
    acts = AuditEntry.objects.filter(act__in=["open_test", "close_test"]).order_by("pk")
    assert [entry.act for entry in acts] == ["open_test", "close_test"]
    assert acts[0].detail == {"version": 1, "release": 1}


def test_too_few_examinees_open_nothing(test):
    simulated(test.current_version, examinees=499)
    assert refusal(test) == (
        "placement v1 was simulated on math release 1 with 499 examinees only. Simulate it with at "
        "least 500, then open it."
    )


def test_violations_open_nothing(test):
    run = simulated(test.current_version)
    Simulation.objects.filter(pk=run.pk).update(violations=4)
    assert refusal(test).startswith("placement v1 violated its blueprint 4 times when it was sim")


def test_a_simulation_under_way_or_failed_opens_nothing(test):
    run = queued(test.current_version)
    assert refusal(test) == (
        "placement v1 is being simulated on math release 1. Open it when that has succeeded."
    )
    Simulation.objects.filter(pk=run.pk).update(
        status="failed", error="It broke.", finished_at=timezone.now()
    )
    assert refusal(test) == (
        "The last simulation of placement v1 on math release 1 did not succeed. It broke. Mend "
        "that, and simulate it again."
    )


def test_a_new_version_closes_the_gate_again(test):
    simulated(test.current_version)
    create_test_version(test, None, min_items=3, max_items=4)
    assert refusal(test).startswith("placement v2 was not simulated on math release 1 yet.")


def test_a_test_without_a_version_or_its_bank_without_a_release_does_not_open():
    bank = make_authored_bank()
    test = Test.objects.create(slug="new", bank=bank, title={"en": "New"})
    assert refusal(test) == "This test has no version yet; create one first."
    create_test_version(test, None)
    assert refusal(test).startswith("Bank mathematics has no published release yet")


def test_new_sessions_use_the_newest_simulated_version(test):
    simulated(test.current_version)
    open_test(test, None)
    newer = create_test_version(test, None, min_items=3, max_items=4)

    before, _ = start_session(make_student("ada"), test, timezone.now())
    simulated(newer)
    after, _ = start_session(make_student("grace"), test, timezone.now())

    assert test.current_version == newer
    numbers = dict(Session.objects.values_list("pk", "test_version__number"))
    assert (numbers[before], numbers[after]) == (1, 2)


def test_nobody_is_given_a_test_that_was_never_simulated(test):
    with pytest.raises(Conflict) as refused:
        start_session(make_student(), test, timezone.now(), invited=True)
    assert refused.value.code == "not_simulated"


def test_a_version_that_sessions_used_stays_deliverable(test):
    """As in databases from before tests were simulated."""
    simulated(test.current_version)
    start_session(make_student(), test, timezone.now(), invited=True)
    Simulation.objects.all().delete()
    assert test.deliverable_version == TestVersion.objects.get()


def test_publishing_a_release_leaves_tests_open_and_queues_their_simulation(
    django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr("common.runs.queue.enqueue", sent.append)
    bank = make_authored_bank()
    make_release(bank, [-1.0, -0.5, 0.0, 0.5, 1.0])
    opened, closed = (
        Test.objects.create(slug=slug, bank=bank, title={"en": slug}) for slug in ("a", "b")
    )
    for test in (opened, closed):
        create_test_version(test, None, min_items=2, max_items=3)
    simulated(opened.current_version)
    open_test(opened, None)

    with django_capture_on_commit_callbacks(execute=True):
        release = publish(open_draft(bank, None), None, "spring")

    (queued_run,) = Simulation.objects.filter(status="queued")
    assert (queued_run.test_version.test, queued_run.release) == (opened, release)
    assert sent == [queued_run]
    opened.refresh_from_db()
    assert opened.is_open is True
    assert opened.deliverable_version == opened.current_version
    assert gate_fault(opened.current_version, release) is not None
    execute(queued_run.pk)
    assert gate_fault(opened.current_version, release) is None


def test_a_version_that_cannot_be_simulated_does_not_hold_up_a_release():
    bank = make_authored_bank()
    make_release(bank, [-1.0, -0.5, 0.0, 0.5, 1.0])
    test = Test.objects.create(slug="a", bank=bank, title={"en": "a"})
    create_test_version(test, None, min_items=2, max_items=3)
    simulated(test.current_version)
    open_test(test, None)
    TestVersion.objects.update(prior_sd=99.0)

    release = publish(open_draft(bank, None), None, "spring")

    assert bank.current_release == release
    assert not Simulation.objects.filter(status="queued").exists()


def test_retiring_an_item_queues_a_simulation_too():
    bank = make_authored_bank()
    make_release(bank, [-1.0, -0.5, 0.0, 0.5, 1.0])
    test = Test.objects.create(slug="a", bank=bank, title={"en": "a"})
    create_test_version(test, None, min_items=2, max_items=3)
    simulated(test.current_version)
    open_test(test, None)

    release = retire(bank.items.first(), None, "outdated")

    assert Simulation.objects.get(status="queued").release == release
