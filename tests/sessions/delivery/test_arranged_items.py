"""Items that are put in order or matched, through the API: shown shuffled, scored by the key."""

from itertools import permutations

import pytest

from items.models import Option
from items.release_rows import set_parameters
from items.releases import open_draft, publish
from sessions.delivery.replay import replay
from sessions.models import Response, Session
from tests.factories import (
    make_bank,
    make_item,
    matching_content,
    ordering_content,
    parameters_for,
)
from tests.sessions.builders import make_student, make_test
from tests.sessions.client import API, post, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    """Three items of each of the two kinds, operational with graded parameters."""
    bank = make_bank(languages=("en", "ko"))
    draft = open_draft(bank, None)
    for number in range(3):
        for content in (ordering_content(bank), matching_content(bank)):
            version = make_item(bank, f"{content.response_kind}-{number}", content)
            set_parameters(draft, version, parameters_for(version), None, "for a test")
    publish(draft, None, "for a test")
    make_test(bank, min_items=6, max_items=6, randomesque=3)
    return bank


def places(state, words):
    """The ids under which the state shows the options with these texts."""
    shown = {option["text"]: option["id"] for option in state["item"]["options"]}
    return [shown[text] for text in words]


def right(state):
    if state["item"]["kind"] == "ordering":
        return {"order": places(state, [f"line {n}" for n in (1, 2, 3, 4)])}
    return {"matches": places(state, [f"choice {n}" for n in (1, 2, 3)])}


def wrong(state):
    answer = right(state)
    if "order" in answer:
        return {"order": answer["order"][::-1]}
    return {"matches": places(state, ["choice 4"] * 3)}


def send(client, state, answer):
    body = {"position": state["position"], "item": state["item"]["id"], "answer": answer}
    return post(client, f"/sessions/{state['session']}/responses", body)


@pytest.mark.parametrize(("answered", "score"), [(right, 3), (wrong, 0)])
def test_a_whole_session_is_scored_by_the_key_whatever_was_shown(bank, answered, score):
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = send(client, state, answered(state)).json()
    session = Session.objects.get()
    assert session.scores == [score] * 6
    stored = {str(response.answer) for response in Response.objects.filter(score=3)}
    assert stored <= {"{'order': [1, 2, 3, 4]}", "{'matches': [1, 2, 3]}"}
    assert replay(session).is_exact


def test_the_same_answer_again_gets_the_same_reply_byte_for_byte(bank):
    client = signed_in(make_student().user)
    state = start(client)
    answer = wrong(state)
    first = send(client, state, answer)
    again = send(client, state, answer)
    assert (again.status_code, again.content) == (200, first.content)
    other = send(client, state, right(state))
    assert (other.status_code, other.json()["code"]) == (409, "answered")


def test_the_options_of_a_session_keep_their_places_and_have_others_in_another(bank):
    seen = set()
    for name in ("kim", "lee", "park", "choi", "jung", "kang", "cho", "yoon"):
        client = signed_in(make_student(name).user)
        state = start(client)
        item = client.get(f"{API}/sessions/{state['session']}").json()["item"]
        assert item == state["item"]
        seen.add((item["kind"], *(option["text"] for option in item["options"])))
    assert len(seen) > 4


def test_what_is_shown_says_nothing_of_the_key(bank):
    """The numbers are 1, 2, … by place, and the texts come in as many orders as there are."""
    orders = set()
    for number in range(60):
        state = start(signed_in(make_student(f"s{number}").user))
        item = state["item"]
        assert [option["id"] for option in item["options"]] == [1, 2, 3, 4]
        expected = {"id", "kind", "stimulus", "stem", "options", "may_omit"}
        assert set(item) == expected | ({"terms"} if item["kind"] == "matching" else set())
        orders.add(tuple(option["text"][-1] for option in item["options"]))
    assert len(orders) > 12
    assert orders <= set(permutations("1234"))
    assert set(Option.objects.values_list("score", flat=True)) == {0}


def test_an_answer_that_is_not_whole_is_refused_and_nothing_is_written(bank):
    client = signed_in(make_student().user)
    state = start(client)
    member, ids = next(iter(right(state).items()))
    refused = {
        send(client, state, {member: ids[:-1]}).json()["code"],
        send(client, state, {member: [*ids[:-1], 9]}).json()["code"],
        send(client, state, {"option": 1}).json()["code"],
    }
    assert refused == {"malformed_answer", "unknown_option"}
    assert Response.objects.count() == 0
