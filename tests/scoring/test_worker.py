"""A real Celery worker on a real broker, killed with -9 in the middle of the EM."""

import os
import signal
import subprocess
import sys
import time
import uuid
from urllib.parse import quote

import numpy as np
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from irtcat_site.celery import app
from scoring.models import CalibrationRun
from scoring.recalibration import RunSettings, request_run
from scoring.tasks import start_scheduled_run, sweep_runs
from tests.scoring.builders import build_bank, simulate_sessions, two_pl

PATIENCE_SECONDS = 30
# Below what floating point reaches: the EM goes on until its iterations are spent.
UNREACHABLE = 1e-300


@pytest.fixture
def queue():
    """The name of a queue of our own, which this process sends to."""
    usual, name = app.conf.task_default_queue, f"test-{uuid.uuid4().hex}"
    send_to(name)
    yield name
    with app.connection_for_write() as broker:
        broker.default_channel.queue_delete(name)
    send_to(usual)


def send_to(queue: str) -> None:
    app.conf.task_default_queue = queue
    app.__dict__.pop("amqp", None)  # keeps the queues that it was made with


@pytest.fixture
def start_worker(queue):
    """Start workers in process groups of their own; those still alive are killed at the end."""
    workers = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-m", "celery", "-A", "irtcat_site", "worker", "-Q", queue]
        options = ["--concurrency", "1", "--without-gossip", "--without-mingle", "-l", "WARNING"]
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.CELERY_BROKER_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "RUN_LEASE_SECONDS": "2",
        }
        worker = subprocess.Popen([*command, *options], env=environment, start_new_session=True)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        kill(worker)


def database_url() -> str:
    database = connection.settings_dict
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    return f"postgres://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def kill(worker: subprocess.Popen) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_for(run: CalibrationRun, condition) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        run.refresh_from_db()
        if condition(run):
            return
        time.sleep(0.05)
    pytest.fail(f"gave up waiting: {run.status}, attempt {run.attempt}, {run.phase}, {run.error}")


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
