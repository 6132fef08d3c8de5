"""Neither key, note, rationale nor parameter ever leaves the server towards an examinee."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from sessions.models import Response
from sessions.people.tickets import issue_ticket
from tests.sessions.builders import (
    CANARY_CODE,
    CANARY_DISCRIMINATION,
    CANARY_NOTE,
    CANARY_RATIONALE,
    HOUR,
    make_bank,
    make_student,
    make_test,
)
from tests.sessions.client import API, answer, answer_body, bearing, post, signed_in, start

pytestmark = pytest.mark.django_db
PUBLIC_ITEM = {"id", "kind", "stimulus", "stem", "options", "may_omit"}
FORBIDDEN_NAMES = ('"score"', '"key"', "is_sole_key", "rationale", "discrimination", '"note"')


def bodies_of_a_whole_session():
    """Every body that examinees can make the API send, errors included."""
    test = make_test(make_bank(), max_items=3)
    student = make_student()
    client = signed_in(student.user)
    state = start(client)
    one = f"/sessions/{state['session']}"
    yield from (Client().get("/api/schema"), Client().get("/api/schema?format=json"))
    yield from (Client().get("/api/docs"), Client().get("/api/docs?script="))
    while state["status"] == "open":
        body = answer_body(state)
        yield client.get(API + one)
        yield client.get(f"{API}{one}/item")
        yield client.get(f"{API}{one}/report")
        for change in (
            {"answer": {"option": 9}},
            {"answer": {"strange": 1}},
            {"answer": {"omit": True}},
            {"position": 30},
            {"item": body["item"] + 1},
            {"theta": 1},
        ):
            yield post(client, one + "/responses", {**body, **change})
        reply = answer(client, state)
        yield reply
        yield answer(client, state)
        yield answer(client, state, option=1 + body["answer"]["option"] % 4)
        state = reply.json()
    yield post(client, one + "/finish", {})
    yield client.get(f"{API}{one}/report")
    yield from (client.get(API + "/tests"), client.get(API + "/sessions"))
    yield signed_in(make_student("lee").user).get(API + one)
    secret = issue_ticket(student, test, None, timezone.now(), HOUR)
    redeemed = post(Client(), "/tickets/redeem", {"secret": secret})
    yield redeemed
    yield bearing(redeemed.json()["token"]).get(f"{API}/sessions/{redeemed.json()['session']}")


def items_in(value):
    """Every object that looks like an item, wherever it is."""
    if isinstance(value, dict):
        if "stem" in value:
            yield value
        for inner in value.values():
            yield from items_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from items_in(inner)


def test_no_body_of_any_endpoint_holds_a_secret(settings):
    settings.DEBUG = False
    canaries = (CANARY_NOTE, CANARY_RATIONALE, str(CANARY_DISCRIMINATION), CANARY_CODE)
    n_items = 0
    for response in bodies_of_a_whole_session():
        text = response.content.decode()
        path = response.request["PATH_INFO"]
        found = [canary for canary in canaries if canary in text]
        assert (path, found) == (path, [])
        if response.headers["Content-Type"] != "application/json":
            continue
        assert [name for name in FORBIDDEN_NAMES if name in text] == []
        for item in items_in(json.loads(text)):
            n_items += 1
            assert set(item) == PUBLIC_ITEM
            assert {tuple(sorted(option)) for option in item["options"]} == {("id", "text")}
    assert n_items > 15
    assert Response.objects.count() == 3


def test_the_options_come_in_their_order_whatever_they_score(settings):
    make_test(make_bank())
    state = start(signed_in(make_student().user))
    assert [option["id"] for option in state["item"]["options"]] == [1, 2, 3, 4]
