"""Who works on a run: an advisory lock while a worker lives, a lease while it reports.

The lock (held by a connection of its own, so that it ends with the process) keeps a second
delivery of the task out. The lease lives in the row: a worker renews it while it computes, and when
it expires the run may be taken up again. Every write names the run and the attempt, so that a
worker that was given up changes nothing any more.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.runs.run import Run, rows_of

logger = structlog.get_logger("irtcat.runs")
MAX_ATTEMPTS = 3


class RunCancelled(Exception):
    """Somebody asked to cancel the run."""


class LeaseLost(Exception):
    """Another attempt has taken the run up, or it has ended."""


class StandingMoved(Exception):
    """What the run rests on changed while it computed: it begins again."""


@dataclass(frozen=True)
class Lease:
    """The right of one attempt to write to its run."""

    kind: type[Run]
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

    def end(self, status: Run.Status, **fields: Any) -> bool:
        """End the run; False when it is not ours any more."""
        return _end(self.row(), status, timezone.now(), **fields)

    def requeue(self) -> bool:
        """Give the run back to the queue; False when it is not ours any more."""
        return (
            self.row().update(status=Run.Status.QUEUED, lease_until=None, phase="", progress=0.0)
            == 1
        )

    def row(self) -> QuerySet[Any]:
        """The run's row as long as this attempt may write to it."""
        return rows_of(self.kind).filter(
            pk=self.run_id, attempt=self.attempt, status=Run.Status.RUNNING
        )


def lease_duration() -> timedelta:
    return timedelta(seconds=settings.RUN_LEASE_SECONDS)


def carry_out(kind: type[Run], run_id: int, work: Callable[[Lease, dict[str, Any]], None]) -> None:
    """Carry the run out to its end by `work`, if nobody else does.

    However it ends, the row says so: succeeded (which `work` writes through the lease), failed with
    a sentence, or cancelled. `work` fills the dictionary with fields of the row, such as what it
    found until then, that are saved when it does not succeed. When the database cannot be reached
    the lease expires and the run is taken up again.
    """
    with exclusive(kind, run_id) as is_mine:
        if not is_mine:
            return
        lease = claim(kind, run_id, timezone.now())
        if lease:
            _finish(lease, work)


def _finish(lease: Lease, work: Callable[[Lease, dict[str, Any]], None]) -> None:
    found: dict[str, Any] = {}
    about = {"kind": lease.kind.__name__, "run": lease.run_id, "attempt": lease.attempt}
    try:
        # What a library warns of is told, whatever the filters: it never ends a run.
        with warnings.catch_warnings(action="default"):
            work(lease, found)
    except RunCancelled:
        lease.end(Run.Status.CANCELLED, **found)
    except KeyboardInterrupt:  # of a command: a worker's tasks never see it
        lease.end(Run.Status.CANCELLED, **found)
        raise
    except LeaseLost:
        logger.warning("run lease lost", **about)
    except StandingMoved:
        lease.requeue()
    except DomainError as exc:
        lease.end(Run.Status.FAILED, error=exc.message, **found)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease expires and the run is taken up again
    except Exception as exc:
        logger.exception("run failed", **about)
        lease.end(Run.Status.FAILED, error=_unexpected(exc), **found)


@contextmanager
def exclusive(kind: type[Run], run_id: int) -> Iterator[bool]:
    """Hold the run's advisory lock; yields False when another process holds it."""
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind.LOCK_SPACE, run_id])
            (is_mine,) = cursor.fetchone()
            yield is_mine
    finally:
        own.close()


def claim(kind: type[Run], run_id: int, now: datetime) -> Lease | None:
    """Take the run up, or None when there is nothing to do. Call within `exclusive(kind, run_id)`.

    A dead worker's run ends here when it was to be cancelled or has used up its attempts. Where the
    database refuses that it runs beside another one, it stays queued.
    """
    free = rows_of(kind).claimable(now).filter(pk=run_id)
    run = free.first()
    if run is None:
        return None
    if run.cancel_requested_at:
        _end(free, Run.Status.CANCELLED, now)
        return None
    if run.attempt >= MAX_ATTEMPTS:
        _end(free, Run.Status.FAILED, now, error=_spent_attempts())
        return None
    return _take(free, run, now)


def _take(free: QuerySet[Any], run: Run, now: datetime) -> Lease | None:
    lease = Lease(type(run), run.pk, run.attempt + 1)
    try:
        with transaction.atomic():
            taken = free.filter(attempt=run.attempt).update(
                status=Run.Status.RUNNING,
                attempt=lease.attempt,
                lease_until=now + lease_duration(),
                started_at=now,
                progress=0.0,
                **run.FRESH,
            )
    except IntegrityError:  # a constraint on what may run at once
        return None
    return lease if taken else None


def _end(runs: QuerySet[Any], status: Run.Status, now: datetime, **fields: Any) -> bool:
    return runs.update(status=status, finished_at=now, lease_until=None, phase="", **fields) == 1


def _spent_attempts() -> str:
    return _(
        "The worker was lost %(attempts)d times while it computed this run. Look into its log "
        "(memory is the usual reason), then start a new run."
    ) % {"attempts": MAX_ATTEMPTS}


def _unexpected(exc: Exception) -> str:
    return _("Unexpected %(kind)s: %(what)s. The worker's log has the details.") % {
        "kind": type(exc).__name__,
        "what": exc,
    }
