"""Celery tasks of delivery; the schedule is in settings. Their names are data in beat's table."""

from celery import shared_task
from django.utils import timezone

from sessions.delivery.delivery import expire_overdue
from sessions.models import Simulation
from sessions.simulation.execution import execute
from sessions.simulation.requests import enqueue

# A sweep's message that nobody took until the next sweep is dropped; the row is the record.
SWEEP_EXPIRES_SECONDS = 60


@shared_task(name="sessions.tasks.expire_overdue_sessions")
def expire_overdue_sessions() -> int:
    """Write down that the time of open sessions was over; how many there were."""
    return expire_overdue(timezone.now())


@shared_task(name="sessions.tasks.simulate")
def simulate(run_id: int) -> None:
    """Carry a simulation out, unless another worker does or it is over."""
    execute(run_id)


@shared_task(name="sessions.tasks.sweep_simulations")
def sweep_simulations() -> None:
    """Send a task for each simulation that waits although nobody works on it."""
    for run in Simulation.objects.claimable(timezone.now()):
        enqueue(run.pk, expires=SWEEP_EXPIRES_SECONDS)
