"""The SQL of the answer: one read, one conditional write, on Django's connection.

No ORM instance is built on this path. `Session.version` counts writes; every writer moves the row
only where the version that it read still stands. Where exposure is counted, the count of the next
item is raised in the same statement, which writes nothing where a hard cap refuses.
"""

import json
from dataclasses import fields
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from common.errors import NotFound
from sessions.delivery.exposure_counts import COUNT
from sessions.delivery.record import COLUMNS, Answer, Move, Record

# How long the write waits for a row lock before it gives up with a 503.
LOCK_TIMEOUT = "2s"
ANSWERED_ONCE = ("sessions_response_position_once", "sessions_response_item_once")


class Written(Enum):
    """What became of an answer: in its row, too late for it, or its next item is used up."""

    WON = 1
    LOST = 2
    CAPPED = 3


READ = f"""
SELECT {", ".join(column.read for column in COLUMNS.values())}
  FROM cat_sessions_session s
  JOIN cat_sessions_test t ON t.id = s.test_id
  JOIN cat_sessions_examinee e ON e.id = s.examinee_id
  LEFT JOIN cat_sessions_response r ON r.session_id = s.id AND r.position = %s
 WHERE s.id = %s
"""  # noqa: S608 - made of constants
DECODERS = [
    (index, column.decode) for index, column in enumerate(COLUMNS.values()) if column.decode
]

# {column of the session: what an answer sets it to}; `new_…` is a field of the record after it.
MOVES = {
    **{column.read.removeprefix("s."): column.move for column in COLUMNS.values() if column.move},
    "due_selection": "%(due_selection)s::jsonb",
}
NEW = [name for name, column in COLUMNS.items() if column.move == f"%(new_{name})s"]
# {column of the response: its value}. The session's old row is what the statement's snapshot holds:
# why the answered item was chosen.
ANSWERS = {
    "session_id": "moved.id",
    "selection": "old.due_selection",
    **{field.name: f"%({field.name})s" for field in fields(Answer)},
    "answer": "%(answer)s::jsonb",
}

# set_config(…, true) lasts as long as the statement's own transaction: no extra round trip.
PATIENCE = "patience AS MATERIALIZED (SELECT set_config('lock_timeout', %(lock_timeout)s, true))"
MOVE = f"""
    UPDATE cat_sessions_session s
       SET {", ".join(f"{column} = {value}" for column, value in MOVES.items())}
      FROM {{before}}
     WHERE s.id = %(session_id)s AND s.version = %(version)s AND s.status = 'open'
 RETURNING s.id
"""  # noqa: S608 - made of constants
ANSWER = f"""
INSERT INTO cat_sessions_response ({", ".join(ANSWERS)})
SELECT {", ".join(ANSWERS.values())}
  FROM moved JOIN cat_sessions_session old ON old.id = moved.id
RETURNING id
"""  # noqa: S608 - made of constants
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
    values = list(row)
    for index, decode in DECODERS:
        if values[index] is not None:
            values[index] = decode(values[index])
    return Record(*values)


def write_answer(move: Move, answer: Answer) -> Written:
    """Move the session with one answer, or write nothing.

    Outside a transaction the statement has been committed when this returns. Waits at most
    LOCK_TIMEOUT for the row and then raises OperationalError.
    """
    try:
        with connection.cursor() as cursor:
            counts = move.counted_item_id is not None
            cursor.execute(WRITE_COUNTED if counts else WRITE, _values(move, answer))
            won, is_free = cursor.fetchone()
    except IntegrityError as error:
        if _constraint_of(error) in ANSWERED_ONCE:
            return Written.LOST
        raise
    if won:
        return Written.WON
    return Written.LOST if is_free else Written.CAPPED


def _values(move: Move, answer: Answer) -> dict[str, Any]:
    """What the statement's names stand for."""
    before, after = move.before, move.after
    return {
        "lock_timeout": LOCK_TIMEOUT,
        "session_id": before.session_id,
        "version": before.version,
        "test_id": before.test_id,
        "test_version_id": before.test_version_id,
        "next_item_id": move.counted_item_id,
        "due_selection": json.dumps(move.due_selection),
        **{f"new_{name}": getattr(after, name) for name in NEW},
        **{field.name: getattr(answer, field.name) for field in fields(answer)},
        "answer": json.dumps(answer.answer),
    }


def _constraint_of(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None)
