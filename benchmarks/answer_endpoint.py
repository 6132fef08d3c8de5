"""Is the answer endpoint fast? Its requests/s as a ratio to a trivial view, in the same run.

    DATABASE_URL=… REDIS_URL=… SECRET_KEY=… python -m benchmarks.answer_endpoint [--seconds 2]

Makes a scratch database, starts gunicorn on the loopback interface and drives it from this
process, so that client and server share the machine: read the ratio, not the numbers. The
reference is /healthz, which passes the same server and middleware and does nothing.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "irtcat_site.settings")
os.environ["LOG_LEVEL"] = "WARNING"
django.setup()

from django.conf import settings  # noqa: E402 - Django must be set up first
from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402

from sessions.delivery.delivery import start_session  # noqa: E402
from sessions.people.tickets import session_token  # noqa: E402
from tests.sessions.builders import make_bank, make_student, make_test  # noqa: E402

CLIENTS = WORKERS = 2
ROUNDS = 3
N_ITEMS, LENGTH, N_SESSIONS = 300, 200, 60


@contextmanager
def scratch_database() -> Iterator[str]:
    """The address of a migrated database that goes away at the end."""
    runner = DiscoverRunner(verbosity=0, interactive=False)
    standing = runner.setup_databases()
    try:
        server, _slash, _name = settings.DATABASE_URL.rpartition("/")
        yield f"{server}/{connection.settings_dict['NAME']}"
    finally:
        runner.teardown_databases(standing)


@contextmanager
def web_server(database_url: str) -> Iterator[int]:
    """The port of a gunicorn that answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--log-level", "error"]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "irtcat_site.wsgi", *options],
        env={**os.environ, "DATABASE_URL": database_url, "DEBUG": "0", "SECRET_KEY": "x" * 64},
    )
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            return get_trivial(port)
        except ConnectionError:
            time.sleep(0.1)
    raise SystemExit("gunicorn did not start")


def request(port: int, method: str, path: str, **options: Any) -> bytes:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request(method, path, **options)
    response = link.getresponse()
    body = response.read()
    link.close()
    if response.status != 200:
        raise SystemExit(f"{path}: {response.status} {body!r}")
    return body


def get_trivial(port: int) -> None:
    request(port, "GET", "/healthz")


class Examinee:
    """A client that answers one session after the other."""

    def __init__(self, port: int, sessions: list[tuple[Any, str]]) -> None:
        self.port, self.sessions = port, sessions
        self.state: Any = None

    def answer(self) -> None:
        if self.state is None or self.state["status"] != "open":
            session_id, token = self.sessions.pop()
            self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            self.path = f"/api/v1/sessions/{session_id}"
            self.state = json.loads(request(self.port, "GET", self.path, headers=self.headers))
        item = self.state["item"]["id"]
        body = {"position": self.state["position"], "item": item, "answer": {"option": 1}}
        reply = request(
            self.port,
            "POST",
            f"{self.path}/responses",
            body=json.dumps(body),
            headers=self.headers,
        )
        self.state = json.loads(reply)


def make_sessions() -> list[tuple[Any, str]]:
    """(id, token) of open sessions, all of one long test."""
    test = make_test(make_bank(N_ITEMS), max_items=LENGTH)
    now = timezone.now()
    ids = [start_session(make_student(f"s{n}"), test, now)[0] for n in range(N_SESSIONS)]
    connection.close()
    return [(session_id, session_token(session_id, 0)) for session_id in ids]


def rate(acts: list[Callable[[], None]], seconds: float) -> float:
    """Requests/s of as many threads as acts, each repeating its own."""

    def repeat(act: Callable[[], None]) -> int:
        count, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            act()
            count += 1
        return count

    with ThreadPoolExecutor(len(acts)) as pool:
        return sum(pool.map(repeat, acts)) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each of the rounds")
    seconds = parser.parse_args().seconds
    settings.SECRET_KEY = "x" * 64
    with scratch_database() as database_url:
        sessions = make_sessions()
        with web_server(database_url) as port:
            examinees = [Examinee(port, sessions[index::CLIENTS]) for index in range(CLIENTS)]
            trivial: list[Callable[[], None]] = [lambda: get_trivial(port)] * CLIENTS
            answers = [examinee.answer for examinee in examinees]
            rate(answers, 3 * seconds)  # the items into the memory of every worker
            for index in range(ROUNDS):
                reference, answered = rate(trivial, seconds), rate(answers, seconds)
                print(
                    f"round {index + 1}: {answered:6.0f} answers/s, {reference:6.0f} trivial/s, "
                    f"ratio {answered / reference:.2f}"
                )


if __name__ == "__main__":
    main()
