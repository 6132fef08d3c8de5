"""Delivery: start a session, take an answer, tell the due item, finish.

The rule of the answer: read the session and any stored reply in one query, compute outside any
transaction, write with one statement that moves the session only where its version still stands.
Judged in this order: the stored reply, the state, the deadline. Call these outside `atomic`: what
they return has been committed then.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common import audit
from common.edits import require_seen
from common.errors import Conflict, NotFound, TryAgain
from common.moments import moment_in
from sessions.delivery import access, store
from sessions.delivery.access import Caller
from sessions.delivery.live_session import GRACE, SETTLING, LiveSession, read_session
from sessions.delivery.measurement import Judged, choose_again, judge, normalize
from sessions.delivery.opening import insert_session, prepare_session
from sessions.delivery.record import Answer, Record
from sessions.delivery.state import DueItem, Report, SessionState, shown_values
from sessions.delivery.store import Written
from sessions.models import Examinee, Session, SessionQuerySet, Test

REREADS = 3
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the client is told, byte for byte; the body is JSON."""

    status: int
    body: bytes

    @property
    def state(self) -> SessionState:
        return cast(SessionState, json.loads(self.body))


def start_session(
    examinee: Examinee,
    test: Test,
    now: datetime,
    language: str | None = None,
    *,
    invited: bool = False,
) -> tuple[UUID, bool]:
    """The examinee's open session of the test, and whether it was made now.

    `invited`, by a ticket or by staff, does without the test being open to students. Raises
    NotFound, InvalidInput, Conflict and TryAgain.
    """

    def attempt() -> tuple[UUID, bool] | None:
        standing = standing_session(examinee, test, now)
        if standing is not None:
            return standing.pk, False
        if not (invited or test.is_open):
            raise NotFound("unknown_test", _("There is no such test, or it is not open to you."))
        prepared = prepare_session(examinee, test, now, language)
        return (prepared.session.pk, True) if insert_session(prepared) else None

    return _retry_until_won(attempt)


def standing_session(examinee: Examinee, test: Test, now: datetime) -> Session | None:
    """The examinee's session of the test that can be gone on with.

    Raises Conflict `time_over` where the time of one is up that must not be ended yet, because its
    last answer may be on its way: neither it nor a new one can be given then.
    """
    mine = Session.objects.filter(examinee=examinee, test=test, status=Session.Status.OPEN)
    expire_overdue(now, mine)
    standing = mine.defer("log_likelihood").first()
    if standing is None or not standing.has_run_out(now):
        return standing
    message = _(
        "The time of this test was up at %(end)s. Its last answer may still be on its way: a new "
        "attempt can begin in a minute."
    )
    end = moment_in(cast(datetime, standing.deadline), test.bank.time_zone)
    raise Conflict("time_over", message % {"end": end})


def record_response(
    session_id: UUID,
    position: int,
    item: int,
    answer: dict[str, Any],
    *,
    caller: Caller,
    received_at: datetime,
    client_seconds: float | None = None,
    seen: str | None = None,
) -> Reply:
    """Score the answer to the due item (`item` is its version's id), measure, choose the next.

    `received_at` is the moment of arrival: deadline and grace are judged by it. An answer that was
    stored gets its reply whatever was `seen`. Raises NotFound, NotPermitted, InvalidInput, Conflict
    (with the current state), ChangedMeanwhile and TryAgain; nothing has been written then.
    """

    def attempt() -> Reply | None:
        live = read_session(session_id, position)
        access.require_owner(caller, live.record, access.DELIVER)
        if live.record.stored_reply is not None:
            return _repeat_reply(live, item, answer, received_at)
        _require_seen(live, seen, received_at)
        _require_due(live, position, item, received_at)
        judged = judge(live, answer, received_at)
        return _write(live, judged, received_at, client_seconds)

    return _retry_until_won(attempt)


def select_next_item(session_id: UUID, *, caller: Caller, now: datetime) -> DueItem:
    """The item that is due, the same one however often it is asked for; None after the end."""
    live = read_session(session_id)
    access.require_owner(caller, live.record, access.DELIVER)
    return DueItem(position=live.record.position, item=live.due_item(now))


def finish_session(
    session_id: UUID, *, caller: Caller, now: datetime, seen: str | None = None
) -> SessionState:
    """End the session; the state of one that has ended already stays as it is.

    Where staff end it, the audit trail says who. From the deadline on the clock has ended it,
    whoever asks. Raises NotFound, NotPermitted, TryAgain, and ChangedMeanwhile where an open
    session is not as it was `seen`.
    """

    def attempt() -> SessionState | None:
        live = read_session(session_id)
        record = live.record
        access.require_owner(caller, record, access.END)
        if not record.is_open or live.is_overdue(now):
            return live.state(now)
        _require_seen(live, seen, now)
        ended = _end_record(record, _ender(caller, record, now), now)
        standing = Session.objects.filter(pk=session_id, version=record.version)
        with transaction.atomic():
            if not _end(standing, ended.finished_at, ended.stop_reason, ended.status):
                return None
            if ended.stop_reason == Session.StopReason.BY_STAFF:
                audit.record(caller.user, "end_session", Session(pk=session_id))
        return live.move_to(ended).state(now)

    return _retry_until_won(attempt)


