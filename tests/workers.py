"""Real Celery workers on a real broker, on a queue of their own."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from common.runs.run import Run
from irtcat_site.celery import app

PATIENCE_SECONDS = 30


@pytest.fixture
def queue():
    """The name of a queue of our own, which this process sends to."""
    usual, name = app.conf.task_default_queue, f"test-{uuid.uuid4().hex}"
    _send_to(name)
    yield name
    with app.connection_for_write() as broker:
        broker.default_channel.queue_delete(name)
    _send_to(usual)


@pytest.fixture
def start_worker(queue):
    """Start workers in process groups of their own; those still alive are killed at the end."""
    workers = []

    def start() -> subprocess.Popen[bytes]:
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


def _send_to(queue: str) -> None:
    app.conf.task_default_queue = queue
    app.__dict__.pop("amqp", None)  # keeps the queues that it was made with


def database_url() -> str:
    database = connection.settings_dict
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    return f"postgres://{user}:{password}@{database['HOST']}:{database['PORT']}/{database['NAME']}"


def kill(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def wait_for(run: Run, condition: Callable[[Run], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        run.refresh_from_db()
        if condition(run):
            return
        time.sleep(0.05)
    pytest.fail(f"gave up waiting: {run.status}, attempt {run.attempt}, {run.error}")
