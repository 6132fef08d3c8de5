"""The clients' log against the database: what was promised, and what is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg

from benchmarks.faults.students import Acknowledged

Place = tuple[str, int]  # session and position

RESPONSES = """
SELECT session_id::text, position, reply FROM cat_sessions_response WHERE received_at >= %s
"""
TORN = """
SELECT s.id::text
  FROM cat_sessions_session s
  LEFT JOIN cat_sessions_response r ON r.session_id = s.id
 GROUP BY s.id
HAVING cardinality(s.administered_items) <> count(r.id)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What the database holds: the replies that were stored, and sessions not in step with them."""

    replies: Mapping[Place, bytes]
    torn: list[str]


def read_database(url: str, since: datetime) -> Held:
    with psycopg.connect(url) as connection:
        rows = connection.execute(RESPONSES, [since]).fetchall()
        torn = [str(session) for (session,) in connection.execute(TORN)]
    return Held({(session, position): bytes(reply) for session, position, reply in rows}, torn)


def losses(promised: Iterable[Acknowledged], held: Held) -> list[str]:
    """One sentence for each acknowledged answer that is not there as acknowledged, and for each
    session whose row and responses disagree."""
    found = [f"session {session} is not in step with its responses" for session in held.torn]
    for promise in promised:
        stored = held.replies.get((promise.session, promise.position))
        place = f"session {promise.session}, position {promise.position}"
        if stored is None:
            found.append(f"{place}: acknowledged, but not in the database")
        elif stored != promise.reply.encode():
            found.append(f"{place}: the database holds another reply")
    return found


def unpromised(promised: Iterable[Acknowledged], held: Held) -> list[str]:
    """One sentence for each stored answer that nobody was told about."""
    known = {(promise.session, promise.position) for promise in promised}
    return [
        f"session {session}, position {position}: in the database, but never acknowledged"
        for session, position in sorted(set(held.replies) - known)
    ]
