"""Which slot of a schedule a task belongs to, so that two schedulers start one run."""

from datetime import UTC, datetime, timedelta
from typing import Any

from celery.schedules import crontab
from django_celery_beat.models import PeriodicTask

# A calendar time is looked for this far back: no task waits in the queue for longer.
_LOOK_BACK = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def slot_of(task_name: str, now: datetime) -> str | None:
    """The slot of the named periodic task that is current at `now`; None for an unknown task."""
    task = PeriodicTask.objects.filter(name=task_name).first()
    if task is None:
        return None
    due = latest_due(task.schedule, now).astimezone(UTC)
    return f"{task.pk}@{due:%Y-%m-%dT%H:%M:%SZ}"


def latest_due(schedule: Any, now: datetime) -> datetime:
    """When a Celery schedule was last due: the latest calendar time, or the start of the interval.

    Intervals are counted from the epoch, so that every scheduler counts the same ones.
    """
    if isinstance(schedule, crontab):
        return _latest_calendar_time(schedule, now)
    seconds = schedule.run_every.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def _latest_calendar_time(schedule: Any, now: datetime) -> datetime:
    this_minute = now.astimezone(schedule.tz).replace(second=0, microsecond=0)
    minute = this_minute
    while minute > this_minute - _LOOK_BACK:
        if _matches(schedule, minute):
            return minute
        minute -= _MINUTE
    return this_minute


def _matches(schedule: Any, minute: datetime) -> bool:
    return (
        minute.minute in schedule.minute
        and minute.hour in schedule.hour
        and minute.isoweekday() % 7 in schedule.day_of_week
        and minute.day in schedule.day_of_month
        and minute.month in schedule.month_of_year
    )
