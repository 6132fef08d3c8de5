"""Role by endpoint: 401 unknown, 403 known but not allowed, 404 somebody else's."""

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from sessions.delivery.delivery import start_session
from sessions.models import Response, Session, Ticket
from sessions.people.tickets import session_token
from tests.sessions.builders import make_bank, make_group, make_staff, make_student, make_test
from tests.sessions.client import API, bearing, post, signed_in

pytestmark = pytest.mark.django_db

MATRIX = {
    #                    tests list start for  state item answer finish report ticket
    "anonymous": (401, 401, 401, 401, 401, 401, 401, 401, 401, 401),
    "wrong token": (401, 401, 401, 401, 401, 401, 401, 401, 401, 401),
    "owner": (200, 403, 200, 403, 200, 200, 200, 200, 200, 403),
    "bearer": (403, 403, 403, 403, 200, 200, 200, 200, 200, 403),
    "other bearer": (403, 403, 403, 403, 404, 404, 404, 404, 404, 403),
    "other student": (200, 403, 201, 403, 404, 404, 404, 404, 404, 403),
    "teacher of the group": (200, 200, 403, 403, 200, 403, 403, 403, 200, 201),
    "other teacher": (200, 200, 403, 403, 404, 404, 404, 404, 404, 404),
    "author": (200, 403, 403, 403, 404, 404, 404, 404, 404, 403),
    "operator": (200, 200, 403, 200, 200, 403, 403, 200, 200, 201),
    "admin": (200, 200, 403, 200, 200, 200, 200, 200, 200, 201),
    "program": (200, 200, 403, 200, 200, 200, 200, 200, 200, 201),
}
ENDPOINTS = (
    "tests",
    "list",
    "start",
    "start for another",
    "state",
    "item",
    "answer",
    "finish",
    "report",
    "ticket",
)


@pytest.fixture
def session(roles):
    test = make_test(make_bank())
    owner = make_student("kim")
    make_group("a", make_staff("teacher of the group", "teacher"), owner)
    make_group("b", make_staff("other teacher", "teacher"), make_student("other student"))
    session_id, _ = start_session(owner, test, timezone.now())
    return Session.objects.get(pk=session_id)


def client_of(role, session):
    if role == "anonymous":
        return Client()
    if role == "wrong token":
        return Client(headers={"Authorization": "Token 0123456789abcdef"})
    if role == "owner":
        return signed_in(session.examinee.user)
    if role == "bearer":
        return bearing(session_token(session.pk, session.device_epoch))
    if role == "other bearer":
        other, _ = start_session(make_student("x"), session.test, timezone.now())
        return bearing(session_token(other, 0))
    if role == "program":
        _, secret = AuthToken.objects.create(make_staff("program", "admin"))
        return Client(headers={"Authorization": f"Token {secret}"})
    if role in ("author", "operator", "admin"):
        return signed_in(make_staff(role, role))
    from django.contrib.auth import get_user_model

    return signed_in(get_user_model().objects.get(username=role))


def request(client, endpoint, session):
    one = f"/sessions/{session.pk}"
    body = {"position": 1, "item": session.due_item_version_id, "answer": {"option": 1}}
    external = session.examinee.external_id
    return {
        "tests": lambda: client.get(API + "/tests"),
        "list": lambda: client.get(API + "/sessions"),
        "start": lambda: post(client, "/sessions", {"test": "placement"}),
        "start for another": lambda: post(
            client, "/sessions", {"test": "placement", "examinee": external}
        ),
        "state": lambda: client.get(API + one),
        "item": lambda: client.get(f"{API}{one}/item"),
        "answer": lambda: post(client, one + "/responses", body),
        "finish": lambda: post(client, one + "/finish", {}),
        "report": lambda: client.get(f"{API}{one}/report"),
        "ticket": lambda: post(client, "/tickets", {"test": "placement", "examinee": external}),
    }[endpoint]()


@pytest.mark.parametrize("role", MATRIX)
def test_each_role_gets_what_the_matrix_says(role, session):
    client = client_of(role, session)
    sessions, tickets = Session.objects.count(), Ticket.objects.count()
    answers = {}
    for endpoint in ENDPOINTS:
        response = request(client, endpoint, session)
        answers[endpoint] = response.status_code
        if response.status_code >= 400:
            assert set(response.json()) == {"code", "message", "detail"}
    expected = dict(zip(ENDPOINTS, MATRIX[role], strict=True))
    assert answers == expected
    assert Response.objects.count() == (expected["answer"] == 200)
    assert Session.objects.count() - sessions == (expected["start"] == 201)
    assert Ticket.objects.count() - tickets == (expected["ticket"] == 201)
    assert (Session.objects.get(pk=session.pk).status == "finished") is (expected["finish"] == 200)


def test_whoever_may_not_answer_sees_the_state_without_the_item(session):
    for role in ("teacher of the group", "operator"):
        state = client_of(role, session).get(f"{API}/sessions/{session.pk}").json()
        assert (state["item"], state["status"]) == (None, "open")
    for role in ("owner", "admin"):
        state = client_of(role, session).get(f"{API}/sessions/{session.pk}").json()
        assert state["item"]["id"] == session.due_item_version_id


def test_teachers_see_the_sessions_of_their_groups_and_staff_all(session):
    other = make_student("y")
    start_session(other, session.test, timezone.now())
    rows = {
        role: [
            row["examinee"]
            for row in client_of(role, session).get(API + "/sessions").json()["results"]
        ]
        for role in ("teacher of the group", "other teacher", "operator")
    }
    assert rows == {
        "teacher of the group": ["kim"],
        "other teacher": [],
        "operator": ["y", "kim"],
    }


def test_the_list_is_filtered_by_test_group_and_status(session):
    operator = client_of("operator", session)
    for query, count in (
        ("test=placement&group=a&status=open", 1),
        ("group=b", 0),
        ("test=other", 0),
        ("status=finished", 0),
    ):
        assert operator.get(f"{API}/sessions?{query}").json()["count"] == count
    for query in ("status=strange", "test=%00", "group=a%20b"):
        refused = operator.get(f"{API}/sessions?{query}")
        assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_the_list_costs_the_same_queries_however_long_it_is(session, django_assert_num_queries):
    operator = client_of("operator", session)
    for index in range(5):
        start_session(make_student(f"s{index}"), session.test, timezone.now())
    with django_assert_num_queries(6):  # login: 2, permissions: 2, count, rows
        assert operator.get(f"{API}/sessions").json()["count"] == 6


def test_students_are_offered_the_open_tests_and_staff_all(session):
    hidden = make_test(session.test.bank, slug="hidden", is_open=False)
    make_test(session.test.bank, slug="over", window_end=timezone.now())
    offered = {
        role: [test["slug"] for test in client_of(role, session).get(f"{API}/tests").json()]
        for role in ("owner", "operator")
    }
    assert offered == {"owner": ["placement"], "operator": [hidden.slug, "over", "placement"]}


def test_nothing_is_kept_by_browsers_and_proxies(session):
    response = client_of("owner", session).get(f"{API}/sessions/{session.pk}")
    assert response.headers["Cache-Control"] == "no-store"


def test_an_unknown_session_is_not_found(session):
    path = f"{API}/sessions/00000000-0000-4000-8000-000000000000"
    for role in ("owner", "admin"):
        assert client_of(role, session).get(path).status_code == 404
