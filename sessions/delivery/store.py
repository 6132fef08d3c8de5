"""The SQL of the answer: one read, one conditional write, on Django's connection.

No ORM instance is built on this path. `Session.version` counts writes; every writer moves the row
only where the version that it read still stands. Where exposure is counted, the count of the next
item is raised in the same statement, which writes nothing where a hard cap refuses.
"""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from common.errors import NotFound
from sessions.delivery.engine import Outside
from sessions.delivery.exposure_counts import COUNT, MOST
from sessions.models import Session

# How long the write waits for a row lock before it gives up with a 503.
LOCK_TIMEOUT = "2s"
ANSWERED_ONCE = ("sessions_response_position_once", "sessions_response_item_once")


@dataclass(frozen=True, slots=True)
class Record:
    """A session as one read tells it. The stored fields are those of the asked position."""

    session_id: UUID
    version: int
    device_epoch: int
    status: str
    stop_reason: str
    seed: int
    language: str
    started_at: datetime
    deadline: datetime | None
    finished_at: datetime | None
    position: int
    due_item_version_id: int | None
    issued_at: datetime | None
    prior_mean: float
    prior_sd: float
    start_theta: float | None
    seen_items: list[int]
    ineligible_items: list[int]
    pretest_items: list[int]
    exposure_table_id: int | None
    theta: float
    standard_error: float
    level: int | None
    interim_theta: float
    interim_standard_error: float
    log_likelihood: bytes
    administered_items: list[int]
    scores: list[int | None]
    release_id: int
    test_version_id: int
    test_id: int
    test_slug: str
    test_title: dict[str, str]
    examinee_id: int
    examinee_name: str
    user_id: int | None
    withdrawn_items: list[int]
    capped_items: list[int]
    stored_item_version_id: int | None
    stored_answer: dict[str, Any] | None
    stored_status: int | None
    stored_reply: bytes | None

    @property
    def is_open(self) -> bool:
        return self.status == Session.Status.OPEN

    @property
    def answered(self) -> int:
        """How many items were dealt with, omitted ones included."""
        return len(self.administered_items)

    @property
    def outside(self) -> Outside:
        """What must not be selected now for reasons that no session knows."""
        return Outside(tuple(self.withdrawn_items), tuple(self.capped_items))


class Written(Enum):
    """What became of an answer: in its row, too late for it, or its next item is used up."""

    WON = 1
    LOST = 2
    CAPPED = 3


READ = f"""
SELECT s.id, s.version, s.device_epoch, s.status, s.stop_reason, s.seed, s.language,
       s.started_at, s.deadline, s.finished_at, s.position, s.due_item_version_id, s.issued_at,
       s.prior_mean, s.prior_sd, s.start_theta, s.seen_items, s.ineligible_items, s.pretest_items,
       s.exposure_table_id, s.theta, s.standard_error, s.level,
       s.interim_theta, s.interim_standard_error, s.log_likelihood, s.administered_items, s.scores,
       s.release_id, s.test_version_id, t.id, t.slug, t.title,
       e.id, coalesce(nullif(e.display_name, ''), e.external_id), e.user_id,
       ARRAY(SELECT v.item_id
               FROM items_itemversion v
               JOIN items_releaseditem i
                 ON i.release_id = s.release_id AND i.item_id = v.item_id
                    AND i.item_version_id = v.id
              WHERE v.withdrawn_at IS NOT NULL),
       ARRAY(SELECT c.item_id
               FROM cat_sessions_itemcount c
              WHERE c.test_id = s.test_id
                AND c.issued >= {MOST.format(version="s.test_version_id")}),
       r.item_version_id, r.answer, r.reply_status, r.reply
  FROM cat_sessions_session s
  JOIN cat_sessions_test t ON t.id = s.test_id
  JOIN cat_sessions_examinee e ON e.id = s.examinee_id
  LEFT JOIN cat_sessions_response r ON r.session_id = s.id AND r.position = %s
 WHERE s.id = %s
"""  # noqa: S608 - made of constants

