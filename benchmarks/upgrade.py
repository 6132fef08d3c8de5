"""Do sessions outlive an upgrade, and going back? Two checkouts take turns at one database.

    make prove-upgrade ARGS=/path/to/the/checkout/of/before

The checkout of before builds the demo, gives it sessions of both demo tests through HTTP (ended,
expired and open ones) and notes every reply. This checkout migrates the database forward, replays
each session, repeats every answer for the same bytes, and takes half of the open sessions to their
ends; then it migrates back to where the checkout of before stands, which replays and repeats all of
it and takes the rest. With --control one stored reply and one stored θ are changed in between: the
proof must then find both. Both checkouts run in this environment.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.faults.students import Complaint, NoReply, Reply, send
from irtcat_site.embedded.connection import CHECKOUT
from irtcat_site.embedded.net import free_port
from irtcat_site.embedded.process import wait_until
from irtcat_site.embedded.servers import Servers, running

START_SECONDS = 120
TESTS = ("mathematics-placement", "wellbeing")
OMIT, EXPIRED = 0.15, 2
REPLAY = """
from django.core.management import CommandError, call_command
from sessions.models import Session
for session_id in Session.objects.filter(source="live").values_list("pk", flat=True):
    try:
        call_command("replay_session", str(session_id))
    except CommandError as error:
        print(f"DIFFERS: {session_id}: {error}")
"""
EXAMINEES = """
from sessions.models import Examinee
Examinee.objects.bulk_create(Examinee(external_id=name) for name in {names})
"""
EXPIRE = "from sessions.tasks import expire_overdue_sessions; expire_overdue_sessions()"
LEAVES = """
from django.db import connection
from django.db.migrations.loader import MigrationLoader
for app, name in MigrationLoader(connection).graph.leaf_nodes():
    print("LEAF", app, name)
"""


@dataclass
class Checkout:
    """One state of the code, on the database of `servers`."""

    folder: Path
    servers: Servers
    port: int = field(default_factory=free_port)

    def run(self, *arguments: str) -> str:
        """What a command of manage.py prints. Raises CalledProcessError."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.check_output(command, cwd=self.folder, env=self._environment, text=True)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The web server of this state of the code, for as long as the block lasts."""
        web = f"-m gunicorn irtcat_site.wsgi --bind 127.0.0.1:{self.port} --workers 1"
        process = subprocess.Popen(
            [sys.executable, *web.split(), "--no-control-socket", "--log-level", "error"],
            cwd=self.folder,
            env=self._environment,
        )
        try:
            if not wait_until(self._answers, START_SECONDS, 0.2):
                raise Complaint(f"{self.folder} does not answer")
            yield
        finally:
            process.terminate()
            process.wait()

    def faults(self) -> list[str]:
        """Sessions that do not replay."""
        lines = self.run("shell", "--command", REPLAY).splitlines()
        print(f"  {sum('answers replayed' in line for line in lines)} sessions replay", flush=True)
        return [line for line in lines if line.startswith("DIFFERS")]

    def leaves(self) -> list[tuple[str, str]]:
        """(app, name) of the newest migrations that this state of the code knows."""
        lines = self.run("shell", "--command", LEAVES).splitlines()
        found = [line.split()[1:] for line in lines if line.startswith("LEAF")]
        return [(app, name) for app, name in found]

    @property
    def _environment(self) -> dict[str, str]:
        return {**self.servers.environment, "LOG_LEVEL": "ERROR", "OPENBLAS_NUM_THREADS": "1"}

    def _answers(self) -> bool:
        with suppress(NoReply):
            return send(self.port, "/tests").status == 401
        return False


