"""The SQL of the answer: one read, one conditional write, on Django's connection.

No ORM instance is built on this path. `Session.version` counts writes; every writer moves the row
only where the version that it read still stands.
"""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from items.errors import NotFound
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
    theta: float
    standard_error: float
    log_likelihood: bytes
    administered_items: list[int]
    scores: list[int | None]
    release_id: int
    test_version_id: int
    test_slug: str
    test_title: dict[str, str]
    examinee_id: int
    examinee_name: str
    user_id: int | None
    withdrawn_items: list[int]
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


READ = """
SELECT s.id, s.version, s.device_epoch, s.status, s.stop_reason, s.seed, s.language,
       s.started_at, s.deadline, s.finished_at, s.position, s.due_item_version_id, s.issued_at,
       s.theta, s.standard_error, s.log_likelihood, s.administered_items, s.scores,
       s.release_id, s.test_version_id, t.slug, t.title,
       e.id, coalesce(nullif(e.display_name, ''), e.external_id), e.user_id,
       ARRAY(SELECT v.item_id
               FROM items_itemversion v
               JOIN items_releaseditem i
                 ON i.release_id = s.release_id AND i.item_id = v.item_id
                    AND i.item_version_id = v.id
              WHERE v.withdrawn_at IS NOT NULL),
       r.item_version_id, r.answer, r.reply_status, r.reply
  FROM cat_sessions_session s
  JOIN cat_sessions_test t ON t.id = s.test_id
  JOIN cat_sessions_examinee e ON e.id = s.examinee_id
  LEFT JOIN cat_sessions_response r ON r.session_id = s.id AND r.position = %s
 WHERE s.id = %s
"""

# set_config(…, true) lasts as long as the statement's own transaction: no extra round trip.
WRITE = """
WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', %(lock_timeout)s, true)),
moved AS (
    UPDATE cat_sessions_session s
       SET version = s.version + 1, status = %(status)s, stop_reason = %(stop_reason)s,
           finished_at = %(finished_at)s, position = %(next_position)s,
           due_item_version_id = %(due_item_version_id)s, issued_at = %(next_issued_at)s,
           theta = %(theta)s, standard_error = %(standard_error)s,
           log_likelihood = %(log_likelihood)s,
           administered_items = s.administered_items || %(item_id)s::bigint,
           scores = s.scores || %(score)s::smallint
      FROM patience
     WHERE s.id = %(session_id)s AND s.version = %(version)s AND s.status = 'open'
 RETURNING s.id
)
INSERT INTO cat_sessions_response
       (session_id, position, item_id, item_version_id, answer, score, theta, standard_error,
        issued_at, received_at, client_seconds, reply_status, reply)
SELECT moved.id, %(position)s, %(item_id)s, %(item_version_id)s, %(answer)s::jsonb, %(score)s,
       %(theta)s, %(standard_error)s, %(issued_at)s, %(received_at)s, %(client_seconds)s,
       %(reply_status)s, %(reply)s
  FROM moved
"""


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
) -> bool:
    """Take the session from `before` to `after` with one response; False: the race was lost.

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
        "log_likelihood": after.log_likelihood,
        "status": after.status,
        "stop_reason": after.stop_reason,
        "finished_at": after.finished_at,
        "next_position": after.position,
        "due_item_version_id": after.due_item_version_id,
        "next_issued_at": after.issued_at,
        "reply_status": reply_status,
        "reply": reply,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, values)
            return bool(cursor.rowcount == 1)
    except IntegrityError as error:
        if _constraint_of(error) in ANSWERED_ONCE:
            return False
        raise


def _constraint_of(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
