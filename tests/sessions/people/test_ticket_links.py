"""What a ticket's link says wherever it is followed, and which of ticket and sign-in counts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from common.errors import Conflict
from common.moments import moment_in
from items.models import Bank
from sessions.delivery.delivery import expire_overdue
from sessions.delivery.live_session import GRACE, SETTLING
from sessions.models import Session, Simulation, Test, TestVersion, Ticket
from sessions.people.authentication import COOKIE
from sessions.people.tickets import issue_ticket, redeem_ticket
from tests.sessions.builders import HOUR, make_staff, make_student, redeem
from tests.sessions.client import API, answer, bearing, post, signed_in, start

pytestmark = pytest.mark.django_db
NOON_UTC = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def link(student, test, valid_for=HOUR, now=None):
    return "/t/" + issue_ticket(student, test, None, now or timezone.now(), valid_for)


def said(browser, path, status=200):
    response = browser.get(path, follow=True)
    assert response.status_code == status
    return response.content.decode()


def end_all(deadline):
    """The open sessions had until `deadline`."""
    Session.objects.update(deadline=deadline, started_at=deadline - HOUR)


@pytest.fixture
def seoul(ticketed):
    """The bank's clocks show nine hours more than UTC."""
    ticketed.bank.time_zone = "Asia/Seoul"
    ticketed.bank.save(update_fields=["time_zone"])


def test_an_unused_ticket_of_a_test_that_has_closed_says_so_and_stays_unused(student, ticketed):
    path = link(student, ticketed)
    TestVersion.objects.update(window_end=timezone.now() - timedelta(seconds=1))
    for refused in (Client().get(path), Client().post(path)):
        assert refused.status_code == 409
        assert "This test is closed." in refused.content.decode()
    assert Ticket.objects.get().used_at is None


def test_a_ticket_of_a_test_that_opens_later_says_when_and_offers_no_start(
    student, ticketed, seoul
):
    TestVersion.objects.update(window_start=NOON_UTC)
    page = said(Client(), link(student, ticketed))
    assert "The test opens on May 6, 2031 21:00 KST" in page
    assert "Start the test" not in page


@pytest.mark.parametrize("is_withdrawn_by", ["no simulation", "no release"])
def test_a_ticket_of_a_test_that_was_withdrawn_says_so(student, ticketed, is_withdrawn_by):
    path = link(student, ticketed)
    if is_withdrawn_by == "no simulation":
        Simulation.objects.all().delete()
    else:
        Test.objects.update(bank=Bank.objects.create(slug="empty", name="Empty"))
    for refused in (Client().get(path), Client().post(path)):
        assert refused.status_code == 409
        assert "This test cannot be taken at the moment." in refused.content.decode()
    assert Ticket.objects.get().used_at is None


def test_a_ticket_of_a_test_that_is_not_open_to_students_is_good(student, ticketed):
    assert "Start the test" in said(Client(), link(student, ticketed))


@pytest.mark.parametrize("late", [timedelta(0), GRACE, GRACE + SETTLING])
def test_a_ticket_is_not_spent_on_a_session_whose_time_is_up(student, ticketed, seoul, late):
    """Between its deadline and the sweep a session can neither go on nor make room."""
    begun = timezone.now()
    redeem(student, ticketed)
    Session.objects.update(deadline=begun)
    secret = issue_ticket(student, ticketed, None, begun, HOUR)
    with pytest.raises(Conflict) as refused:
        redeem_ticket(secret, begun + late)
    assert refused.value.code == "time_over"
    told = f"The time of this test was up at {moment_in(begun, 'Asia/Seoul')}."
    assert refused.value.message.startswith(told)
    assert Ticket.objects.filter(used_at=None).count() == 1
    assert Session.objects.count() == 1


def test_the_page_of_such_a_ticket_says_so_before_anybody_tries(student, ticketed):
    redeem(student, ticketed)
    end_all(timezone.now())
    path = link(student, ticketed)
    for refused in (Client().get(path), Client().post(path)):
        assert refused.status_code == 409
        assert "The time of this test was up at" in refused.content.decode()
    assert Ticket.objects.filter(used_at=None).count() == 1


def test_once_that_session_has_settled_the_ticket_begins_a_new_one(student, ticketed):
    redeem(student, ticketed)
    end_all(timezone.now() - timedelta(seconds=61))
    browser = Client()
    page = browser.post(link(student, ticketed), follow=True)
    assert "Question 1" in page.content.decode()
    assert Session.objects.count() == 2


def test_the_api_refuses_a_start_on_a_session_whose_time_is_up(student, ticketed):
    ticketed.is_open = True
    ticketed.save()
    client = signed_in(student.user)
    start(client)
    end_all(timezone.now())
    refused = post(client, "/sessions", {"test": "placement"})
    assert (refused.status_code, refused.json()["code"]) == (409, "time_over")
    assert "a new attempt can begin in a minute" in refused.json()["message"]


def test_the_home_page_offers_to_continue_nothing_whose_time_is_up(student, ticketed):
    ticketed.is_open = True
    ticketed.save()
    client = signed_in(student.user)
    state = start(client)
    end_all(timezone.now())
    page = said(client, "/")
    assert "Continue" not in page
    assert "Begin" not in page
    assert f"/sessions/{state['session']}/result/" in page


