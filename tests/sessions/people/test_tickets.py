from datetime import timedelta

import pytest
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.utils import timezone

from common.errors import Conflict, InvalidInput, NotFound
from sessions.models import Session, TestVersion, Ticket
from sessions.people.authentication import COOKIE
from sessions.people.tickets import issue_ticket, redeem_ticket
from tests.sessions.builders import HOUR, make_staff, make_student, make_test, redeem
from tests.sessions.client import API, answer, answer_body, bearing, post, signed_in, start

pytestmark = pytest.mark.django_db


def test_a_ticket_opens_one_session_for_its_bearer(roles, student, ticketed):
    operator = signed_in(make_staff("op", "operator"))
    made = post(operator, "/tickets", {"test": "placement", "examinee": "kim"})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert made.json()["url"] == f"http://testserver/t/{secret}"
    redeemed = post(Client(), "/tickets/redeem", {"secret": secret})
    bearer = bearing(redeemed.json()["token"])
    state = bearer.get(f"{API}/sessions/{redeemed.json()['session']}").json()
    while state["status"] == "open":
        state = answer(bearer, state).json()
    assert state["answered"] == 8
    assert Session.objects.get().examinee == student


def test_only_a_digest_of_the_secret_is_stored(student, ticketed):
    secret = issue_ticket(student, ticketed, None, timezone.now(), HOUR)
    assert secret not in str(Ticket.objects.values().get())
    assert len(secret) == 43


def test_a_ticket_works_once(student, ticketed):
    now = timezone.now()
    secret = issue_ticket(student, ticketed, None, now, HOUR)
    redeem_ticket(secret, now)
    with pytest.raises(Conflict) as refused:
        redeem_ticket(secret, now)
    assert refused.value.code == "ticket_used"


def test_an_expired_and_an_unknown_ticket_are_refused(student, ticketed):
    now = timezone.now()
    secret = issue_ticket(student, ticketed, None, now, HOUR)
    with pytest.raises(Conflict) as refused:
        redeem_ticket(secret, now + HOUR)
    assert refused.value.code == "ticket_expired"
    with pytest.raises(NotFound):
        redeem_ticket("guess", now)
    assert not Session.objects.exists()


def test_a_ticket_is_not_spent_where_the_test_cannot_start(student, ticketed):
    now = timezone.now()
    TestVersion.objects.update(window_start=now + HOUR)
    secret = issue_ticket(student, ticketed, None, now, 3 * HOUR)
    with pytest.raises(Conflict):
        redeem_ticket(secret, now)
    assert redeem_ticket(secret, now + HOUR)[0] == Session.objects.get().pk


@pytest.mark.parametrize("valid_for", [timedelta(0), -HOUR, timedelta(days=366)])
def test_a_ticket_of_impossible_validity_is_refused(student, ticketed, valid_for):
    with pytest.raises(InvalidInput):
        issue_ticket(student, ticketed, None, timezone.now(), valid_for)
    assert not Ticket.objects.exists()


def test_a_second_ticket_continues_the_session_and_fences_the_first_device(student, ticketed):
    session_id, old = redeem(student, ticketed)
    state = bearing(old).get(f"{API}/sessions/{session_id}").json()
    state = answer(bearing(old), state).json()
    again, new = redeem(student, ticketed)
    assert again == session_id
    assert bearing(new).get(f"{API}/sessions/{session_id}").json()["position"] == 2
    refused = answer(bearing(old), state)
    assert (refused.status_code, refused.json()["code"]) == (409, "taken_over")
    for path in ("", "/item", "/report"):
        response = bearing(old).get(f"{API}/sessions/{session_id}{path}")
        assert (response.status_code, response.json()["code"]) == (409, "taken_over")
    assert answer(bearing(new), state).status_code == 200
    assert Session.objects.get().version == 4


def test_a_token_is_refused_when_it_was_tampered_with(student, ticketed):
    session_id, token = redeem(student, ticketed)
    for forged in (token[:-1], "x" + token, "", "nonsense"):
        response = bearing(forged).get(f"{API}/sessions/{session_id}")
        assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_no_other_session(student, ticketed):
    _, token = redeem(student, ticketed)
    make_test(ticketed.bank, slug="other")
    other = start(signed_in(make_student("lee").user), "other")
    assert bearing(token).get(f"{API}/sessions/{other['session']}").status_code == 404
    for path in ("/tests", "/sessions"):
        assert bearing(token).get(API + path).status_code == 403
    assert post(bearing(token), "/sessions", {"test": "other"}).status_code == 403


def test_the_cookie_needs_csrf_protection(student, ticketed):
    session_id, token = redeem(student, ticketed)
    client = Client(enforce_csrf_checks=True)
    client.cookies[COOKIE] = token
    state = client.get(f"{API}/sessions/{session_id}").json()
    refused = answer(client, state)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    csrf = get_token(RequestFactory().get("/"))
    client.cookies["csrftoken"] = csrf
    path = f"/sessions/{session_id}/responses"
    done = post(client, path, answer_body(state), headers={"X-CSRFToken": csrf})
    assert done.status_code == 200


def test_a_login_needs_csrf_protection(student, ticketed):
    ticketed.is_open = True
    ticketed.save()
    client = signed_in(student.user, enforce_csrf_checks=True)
    assert post(client, "/sessions", {"test": "placement"}).status_code == 403
    assert not Session.objects.exists()


def test_the_cookie_counts_for_its_own_session_only(student, ticketed):
    """Somebody else's ticket on a shared computer does not replace one's own login."""
    _, token = redeem(student, ticketed)
    make_test(ticketed.bank, slug="other")
    client = signed_in(make_student("lee").user)
    client.cookies[COOKIE] = token
    state = start(client, "other")
    assert state["examinee"] == "Lee"
    assert answer(client, state).status_code == 200


def test_signing_out_leaves_no_ticket_in_the_browser(student, ticketed):
    now = timezone.now()
    browser = Client()
    page = browser.post("/t/" + issue_ticket(student, ticketed, None, now, HOUR)).url
    assert browser.get(page).status_code == 200
    browser.force_login(student.user)
    browser.post("/accounts/logout/")
    assert browser.get(page).url == f"/accounts/login/?next={page}"
