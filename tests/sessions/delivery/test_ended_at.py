"""A session that ran out ended at its deadline, whoever notices it and however late."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from common.audit import AuditEntry
from sessions.delivery.access import Caller
from sessions.delivery.delivery import (
    expire_overdue,
    finish_session,
    record_response,
    session_report,
    start_session,
)
from sessions.delivery.live_session import GRACE, SETTLING
from sessions.models import Session
from sessions.tasks import expire_overdue_sessions
from tests.sessions.builders import HOUR, make_bank, make_staff, make_student, make_test
from tests.sessions.client import signed_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def bank():
    return make_bank()


def begun(bank, started_at, *, multiplier=1.0, **settings):
    """A session that somebody began then."""
    test = make_test(bank, **settings)
    student = make_student(time_multiplier=multiplier)
    return Session.objects.get(pk=start_session(student, test, started_at)[0])


def answer_at(session, moment):
    session.refresh_from_db()
    return record_response(
        session.pk,
        session.position,
        session.due_item_version_id,
        {"option": 1},
        caller=Caller(user=session.examinee.user),
        received_at=moment,
    )


def ending(session):
    session.refresh_from_db()
    return session.status, session.stop_reason, session.finished_at


@pytest.mark.parametrize(
    ("limit", "multiplier", "closes_after", "lasts"),
    [
        (2400, 1.0, None, 40 * MINUTE),
        (2400, 1.5, None, 60 * MINUTE),
        (2400, 1.0, 25 * MINUTE, 25 * MINUTE),
        (None, 1.0, 3 * HOUR, 3 * HOUR),
        (2400, 2.0, 79 * MINUTE, 79 * MINUTE),
    ],
    ids=["limit", "allowance", "window before limit", "window alone", "window before allowance"],
)
def test_a_sweep_that_comes_days_late_writes_the_deadline(
    bank, limit, multiplier, closes_after, lasts
):
    start = timezone.now() - 3 * DAY
    closes = None if closes_after is None else start + closes_after
    session = begun(bank, start, multiplier=multiplier, time_limit=limit, window_end=closes)
    assert expire_overdue_sessions() == 1
    assert ending(session) == ("expired", "time", start + lasts)


def test_a_test_that_the_operator_closed_ends_its_open_session_at_the_deadline_too(bank):
    start = timezone.now() - DAY
    session = begun(bank, start, time_limit=600)
    session.test.is_open = False
    session.test.save()
    expire_overdue_sessions()
    assert ending(session) == ("expired", "time", start + 10 * MINUTE)


def test_a_session_without_a_deadline_is_never_swept(bank):
    session = begun(bank, timezone.now() - 30 * DAY)
    assert expire_overdue_sessions() == 0
    assert ending(session) == ("open", "", None)


def test_many_sessions_end_at_a_deadline_each(bank):
    start = timezone.now() - DAY
    test = make_test(bank, time_limit=300)
    for number in range(4):
        start_session(make_student(f"s{number}"), test, start + number * MINUTE)
    assert expire_overdue(timezone.now()) == 4
    ends = Session.objects.order_by("started_at").values_list("finished_at", flat=True)
    assert list(ends) == [start + (5 + number) * MINUTE for number in range(4)]


@pytest.mark.parametrize("late", [timedelta(0), GRACE / 2, GRACE])
def test_an_answer_within_the_grace_ends_the_session_at_the_deadline(bank, late):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    answer_at(session, session.deadline + late)
    assert ending(session) == ("expired", "time", session.deadline)
    assert session.responses.get().received_at == session.deadline + late


def test_the_last_answer_within_the_grace_finishes_the_test_at_the_deadline(bank):
    session = begun(bank, timezone.now() - HOUR, time_limit=600, min_items=1, max_items=1)
    answer_at(session, session.deadline + GRACE / 2)
    assert ending(session) == ("finished", "max_items", session.deadline)


def test_the_last_answer_before_the_deadline_finishes_the_test_when_it_arrived(bank):
    session = begun(bank, timezone.now() - HOUR, time_limit=600, min_items=1, max_items=1)
    answer_at(session, session.started_at + MINUTE)
    assert ending(session) == ("finished", "max_items", session.started_at + MINUTE)


@pytest.mark.parametrize("late", [timedelta(0), GRACE])
def test_who_ends_a_session_within_the_grace_finds_that_its_time_was_up(bank, late):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    caller = Caller(user=session.examinee.user)
    state = finish_session(session.pk, caller=caller, now=session.deadline + late)
    assert (state["status"], state["stop_reason"]) == ("expired", "time")
    assert ending(session) == ("expired", "time", session.deadline)


def test_staff_who_end_a_session_within_the_grace_have_not_ended_it(bank, roles):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    caller = Caller(user=make_staff("op", "operator"))
    finish_session(session.pk, caller=caller, now=session.deadline + GRACE)
    assert ending(session) == ("expired", "time", session.deadline)
    assert not AuditEntry.objects.filter(act="end_session").exists()


def test_who_ends_a_session_in_time_ends_it_then(bank):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    caller = Caller(user=session.examinee.user)
    finish_session(session.pk, caller=caller, now=session.deadline - MINUTE)
    assert ending(session) == ("finished", "by_examinee", session.deadline - MINUTE)


def test_the_report_tells_the_same_end_before_the_sweep_and_after_it(bank):
    session = begun(bank, timezone.now() - 2 * DAY, time_limit=1800)
    caller, now = Caller(user=session.examinee.user), timezone.now()
    before = session_report(session.pk, caller=caller, now=now)
    assert before["finished_at"] == session.deadline.isoformat().replace("+00:00", "Z")
    assert expire_overdue(now) == 1
    assert session_report(session.pk, caller=caller, now=now) == before


def test_while_the_session_is_open_the_report_tells_no_end(bank):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    caller, settling = Caller(user=session.examinee.user), session.deadline + GRACE
    assert session_report(session.pk, caller=caller, now=settling)["finished_at"] is None


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize(("limit", "multiplier", "used"), [(1800, 1, "30:00"), (90, 1.5, "2:15")])
def test_the_result_page_says_that_no_more_time_was_used_than_there_was(
    bank, swept, limit, multiplier, used
):
    session = begun(bank, timezone.now() - 2 * DAY, time_limit=limit, multiplier=multiplier)
    if swept:
        expire_overdue_sessions()
    client = signed_in(session.examinee.user)
    page = client.get(f"/sessions/{session.pk}/result/").content.decode()
    assert f"<td>{used}</td>" in page
    assert "The test ended because the time was up." in page


def test_what_late_sweeps_wrote_down_is_mended_and_nothing_else(bank):
    """The deadline stands beside the wrong moment, so the right one is known."""
    start = timezone.now() - 5 * DAY
    test = make_test(bank, time_limit=600)
    swept, graced, in_time, going_on = (
        start_session(make_student(f"s{number}"), test, start)[0] for number in range(4)
    )
    deadline = start + 10 * MINUTE
    wrong = {
        swept: ("expired", deadline + DAY),
        graced: ("finished", deadline + GRACE),
        in_time: ("finished", deadline - MINUTE),
    }
    for session_id, (status, finished_at) in wrong.items():
        Session.objects.filter(pk=session_id).update(
            status=status, finished_at=finished_at, due_item_version=None
        )
    with connection.cursor() as cursor:
        cursor.execute(import_module("sessions.migrations.0016_ended_at_the_deadline").FORWARD)
    ends = dict(Session.objects.values_list("pk", "finished_at"))
    assert ends == {
        swept: deadline,
        graced: deadline,
        in_time: deadline - MINUTE,
        going_on: None,
    }


def test_an_answer_on_its_way_when_the_sweep_comes_keeps_its_time_to_settle(bank):
    session = begun(bank, timezone.now() - HOUR, time_limit=600)
    assert expire_overdue(session.deadline + GRACE + SETTLING) == 0
    answer_at(session, session.deadline + GRACE)
    assert ending(session) == ("expired", "time", session.deadline)
