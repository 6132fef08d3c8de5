"""The columns of an answer: each is read from its place, and written to it."""

from dataclasses import asdict

import pytest
from django.utils import timezone

from items.models import ReleasedItem
from sessions.delivery import store
from sessions.delivery.access import Caller
from sessions.delivery.delivery import record_response
from sessions.delivery.record import COLUMNS, Answer
from sessions.models import Response, Session
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import answer, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def state():
    """A session after two answers, with a value of its own in each column that may be empty."""
    cuts = {"cut_scores": [0.0], "level_names": [{"en": "below"}, {"en": "above"}]}
    make_test(make_bank(n_pretest=3), time_limit=7200, final_estimator="wle", **cuts)
    client = signed_in(make_student().user)
    state = answer(client, answer(client, start(client)).json(), 1).json()
    pretest = list(ReleasedItem.objects.filter(role="pretest").values_list("item_id", flat=True))
    Session.objects.update(
        device_epoch=3,
        prior_mean=0.25,
        prior_sd=1.5,
        start_theta=0.75,
        seen_items=pretest[:1],
        ineligible_items=pretest[:2],
        pretest_items=pretest,
    )
    return state


def test_a_record_holds_the_columns_of_the_sessions_row(state):
    record, session = store.read(state["session"]), Session.objects.get()
    stored = {
        name: getattr(session, "id" if name == "session_id" else name)
        for name, column in COLUMNS.items()
        if column.read.startswith("s.")
    }
    assert len(stored) == 30
    assert {name: getattr(record, name) for name in stored} == stored
    given = [value for value in stored.values() if isinstance(value, float)]
    assert len(given) == len(set(given)) == 7


def test_a_record_names_the_test_the_examinee_and_the_stored_response(state):
    record, session = store.read(state["session"], 2), Session.objects.get()
    stored = session.responses.get(position=2)
    examinee, test = session.examinee, session.test
    assert (record.test_id, record.test_slug, record.test_title) == (test.pk, test.slug, test.title)
    assert record.examinee_id == examinee.pk
    assert (record.examinee_name, record.user_id) == (examinee.display_name, examinee.user_id)
    assert record.stored_item_version_id == stored.item_version_id
    assert (record.stored_answer, record.stored_status) == (stored.answer, stored.reply_status)
    assert record.stored_reply == bytes(stored.reply)
    assert store.read(state["session"]).stored_reply is None


def test_an_answer_moves_the_columns_that_move_and_no_others(state):
    record_before, row_before = store.read(state["session"]), Session.objects.values().get()
    now = timezone.now()
    record_response(
        record_before.session_id,
        3,
        state["item"]["id"],
        {"option": 1},
        caller=Caller(user=Session.objects.get().examinee.user),
        received_at=now,
        client_seconds=2.5,
    )
    row = Session.objects.values().get()
    moved = {name for name in row if row[name] != row_before[name]}
    may_move = {name for name, column in COLUMNS.items() if column.move} | {"due_selection"}
    # Of those that may, an open session keeps its status; the level may stay what it was.
    assert may_move - moved <= {"status", "stop_reason", "finished_at", "level"}
    assert moved <= may_move
    assert row["version"] == record_before.version + 1
    assert (row["position"], row["issued_at"]) == (4, now)
    assert row["theta"] != row["interim_theta"]


def test_a_response_holds_the_columns_of_its_answer(state):
    before = Session.objects.get()
    now = timezone.now()
    reply = record_response(
        before.pk,
        3,
        state["item"]["id"],
        {"option": 2},
        caller=Caller(user=before.examinee.user),
        received_at=now,
        client_seconds=2.5,
    )
    after, response = Session.objects.get(), Response.objects.get(position=3)
    expected = Answer(
        position=3,
        item_id=after.administered_items[-1],
        item_version_id=state["item"]["id"],
        answer={"option": 2},
        score=after.scores[-1],
        theta=after.interim_theta,
        standard_error=after.interim_standard_error,
        issued_at=before.issued_at,
        received_at=now,
        client_seconds=2.5,
        reply_status=200,
        reply=reply.body,
    )
    stored = {name: getattr(response, name) for name in asdict(expected)}
    assert stored | {"reply": bytes(response.reply)} == asdict(expected)
    assert response.selection == before.due_selection
