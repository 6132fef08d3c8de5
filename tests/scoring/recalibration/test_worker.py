"""A real Celery worker on a real broker, killed with -9 in the middle of the EM."""

import time

import numpy as np
import pytest
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from scoring.models import CalibrationRun
from scoring.recalibration.requests import RunSettings, request_run
from scoring.tasks import start_scheduled_run, sweep_runs
from tests.scoring.builders import build_bank, simulate_sessions, two_pl
from tests.workers import PATIENCE_SECONDS, kill, queue, start_worker, wait_for

__all__ = ["queue", "start_worker"]  # fixtures
# Below what floating point reaches: the EM goes on until its iterations are spent.
UNREACHABLE = 1e-300


def has_expired(run: CalibrationRun) -> bool:
    return CalibrationRun.objects.claimable(timezone.now()).filter(pk=run.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_em_loses_nothing_and_one_draft_is_made(start_worker):
    truth = two_pl(20)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(1).normal(size=400))
    first = start_worker()
    run = request_run(bank, None, RunSettings(tolerance=UNREACHABLE))
    wait_for(run, lambda run: run.evidence.get("em", {}).get("iterations", 0) >= 3)

    kill(first)

    assert (run.status, run.attempt) == ("running", 1)
    CalibrationRun.objects.filter(pk=run.pk).update(tolerance=1e-6)
    second = start_worker()
    wait_for(run, has_expired)
    sweep_runs()
    sweep_runs()
    wait_for(run, lambda run: run.is_over)

    assert (run.status, run.attempt, run.error) == ("succeeded", 2, "")
    assert [draft.pk for draft in bank.releases.filter(number=None)] == [run.draft_id]
    assert second.poll() is None


@pytest.mark.django_db(transaction=True)
def test_two_messages_of_two_schedulers_make_one_run(start_worker):
    truth = two_pl(8)
    _bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(1).normal(size=200))
    every_hour = IntervalSchedule.objects.create(every=1, period="hours")
    task = PeriodicTask.objects.create(name="hourly", task="x", interval=every_hour)

    for _ in range(2):
        start_scheduled_run.apply_async(
            kwargs={"bank_slug": "maths"}, headers={"periodic_task_name": "hourly"}
        )
    start_worker()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not CalibrationRun.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.05)

    run = CalibrationRun.objects.get()
    sweep_runs()  # its message comes after both of theirs
    wait_for(run, lambda run: run.is_over)
    assert CalibrationRun.objects.count() == 1
    assert run.slot.startswith(f"{task.pk}@")
    assert run.status == "succeeded"
