"""A session while a request deals with it: its record, and what it is pinned to, looked up once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from irt.pool import Pool
from items.models import in_language
from sessions.delivery import store
from sessions.delivery.engine import Chooser
from sessions.delivery.plan import Plan, load_plan
from sessions.delivery.record import Record
from sessions.delivery.state import Report, SessionState, TestLabel, iso
from sessions.models import Session
from sessions.snapshot import Snapshot, load_pool, load_snapshot, load_version

# An answer that arrives this long after the deadline still counts: it was sent in time.
GRACE = timedelta(seconds=10)
# An answer that arrived within the grace may still be on its way to its row for this long.
SETTLING = timedelta(seconds=50)


@dataclass(frozen=True, eq=False)
class LiveSession:
    """A session as it was read, and its test version's plan.

    Its release is looked up where something is chosen from it, and only there: the report of an old
    session must not push a release out of memory that sessions are using.
    """

    record: Record
    plan: Plan

    @cached_property
    def snapshot(self) -> Snapshot:
        return load_snapshot(self.record.release_id)

    @cached_property
    def pool(self) -> Pool:
        """The release's pool under the session's exposure table."""
        return load_pool(self.record.release_id, self.record.exposure_table_id)

    @cached_property
    def chooser(self) -> Chooser:
        return Chooser(self.pool, self.plan.policy, self.record)

    def move_to(self, record: Record) -> Self:
        """The session as another record tells it."""
        return replace(self, record=record)

    def is_overdue(self, at: datetime) -> bool:
        """The clock has ended the session, whether or not its row says so already."""
        record = self.record
        return record.is_open and record.deadline is not None and at > record.deadline + GRACE

    def status(self, at: datetime) -> tuple[str, str]:
        """Status and stop reason; the clock goes before the row."""
        if self.is_overdue(at):
            return Session.Status.EXPIRED.value, Session.StopReason.TIME.value
        return self.record.status, self.record.stop_reason

    def finished_at(self, at: datetime) -> datetime | None:
        """When the session ended: at its deadline where the clock ended it; None while it is
        open."""
        return self.record.deadline if self.is_overdue(at) else self.record.finished_at

    def due_item(self, at: datetime) -> dict[str, Any] | None:
        """What the examinee may see of the item that is due; None when none is."""
        record = self.record
        if record.due_item_version_id is None or self.is_overdue(at):
            return None
        item = load_version(record.due_item_version_id).content(record.language, record.seed)
        return {**item, "may_omit": self.plan.may_omit}

    def state(self, at: datetime, *, with_item: bool = True) -> SessionState:
        """The session as told to a client at the moment `at`."""
        record = self.record
        status, stop_reason = self.status(at)
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
            min_items=self.plan.shortest(len(record.pretest_items)),
            max_items=self.plan.longest(len(record.pretest_items)),
            deadline=iso(record.deadline),
            server_time=str(iso(at)),
            item=self.due_item(at) if with_item else None,
            stop_reason=stop_reason,
        )

    def report(self, at: datetime) -> Report:
        """The score report. While the session is open the measurement stays empty."""
        record, reporting = self.record, self.plan.reporting
        status, stop_reason = self.status(at)
        measured = status != Session.Status.OPEN
        is_compared = measured and record.answered > 0  # without an answer θ is the prior's
        scale, theta = reporting.scale, record.theta
        return Report(
            session=str(record.session_id),
            status=status,
            theta=theta if measured else None,
            standard_error=record.standard_error if measured else None,
            scaled_score=scale.score(theta) if measured else None,
            scaled_standard_error=scale.error(record.standard_error) if measured else None,
            level=reporting.level_name(record.level, record.language) if measured else None,
            percentile=reporting.percentile(theta) if is_compared else None,
            answered=record.answered,
            stop_reason=stop_reason,
            started_at=str(iso(record.started_at)),
            finished_at=iso(self.finished_at(at)),
        )


def read_session(session_id: UUID, position: int | None = None) -> LiveSession:
    """The session, with `position` the response stored there too. Raises NotFound.

    One query, and at most two more the first time that the process meets its test version.
    """
    record = store.read(session_id, position)
    return LiveSession(record, load_plan(record.test_version_id))
