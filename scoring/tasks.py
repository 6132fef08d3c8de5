"""Celery's way in: each task fetches nothing but ids and calls one domain function."""

from typing import Any

from celery import Task, shared_task
from django.utils import timezone

from common.errors import Conflict, NotFound
from common.runs.queue import sweep
from items.models import Bank
from scoring.models import CalibrationRun
from scoring.recalibration.execution import execute
from scoring.recalibration.requests import request_run
from scoring.recalibration.schedules import slot_of


@shared_task(name=CalibrationRun.TASK)
def calibrate(run_id: int) -> None:
    """Carry a run out, unless another worker does or it is over."""
    execute(run_id)


@shared_task(name="scoring.tasks.start_scheduled_run", bind=True)
def start_scheduled_run(self: "Task[Any, Any]", bank_slug: str) -> int | None:
    """Queue a run of the bank for the current slot of the schedule that sent this task."""
    bank = Bank.objects.filter(slug=bank_slug).first()
    if bank is None:
        raise NotFound("unknown_bank", f"There is no bank {bank_slug!r}: correct the schedule.")
    try:
        return request_run(bank, None, slot=_slot(self)).pk
    except Conflict as exc:
        if exc.code != "slot_taken":
            raise
        return None


@shared_task(name="scoring.tasks.sweep_runs")
def sweep_runs() -> None:
    """As `sweep`, for calibration runs."""
    sweep(CalibrationRun)


def _slot(task: "Task[Any, Any]") -> str:
    """The slot of the periodic task, or the message's own id, which a redelivery repeats."""
    name = (task.request.headers or {}).get("periodic_task_name")
    return (name and slot_of(name, timezone.now())) or f"task:{task.request.id}"
