"""What people and schedules do with runs of every kind: queue, find, cancel.

The row is the record. A message only tells a worker to look at it, so that a message that is lost
or delivered twice changes nothing.
"""

from typing import Any, TypeVar

from celery import current_app
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.edits import require_seen, told_by_audit
from common.errors import Conflict
from common.runs.run import Run, rows_of

AnyRun = TypeVar("AnyRun", bound=Run)
# A sweep's message that nobody took until the next sweep is dropped.
SWEEP_EXPIRES_SECONDS = 60


def enqueue(run: Run, expires: float | None = None) -> None:
    """Hand a run to the workers; a second message for the same run does nothing."""
    current_app.send_task(run.TASK, args=[run.pk], expires=expires)


def enqueue_on_commit(run: Run) -> None:
    """Hand a run to the workers once its row is there; without a broker the next sweep does."""
    transaction.on_commit(lambda: enqueue(run), robust=True)


def sweep(kind: type[Run]) -> None:
    """Send a task for each run that waits although nobody works on it."""
    for run in rows_of(kind).claimable(timezone.now()):
        enqueue(run, expires=SWEEP_EXPIRES_SECONDS)


def find_run(kind: type[AnyRun], run_id: Any) -> AnyRun | None:
    """The run with the rows that its page names; None also for an id that cannot be one."""
    try:
        run: AnyRun = rows_of(kind).select_related(*kind.RELATED).get(pk=run_id)
    except (ObjectDoesNotExist, ValueError):
        return None
    return run


@transaction.atomic
def cancel(run: AnyRun, actor: Any, seen: str | None = None) -> AnyRun:
    """Cancel a queued run at once, a running one when its worker reports next. Locks the run.

    Raises Conflict `run_is_over`, and ChangedMeanwhile where the run is not as it was `seen`.
    Asking twice changes nothing.
    """
    now = timezone.now()
    locked: AnyRun = rows_of(type(run)).select_for_update(of=("self",)).get(pk=run.pk)
    require_seen(seen, locked.shown_values(), lambda _names: told_by_audit(locked, []))
    if locked.is_over:
        raise Conflict(
            "run_is_over",
            _("The run is over (%(status)s) and cannot be cancelled.")
            % {"status": locked.get_status_display()},
        )
    if locked.cancel_requested_at:
        return locked
    locked.cancel_requested_at = now
    if locked.status == Run.Status.QUEUED:
        locked.status = Run.Status.CANCELLED
        locked.finished_at = now
    locked.save(update_fields=["cancel_requested_at", "status", "finished_at"])
    audit.record(actor, run.CANCEL_ACT, locked)
    return locked
