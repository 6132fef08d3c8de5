"""Bad input gets a code and a sentence, and nothing is written."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from common.api.parsers import MAX_BYTES
from sessions.delivery.delivery import start_session
from sessions.models import Response, Session, Ticket
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import API, post, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session():
    test = make_test(make_bank())
    session_id, _ = start_session(make_student(), test, timezone.now())
    return Session.objects.get(pk=session_id)


@pytest.fixture
def client(session):
    return signed_in(session.examinee.user)


def body_of(session, **change):
    return {
        "position": 1,
        "item": session.due_item_version_id,
        "answer": {"option": 1},
        **change,
    }


def refusal(client, session, body):
    before = Session.objects.values().get()
    response = post(client, f"/sessions/{session.pk}/responses", body)
    assert Session.objects.values().get() == before
    assert not Response.objects.exists()
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["message"]
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    "raw",
    [
        "no json",
        "{",
        "",
        "[]",
        "null",
        '"text"',
        "3",
        '{"position": NaN}',
        '{"position": Infinity}',
        b'{"position": "\xff"}',
        "[" * 20000,
        '{"position": ' + "9" * 5000 + "}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_a_body_that_is_no_json_object_is_refused(client, session, raw):
    status, code = refusal(client, session, raw)
    assert (status, code) == (400, "invalid" if raw == "" else "not_json")


@pytest.mark.parametrize("field", ["theta", "is_staff", "deadline", "score", "version", "\u0000"])
def test_unknown_fields_are_refused(client, session, field):
    assert refusal(client, session, body_of(session, **{field: 1})) == (400, "unknown_field")


@pytest.mark.parametrize(
    "change",
    [
        {"position": "1"},
        {"position": True},
        {"position": 1.0},
        {"position": None},
        {"position": 0},
        {"position": 32768},
        {"position": 10**30},
        {"item": "1"},
        {"item": [1]},
        {"answer": "1"},
        {"answer": [1]},
        {"answer": None},
        {"client_seconds": -1},
        {"client_seconds": "3"},
        {"client_seconds": True},
    ],
    ids=str,
)
def test_wrong_types_are_refused(client, session, change):
    assert refusal(client, session, body_of(session, **change)) == (400, "invalid")


def test_an_endless_time_is_refused(client, session):
    raw = json.dumps(body_of(session, client_seconds=0)).replace(": 0}", ": 1e999}")
    assert "1e999" in raw
    assert refusal(client, session, raw) == (400, "invalid")


@pytest.mark.parametrize("field", ["position", "item", "answer"])
def test_missing_fields_are_refused(client, session, field):
    body = body_of(session)
    del body[field]
    assert refusal(client, session, body) == (400, "invalid")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"option": 5}, "unknown_option"),
        ({"option": -1}, "unknown_option"),
        ({"option": 10**30}, "unknown_option"),
        ({"option": "1"}, "malformed_answer"),
        ({"option": True}, "malformed_answer"),
        ({"option": 1, "score": 1}, "malformed_answer"),
        ({"options": [1]}, "malformed_answer"),
        ({"number": "1"}, "malformed_answer"),
        ({"option": "\u0000"}, "malformed_answer"),
        ({"omit": False}, "malformed_answer"),
        ({}, "malformed_answer"),
    ],
    ids=str,
)
def test_answers_that_the_item_cannot_have_are_refused(client, session, answer, code):
    assert refusal(client, session, body_of(session, answer=answer)) == (400, code)


def test_a_huge_body_is_refused_before_it_is_read(client, session):
    body = body_of(session, answer={"option": "x" * MAX_BYTES})
    assert refusal(client, session, body) == (413, "body_too_large")


def test_other_content_types_are_refused(client, session):
    path = f"{API}/sessions/{session.pk}/responses"
    refused = client.post(path, {"position": 1})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    assert not Response.objects.exists()


def test_an_unknown_address_of_the_api_answers_in_json(client):
    refused = client.get(f"{API}/nothing")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


def test_an_answer_to_somebody_elses_session_is_refused(session):
    other = signed_in(make_student("lee").user)
    assert refusal(other, session, body_of(session)) == (404, "unknown_session")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"test": "a b"}, "invalid"),
        ({"test": "\u0000"}, "invalid"),
        ({"test": ["placement"]}, "invalid"),
        ({"test": "second", "theta": 3}, "unknown_field"),
        ({"test": "second", "language": "x" * 11}, "invalid"),
        ({"test": "second", "language": "\ud800"}, "invalid"),
        ({"test": "second", "examinee": "\u0000"}, "invalid"),
    ],
    ids=str,
)
def test_a_start_that_cannot_be_accepted_starts_nothing(client, session, body, code):
    make_test(session.test.bank, slug="second")
    refused = post(client, "/sessions", body)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert Session.objects.count() == 1


def test_a_finish_with_fields_is_refused(client, session):
    refused = post(client, f"/sessions/{session.pk}/finish", {"theta": 3})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")
    assert Session.objects.get().status == "open"


@pytest.mark.parametrize("secret", ["", "\u0000", "x" * 201, 5, None])
def test_a_ticket_that_is_no_text_is_refused(session, secret):
    refused = post(Client(), "/tickets/redeem", {"secret": secret})
    assert refused.status_code in (400, 404)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("header", ["Token \xff\xfe", "Token", "Token a b", "Token \u0000"])
def test_tokens_that_are_no_text_are_refused(session, header):
    response = Client(headers={"Authorization": header}).get(f"{API}/tests")
    assert response.status_code == 401
