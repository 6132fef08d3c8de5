"""Settings, read anew in a process of their own."""

import json
import os
import subprocess
import sys

from django.conf import settings

from irtcat_site.celery import app
from irtcat_site.embedded import connection

RDS = "postgres://irtcat:p%2Fw@db.example.org:5432/irtcat?sslmode=verify-full&sslrootcert=/ca.pem"
CODE = (
    "import json; from irtcat_site import settings as s; "
    "print(json.dumps([s.DATABASES['default'], s.CELERY_BROKER_URL, s.IS_EMBEDDED]))"
)


def read_settings(**environment):
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=connection.CHECKOUT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_address_can_demand_a_verified_certificate():
    done = read_settings(DATABASE_URL=RDS, REDIS_URL="rediss://h:6379/0", SECRET_KEY="x" * 40)
    database, broker, is_embedded = json.loads(done.stdout)
    assert database["HOST"] == "db.example.org"
    assert database["PASSWORD"] == "p/w"
    assert database["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert broker == "rediss://h:6379/0"
    assert is_embedded is False


def test_a_database_of_ones_own_demands_a_secret_key():
    done = read_settings(DATABASE_URL=RDS)
    assert done.returncode == 1
    assert "SECRET_KEY is unset: with DATABASE_URL set, set it too." in done.stderr


def test_without_servers_settings_can_still_be_read(tmp_path):
    done = read_settings(IRTCAT_HOME=str(tmp_path))
    database, _, is_embedded = json.loads(done.stdout)
    assert database["HOST"] == "127.0.0.1"
    assert is_embedded is True
    assert list(tmp_path.iterdir()) == []


def test_the_names_of_tasks_are_those_that_rows_of_beat_hold():
    """They are data: a task that moves keeps its name, or schedules that were saved stand still."""
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {
        "scoring.tasks.calibrate",
        "scoring.tasks.start_scheduled_run",
        "scoring.tasks.sweep_runs",
        "sessions.tasks.expire_overdue_sessions",
        "sessions.tasks.simulate",
        "sessions.tasks.sweep_simulations",
    }
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= ours
