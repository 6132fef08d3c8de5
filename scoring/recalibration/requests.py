"""What people and schedules do with calibration runs: request, publish."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.edits import require_seen, told_by_audit
from common.errors import Conflict, InvalidInput
from common.runs.queue import enqueue_on_commit
from items.models import Bank, BankRelease
from items.releases import lock_bank, publish
from scoring.models import CalibrationRun
from scoring.recalibration.execution import current_release

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
        enqueue_on_commit(run)
    return run


@transaction.atomic
def publish_run(
    run: CalibrationRun, actor: Any, reason: str, seen: str | None = None
) -> BankRelease:
    """Publish the run's draft release.

    Raises Conflict `no_draft` when there is none, ChangedMeanwhile where run or draft are not as
    they were `seen`, and what `items.releases.publish` raises. Takes the lock of `lock_bank`.
    """
    lock_bank(run.bank_id)
    run.refresh_from_db(fields=["status", "cancel_requested_at", "draft"])
    require_seen(seen, run.shown_values(), lambda _names: told_by_audit(run.draft or run, []))
    if run.draft is None:
        raise Conflict(
            "no_draft",
            _("The run has no draft release: it did not succeed, or the draft was discarded."),
        )
    return publish(run.draft, actor, reason)
