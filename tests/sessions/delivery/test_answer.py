"""The rule of the answer, through HTTP."""

import pytest
from django.utils import timezone

from items.models import ItemVersion
from sessions.delivery.plan import load_plan
from sessions.models import Response, Session
from sessions.people.tickets import session_token
from sessions.snapshot import load_snapshot, load_version
from tests.factories import freeze
from tests.sessions.builders import key_of, make_bank, make_student, make_test
from tests.sessions.client import API, answer, answer_body, bearing, post, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    make_test(make_bank())
    return signed_in(make_student().user)


def state_of(client, session):
    return client.get(f"{API}/sessions/{session}").json()


def without_clock(state):
    return {name: value for name, value in state.items() if name != "server_time"}


def test_a_session_runs_to_its_longest_length(client):
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state).json()
    assert (state["answered"], state["item"], state["stop_reason"]) == (8, None, "max_items")
    session = Session.objects.get()
    responses = Response.objects.order_by("position")
    assert session.administered_items == list(responses.values_list("item_id", flat=True))
    assert session.scores == [1] * 8
    assert session.theta == responses.last().theta
    assert session.finished_at == responses.last().received_at


def test_a_session_stops_when_it_is_precise_enough():
    make_test(make_bank(), stopping_rule={"standard_error": {"at_most": 0.75}})
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state).json()
    assert state["stop_reason"] == "standard_error"
    assert 3 <= state["answered"] < 8
    assert Session.objects.get().standard_error <= 0.75


def test_a_session_ends_when_no_item_is_left():
    make_test(make_bank(n_items=4))
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state).json()
    assert (state["answered"], state["stop_reason"]) == (4, "no_items")


def test_the_reply_is_the_state_that_follows(client):
    reply = answer(client, start(client)).json()
    assert reply["position"] == 2
    assert without_clock(reply) == without_clock(state_of(client, reply["session"]))


def test_the_same_answer_again_gets_the_same_bytes(client):
    state = start(client)
    first = answer(client, state)
    again = post(
        client,
        f"/sessions/{state['session']}/responses",
        {**answer_body(state), "client_seconds": 99},
    )
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    assert Response.objects.count() == 1


def test_the_same_answer_gets_the_same_bytes_after_the_session_has_ended(client):
    state = start(client)
    first = answer(client, state)
    post(client, f"/sessions/{state['session']}/finish", {})
    assert answer(client, state).content == first.content


def test_the_stored_reply_keeps_its_language_whatever_the_browser_asks(client):
    state = start(client, language="ko")
    first = answer(client, state)
    again = post(
        client,
        f"/sessions/{state['session']}/responses",
        answer_body(state),
        headers={"Accept-Language": "en"},
    )
    assert again.content == first.content
    assert "문항" in first.json()["item"]["stem"]


def test_another_answer_to_an_answered_position_is_refused_with_the_state(client):
    state = start(client)
    reply = answer(client, state).json()
    other = 1 + key_of(state["item"]["id"]) % 4
    refused = answer(client, state, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "answered")
    assert without_clock(refused.json()["detail"]["state"]) == without_clock(reply)
    assert Response.objects.get().score == 1


def test_another_item_at_an_answered_position_is_refused(client):
    state = start(client)
    reply = answer(client, state).json()
    refused = post(
        client,
        f"/sessions/{state['session']}/responses",
        {"position": 1, "item": reply["item"]["id"], "answer": {"option": 1}},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "answered")


@pytest.mark.parametrize(
    ("change", "code"),
    [({"position": 2}, "wrong_position"), ({"position": 32767}, "wrong_position")],
)
def test_an_answer_ahead_of_the_session_is_refused(client, change, code):
    state = start(client)
    path = f"/sessions/{state['session']}/responses"
    refused = post(client, path, {**answer_body(state), **change})
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert refused.json()["detail"]["state"]["position"] == 1
    assert not Response.objects.exists()


def test_an_item_that_was_not_issued_is_refused(client):
    state = start(client)
    other = ItemVersion.objects.exclude(pk=state["item"]["id"]).first()
    path = f"/sessions/{state['session']}/responses"
    refused = post(client, path, {**answer_body(state), "item": other.pk})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_issued")
    assert not Response.objects.exists()


def test_an_answer_to_a_finished_session_is_refused(client):
    state = start(client)
    post(client, f"/sessions/{state['session']}/finish", {})
    refused = answer(client, state)
    assert (refused.status_code, refused.json()["code"]) == (409, "session_over")
    assert refused.json()["detail"]["state"]["status"] == "finished"
    assert not Response.objects.exists()


