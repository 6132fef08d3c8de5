"""The life of a calibration run: requested, claimed, carried out, cancelled, taken up again."""

import warnings
from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.audit import AuditEntry
from common.errors import Conflict, InvalidInput
from common.runs.leases import MAX_ATTEMPTS, Lease, LeaseLost, RunCancelled, claim, exclusive
from common.runs.queue import cancel
from irt.calibration.calibrate import calibrate
from items.models import Bank, ReleasedItem
from items.releases import publish
from scoring.models import CalibrationRun
from scoring.recalibration.execution import execute
from scoring.recalibration.requests import RunSettings, publish_run, request_run
from tests.factories import make_user
from tests.scoring.builders import (
    build_bank,
    copy_release,
    finished_run,
    simulate_sessions,
    two_pl,
)

pytestmark = pytest.mark.django_db
Status = CalibrationRun.Status


@pytest.fixture
def bank() -> Bank:
    """A bank with standing parameters and 200 sessions of 10 items."""
    truth = two_pl(10)
    bank, release = build_bank(truth)
    theta = np.random.default_rng(8).normal(size=200)
    simulate_sessions(release, truth, theta)
    return bank


def expire_lease(run: CalibrationRun) -> None:
    past = timezone.now() - timedelta(seconds=1)
    CalibrationRun.objects.filter(pk=run.pk).update(lease_until=past)


def drafts_of(bank: Bank) -> int:
    return bank.releases.filter(number=None).count()


