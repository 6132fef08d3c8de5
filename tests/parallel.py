"""What each process of a parallel run (pytest-xdist) has to itself: a database and a broker."""

import fcntl
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from irtcat_site.celery import app

# gw0, gw1, ... in a process that runs a share of the tests; empty where one process runs them all.
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
TEMPLATE = "test_irtcat_template"
# Redis has 16 databases, and a run in one process has the first.
MOST_WORKERS = 15


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many as there are processors for us; xdist itself counts those of the machine."""
    processors = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    return min(len(processors) or os.cpu_count() or 1, MOST_WORKERS)


@pytest.fixture(autouse=True, scope="session")
def _own_broker() -> None:
    """Nothing that one process sends or takes is seen by another."""
    if WORKER:
        number = int(WORKER.removeprefix("gw")) % MOST_WORKERS + 1
        address = urlsplit(settings.CELERY_BROKER_URL)._replace(path=f"/{number}")
        settings.CELERY_BROKER_URL = address.geturl()
        app.conf.update(broker_url=settings.CELERY_BROKER_URL)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[None]:
    """Let one process migrate, and all of them clone what it made in a fraction of the time."""
    if not WORKER:
        yield
        return
    users = tmp_path_factory.getbasetemp().parent / "users-of-the-template"
    with _alone(users) as n_users, django_db_blocker.unblock():
        if n_users == 0:
            _migrate_template()
        users.write_text(str(n_users + 1))
    connection.settings_dict["TEST"].update(TEMPLATE=TEMPLATE, MIGRATE=False)
    yield
    with _alone(users) as n_users, django_db_blocker.unblock():
        users.write_text(str(n_users - 1))
        if n_users == 1:
            _execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")


@contextmanager
def _alone(users: Path) -> Iterator[int]:
    """Keep the other processes out; yields how many use the template."""
    with users.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield int(users.read_text()) if users.exists() else 0


def _migrate_template() -> None:
    usual, own = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = TEMPLATE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.creation.destroy_test_db(usual, verbosity=0, keepdb=True)
    connection.settings_dict["TEST"]["NAME"] = own


def _execute(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
