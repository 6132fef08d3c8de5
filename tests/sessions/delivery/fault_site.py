"""A web server and a PostgreSQL of our own, made to be killed."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from django.core.management import call_command

from benchmarks.faults.students import NoReply, Student, send
from irtcat_site.embedded.connection import CHECKOUT
from irtcat_site.embedded.net import free_port
from irtcat_site.embedded.postgres import Postgres
from irtcat_site.embedded.process import wait_until

NAMES = [f"student-{number}" for number in range(20)]
SECONDS = 60
HOLD = """
CREATE TABLE hold (is_on boolean);
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM hold) LOOP PERFORM pg_sleep(0.01); END LOOP;
    RETURN NEW;
END $$;
CREATE TRIGGER hold AFTER INSERT ON cat_sessions_response FOR EACH ROW EXECUTE FUNCTION hold();
"""


def _is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def build():
    """Run in a process of its own, on the new database: prints the operator's token."""
    from django.db import connection
    from knox.models import AuthToken

    from sessions.models import Examinee
    from tests.sessions.builders import make_bank, make_staff, make_test

    # A throwaway server does not sync its files, which kill -9 forgives; its commits must be real.
    connection.cursor().execute("ALTER DATABASE irtcat SET synchronous_commit = on")
    call_command("migrate", verbosity=0)
    connection.cursor().execute(HOLD)
    make_test(make_bank())
    Examinee.objects.bulk_create(Examinee(external_id=name) for name in NAMES)
    print(AuthToken.objects.create(make_staff("op", "operator"))[1])


class FaultSite:
    def __init__(self, monkeypatch):
        self.home = Path(tempfile.mkdtemp(prefix="irtcat-"))
        self.home.chmod(0o711)  # PostgreSQL runs as another user where we are root
        # It must come back where the web server looks for it.
        database_port = free_port()
        monkeypatch.setattr("irtcat_site.embedded.postgres.free_port", lambda: database_port)
        self.postgres = Postgres(self.home, secrets.token_hex(), throwaway=True)
        self.port = free_port()
        self._names = iter(NAMES)
        self._log = self.home / "web.log"
        self._web = None

    def start(self):
        self.postgres.start()
        environment = {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "SECRET_KEY": secrets.token_hex(),
            "IRTCAT_HOME": str(self.home),
            "OPENBLAS_NUM_THREADS": "1",
        }
        code = "from tests.sessions.delivery.fault_site import build; build()"
        build_it = [sys.executable, "manage.py", "shell", "--command", code]
        output = subprocess.check_output(build_it, cwd=CHECKOUT, env=environment, text=True)
        self._inviter = f"Token {output.split()[-1]}"
        web = f"-m gunicorn irtcat_site.wsgi --bind 127.0.0.1:{self.port} --workers 2 --preload"
        with self._log.open("wb") as log:
            self._web = subprocess.Popen(
                [sys.executable, *web.split(), "--no-control-socket"],
                cwd=CHECKOUT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert wait_until(self._answers, SECONDS), self._log.read_text()

    def stop(self):
        if self._web:
            self._web.terminate()
            self._web.wait()
        self.postgres.stop()
        shutil.rmtree(self.home)

    def student(self, port=None):
        """One who has no session yet."""
        name = next(self._names)
        log = self.home / f"{name}.log"
        return Student(port or self.port, name, self._inviter, "placement", log, seed=1)

    def connect(self):
        return psycopg.connect(self.postgres.url, autocommit=True)

    def kill_workers(self):
        """kill -9 for every web worker; their master starts new ones."""
        booted = re.findall(r"Booting worker with pid: (\d+)", self._log.read_text())
        for pid in booted[-2:]:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def kill_backend(self):
        """kill -9 for a database process that serves the web: PostgreSQL restarts all of them."""
        query = """
            SELECT pid FROM pg_stat_activity
             WHERE datname = 'irtcat' AND pid <> pg_backend_pid() LIMIT 1
        """
        with suppress(psycopg.OperationalError), self.connect() as connection:
            for (pid,) in connection.execute(query):
                os.kill(pid, signal.SIGKILL)

    @contextmanager
    def database_killed(self):
        """kill -9 for PostgreSQL itself; after the block it is started again.

        Its backends may serve for a moment longer: the block begins when the last of them is gone.
        """
        with self.connect() as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
        os.kill(self.postgres.record.pid(), signal.SIGKILL)
        wait_until(lambda: not any(_is_alive(pid) for (pid,) in rows), SECONDS)
        try:
            yield
        finally:
            self.postgres.start()

    @contextmanager
    def writes_held(self):
        """While the block lasts, a transaction that has inserted a response does not commit."""
        with self.connect() as connection:
            connection.execute("INSERT INTO hold VALUES (true)")
            try:
                yield
            finally:
                connection.execute("DELETE FROM hold")

    def held_backends(self):
        with self.connect() as connection:
            held = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            return [pid for (pid,) in connection.execute(held)]

    def terminate(self, backends):
        with self.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM unnest(%s) AS pid", [backends]
            )

    def _answers(self):
        with suppress(NoReply):
            return send(self.port, "/tests").status == 401
        return False
