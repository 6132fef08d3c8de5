"""Who works on a calibration run: an advisory lock while a worker lives, a lease while it reports.

The lock (held by a connection of its own, so that it ends with the process) keeps a second
delivery of the task out. The lease lives in the row: a worker renews it while it computes, and when
it expires the run may be taken up again. Every write names the run and the attempt, so that a
worker that was given up changes nothing any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.models import CalibrationRun

MAX_ATTEMPTS = 3
# The first of the two keys of PostgreSQL's advisory locks; the second is the run's id.
LOCK_SPACE = 1_984_001


class RunCancelled(Exception):
    """Somebody asked to cancel the run."""


class LeaseLost(Exception):
    """Another attempt has taken the run up, or it has ended."""


@dataclass(frozen=True)
class Lease:
    """The right of one attempt to write to its run."""

    run_id: int
    attempt: int

    def renew(self, **fields: Any) -> None:
        """Extend the lease and save `fields` of the row.

        Raises RunCancelled when a cancellation is asked for, LeaseLost when the run is not ours.
        """
        now = timezone.now()
        mine = self.row().filter(cancel_requested_at__isnull=True)
        if mine.update(lease_until=now + lease_duration(), **fields):
            return
        if self.row().exists():
            raise RunCancelled
        raise LeaseLost

    def end(self, status: CalibrationRun.Status, **fields: Any) -> bool:
        """End the run; False when it is not ours any more."""
        return _end(self.row(), status, timezone.now(), **fields)

    def requeue(self) -> bool:
        """Give the run back to the queue; False when it is not ours any more."""
        queued = CalibrationRun.Status.QUEUED
        return self.row().update(status=queued, lease_until=None, phase="", progress=0.0) == 1

    def row(self) -> QuerySet[CalibrationRun]:
        """The run's row as long as this attempt may write to it."""
        return CalibrationRun.objects.filter(
            pk=self.run_id, attempt=self.attempt, status=CalibrationRun.Status.RUNNING
        )


def lease_duration() -> timedelta:
    return timedelta(seconds=settings.CALIBRATION_LEASE_SECONDS)


@contextmanager
def exclusive(run_id: int) -> Iterator[bool]:
    """Hold the run's advisory lock; yields False when another process holds it."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, run_id])
            (is_mine,) = cursor.fetchone()
            yield is_mine
    finally:
        own.close()


def claim(run_id: int, now: datetime) -> Lease | None:
    """Take the run up, or None when there is nothing to do. Call within `exclusive(run_id)`.

    A dead worker's run ends here when it was to be cancelled or has used up its attempts. While
    another run of the bank is running, this one stays queued.
    """
    free = CalibrationRun.objects.claimable(now).filter(pk=run_id)
    run = free.first()
    if run is None:
        return None
    if run.cancel_requested_at:
        _end(free, CalibrationRun.Status.CANCELLED, now)
        return None
    if run.attempt >= MAX_ATTEMPTS:
        _end(free, CalibrationRun.Status.FAILED, now, error=_spent_attempts())
        return None
    return _take(free, run, now)


def _take(free: QuerySet[CalibrationRun], run: CalibrationRun, now: datetime) -> Lease | None:
    lease = Lease(run.pk, run.attempt + 1)
    try:
        with transaction.atomic():
            taken = free.filter(attempt=run.attempt).update(
                status=CalibrationRun.Status.RUNNING,
                attempt=lease.attempt,
                lease_until=now + lease_duration(),
                started_at=now,
                phase=CalibrationRun.Phase.COLLECTING,
                progress=0.0,
                evidence={},
            )
    except IntegrityError:  # scoring_one_running_per_bank
        return None
    return lease if taken else None


def _end(
    runs: QuerySet[CalibrationRun], status: CalibrationRun.Status, now: datetime, **fields: Any
) -> bool:
    return runs.update(status=status, finished_at=now, lease_until=None, phase="", **fields) == 1


def _spent_attempts() -> str:
    return _(
        "The worker was lost %(attempts)d times while it computed this run. Look into its log "
        "(memory is the usual reason), then start a new run."
    ) % {"attempts": MAX_ATTEMPTS}