def test_the_due_item_stays_the_same_however_often_it_is_asked_for(client):
    state = start(client)
    path = f"{API}/sessions/{state['session']}/item"
    assert [client.get(path).json() for _ in range(3)] == [
        {"position": 1, "item": state["item"]}
    ] * 3


def test_finishing_ends_the_session_and_finishing_again_changes_nothing(client):
    state = start(client)
    path = f"/sessions/{state['session']}/finish"
    first = post(client, path, {}).json()
    written = Session.objects.values().get()
    assert (first["status"], first["stop_reason"], first["item"]) == (
        "finished",
        "by_examinee",
        None,
    )
    assert without_clock(post(client, path, {}).json()) == without_clock(first)
    assert Session.objects.values().get() == written


def test_the_report_holds_scores_only_after_the_end(client):
    state = start(client)
    path = f"{API}/sessions/{state['session']}/report"
    assert client.get(path).json()["theta"] is None
    answer(client, state)
    post(client, f"/sessions/{state['session']}/finish", {})
    session, report = Session.objects.get(), client.get(path).json()
    assert report["theta"] == session.theta
    assert report["scaled_score"] == 500 + 100 * session.theta
    assert report["scaled_standard_error"] == 100 * session.standard_error
    assert (report["answered"], report["status"]) == (1, "finished")


@pytest.mark.parametrize(
    ("policy", "score", "moves"), [("scored_zero", 0, True), ("left_out", None, False)]
)
def test_an_omitted_item_counts_as_the_test_says(policy, score, moves):
    make_test(make_bank(), omit_policy=policy)
    client = signed_in(make_student().user)
    state = start(client)
    assert state["item"]["may_omit"] is True
    before = Session.objects.get().theta
    path = f"/sessions/{state['session']}/responses"
    body = {**answer_body(state), "answer": {"omit": True}}
    reply = post(client, path, body)
    session = Session.objects.get()
    assert reply.json()["answered"] == 1
    assert (Response.objects.get().score, session.scores) == (score, [score])
    assert (session.theta < before) is moves
    assert reply.json()["item"]["id"] != state["item"]["id"]
    assert post(client, path, body).content == reply.content


def test_omitting_is_refused_where_the_test_does_not_allow_it(client):
    state = start(client)
    path = f"/sessions/{state['session']}/responses"
    refused = post(client, path, {**answer_body(state), "answer": {"omit": True}})
    assert (refused.status_code, refused.json()["code"]) == (400, "omit_refused")
    assert not Response.objects.exists()


def test_a_withdrawn_item_is_not_selected_but_the_issued_one_still_counts(client):
    state = start(client)
    kept = list(ItemVersion.objects.order_by("-pk").values_list("pk", flat=True)[:4])
    ItemVersion.objects.exclude(pk__in=kept).update(withdrawn_at=timezone.now())
    seen = []
    while state["status"] == "open":
        seen.append(state["item"]["id"])
        state = answer(client, state).json()
    assert Response.objects.get(position=1).item_version_id == seen[0]
    assert set(seen[1:]) == set(kept) - {seen[0]}
    assert state["stop_reason"] == "no_items"


def test_a_withdrawn_item_is_not_the_first_of_a_new_session():
    make_test(make_bank(n_items=2), min_items=1)
    first, second = ItemVersion.objects.order_by("pk")
    ItemVersion.objects.filter(pk=first.pk).update(withdrawn_at=timezone.now())
    assert start(signed_in(make_student().user))["item"]["id"] == second.pk


def test_a_running_session_keeps_its_release_and_its_test_version(client):
    state = start(client)
    session = Session.objects.get()
    bank, test = session.test.bank, session.test
    freeze(bank.releases.create(base=session.release))
    test.versions.create(number=2, min_items=1, max_items=1)
    reply = answer(client, state).json()
    assert (reply["status"], reply["max_items"]) == ("open", 8)
    assert Session.objects.get().release.number == 1


def test_an_answer_costs_one_read_and_one_write_and_a_repetition_one_read(
    django_assert_num_queries, client
):
    state = start(client)
    session = Session.objects.get()
    warm_up(session)
    bearer = bearing(session_token(session.pk, session.device_epoch))
    with django_assert_num_queries(2):
        reply = answer(bearer, state, option=1)
    with django_assert_num_queries(1):
        assert answer(bearer, state, option=1).content == reply.content


def warm_up(session):
    """Everything the session may need into memory."""
    load_plan(session.test_version_id)
    snapshot = load_snapshot(session.release_id)
    for version_id in snapshot.item_of:
        load_version(version_id).content(session.language, session.seed)
