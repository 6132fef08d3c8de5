"""Does `make demo` keep every acknowledged answer through kill -9 of all its processes?

Students answer over HTTP without a pause; at a random moment everything is killed: supervisor,
web, worker, scheduler, PostgreSQL, Redis. After `make demo` has been typed again, each answer that
a student saw acknowledged must be in the database, and sending it again must give the same bytes.
The students only repeat what was not acknowledged, and go on to the end of their tests.

With --control PostgreSQL acknowledges before it has written (synchronous_commit=off): the proof
must then find losses, and fails when it finds none.

Usage: make prove-kill9, or python -m benchmarks.kill9 --help
"""

import random
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field
from datetime import UTC, datetime

import psycopg

from benchmarks.faults.demo import Demo, temporary_demo
from benchmarks.faults.load import LARGEST_CLASS, Load
from benchmarks.faults.record import losses, read_database, unpromised
from benchmarks.faults.students import Acknowledged, Complaint
from irtcat_site.embedded.process import wait_until

SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 4.0
FIRST_ANSWER_SECONDS = 60
LONGEST_REPORT = 20
REPEATED = 200  # of the answers acknowledged last before a kill


@dataclass
class Proof:
    """Rounds of kill and restart, and what was lost in them."""

    demo: Demo
    load: Load
    begun: datetime
    lost: list[str] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)

    def kill_and_restart(self, rng: random.Random) -> None:
        before = len(self.load.promised())
        if not wait_until(lambda: len(self.load.promised()) > before, FIRST_ANSWER_SECONDS, 0.1):
            self.lost += ["nobody gets an answer acknowledged", *self.load.complaints()]
            return
        seconds = rng.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
        time.sleep(seconds)
        self.kills.append(time.time())
        n_processes = self.demo.kill(rng)
        promised = sorted(self.load.promised(), key=lambda promise: promise.at)
        ready = self.demo.start()
        lost = losses(promised, read_database(self.demo.database_url, self.begun))
        lost += self.load.changed_repeats(promised[-REPEATED:])
        self.lost += lost
        print(
            f"round {len(self.kills)}: {len(promised) - before} answers acknowledged, then kill -9 "
            f"of {n_processes} processes after {seconds:.1f} s; ready again in {ready:.1f} s; "
            f"{len(promised)} answers compared, {len(promised[-REPEATED:])} of them repeated: "
            f"{len(lost)} lost or changed",
            flush=True,
        )

    def compare_all(self) -> None:
        """The end: what is in the database is what was acknowledged, no more and no less."""
        promised = self.load.promised()
        held = read_database(self.demo.database_url, self.begun)
        self.lost += losses(promised, held) + unpromised(promised, held)
        self.lost += self.load.changed_repeats(promised)
        retried = [promise for promise in promised if promise.attempts > 1]
        stored = sum(self._was_stored(promise) for promise in retried)
        print(
            f"at the end: {len(promised)} answers of {len({p.session for p in promised})} sessions "
            f"compared and repeated, {len(held.replies)} in the database; {len(retried)} were "
            f"under way at a kill or in the outage: {stored} of them had been written, and the "
            f"retry got the stored reply; {len(retried) - stored} had not, and the retry was taken"
        )

    def _was_stored(self, promise: Acknowledged) -> bool:
        """Whether a kill fell between the writing of the answer and its acknowledgement."""
        return any(promise.written_at < kill < promise.at for kill in self.kills)


def prove(demo: Demo, arguments: Namespace) -> list[str]:
    """What was lost in all rounds; empty when the promise holds."""
    print(f"make demo answers after {demo.start():.1f} s", flush=True)
    begun, rng = datetime.now(UTC), random.Random(arguments.seed)
    if arguments.control:
        acknowledge_too_early(demo.database_url)
    proof = Proof(demo, Load(demo, demo.port, arguments.students, arguments.seed), begun)
    try:
        with proof.load.answering():
            for _round in range(arguments.rounds):
                proof.kill_and_restart(rng)
    except Complaint:
        proof.lost += proof.load.complaints()
    proof.compare_all()
    return proof.lost


def acknowledge_too_early(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        connection.execute("SELECT pg_reload_conf()")


def options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.kill9")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--students", type=int, default=8, choices=range(1, LARGEST_CLASS + 1))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true", help="without durable commits")
    return parser.parse_args()


def main() -> None:
    arguments = options()
    with temporary_demo() as demo:
        lost = prove(demo, arguments)
        for sentence in lost[:LONGEST_REPORT]:
            print(sentence)
        print(f"{len(lost)} losses: answers lost or changed, sessions out of step, complaints")
        if bool(lost) != arguments.control:
            sys.exit(
                "The control found nothing." if arguments.control else "The promise is broken."
            )


if __name__ == "__main__":
    main()
