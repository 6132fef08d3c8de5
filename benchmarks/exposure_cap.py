"""What does a hard cap cost? Answers/s of a capped test as a ratio to the same test without one.

    DATABASE_URL=… REDIS_URL=… SECRET_KEY=… python -m benchmarks.exposure_cap [--clients 4]

Makes a scratch database; clients on threads with a connection each take sessions at the same time
through the functions that the API calls. The cap leaves hardly more places than there are answers
and the best item is always taken, so that sessions meet at the same counts as often as they can.
"""

import argparse
import itertools
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from benchmarks.answer_endpoint import scratch_database

# isort: split
from django.db import connections
from django.utils import timezone

from items.models import ItemVersion
from sessions.delivery import store
from sessions.delivery.access import Caller
from sessions.delivery.delivery import record_response, start_session
from sessions.delivery.store import Written
from sessions.models import ItemCount, Session, Test
from sessions.snapshot import load_version
from tests.sessions.builders import make_bank, make_student, make_test

N_ITEMS, LENGTH, ROUNDS, SESSIONS = 300, 20, 3, 24
# A session gives 20 of 300 items, a share of 0.067.
CAP = 0.1


def take(test: Test, number: int) -> None:
    """One session from start to end, every answer the first option."""
    student = make_student(f"{test.slug}-{number}")
    session_id, _new = start_session(student, test, timezone.now(), invited=True)
    caller = Caller(user=student.user)
    due: Any = Session.objects.get(pk=session_id).due_item_version_id
    position = 1
    while due is not None:
        reply = record_response(
            session_id, position, due, {"option": 1}, caller=caller, received_at=timezone.now()
        )
        item, position = reply.state["item"], reply.state["position"]
        due = item and item["id"]


def answers_a_second(test: Test, numbers: range, clients: int) -> float:
    def work(number: int) -> None:
        try:
            take(test, number)
        finally:
            connections.close_all()

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, numbers))
    return len(numbers) * LENGTH / (time.perf_counter() - began)


def count_outcomes() -> Counter[Written]:
    """Counts what becomes of every answer from now on."""
    outcomes: Counter[Written] = Counter()
    lock, write = Lock(), store.write_answer

    def counting(*args: Any, **options: Any) -> Written:
        written = write(*args, **options)
        with lock:
            outcomes[written] += 1
        return written

    store.write_answer = counting
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=4)
    clients = parser.parse_args().clients
    with scratch_database():
        bank = make_bank(N_ITEMS)
        make = partial(make_test, bank, draw="best", min_items=LENGTH, max_items=LENGTH)
        free, capped = make("free"), make("capped", cap_rate=CAP, cap_minimum=2)
        for version_id in ItemVersion.objects.values_list("pk", flat=True):
            load_version(version_id).content("en", 0)
        take(free, -1)
        outcomes = count_outcomes()
        starts = itertools.count(0, SESSIONS)
        for round_, first in zip(range(1, ROUNDS + 1), starts, strict=False):
            numbers = range(first, first + SESSIONS)
            without = answers_a_second(free, numbers, clients)
            outcomes.clear()
            with_cap = answers_a_second(capped, numbers, clients)
            print(
                f"round {round_}: {with_cap:5.0f} answers/s with the cap, {without:5.0f} without, "
                f"ratio {with_cap / without:.2f}; {outcomes[Written.CAPPED]} of "
                f"{outcomes[Written.WON]} next items refused and chosen again"
            )
        most = max(ItemCount.objects.values_list("issued", flat=True))
        allowed = max(2, int(CAP * ROUNDS * SESSIONS))
        print(f"the most used item: {most} sessions of {ROUNDS * SESSIONS}, the cap is {allowed}")
        connections.close_all()


if __name__ == "__main__":
    main()
