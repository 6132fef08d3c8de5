"""The data window of a calibration run: scored responses as arrays, one row a response."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet, Window
from django.db.models.functions import DenseRank

from irt.arrays import IntArray
from irt.responses import Responses, sparse_responses
from items.models import Bank
from sessions.models import Response, Session

_CHUNK = 50_000


@dataclass(frozen=True, eq=False)
class ResponseWindow:
    """R scored responses of finished sessions to V item versions; a session is a person.

    person, version, score  (R,) each; person numbers sessions in no particular way, version is an
                            index into version_ids
    version_ids             (V,) ascending
    """

    person: IntArray
    version: IntArray
    score: IntArray
    version_ids: IntArray

    @property
    def n_responses(self) -> int:
        return len(self.score)

    @property
    def n_persons(self) -> int:
        return len(np.unique(self.person))

    @property
    def response_counts(self) -> IntArray:
        """(V,) responses to each version."""
        return np.bincount(self.version, minlength=len(self.version_ids))

    def restrict_to(self, versions: IntArray) -> "ResponseWindow":
        """The window of the versions at the indices `versions` alone, in their order."""
        place = np.full(len(self.version_ids), -1, dtype=np.int64)
        place[versions] = np.arange(len(versions))
        kept = place[self.version] >= 0
        return ResponseWindow(
            person=self.person[kept],
            version=place[self.version[kept]],
            score=self.score[kept],
            version_ids=self.version_ids[versions],
        )

    def as_responses(self, n_categories: IntArray) -> Responses:
        """Sparse responses of the V versions with n_categories (V,)."""
        sessions, person = np.unique(self.person, return_inverse=True)
        return sparse_responses(
            person,
            self.version,
            self.score,
            n_persons=len(sessions),
            n_items=len(self.version_ids),
            n_categories=n_categories,
        )


def collect_responses(
    bank: Bank, start: datetime | None = None, end: datetime | None = None
) -> ResponseWindow:
    """Responses of the bank's sessions that ended from `start` until before `end`; one query.

    Left out are open sessions, omitted responses that count neither way, and item versions that
    were withdrawn (their key may be wrong). Live and simulated sessions both count.
    """
    with reading_in_bulk():
        found = chosen_responses(bank, start, end).iterator(_CHUNK)
        rows: IntArray = np.fromiter(found, dtype=np.dtype((np.int64, 3)))
    person, version_id, score = rows.T
    version_ids, version = np.unique(version_id, return_inverse=True)
    return ResponseWindow(person, version, score, version_ids)


@contextmanager
def reading_in_bulk() -> Iterator[None]:
    """Plan without nested loops, in a transaction of its own.

    On tables that grew faster than their statistics, as after a bulk load, the planner takes
    hundreds of thousands of responses for a handful and loops over them for hours.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
        yield


def chosen_responses(
    bank: Bank, start: datetime | None = None, end: datetime | None = None
) -> QuerySet[Response, Any]:
    """(person from 1, item version id, score) of each response that counts."""
    responses: QuerySet[Response, Any] = Response.objects.filter(
        session__release__bank=bank,
        score__isnull=False,
        item_version__withdrawn_at__isnull=True,
    ).exclude(session__status=Session.Status.OPEN)
    if start:
        responses = responses.filter(session__finished_at__gte=start)
    if end:
        responses = responses.filter(session__finished_at__lt=end)
    numbered = responses.annotate(person=Window(DenseRank(), order_by="session_id"))
    return numbered.values_list("person", "item_version_id", "score")