def session_state(session_id: UUID, *, caller: Caller, now: datetime) -> SessionState:
    """Where the session stands; the item's content only for whoever may answer it."""
    live = read_session(session_id)
    access.require_viewer(caller, live.record)
    return live.state(now, with_item=access.sees_item(caller, live.record))


def session_report(session_id: UUID, *, caller: Caller, now: datetime) -> Report:
    """The score report."""
    live = read_session(session_id)
    access.require_viewer(caller, live.record)
    return live.report(now)


def expire_overdue(now: datetime, sessions: SessionQuerySet | None = None) -> int:
    """Expire open sessions whose deadline has passed for good; how many there were.

    They ended at their deadlines, however late this is called.
    An answer that arrived within the grace may still be on its way to the row: it gets SETTLING.
    """
    chosen = Session.objects.all() if sessions is None else sessions
    past = chosen.open_past(now - GRACE - SETTLING)
    reason, status = Session.StopReason.TIME.value, Session.Status.EXPIRED.value
    return _end(past, F("deadline"), reason, status)


def _end(sessions: SessionQuerySet, ended_at: datetime | F | None, reason: str, status: str) -> int:
    """End those of the sessions that are open: one conditional statement."""
    return sessions.filter(status=Session.Status.OPEN).update(
        version=F("version") + 1,
        status=status,
        stop_reason=reason,
        finished_at=ended_at,
        due_item_version=None,
        issued_at=None,
    )


def _ender(caller: Caller, record: Record, now: datetime) -> Session.StopReason:
    """Who ends the session: the clock goes before the one who asks."""
    if record.has_run_out(now):
        return Session.StopReason.TIME
    owns = caller.owns(record)
    return Session.StopReason.BY_EXAMINEE if owns else Session.StopReason.BY_STAFF


def _end_record(record: Record, reason: Session.StopReason, now: datetime) -> Record:
    by_clock = reason == Session.StopReason.TIME
    status = Session.Status.EXPIRED if by_clock else Session.Status.FINISHED
    return replace(
        record,
        status=status.value,
        stop_reason=reason.value,
        finished_at=record.end_at(now),
        due_item_version_id=None,
        issued_at=None,
    )


def _retry_until_won(attempt: Callable[[], Result | None]) -> Result:
    """Attempt until no other writer was faster (None); TryAgain after REREADS more attempts."""
    for _round in range(1 + REREADS):
        result = attempt()
        if result is not None:
            return result
    raise TryAgain("busy", _("Others were writing to this session. Try again in a moment."))


def _repeat_reply(live: LiveSession, item: int, answer: dict[str, Any], at: datetime) -> Reply:
    """The stored reply for the same answer; Conflict for another one."""
    record = live.record
    version_id = cast(int, record.stored_item_version_id)
    if item == version_id and normalize(version_id, answer, record.seed) == record.stored_answer:
        return Reply(cast(int, record.stored_status), cast(bytes, record.stored_reply))
    message = _("This item was answered before, and differently. The first answer counts.")
    raise _conflict("answered", message, live, at)


def _require_due(live: LiveSession, position: int, item: int, at: datetime) -> None:
    """Raise Conflict, with the current state, for an answer to anything but the due item."""
    record = live.record
    if not record.is_open:
        raise _conflict("session_over", _("This session has ended."), live, at)
    if live.is_overdue(at):
        raise _conflict("time_over", _("The time for this test is over."), live, at)
    if position != record.position:
        message = _("This is not the current position; the state tells where to go on.")
        raise _conflict("wrong_position", message, live, at)
    if item != record.due_item_version_id:
        message = _("This item was not issued here; the state holds the one that was.")
        raise _conflict("not_issued", message, live, at)


def _require_seen(live: LiveSession, seen: str | None, at: datetime) -> None:
    if seen is not None:
        require_seen(seen, shown_values(live.state(at, with_item=False)))


def _conflict(code: str, message: str, live: LiveSession, at: datetime) -> Conflict:
    return Conflict(code, message, state=live.state(at))


def _write(
    live: LiveSession, judged: Judged, received_at: datetime, client_seconds: float | None
) -> Reply | None:
    """Write the answer together with the reply to it; None when another writer was faster.

    Where others used up the next item in the meantime, another one is chosen, so often as it takes.
    """
    while True:
        state = live.move_to(judged.move.after).state(received_at)
        body = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
        reply = Reply(200, body.encode())
        answer = _answer_of(judged, received_at, client_seconds, reply)
        written = store.write_answer(judged.move, answer)
        if written is not Written.CAPPED:
            return reply if written is Written.WON else None
        judged = choose_again(live, judged, received_at)


def _answer_of(
    judged: Judged, received_at: datetime, client_seconds: float | None, reply: Reply
) -> Answer:
    before, after = judged.move.before, judged.move.after
    return Answer(
        position=before.position,
        item_id=after.administered_items[-1],
        item_version_id=cast(int, before.due_item_version_id),
        answer=judged.answer,
        score=judged.score,
        theta=after.interim_theta,
        standard_error=after.interim_standard_error,
        issued_at=cast(datetime, before.issued_at),
        received_at=received_at,
        client_seconds=client_seconds,
        reply_status=reply.status,
        reply=reply.body,
    )
