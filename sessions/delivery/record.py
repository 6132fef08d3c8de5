"""A session as one read tells it and as an answer moves it: each column is written here, once.

`sessions.delivery.store` makes its statements of what the fields say of themselves.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, get_type_hints
from uuid import UUID

from sessions.delivery.engine import Outside
from sessions.delivery.exposure_counts import MOST
from sessions.models import Session

# The aliases of a read: s session, t test, e examinee, r the response at the asked position.
WITHDRAWN = """ARRAY(SELECT v.item_id
               FROM items_itemversion v
               JOIN items_releaseditem i
                 ON i.release_id = s.release_id AND i.item_id = v.item_id
                    AND i.item_version_id = v.id
              WHERE v.withdrawn_at IS NOT NULL)"""
CAPPED = f"""ARRAY(SELECT c.item_id
               FROM cat_sessions_itemcount c
              WHERE c.test_id = s.test_id
                AND c.issued >= {MOST.format(version="s.test_version_id")})"""  # noqa: S608 - a constant
NAME_SHOWN = "coalesce(nullif(e.display_name, ''), e.external_id)"


@dataclass(frozen=True, slots=True)
class Column:
    """A field in SQL: what is selected, and what an answer sets it to (None: it stays).

    `decode` makes the field of what the driver gives; NULL is None without it.
    """

    read: str
    move: str | None = None
    decode: Callable[[Any], Any] | None = None


def _moving(name: str, move: str = "", decode: Callable[[Any], Any] | None = None) -> Column:
    """A column of the session that an answer sets to the field of the record after it."""
    return Column(f"s.{name}", move or f"%(new_{name})s", decode)


@dataclass(frozen=True, slots=True)
class Record:
    """A session as one read tells it. The stored fields are those of the asked position."""

    session_id: Annotated[UUID, Column("s.id")]
    version: Annotated[int, _moving("version", "s.version + 1")]
    device_epoch: Annotated[int, Column("s.device_epoch")]
    status: Annotated[str, _moving("status")]
    stop_reason: Annotated[str, _moving("stop_reason")]
    seed: Annotated[int, Column("s.seed")]
    language: Annotated[str, Column("s.language")]
    started_at: Annotated[datetime, Column("s.started_at")]
    deadline: Annotated[datetime | None, Column("s.deadline")]
    finished_at: Annotated[datetime | None, _moving("finished_at")]
    position: Annotated[int, _moving("position")]
    due_item_version_id: Annotated[int | None, _moving("due_item_version_id")]
    issued_at: Annotated[datetime | None, _moving("issued_at")]
    prior_mean: Annotated[float, Column("s.prior_mean")]
    prior_sd: Annotated[float, Column("s.prior_sd")]
    start_theta: Annotated[float | None, Column("s.start_theta")]
    seen_items: Annotated[list[int], Column("s.seen_items")]
    ineligible_items: Annotated[list[int], Column("s.ineligible_items")]
    pretest_items: Annotated[list[int], Column("s.pretest_items")]
    exposure_table_id: Annotated[int | None, Column("s.exposure_table_id")]
    theta: Annotated[float, _moving("theta")]
    standard_error: Annotated[float, _moving("standard_error")]
    level: Annotated[int | None, _moving("level")]
    interim_theta: Annotated[float, _moving("interim_theta")]
    interim_standard_error: Annotated[float, _moving("interim_standard_error")]
    log_likelihood: Annotated[bytes, _moving("log_likelihood", decode=bytes)]
    administered_items: Annotated[
        list[int], _moving("administered_items", "s.administered_items || %(item_id)s::bigint")
    ]
    scores: Annotated[list[int | None], _moving("scores", "s.scores || %(score)s::smallint")]
    release_id: Annotated[int, Column("s.release_id")]
    test_version_id: Annotated[int, Column("s.test_version_id")]
    test_id: Annotated[int, Column("t.id")]
    test_slug: Annotated[str, Column("t.slug")]
    # Django leaves the decoding of jsonb to its field, which a read goes without.
    test_title: Annotated[dict[str, str], Column("t.title", decode=json.loads)]
    examinee_id: Annotated[int, Column("e.id")]
    examinee_name: Annotated[str, Column(NAME_SHOWN)]
    user_id: Annotated[int | None, Column("e.user_id")]
    withdrawn_items: Annotated[list[int], Column(WITHDRAWN)]
    capped_items: Annotated[list[int], Column(CAPPED)]
    stored_item_version_id: Annotated[int | None, Column("r.item_version_id")]
    stored_answer: Annotated[dict[str, Any] | None, Column("r.answer", decode=json.loads)]
    stored_status: Annotated[int | None, Column("r.reply_status")]
    stored_reply: Annotated[bytes | None, Column("r.reply", decode=bytes)]

    @property
    def is_open(self) -> bool:
        return self.status == Session.Status.OPEN

    def has_run_out(self, at: datetime) -> bool:
        """The deadline has come, though an answer may still arrive within the grace."""
        return self.deadline is not None and at >= self.deadline

    def end_at(self, at: datetime) -> datetime:
        """When the session ended that something at the moment `at` ended: no later than its
        deadline, because nobody was given more time than that."""
        return at if self.deadline is None else min(at, self.deadline)

    @property
    def answered(self) -> int:
        """How many items were dealt with, omitted ones included."""
        return len(self.administered_items)

    @property
    def outside(self) -> Outside:
        """What must not be selected now for reasons that no session knows."""
        return Outside(tuple(self.withdrawn_items), tuple(self.capped_items))


def _columns() -> dict[str, Column]:
    hints = get_type_hints(Record, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(Record)}


# In the order of the fields, which is the order of a row that was read.
COLUMNS = _columns()


@dataclass(frozen=True, slots=True)
class Move:
    """What a session becomes by an answer.

    `due_selection` is the log of the next item. `counted_item_id` names that item where its count
    is raised with the answer, unless the test's hard cap refuses: None where nothing is counted.
    """

    before: Record
    after: Record
    due_selection: dict[str, Any]
    counted_item_id: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with the reply to it: the fields are the columns of its row, beside the session
    and the log of its item, which the session's row holds."""

    position: int
    item_id: int
    item_version_id: int
    answer: dict[str, Any]
    score: int | None
    theta: float
    standard_error: float
    issued_at: datetime
    received_at: datetime
    client_seconds: float | None
    reply_status: int
    reply: bytes
