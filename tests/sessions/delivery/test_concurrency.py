"""Requests that start together at a barrier, on real connections and real rows."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.utils import timezone

from common.errors import Conflict, TryAgain
from sessions.delivery import delivery, store
from sessions.delivery.access import Caller
from sessions.delivery.delivery import (
    expire_overdue,
    finish_session,
    record_response,
    start_session,
)
from sessions.delivery.live_session import GRACE, SETTLING, read_session
from sessions.delivery.measurement import judge
from sessions.models import Response, Session, Test
from sessions.people.tickets import issue_ticket, redeem_ticket
from tests.sessions.builders import HOUR, key_of, make_bank, make_student, make_test
from tests.sessions.client import answer, signed_in, start
from tests.sessions.locks import locked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def student():
    make_test(make_bank())
    return make_student()


def together(n, act):
    """What n threads got (or raised) that called `act(index)` at the same moment."""
    barrier = Barrier(n)

    def run(index):
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return act(index)
        except (Conflict, TryAgain) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n)))


def test_fifty_starts_at_once_make_one_session(student):
    test = Test.objects.select_related("bank").get()
    outcomes = together(50, lambda _: start_session(student, test, timezone.now()))
    session = Session.objects.get()
    assert {session_id for session_id, _ in outcomes} == {session.pk}
    assert sorted(is_new for _, is_new in outcomes) == [False] * 49 + [True]


def test_twenty_submits_at_once_write_one_row_and_get_identical_bytes(student):
    state = start(signed_in(student.user))
    clients = [signed_in(student.user) for _ in range(20)]
    option = key_of(state["item"]["id"])
    replies = together(20, lambda index: answer(clients[index], state, option))
    assert {reply.status_code for reply in replies} == {200}
    assert len({reply.content for reply in replies}) == 1
    assert bytes(Response.objects.get().reply) == replies[0].content
    assert Session.objects.get().version == 1


def test_only_the_version_guard_stops_a_writer_whose_session_moved_on(student, monkeypatch):
    """With a control run: the same stale write, the guard taken out of the statement, gets in."""
    session_id = start(signed_in(student.user))["session"]
    now = timezone.now()
    stale = read_session(session_id, 1)
    judged = judge(stale, {"option": 1}, now)
    redeem_ticket(issue_ticket(student, Test.objects.get(), None, now, HOUR), now)
    assert delivery._write(stale, judged, now, None) is None
    assert not Response.objects.exists()
    unguarded = store.WRITE.replace("AND s.version = %(version)s", "")
    monkeypatch.setattr(store, "WRITE", unguarded)
    assert delivery._write(stale, judged, now, None) is not None
    assert Response.objects.count() == 1


def test_twenty_different_answers_at_once_leave_one_and_tell_the_others(student):
    state = start(signed_in(student.user))
    caller, now = Caller(user=student.user), timezone.now()

    def submit(index):
        given = {"option": 1 + index % 4}
        return record_response(
            state["session"], 1, state["item"]["id"], given, caller=caller, received_at=now
        )

    outcomes = together(20, submit)
    (stored,) = Response.objects.all()
    for index, outcome in enumerate(outcomes):
        if {"option": 1 + index % 4} == stored.answer:
            assert outcome.body == bytes(stored.reply)
        else:
            assert outcome.code == "answered"
            assert outcome.detail["state"]["position"] == 2


def test_an_answer_and_a_finish_at_once_never_mix(student):
    for _ in range(5):
        client = signed_in(student.user)
        state = start(client)
        caller, now = Caller(user=student.user), timezone.now()

        def act(index, state=state, caller=caller, now=now):
            if index == 0:
                return finish_session(state["session"], caller=caller, now=now)
            return record_response(
                state["session"],
                1,
                state["item"]["id"],
                {"option": 1},
                caller=caller,
                received_at=now,
            )

        ended, answered = together(2, act)
        session = Session.objects.get(pk=state["session"])
        assert (ended["status"], session.status) == ("finished", "finished")
        assert session.responses.count() == len(session.administered_items)
        if isinstance(answered, Conflict):
            assert (answered.code, session.responses.count()) == ("session_over", 0)
        else:
            assert session.responses.count() == 1


def test_a_unique_violation_counts_as_a_lost_race(student):
    state = start(signed_in(student.user))
    now = timezone.now()
    live = read_session(state["session"], 1)
    judged = judge(live, {"option": 1}, now)
    assert delivery._write(live, judged, now, None) is not None
    # The row that the version guards was set back, as only a fault could.
    Session.objects.update(version=0, status="open", position=1, administered_items=[])
    assert delivery._write(live, judged, now, None) is None
    assert Response.objects.count() == 1


def test_a_locked_row_gives_503_with_retry_after_and_writes_nothing(student):
    client = signed_in(student.user)
    state = start(client)
    body_option = key_of(state["item"]["id"])
    with locked(Session.objects.filter(pk=state["session"])):
        refused = answer(client, state, body_option)
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert refused.headers["Retry-After"] == "2"
    assert not Response.objects.exists()
    assert answer(client, state, body_option).status_code == 200


def test_an_answer_that_arrived_in_time_counts_however_long_it_waited_for_the_row(student):
    state = start(signed_in(student.user))
    deadline = timezone.now() - GRACE - SETTLING / 2
    Session.objects.update(deadline=deadline)
    assert expire_overdue(timezone.now()) == 0
    caller = Caller(user=student.user)
    given = {"option": 1}
    reply = record_response(
        state["session"],
        1,
        state["item"]["id"],
        given,
        caller=caller,
        received_at=deadline + GRACE,
    )
    assert (reply.state["status"], reply.state["answered"]) == ("expired", 1)


def test_an_expiry_and_an_answer_at_once_never_mix(student):
    state = start(signed_in(student.user))
    caller, now = Caller(user=student.user), timezone.now()
    Session.objects.update(deadline=now)
    later = now + HOUR

    def act(index):
        if index == 0:
            return expire_overdue(later)
        return record_response(
            state["session"], 1, state["item"]["id"], {"option": 1}, caller=caller, received_at=now
        )

    together(2, act)
    session = Session.objects.get()
    assert (session.status, session.version) == ("expired", 1)
    assert session.responses.count() == len(session.administered_items)


def test_a_database_that_is_down_gives_503_with_retry_after_as_json(student):
    client = signed_in(student.user)
    state = start(client)
    port = connection.settings_dict["PORT"]
    connection.close()
    connection.settings_dict["PORT"] = 1
    try:
        refused = client.get(f"/api/v1/sessions/{state['session']}")
    finally:
        connection.close()
        connection.settings_dict["PORT"] = port
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert refused.headers["Retry-After"] == "2"
