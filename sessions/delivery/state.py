"""What goes out about a session: its state for the examinee, its report at the end.

These functions list what goes out; nothing else about a session reaches a client.
"""

from datetime import datetime, timedelta
from typing import Any, TypedDict

from items.models import in_language
from sessions.delivery.plan import load_plan
from sessions.delivery.store import Record
from sessions.models import Session
from sessions.snapshot import load_version

# An answer that arrives this long after the deadline still counts: it was sent in time.
GRACE = timedelta(seconds=10)
# An answer that arrived within the grace may still be on its way to its row for this long.
SETTLING = timedelta(seconds=50)


class TestLabel(TypedDict):
    slug: str
    title: str


class SessionState(TypedDict):
    session: str
    status: str
    test: TestLabel
    examinee: str
    language: str
    position: int
    answered: int
    min_items: int
    max_items: int
    deadline: str | None
    server_time: str
    item: dict[str, Any] | None
    stop_reason: str


class Report(TypedDict):
    session: str
    status: str
    theta: float | None
    standard_error: float | None
    scaled_score: float | None
    scaled_standard_error: float | None
    level: str | None
    percentile: float | None
    answered: int
    stop_reason: str
    started_at: str
    finished_at: str | None


def iso(moment: datetime | None) -> str | None:
    """UTC, as the API writes it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def is_overdue(record: Record, at: datetime) -> bool:
    """The clock has ended the session, whether or not its row says so already."""
    return record.is_open and record.deadline is not None and at > record.deadline + GRACE


def status_of(record: Record, at: datetime) -> tuple[str, str]:
    """Status and stop reason; the clock goes before the row."""
    if is_overdue(record, at):
        return Session.Status.EXPIRED.value, Session.StopReason.TIME.value
    return record.status, record.stop_reason


def due_item(record: Record, at: datetime) -> dict[str, Any] | None:
    """What the examinee may see of the item that is due; None when none is."""
    if record.due_item_version_id is None or is_overdue(record, at):
        return None
    item = load_version(record.due_item_version_id).content(record.language, record.seed)
    return {**item, "may_omit": load_plan(record.test_version_id).may_omit}


def state_of(record: Record, at: datetime, *, with_item: bool = True) -> SessionState:
    """The session as told to a client at the moment `at`."""
    plan = load_plan(record.test_version_id)
    status, stop_reason = status_of(record, at)
    return SessionState(
        session=str(record.session_id),
        status=status,
        test=TestLabel(
            slug=record.test_slug, title=in_language(record.test_title, record.language)
        ),
        examinee=record.examinee_name,
        language=record.language,
        position=record.position,
        answered=record.answered,
        min_items=plan.shortest(len(record.pretest_items)),
        max_items=plan.longest(len(record.pretest_items)),
        deadline=iso(record.deadline),
        server_time=str(iso(at)),
        item=due_item(record, at) if with_item else None,
        stop_reason=stop_reason,
    )


def report_of(record: Record, at: datetime) -> Report:
    """The score report. While the session is open the measurement stays empty."""
    status, stop_reason = status_of(record, at)
    measured = status != Session.Status.OPEN
    reporting = load_plan(record.test_version_id).reporting
    scale, theta = reporting.scale, record.theta
    return Report(
        session=str(record.session_id),
        status=status,
        theta=theta if measured else None,
        standard_error=record.standard_error if measured else None,
        scaled_score=scale.score(theta) if measured else None,
        scaled_standard_error=scale.error(record.standard_error) if measured else None,
        level=reporting.level_name(record.level, record.language) if measured else None,
        percentile=reporting.percentile(theta) if measured else None,
        answered=record.answered,
        stop_reason=stop_reason,
        started_at=str(iso(record.started_at)),
        finished_at=iso(record.finished_at),
    )
