"""Shadow tests of a simulation on all cores.

The solver holds Python's global lock, so that threads gain nothing. A daemonic process, such as a
task queue's worker, must not start processes through `multiprocessing`, so these are plain child
processes that answer through their standard streams.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import BinaryIO, cast

from irt.arrays import BoolArray
from irt.constraints.compiled import Constraints
from irt.constraints.shadow_test import Question, items_to_give, solve_each

_PROGRAM = "from sessions.simulation.processes import answer_questions; answer_questions()"


class _Worker:
    """A process that answers one question at a time; constraints travel when they change."""

    def __init__(self) -> None:
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._input = cast(BinaryIO, self._process.stdin)
        self._output = cast(BinaryIO, self._process.stdout)
        self._known: Constraints | None = None

    def answer(self, question: Question) -> BoolArray:
        constraints, rests, free, criterion = question
        sent = None if constraints is self._known else constraints
        _send(self._input, (sent, rests, free, criterion))
        self._known = constraints
        answer = pickle.load(self._output)  # noqa: S301  # from our own child
        if isinstance(answer, Exception):
            raise answer
        result: BoolArray = answer
        return result

    def close(self) -> None:
        self._input.close()
        self._output.close()
        self._process.wait()


def answer_questions() -> None:
    """What a child process does: answer until its input ends.

    The solver prints a line now and then, past Python: that goes to the standard error.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    constraints = None
    while True:
        try:
            sent, *rest = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our own parent
        except EOFError:
            return
        constraints = sent or constraints
        try:
            answer: object = items_to_give(cast(Question, (constraints, *rest)))
        except Exception as error:  # raised again by the parent
            answer = error
        _send(answers, answer)


def _send(stream: BinaryIO, message: object) -> None:
    pickle.dump(message, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


@contextmanager
def share_shadow_tests(processes: int | None = None) -> Iterator[None]:
    """Within it so many processes, by default one a core, share the shadow tests of a batch.

    The answers are the same as without. Starting the processes takes about a second.
    """
    count = processes or os.cpu_count() or 1
    with ExitStack() as stack:
        workers: SimpleQueue[_Worker] = SimpleQueue()
        for _ in range(count):
            worker = _Worker()
            stack.callback(worker.close)
            workers.put(worker)
        threads = stack.enter_context(ThreadPoolExecutor(count))

        def answer(question: Question) -> BoolArray:
            worker = workers.get()
            try:
                return worker.answer(question)
            finally:
                workers.put(worker)

        def answer_all(questions: Sequence[Question]) -> list[BoolArray]:
            return list(threads.map(answer, questions))

        token = solve_each.set(answer_all)
        stack.callback(solve_each.reset, token)
        yield