def test_a_used_ticket_says_elsewhere_that_the_time_of_its_test_was_up(student, ticketed, seoul):
    """Whether or not the sweep has come by, and though the ticket itself has not expired."""
    path = link(student, ticketed, 9 * 24 * HOUR)
    Client().post(path)
    deadline = timezone.now().replace(microsecond=0)
    end_all(deadline)
    told = "The time of its test was up at " + moment_in(deadline, "Asia/Seoul")
    assert "KST" in told
    assert told in said(Client(), path, 409)
    deadline -= HOUR
    end_all(deadline)
    expire_overdue(timezone.now())
    assert moment_in(deadline, "Asia/Seoul") in said(Client(), path, 409)


def test_a_used_ticket_says_elsewhere_that_its_test_goes_on_or_has_ended(student, ticketed):
    path, browser = link(student, ticketed), Client()
    page = browser.post(path).url
    assert "Its test is still open where it was begun." in said(Client(), path, 409)
    browser.post(page, {"act": "finish"})
    assert "Its test ended at" in said(Client(), path, 409)
    assert "Your result" in said(browser, path)


def test_a_used_ticket_whose_session_is_gone_asks_for_a_new_one(student, ticketed):
    path = link(student, ticketed)
    Client().post(path)
    Session.objects.all().delete()
    assert "This ticket was used before. Ask for a new one." in said(Client(), path, 409)


def test_the_link_of_ones_own_test_leads_there_for_whoever_is_signed_in(student, ticketed):
    path = link(student, ticketed)
    Client().post(path)
    assert "Question 1" in said(signed_in(student.user), path)
    assert "This ticket was used before." in said(signed_in(make_student("lee").user), path, 409)


def test_a_second_unused_ticket_offers_to_continue_and_says_until_when(student, ticketed, seoul):
    session_id, token = redeem(student, ticketed)
    answer(bearing(token), bearing(token).get(f"{API}/sessions/{session_id}").json())
    Session.objects.update(deadline=NOON_UTC)
    page = said(Client(), link(student, ticketed))
    assert "Begun; 1 question answered · ends on May 6, 2031 21:00 KST" in page
    assert "The test goes on here, and no longer where it was begun." in page
    assert "as long as you need" not in page


def sign_in_at(path, browser, user):
    user.set_password("pw")
    user.save()
    browser.post(path, {"username": user.username, "password": "pw"})


@pytest.mark.parametrize("path", ["/accounts/login/", "/admin/login/?next=/admin/"])
def test_whoever_signs_in_later_takes_the_browser_over_from_the_ticket(
    roles, student, ticketed, path
):
    browser = Client()
    page = browser.post(link(student, ticketed)).url
    boss = make_staff("boss", "operator")
    boss.is_staff = True
    sign_in_at(path, browser, boss)
    assert COOKIE not in browser.cookies or not browser.cookies[COOKIE].value
    browser.post("/accounts/logout/")
    assert browser.get(page).url == f"/accounts/login/?next={page}"


def test_a_stale_ticket_beside_a_sign_in_counts_nowhere(student, ticketed):
    """Even where the cookie is still there: the one who answers is the one who is signed in."""
    session_id, token = redeem(student, ticketed)
    browser = signed_in(make_student("lee").user)
    browser.cookies[COOKIE] = token
    state = bearing(token).get(f"{API}/sessions/{session_id}").json()
    assert browser.get(f"/sessions/{session_id}/").status_code == 404
    browser.cookies[COOKIE] = token
    refused = answer(browser, state)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_session")
    assert not Session.objects.get().administered_items


def test_a_ticket_that_was_fenced_does_not_stop_its_owner_who_signs_in(student, ticketed):
    session_id, old = redeem(student, ticketed)
    redeem(student, ticketed)
    browser = signed_in(student.user)
    browser.cookies[COOKIE] = old
    assert "You are signed in as Kim" in said(browser, f"/sessions/{session_id}/")


def test_of_two_tickets_used_in_one_browser_the_later_one_counts(student, ticketed):
    lee, browser = make_student("lee"), Client()
    first, second = link(student, ticketed), link(lee, ticketed)
    kims = browser.post(first).url
    lees = browser.post(second).url
    assert "You are signed in as Lee" in said(browser, lees)
    assert browser.get(kims).url == f"/accounts/login/?next={kims}"
    assert "This ticket was used before." in said(browser, first, 409)
    assert "You are signed in as Lee" in said(browser, second)


def test_two_tickets_for_one_session_in_one_browser_lead_to_it(student, ticketed):
    browser, paths = Client(), [link(student, ticketed) for _ in range(2)]
    pages = {browser.post(path).url for path in paths}
    assert len(pages) == 1
    for path in paths:
        assert "Question 1" in said(browser, path)


def test_the_bearer_of_a_ticket_can_sign_out_on_the_result(student, ticketed):
    browser = Client()
    page = browser.post(link(student, ticketed)).url
    result = browser.post(page, {"act": "finish"}, follow=True).content.decode()
    assert '<form action="/accounts/logout/" method="post">' in result
    browser.post("/accounts/logout/")
    assert browser.get(f"{page}result/").url == f"/accounts/login/?next={page}result/"


def test_staff_who_answer_for_an_examinee_see_whom_they_answer_for(roles, student, ticketed):
    session_id, _token = redeem(student, ticketed)
    page = said(signed_in(make_staff("olga", "admin")), f"/sessions/{session_id}/")
    assert "You answer for Kim, signed in as olga" in page
    assert "You are signed in as Kim" not in page
