"""Students of the demo class who answer at the same time, and what they were promised."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from benchmarks.faults.demo import Demo
from benchmarks.faults.students import Acknowledged, NoReply, Student, read_log, send

TEST = "mathematics-placement"
TEACHER = "teacher"
LARGEST_CLASS = 10  # the pupils whom the demo knows
REPEATERS = 4


class Load:
    """The students of a running demo, and their logs."""

    def __init__(self, demo: Demo, port: int, size: int, seed: int) -> None:
        self._port = port
        inviter = f"Token {demo.manage('create_token', TEACHER).split()[-1]}"
        self._students = [
            Student(port, f"pupil-{number}", inviter, TEST, log, seed)
            for number in range(1, size + 1)
            for log in [demo.home / f"pupil-{number}.log"]
        ]
        self._working: list[Future[None]] = []

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While the block lasts, everybody takes tests; the last ones are finished after it.

        Raises Complaint for what a student was told that no fault excuses.
        """
        stop = Event()
        with ThreadPoolExecutor(len(self._students)) as pool:
            try:
                self._working = [pool.submit(s.take_tests, stop) for s in self._students]
                yield
            finally:
                stop.set()
        for student in self._working:
            student.result()

    def promised(self) -> list[Acknowledged]:
        return [promise for student in self._students for promise in read_log(student.log)]

    def complaints(self) -> list[str]:
        """Of students who have given up already."""
        failures = (student.exception() for student in self._working if student.done())
        return [str(failure) for failure in failures if failure]

    def changed_repeats(self, promises: list[Acknowledged]) -> list[str]:
        """Send every answer again: one sentence for each reply that is not the same bytes."""
        with ThreadPoolExecutor(REPEATERS) as pool:
            return [sentence for sentence in pool.map(self._repeat, promises) if sentence]

    def _repeat(self, promise: Acknowledged) -> str | None:
        place = f"session {promise.session}, position {promise.position}"
        token = next(
            s.tokens[promise.session] for s in self._students if promise.session in s.tokens
        )
        path = f"/sessions/{promise.session}/responses"
        try:
            reply = send(self._port, path, token, promise.request)
        except NoReply as silence:
            return f"{place}: no reply to the repeated answer ({silence})"
        if (reply.status, reply.body) == (200, promise.reply.encode()):
            return None
        return (
            f"{place}: another reply to the repeated answer ({reply.status}): {reply.body[:200]!r}"
        )
