"""What people and schedules do with calibration runs: request, cancel, publish."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Conflict, InvalidInput
from common.runs.leases import cancel
from items.models import Bank, BankRelease
from items.releases import publish
from scoring.models import CalibrationRun
from scoring.recalibration.execution import current_release

# Shared tasks are sent by name: scoring.tasks imports this module.
CALIBRATE = "scoring.tasks.calibrate"
NODES, NODE_RANGE, TOLERANCE, MIN_RESPONSES = 61, 6.0, 1e-6, 100


@dataclass(frozen=True)
class RunSettings:
    """Which responses, on which grid, how exact; a window without an end ends now."""

    window_start: datetime | None = None
    window_end: datetime | None = None
    nodes: int = NODES
    node_range: float = NODE_RANGE
    tolerance: float = TOLERANCE
    min_responses: int = MIN_RESPONSES
    note: str = ""


def request_run(
    bank: Bank,
    actor: Any,
    settings: RunSettings | None = None,
    *,
    slot: str | None = None,
    for_worker: bool = True,
) -> CalibrationRun:
    """Queue a run; a worker gets its task on commit, unless the caller executes it itself.

    Raises Conflict `no_release` for a bank without a published release, `slot_taken` when the slot
    of the schedule has its run, and InvalidInput for settings that no run can have.
    """
    now = timezone.now()
    current_release(bank)
    wanted = settings or RunSettings()
    run = CalibrationRun(bank=bank, requested_by=actor, slot=slot, **asdict(wanted))
    run.window_end = wanted.window_end or now
    try:
        run.validate_constraints()
        with transaction.atomic():
            run.save(force_insert=True)
    except ValidationError as exc:
        raise InvalidInput("invalid_settings", " ".join(exc.messages)) from exc
    except IntegrityError as exc:  # the only unique column
        raise Conflict("slot_taken", _("This slot of the schedule has its run already.")) from exc
    if for_worker:
        transaction.on_commit(lambda: enqueue(run.pk), robust=True)
    return run


def enqueue(run_id: int, expires: float | None = None) -> None:
    """Hand a run to the workers; a second message for the same run does nothing."""
    current_app.send_task(CALIBRATE, args=[run_id], expires=expires)


def cancel_run(run: CalibrationRun, actor: Any) -> CalibrationRun:
    """Cancel a queued run at once, a running one at its next EM iteration. As `leases.cancel`."""
    return cancel(run, actor, "cancel_calibration")


def publish_run(run: CalibrationRun, actor: Any, reason: str) -> BankRelease:
    """Publish the run's draft release.

    Raises Conflict `no_draft` when there is none, and what `items.releases.publish` raises.
    """
    if run.draft is None:
        raise Conflict(
            "no_draft",
            _("The run has no draft release: it did not succeed, or the draft was discarded."),
        )
    return publish(run.draft, actor, reason)
