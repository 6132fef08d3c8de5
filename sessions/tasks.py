"""Celery tasks of delivery; the schedule is in settings. Their names are data in beat's table."""

from celery import shared_task
from django.utils import timezone

from common.runs.queue import sweep
from sessions.delivery.delivery import expire_overdue
from sessions.models import Simulation
from sessions.simulation.execution import execute


@shared_task(name="sessions.tasks.expire_overdue_sessions")
def expire_overdue_sessions() -> int:
    """Write down that the time of open sessions was over; how many there were."""
    return expire_overdue(timezone.now())


@shared_task(name=Simulation.TASK)
def simulate(run_id: int) -> None:
    """Carry a simulation out, unless another worker does or it is over."""
    execute(run_id)


@shared_task(name="sessions.tasks.sweep_simulations")
def sweep_simulations() -> None:
    """As `sweep`, for simulations."""
    sweep(Simulation)
