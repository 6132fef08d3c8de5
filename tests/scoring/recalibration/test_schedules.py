"""The schedule starts one run a slot, however many schedulers there are and whenever they fire."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from common.errors import NotFound
from common.runs.queue import cancel
from scoring.models import CalibrationRun
from scoring.recalibration.requests import request_run
from scoring.recalibration.schedules import latest_due, slot_of
from scoring.tasks import start_scheduled_run, sweep_runs
from tests.scoring.builders import build_bank, finished_run, two_pl

pytestmark = pytest.mark.django_db


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sunday_night(zone: str = "UTC") -> CrontabSchedule:
    return CrontabSchedule.objects.create(minute="0", hour="2", day_of_week="0", timezone=zone)


def nightly_task() -> PeriodicTask:
    return PeriodicTask.objects.create(
        name="nightly",
        task="scoring.tasks.start_scheduled_run",
        crontab=CrontabSchedule.objects.create(minute="0", hour="2", timezone="UTC"),
        kwargs='{"bank_slug": "maths"}',
    )


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-01T02:00:00", "2026-03-01T02:00:00"),
        ("2026-03-01T02:00:04", "2026-03-01T02:00:00"),
        ("2026-03-01T17:45:00", "2026-03-01T02:00:00"),
    ],
)
def test_a_calendar_time_was_last_due_at_its_latest_minute(now, due):
    assert latest_due(sunday_night().schedule, moment(now)) == moment(due)


def test_a_calendar_time_counts_in_its_own_time_zone():
    schedule = sunday_night("Asia/Seoul").schedule

    assert latest_due(schedule, moment("2026-02-28T18:00:00")) == moment("2026-02-28T17:00:00")


def test_an_interval_starts_at_the_same_instants_for_every_scheduler():
    schedule = IntervalSchedule.objects.create(every=10, period="minutes").schedule

    first = latest_due(schedule, moment("2026-03-01T02:03:00"))
    second = latest_due(schedule, moment("2026-03-01T02:09:59"))
    third = latest_due(schedule, moment("2026-03-01T02:10:00"))

    assert first == second == moment("2026-03-01T02:00:00")
    assert third == moment("2026-03-01T02:10:00")


def test_every_slot_of_a_year_is_another_one():
    task = nightly_task()
    start = moment("2026-01-01T02:00:02")

    slots = {slot_of("nightly", start + timedelta(days=day)) for day in range(365)}
    late = {slot_of("nightly", start + timedelta(days=day, hours=7)) for day in range(365)}

    assert len(slots) == 365
    assert late == slots
    assert f"{task.pk}@2026-07-04T02:00:00Z" in slots


def test_two_schedulers_start_one_run():
    bank, _release = build_bank(two_pl(3))
    nightly_task()
    headers = {"periodic_task_name": "nightly"}

    first = start_scheduled_run.apply(kwargs={"bank_slug": "maths"}, headers=headers)
    second = start_scheduled_run.apply(kwargs={"bank_slug": "maths"}, headers=headers)

    run = CalibrationRun.objects.get()
    assert (first.get(), second.get()) == (run.pk, None)
    assert run.bank == bank
    assert run.requested_by is None


def test_a_redelivered_message_starts_one_run():
    build_bank(two_pl(3))

    for _ in range(2):
        start_scheduled_run.apply(kwargs={"bank_slug": "maths"}, task_id="7f1d")

    assert CalibrationRun.objects.get().slot == "task:7f1d"


def test_a_schedule_for_an_unknown_bank_says_so():
    with pytest.raises(NotFound, match="There is no bank 'nowhere': correct the schedule"):
        start_scheduled_run.apply(kwargs={"bank_slug": "nowhere"}, throw=True)


def test_the_sweeper_sends_for_runs_that_nobody_works_on(monkeypatch):
    sent = []
    monkeypatch.setattr("common.runs.queue.enqueue", lambda run, expires: sent.append(run.pk))
    bank, _release = build_bank(two_pl(3))
    other, _release = build_bank(two_pl(3), slug="other")
    waiting = request_run(bank, None, for_worker=False)
    cancel(request_run(bank, None, for_worker=False), None)
    finished_run(build_bank(two_pl(3), slug="third")[0])
    now = timezone.now()
    lost = request_run(other, None, for_worker=False)
    CalibrationRun.objects.filter(pk=lost.pk).update(
        status="running", lease_until=now - timedelta(seconds=1)
    )
    alive = request_run(build_bank(two_pl(3), slug="fourth")[0], None, for_worker=False)
    CalibrationRun.objects.filter(pk=alive.pk).update(
        status="running", lease_until=now + timedelta(minutes=1)
    )

    sweep_runs()

    assert sorted(sent) == [waiting.pk, lost.pk]


def test_an_example_schedule_is_there_and_switched_off():
    example = PeriodicTask.objects.get(task="scoring.tasks.start_scheduled_run")

    assert example.enabled is False
    assert example.kwargs == '{"bank_slug": "mathematics"}'
    assert (example.crontab.hour, example.crontab.day_of_week) == ("2", "0")
