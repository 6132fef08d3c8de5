"""Reload, back, a second tab, a lost network, a lost login, another device, the end of the time."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from sessions.models import Response, Session
from sessions.people.tickets import issue_ticket
from tests.browser.steps import (
    SAVE,
    answer,
    be,
    begin,
    expect_position,
    expect_result,
    make_mathematics,
    with_password,
)
from tests.sessions.builders import make_student

pytestmark = pytest.mark.browser


@pytest.fixture
def student(page, live_server):
    """Signed in and at the first of four items."""
    test = make_mathematics(4)
    examinee = make_student()
    be(page, with_password(examinee.user), live_server)
    begin(page, test)
    return examinee


def test_reload_keeps_the_place_and_the_choice(page, student):
    answer(page)
    expect_position(page, 2)
    page.get_by_role("radio").nth(1).check()
    page.reload()
    expect_position(page, 2)
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    assert Response.objects.count() == 1


def test_back_and_forward_answer_nothing(page, student):
    answer(page)
    expect_position(page, 2)
    page.go_back()
    page.go_forward()
    expect_position(page, 2)
    assert Response.objects.count() == 1


def test_a_stale_tab_is_brought_to_the_current_item(page, student):
    other = page.context.new_page()
    other.goto(page.url)
    answer(other)
    expect_position(other, 2)
    answer(page, 2)
    expect(page.get_by_text("This test went on in another window")).to_be_visible()
    expect_position(page, 2)
    assert list(Response.objects.values_list("answer", flat=True)) == [{"option": 1}]


def test_an_answer_given_offline_is_kept_and_sent_later(page, student):
    page.context.set_offline(True)
    answer(page)
    expect(page.get_by_text("You are offline. Your answer is kept")).to_be_visible()
    assert Response.objects.count() == 0
    page.context.set_offline(False)
    expect_position(page, 2)
    expect(page.get_by_text("Saved")).to_be_visible()
    assert Response.objects.count() == 1
    assert page.evaluate("sessionStorage.length") == 0


def test_an_answer_survives_a_reload_while_the_server_is_down(page, student):
    page.route("**/responses", lambda route: route.fulfill(status=503, body="{}"))
    answer(page)
    expect(page.get_by_text("Connection lost")).to_be_visible()
    page.unroute("**/responses")
    page.reload()
    expect_position(page, 2)
    assert Response.objects.count() == 1


def test_a_reply_that_got_lost_is_asked_for_again(page, student):
    lost = []

    def lose_the_first_reply(route):
        reply = route.fetch()
        lost.append(reply.status)
        route.fulfill(response=reply) if len(lost) > 1 else route.abort()

    page.route("**/responses", lose_the_first_reply)
    answer(page)
    expect_position(page, 2)
    assert lost == [200, 200]
    assert Response.objects.count() == 1


def test_signing_in_again_sends_the_answer_that_was_kept(page, student):
    page.context.clear_cookies(name="sessionid")
    answer(page)
    expect(page.get_by_text("You have been signed out. Your answer is kept")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("User name").fill("kim")
    page.get_by_label("Password").fill("pw")
    page.get_by_role("button", name="Sign in").click()
    expect_position(page, 2)
    assert Response.objects.count() == 1


def test_what_was_chosen_counts_when_the_time_runs_out(page, student):
    page.clock.install()
    Session.objects.update(deadline=timezone.now() + timedelta(minutes=5))
    page.reload()
    expect(page.get_by_text("Time left")).to_be_visible()
    page.get_by_role("radio").first.check()
    page.clock.fast_forward("05:01")
    expect_position(page, 2)
    assert Response.objects.get().answer == {"option": 1}
    Session.objects.update(deadline=timezone.now() - timedelta(minutes=5))
    page.clock.fast_forward("05:01")
    expect_result(page)
    expect(page.get_by_text("The test ended because the time was up.")).to_be_visible()


def test_a_ticket_link_opens_the_test_once_and_a_newer_one_moves_it(new_page, assert_accessible):
    test = make_mathematics(2)
    examinee = make_student()
    week, now = timedelta(days=7), timezone.now()
    links = [f"/t/{issue_ticket(examinee, test, None, now, week)}" for _ in range(2)]
    first, second = new_page(), new_page()
    first.goto(links[0])
    assert_accessible(first)
    second.goto(links[0])  # looking does not use it up
    expect(first.get_by_text("This link is for Kim.")).to_be_visible()
    first.get_by_role("button", name="Start the test").click()
    answer(first)
    expect_position(first, 2)
    assert "irtcat_ticket" not in first.evaluate("document.cookie")
    second.get_by_role("button", name="Start the test").click()
    expect(second.get_by_text("This ticket was used before.")).to_be_visible()
    first.goto(links[0])
    expect_position(first, 2)
    second.goto(links[1])
    second.get_by_role("button", name="Start the test").click()
    expect_position(second, 2)
    answer(first)
    expect(first.get_by_text("This test was continued on another device.")).to_be_visible()
    answer(second)
    expect_result(second)
    assert Response.objects.count() == 2


def test_a_refused_number_can_be_corrected(page, student):
    page.route(
        "**/responses",
        lambda route: route.fulfill(status=400, json={"code": "x", "message": "Not a number."}),
    )
    answer(page)
    expect(page.get_by_text("Not a number.")).to_be_visible()
    page.unroute("**/responses")
    page.get_by_role("button", name=SAVE).click()
    expect_position(page, 2)
