"""Celery tasks of delivery; the schedule is in settings."""

from celery import shared_task
from django.utils import timezone

from sessions.delivery import expire_overdue


@shared_task
def expire_overdue_sessions() -> int:
    """Write down that the time of open sessions was over; how many there were."""
    return expire_overdue(timezone.now())
