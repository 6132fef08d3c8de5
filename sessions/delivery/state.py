"""What goes out about a session: its state for the examinee, its report at the end.

Nothing else about a session reaches a client.
"""

from datetime import datetime
from typing import Any, TypedDict

from common.edits import Values


class TestLabel(TypedDict):
    slug: str
    title: str


class DueItem(TypedDict):
    position: int
    item: dict[str, Any] | None


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


def shown_values(state: SessionState) -> Values:
    """What of a state a later write changes: by it a client's view is known to be old."""
    return {name: state[name] for name in ("status", "position", "answered")}


def iso(moment: datetime | None) -> str | None:
    """UTC, as the API writes it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
