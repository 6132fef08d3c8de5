from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import Conflict
from sessions.delivery.access import Caller
from sessions.delivery.delivery import (
    expire_overdue,
    finish_session,
    record_response,
    select_next_item,
    session_report,
    session_state,
    start_session,
)
from sessions.delivery.live_session import GRACE, SETTLING
from sessions.models import Response, Session
from sessions.tasks import expire_overdue_sessions
from tests.sessions.builders import HOUR, make_bank, make_student, make_test

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


@pytest.fixture
def session():
    """A session that started an hour before now and lasts two."""
    test = make_test(make_bank(), time_limit=7200)
    session_id, _ = start_session(make_student(), test, timezone.now() - HOUR)
    return Session.objects.get(pk=session_id)


@pytest.fixture
def caller(session):
    return Caller(user=session.examinee.user)


def answer_at(session, caller, moment):
    return record_response(
        session.pk,
        1,
        session.due_item_version_id,
        {"option": 1},
        caller=caller,
        received_at=moment,
    )


def test_before_the_deadline_the_test_goes_on(session, caller):
    state = answer_at(session, caller, session.deadline - TICK).state
    assert (state["status"], state["position"]) == ("open", 2)


@pytest.mark.parametrize("late", [timedelta(0), GRACE])
def test_an_answer_within_the_grace_counts_and_is_the_last(session, caller, late):
    state = answer_at(session, caller, session.deadline + late).state
    assert (state["status"], state["stop_reason"]) == ("expired", "time")
    assert (state["answered"], state["item"]) == (1, None)
    assert Response.objects.get().received_at == session.deadline + late


def test_an_answer_after_the_grace_is_refused_and_the_item_counts_as_not_administered(
    session, caller
):
    with pytest.raises(Conflict) as refused:
        answer_at(session, caller, session.deadline + GRACE + TICK)
    assert refused.value.code == "time_over"
    assert refused.value.detail["state"]["status"] == "expired"
    assert refused.value.detail["state"]["item"] is None
    assert expire_overdue(session.deadline + HOUR) == 1
    session.refresh_from_db()
    assert (session.status, session.administered_items) == ("expired", [])
    assert not Response.objects.exists()


def test_after_the_grace_nobody_sees_the_item_any_more(session, caller):
    now = session.deadline + GRACE + TICK
    assert session_state(session.pk, caller=caller, now=now)["status"] == "expired"
    assert select_next_item(session.pk, caller=caller, now=now)["item"] is None
    assert session_report(session.pk, caller=caller, now=now)["status"] == "expired"
    assert finish_session(session.pk, caller=caller, now=now)["stop_reason"] == "time"


def test_a_repeated_answer_gets_its_stored_reply_after_the_deadline_too(session, caller):
    first = answer_at(session, caller, session.deadline - HOUR)
    assert answer_at(session, caller, session.deadline + HOUR) == first


def test_sessions_expire_only_when_no_answer_can_be_on_its_way(session):
    settled = session.deadline + GRACE + SETTLING
    assert expire_overdue(settled) == 0
    assert expire_overdue(settled + TICK) == 1
    assert expire_overdue(settled + TICK) == 0
    session.refresh_from_db()
    assert (session.status, session.stop_reason, session.version) == ("expired", "time", 1)


def test_the_task_expires_what_is_overdue_and_nothing_else(session):
    other = make_test(make_bank(slug="other"), slug="other")
    untimed, _ = start_session(session.examinee, other, timezone.now() - HOUR)
    Session.objects.filter(pk=session.pk).update(deadline=timezone.now() - HOUR)
    assert expire_overdue_sessions() == 1
    assert Session.objects.get(pk=untimed).status == "open"