# set_config(…, true) lasts as long as the statement's own transaction: no extra round trip.
PATIENCE = "patience AS MATERIALIZED (SELECT set_config('lock_timeout', %(lock_timeout)s, true))"
MOVE = """
    UPDATE cat_sessions_session s
       SET version = s.version + 1, status = %(status)s, stop_reason = %(stop_reason)s,
           finished_at = %(finished_at)s, position = %(next_position)s,
           due_item_version_id = %(due_item_version_id)s, issued_at = %(next_issued_at)s,
           due_selection = %(due_selection)s::jsonb,
           theta = %(theta)s, standard_error = %(standard_error)s, level = %(level)s,
           interim_theta = %(interim_theta)s,
           interim_standard_error = %(interim_standard_error)s,
           log_likelihood = %(log_likelihood)s,
           administered_items = s.administered_items || %(item_id)s::bigint,
           scores = s.scores || %(score)s::smallint
      FROM {before}
     WHERE s.id = %(session_id)s AND s.version = %(version)s AND s.status = 'open'
 RETURNING s.id
"""
# The session's old row is what the statement's snapshot holds: why the answered item was chosen.
ANSWER = """
INSERT INTO cat_sessions_response
       (session_id, position, item_id, item_version_id, answer, score, theta, standard_error,
        issued_at, received_at, client_seconds, selection, reply_status, reply)
SELECT moved.id, %(position)s, %(item_id)s, %(item_version_id)s, %(answer)s::jsonb, %(score)s,
       %(interim_theta)s, %(interim_standard_error)s, %(issued_at)s, %(received_at)s,
       %(client_seconds)s, old.due_selection, %(reply_status)s, %(reply)s
  FROM moved JOIN cat_sessions_session old ON old.id = moved.id
RETURNING id
"""
WRITE = f"""
WITH {PATIENCE},
moved AS ({MOVE.format(before="patience")}),
answered AS ({ANSWER})
SELECT count(*) > 0, true FROM answered
"""  # noqa: S608 - made of constants
# Locked in this order by every writer: the session's row, then the count of the next item.
WRITE_COUNTED = f"""
WITH {PATIENCE},
due AS MATERIALIZED (
    SELECT s.id
      FROM cat_sessions_session s, patience
     WHERE s.id = %(session_id)s AND s.version = %(version)s AND s.status = 'open'
       FOR UPDATE OF s
),
counted AS ({COUNT.format(source="due", version="%(test_version_id)s")}),
moved AS ({MOVE.format(before="counted")}),
answered AS ({ANSWER})
SELECT EXISTS (SELECT FROM answered), NOT EXISTS (SELECT FROM due) OR EXISTS (SELECT FROM counted)
"""  # noqa: S608 - made of constants


def read(session_id: UUID, position: int | None = None) -> Record:
    """The session, and with `position` the response stored there, in one query.

    Raises NotFound.
    """
    with connection.cursor() as cursor:
        cursor.execute(READ, [position, session_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("unknown_session", _("There is no such session."))
    record = dict(zip((field.name for field in fields(Record)), row, strict=True))
    for name in ("log_likelihood", "stored_reply"):
        record[name] = None if record[name] is None else bytes(record[name])
    for name in ("test_title", "stored_answer"):
        # Django leaves the decoding of jsonb to its field, which this path goes without.
        record[name] = None if record[name] is None else json.loads(record[name])
    return Record(**record)


def write_answer(
    before: Record,
    after: Record,
    *,
    answer: dict[str, Any],
    score: int | None,
    received_at: datetime,
    client_seconds: float | None,
    reply_status: int,
    reply: bytes,
    next_item_id: int | None,
    due_selection: dict[str, Any],
    is_counted: bool,
) -> Written:
    """Take the session from `before` to `after` with one response, or write nothing.

    `due_selection` is the log of the next item; `is_counted`: its count is raised with it, unless
    the test's hard cap refuses.

    Outside a transaction the statement has been committed when this returns. Waits at most
    LOCK_TIMEOUT for the row and then raises OperationalError.
    """
    values: dict[str, Any] = {
        "lock_timeout": LOCK_TIMEOUT,
        "session_id": before.session_id,
        "version": before.version,
        "position": before.position,
        "item_id": after.administered_items[-1],
        "item_version_id": before.due_item_version_id,
        "answer": json.dumps(answer),
        "score": score,
        "issued_at": before.issued_at,
        "received_at": received_at,
        "client_seconds": client_seconds,
        "theta": after.theta,
        "standard_error": after.standard_error,
        "level": after.level,
        "log_likelihood": after.log_likelihood,
        "status": after.status,
        "stop_reason": after.stop_reason,
        "finished_at": after.finished_at,
        "next_position": after.position,
        "due_item_version_id": after.due_item_version_id,
        "due_selection": json.dumps(due_selection),
        "interim_theta": after.interim_theta,
        "interim_standard_error": after.interim_standard_error,
        "test_id": before.test_id,
        "test_version_id": before.test_version_id,
        "next_item_id": next_item_id,
        "next_issued_at": after.issued_at,
        "reply_status": reply_status,
        "reply": reply,
    }
    try:
        with connection.cursor() as cursor:
            counts = is_counted and next_item_id is not None
            cursor.execute(WRITE_COUNTED if counts else WRITE, values)
            won, is_free = cursor.fetchone()
    except IntegrityError as error:
        if _constraint_of(error) in ANSWERED_ONCE:
            return Written.LOST
        raise
    if won:
        return Written.WON
    return Written.LOST if is_free else Written.CAPPED


def _constraint_of(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
