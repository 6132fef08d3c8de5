"""Does a session replay? Its every item, θ and standard error again, from what it is pinned to.

Nothing is taken from the rows but the release, the test version, what was drawn or found at the
start, the answers' scores and times, and the vetoes that were given from outside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from irt.adaptive import Step
from irt.pool import Pool
from sessions.delivery.engine import Chooser
from sessions.delivery.plan import load_plan
from sessions.delivery.selection_log import log_of, outside_of
from sessions.models import Response, Session
from sessions.snapshot import load_pool


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay departs: `name` of what is stored, at a position (None: of the session)."""

    position: int | None
    name: str
    stored: Any
    replayed: Any

    def __str__(self) -> str:
        where = "session" if self.position is None else f"position {self.position}"
        return f"{where}: {self.name} is {self.stored!r}, the replay says {self.replayed!r}"


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How many answers were replayed, and what came out differently."""

    answers: int
    differences: tuple[Difference, ...]

    @property
    def is_exact(self) -> bool:
        return not self.differences


def replay(session: Session) -> ReplayResult:
    """Compare a session with its replay; two queries once its release is in memory."""
    responses = list(session.responses.order_by("position").defer("reply"))
    return ReplayResult(len(responses), tuple(_differences(session, responses)))


def _differences(session: Session, responses: list[Response]) -> Iterator[Difference]:
    pool = load_pool(session.release_id, session.exposure_table_id)
    chooser = Chooser(pool, load_plan(session.test_version_id).policy, session)
    logs = [response.selection for response in responses]
    # The item that is due has a log of its own; after the last answer there is none.
    logs.append(session.due_selection)
    step = chooser.choose_first(outside_of(pool, logs[0]))
    for index, response in enumerate(responses):
        yield from _compare_choice(pool, step, response.position, response.item_id, logs[index])
        elapsed = (response.received_at - session.started_at).total_seconds()
        step = chooser.choose_after(
            step.state,
            response.item_id,
            response.score,
            elapsed,
            outside_of(pool, logs[index + 1]),
        )
        yield from _compare(
            response.position,
            ("theta", response.theta, float(step.theta[0])),
            ("standard_error", response.standard_error, float(step.standard_error[0])),
        )
    due = session.due_item_version
    if due is not None:
        yield from _compare_choice(pool, step, session.position, due.item_id, session.due_selection)
    reported = chooser.estimate_reported(step)
    yield from _compare(
        None,
        ("theta", session.theta, float(reported.theta[0])),
        ("standard_error", session.standard_error, float(reported.standard_error[0])),
        ("level", session.level, chooser.level(step, reported)),
        ("interim_theta", session.interim_theta, float(step.theta[0])),
        ("administered_items", session.administered_items, [r.item_id for r in responses]),
        ("scores", session.scores, [r.score for r in responses]),
        ("log_likelihood", bytes(session.log_likelihood), step.state.log_likelihood[0].tobytes()),
    )


def _compare_choice(
    pool: Pool, step: Step, position: int, item_id: int, log: dict[str, Any]
) -> Iterator[Difference]:
    chosen = int(step.item[0])
    replayed = int(pool.item_ids[chosen]) if chosen >= 0 else None
    yield from _compare(position, ("item", item_id, replayed))
    # Sessions from before the log was kept have none.
    if log:
        again = log_of(pool, step, outside_of(pool, log))
        yield from _compare(position, ("selection", log, again))


def _compare(position: int | None, *values: tuple[str, Any, Any]) -> Iterator[Difference]:
    for name, stored, replayed in values:
        if stored != replayed:
            yield Difference(position, name, stored, replayed)