def test_a_requested_run_is_queued_and_its_task_sent_on_commit(
    bank, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("common.runs.queue.enqueue", sent.append)
    actor = make_user("omar", "operator")

    with django_capture_on_commit_callbacks(execute=True):
        run = request_run(bank, actor, RunSettings(min_responses=50, note="autumn"))
        assert sent == []

    assert sent == [run]
    assert (run.status, run.attempt, run.min_responses, run.note) == ("queued", 0, 50, "autumn")
    assert run.requested_by == actor
    assert run.window_end <= timezone.now()


def test_a_broker_that_is_away_does_not_lose_the_request(
    bank, monkeypatch, django_capture_on_commit_callbacks, caplog
):
    def refuse(run):
        raise ConnectionError("no broker")

    monkeypatch.setattr("common.runs.queue.enqueue", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        run = request_run(bank, None)

    assert CalibrationRun.objects.claimable(timezone.now()).get() == run


def test_a_bank_without_a_published_release_cannot_be_calibrated():
    empty = Bank.objects.create(slug="empty", name="Empty")

    with pytest.raises(Conflict) as refusal:
        request_run(empty, None)

    assert refusal.value.code == "no_release"
    assert CalibrationRun.objects.count() == 0


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"nodes": 5}, "The quadrature takes 11 to 501 nodes on a range of at most ±20."),
        ({"node_range": float("inf")}, "The quadrature takes 11 to 501 nodes on a range of"),
        ({"tolerance": float("nan")}, "The tolerance must lie above 0 and be at most 0.01."),
        ({"min_responses": 0}, "An item needs at least 1 response."),
        (
            {"window_start": timezone.now() + timedelta(days=1)},
            "The window must start before it ends.",
        ),
    ],
)
def test_settings_that_no_run_can_have_are_refused(bank, settings, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        request_run(bank, None, RunSettings(**settings))

    assert CalibrationRun.objects.count() == 0


def test_a_finished_run_has_one_draft_and_its_evidence(bank):
    run = finished_run(bank)

    assert (run.status, run.attempt, run.progress, run.phase) == ("succeeded", 1, 1.0, "")
    assert run.lease_until is None
    assert run.error == ""
    assert run.draft.origin == "calibration"
    assert run.draft.base == run.standing == bank.current_release
    assert run.started_at <= run.finished_at
    assert run.evidence["em"]["converged"] is True
    assert len(run.evidence["em"]["history"]) == run.evidence["em"]["iterations"]
    assert run.evidence["em"]["max_gradient"] < run.tolerance


def test_a_second_delivery_of_the_task_changes_nothing(bank):
    run = finished_run(bank)
    finished_at = run.finished_at

    execute(run.pk)

    run.refresh_from_db()
    assert (run.attempt, run.finished_at) == (1, finished_at)
    assert drafts_of(bank) == 1


def test_a_delivery_while_another_worker_holds_the_lock_leaves_the_run_alone(bank):
    run = request_run(bank, None, for_worker=False)

    with exclusive(CalibrationRun, run.pk) as is_mine:
        assert is_mine is True
        execute(run.pk)

    run.refresh_from_db()
    assert (run.status, run.attempt) == ("queued", 0)


def test_a_run_with_a_live_lease_is_not_taken(bank):
    run = request_run(bank, None, for_worker=False)
    assert claim(CalibrationRun, run.pk, timezone.now()) == Lease(CalibrationRun, run.pk, 1)

    assert claim(CalibrationRun, run.pk, timezone.now()) is None


def test_a_dead_workers_run_is_taken_up_again_and_makes_one_draft(bank):
    run = request_run(bank, None, for_worker=False)
    dead = claim(CalibrationRun, run.pk, timezone.now())
    expire_lease(run)

    execute(run.pk)

    run.refresh_from_db()
    assert (run.status, run.attempt) == ("succeeded", 2)
    assert drafts_of(bank) == 1
    with pytest.raises(LeaseLost):
        dead.renew(progress=0.5)
    assert dead.end(Status.FAILED, error="too late") is False
    run.refresh_from_db()
    assert run.status == "succeeded"


def test_a_run_that_loses_its_workers_every_time_fails_with_a_sentence(bank):
    run = request_run(bank, None, for_worker=False)
    for _ in range(MAX_ATTEMPTS):
        assert claim(CalibrationRun, run.pk, timezone.now()) is not None
        expire_lease(run)

    execute(run.pk)

    run.refresh_from_db()
    assert (run.status, run.attempt) == ("failed", 3)
    assert run.error.startswith("The worker was lost 3 times while it computed this run.")


def test_runs_of_one_bank_take_turns(bank):
    first = request_run(bank, None, for_worker=False)
    second = request_run(bank, None, for_worker=False)
    claim(CalibrationRun, first.pk, timezone.now())

    assert claim(CalibrationRun, second.pk, timezone.now()) is None

    second.refresh_from_db()
    assert (second.status, second.attempt) == ("queued", 0)


def test_a_queued_run_is_cancelled_at_once(bank):
    actor = make_user("omar", "operator")
    run = request_run(bank, actor, for_worker=False)

    cancel(run, actor)

    run.refresh_from_db()
    assert run.status == "cancelled"
    assert run.finished_at is not None
    entry = AuditEntry.objects.get(act="cancel_calibration")
    assert (entry.actor_name, entry.object_id) == ("omar", str(run.pk))
    assert claim(CalibrationRun, run.pk, timezone.now()) is None


def test_a_running_run_is_cancelled_at_the_next_em_iteration(bank, monkeypatch):
    from scoring.recalibration import execution

    run = request_run(bank, None, for_worker=False)
    real, seen = execution.em_so_far, []

    def cancel_in_the_second_iteration(iteration, log_posterior, max_gradient):
        seen.append(iteration)
        if iteration == 2:
            cancel(run, None)
        return real(iteration, log_posterior, max_gradient)

    monkeypatch.setattr(execution, "em_so_far", cancel_in_the_second_iteration)
    execute(run.pk)

    run.refresh_from_db()
    assert seen == [1, 2]
    assert run.status == "cancelled"
    assert run.evidence["em"]["iterations"] == 2
    assert run.draft is None
    assert drafts_of(bank) == 0


def test_a_dead_workers_run_that_was_to_be_cancelled_is_cancelled(bank):
    run = request_run(bank, None, for_worker=False)
    lease = claim(CalibrationRun, run.pk, timezone.now())
    cancel(run, None)
    with pytest.raises(RunCancelled):
        lease.renew()
    expire_lease(run)

    execute(run.pk)

    run.refresh_from_db()
    assert run.status == "cancelled"


def test_cancelling_twice_is_one_cancellation_and_a_finished_run_cannot_be_cancelled(bank):
    run = request_run(bank, None, for_worker=False)
    claim(CalibrationRun, run.pk, timezone.now())
    asked = cancel(run, None).cancel_requested_at
    assert cancel(run, None).cancel_requested_at == asked
    assert AuditEntry.objects.filter(act="cancel_calibration").count() == 1

    over = finished_run(build_bank(two_pl(3), slug="other")[0])
    with pytest.raises(Conflict, match=r"The run is over \(failed\) and cannot be cancelled."):
        cancel(over, None)


def test_an_unexpected_error_ends_the_run_as_failed(bank, monkeypatch):
    def explode(*args, **kwargs):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("scoring.recalibration.execution.calibrate", explode)

    run = finished_run(bank)

    assert run.status == "failed"
    assert run.error == ("Unexpected ZeroDivisionError: by zero. The worker's log has the details.")
    assert run.evidence["window"]["persons"] == 200


def test_a_warning_of_a_library_never_fails_a_run(bank, monkeypatch):
    def warn_first(*args, **kwargs):
        warnings.warn("block_diag is switching", PendingDeprecationWarning, stacklevel=2)
        return calibrate(*args, **kwargs)

    monkeypatch.setattr("scoring.recalibration.execution.calibrate", warn_first)

    def execute_strictly(run_id):
        warnings.simplefilter("error")
        execute(run_id)

    run = request_run(bank, None, RunSettings(min_responses=50))
    with pytest.warns(PendingDeprecationWarning, match="block_diag is switching"):
        execute_strictly(run.pk)

    run.refresh_from_db()
    assert (run.status, run.error) == ("succeeded", "")
    with pytest.raises(UserWarning, match="the filters are as before"):
        warnings.warn("the filters are as before", stacklevel=1)


def test_an_error_while_the_draft_is_written_leaves_no_draft(bank, monkeypatch):
    def explode(*args, **kwargs):
        raise ValueError("half way")

    monkeypatch.setattr("scoring.recalibration.execution.write_parameters", explode)

    run = finished_run(bank)

    assert run.status == "failed"
    assert drafts_of(bank) == 0


def test_a_release_published_in_the_meantime_puts_the_run_back_into_the_queue(bank, monkeypatch):
    from scoring.recalibration import execution

    real = execution.refresh

    def publish_meanwhile(*args):
        publish(copy_release(bank.current_release), None, "meanwhile")
        return real(*args)

    monkeypatch.setattr(execution, "refresh", publish_meanwhile)
    run = finished_run(bank)
    assert (run.status, run.attempt, run.draft) == ("queued", 1, None)

    monkeypatch.setattr(execution, "refresh", real)
    execute(run.pk)

    run.refresh_from_db()
    assert run.status == "succeeded"
    assert run.standing.number == 2
    assert drafts_of(bank) == 1


def test_publishing_a_run_publishes_its_draft(bank):
    actor = make_user("omar", "operator")
    run = finished_run(bank)

    release = publish_run(run, actor, "looks right")

    assert release.number == 2
    assert bank.current_release == release
    assert release.published_by == actor
    provenance = release.released_items.values_list("provenance", flat=True).distinct()
    assert list(provenance) == [ReleasedItem.Provenance.CALIBRATION]


def test_a_run_without_a_draft_cannot_be_published(bank):
    run = finished_run(bank, min_responses=500)

    with pytest.raises(Conflict, match="The run has no draft release"):
        publish_run(run, None, "no reason")


def test_the_next_run_links_to_the_published_one(bank):
    first = finished_run(bank)
    publish(first.draft, None, "looks right")

    second = finished_run(bank)

    assert second.standing == first.draft
    assert max(abs(item["shift"]) for item in second.evidence["items"]) < 1e-3


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "running"}, "scoring_run_running_has_lease"),
        ({"status": "failed", "finished_at": timezone.now()}, "scoring_run_failure_has_reason"),
        ({"status": "succeeded"}, "scoring_run_over_has_end"),
        ({"progress": 1.5}, "scoring_run_progress_share"),
        ({"min_responses": 0}, "scoring_run_min_responses_from_one"),
    ],
)
def test_the_database_refuses_an_impossible_run(bank, fields, constraint):
    run = request_run(bank, None, for_worker=False)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CalibrationRun.objects.filter(pk=run.pk).update(**fields)