@dataclass
class Taker:
    """Takes one session, and remembers what was sent and what came back."""

    session: str
    token: str
    rng: random.Random
    told: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)

    def answer(self, port: int, most: int | None = None) -> str:
        """Answer so many items, all of them without a number; the status afterwards."""
        state = self._expect(send(port, f"/sessions/{self.session}", self.token))
        while state["status"] == "open" and most != 0:
            item = state["item"]
            body = {"position": state["position"], "item": item["id"], "answer": self._choose(item)}
            reply = self._post(port, body)
            state = self._expect(reply)
            self.told.append((body, reply.body))
            most = None if most is None else most - 1
        return str(state["status"])

    def repeat(self, port: int) -> list[str]:
        """The answers that are not replied to with the same bytes any more."""
        return [
            f"{self.session} #{body['position']}: the reply has changed"
            for body, reply in self.told
            if self._post(port, body).body != reply
        ]

    def report(self, port: int) -> bytes:
        return send(port, f"/sessions/{self.session}/report", self.token).body

    def finish(self, port: int) -> None:
        self._expect(send(port, f"/sessions/{self.session}/finish", self.token, {}))

    def _post(self, port: int, body: dict[str, Any]) -> Reply:
        return send(port, f"/sessions/{self.session}/responses", self.token, body)

    def _choose(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["may_omit"] and self.rng.random() < OMIT:
            return {"omit": True}
        if not item["options"]:
            return {"number": str(self.rng.randint(0, 9))}
        option = self.rng.choice(item["options"])["id"]
        return {"options": [option]} if item["kind"] == "multiple_response" else {"option": option}

    def _expect(self, reply: Reply) -> dict[str, Any]:
        if reply.status != 200:
            raise Complaint(f"{self.session}: {reply}")
        return reply.json()


@dataclass
class Proof:
    before: Checkout
    after: Checkout
    rng: random.Random
    ended: list[Taker] = field(default_factory=list)
    open: list[Taker] = field(default_factory=list)
    reports: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def build(self, sessions: int) -> None:
        """The demo, and sessions of every kind: a third open, the rest ended one way or another."""
        print(self.before.run("prepare"), end="", flush=True)
        inviter = f"Token {self.before.run('create_token', 'operator').split()[-1]}"
        names = [f"examinee-{number}" for number in range(sessions)]
        self.before.run("shell", "--command", EXAMINEES.format(names=names))
        with self.before.serving():
            for number, name in enumerate(names):
                test = TESTS[number % 2]
                self._take(enter(self.before.port, test, name, inviter, self.rng), number // 2)
            expired, self.open = self.open[:EXPIRED], self.open[EXPIRED:]
            self._expire([taker.session for taker in expired])
            self.ended += expired
            self.reports = {t.session: t.report(self.before.port) for t in self.ended}

    def hold(self, checkout: Checkout, going_on: list[Taker]) -> None:
        """Replay and repeat everything under a checkout, and let it take sessions to their ends."""
        self.faults += checkout.faults()
        with checkout.serving():
            self._compare(checkout.port)
            for taker in going_on:
                taker.answer(checkout.port)
            self.ended += going_on
            self.reports |= {taker.session: taker.report(checkout.port) for taker in going_on}
            self._compare(checkout.port)
        self.faults += checkout.faults()

    def tamper(self) -> None:
        """Change one reply and one θ, behind the back of all triggers."""
        with self._connect() as connection:
            connection.execute("SET session_replication_role = replica")
            session, other, *_ = (taker.session for taker in self.ended if taker.told)
            change = "UPDATE cat_sessions_response SET reply = reply || ' ' WHERE position = 1 AND"
            connection.execute(f"{change} session_id = %s", [session])
            change = "UPDATE cat_sessions_session SET theta = theta + 1e-9 WHERE"
            connection.execute(f"{change} id = %s", [other])

    def _expire(self, sessions: list[str]) -> None:
        with self._connect() as connection:
            change = "UPDATE cat_sessions_session SET deadline = now() - interval '1 day' WHERE"
            connection.execute(f"{change} id = ANY(%s)", [sessions])
        self.before.run("shell", "--command", EXPIRE)

    def _take(self, taker: Taker, number: int) -> None:
        kind = number % 3
        if kind == 0:
            taker.answer(self.before.port)
        else:
            taker.answer(self.before.port, most=self.rng.randint(0, 5))
        if kind == 1:
            taker.finish(self.before.port)
        (self.open if kind == 2 else self.ended).append(taker)

    def _compare(self, port: int) -> None:
        takers = self.ended + self.open
        for taker in takers:
            self.faults += taker.repeat(port)
        changed = [t for t in self.ended if t.report(port) != self.reports[t.session]]
        self.faults += [f"{taker.session}: the report has changed" for taker in changed]
        answers = sum(len(taker.told) for taker in takers)
        print(f"  {answers} answers of {len(takers)} sessions repeated", flush=True)

    def _connect(self) -> "psycopg.Connection[Any]":
        addresses = json.loads((self.before.servers.folder / "addresses.json").read_text())
        return psycopg.connect(addresses["database_url"], autocommit=True)


def enter(port: int, test: str, examinee: str, inviter: str, rng: random.Random) -> Taker:
    """A new session, by a ticket."""
    wish = {"test": test, "examinee": examinee}
    secret = send(port, "/tickets", inviter, wish).json()["secret"]
    opened = send(port, "/tickets/redeem", "", {"secret": secret}).json()
    return Taker(opened["session"], f"Bearer {opened['token']}", rng)


def prove(arguments: Namespace, home: Path) -> list[str]:
    with running(home, throwaway=True) as servers:
        before = Checkout(arguments.before.resolve(), servers)
        after = Checkout(CHECKOUT, servers)
        proof = Proof(before, after, random.Random(arguments.seed))
        print(f"{before.folder} builds the demo and takes sessions", flush=True)
        proof.build(arguments.sessions)
        kinds = f"{len(proof.ended)} sessions have ended, {len(proof.open)} are open"
        print(f"  {kinds}\n{after.folder} migrates forward", flush=True)
        after.run("migrate", "--no-input")
        if arguments.control:
            proof.tamper()
        half = len(proof.open) // 2
        going_on, proof.open = proof.open[:half], proof.open[half:]
        proof.hold(after, going_on)
        for app, name in before.leaves():
            after.run("migrate", "--no-input", app, name)
        print(f"{before.folder} takes its database back", flush=True)
        going_on, proof.open = proof.open, []
        proof.hold(before, going_on)
        return proof.faults


def main() -> int:
    parser = ArgumentParser(prog="make prove-upgrade", description=__doc__)
    parser.add_argument("before", type=Path, help="a checkout of the state to upgrade from")
    parser.add_argument("--sessions", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true", help="change a reply and a θ: find them")
    arguments = parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        os.environ.pop(name, None)
    home = Path(tempfile.mkdtemp(prefix="irtcat-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    try:
        faults = prove(arguments, home)
    finally:
        shutil.rmtree(home)
    print("\n".join([*faults, f"{len(faults)} differences"]))
    if arguments.control:
        sought = ("the reply has changed", "DIFFERS")
        return int(not all(any(word in fault for fault in faults) for word in sought))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
