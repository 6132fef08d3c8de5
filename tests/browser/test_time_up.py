"""The end of the time, whatever the question holds then: the page says so and goes to the result.

The page's clock is stood still at its end; the server's clock goes on by moving the deadline.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from items.content import Content, OptionContent
from items.models import ResponseKind
from sessions.models import Response, Session
from tests.browser.steps import (
    LANGUAGES,
    SAVE,
    answer,
    bank_with,
    be,
    begin,
    expect_position,
    expect_result,
    with_password,
)
from tests.factories import (
    choice_content,
    likert_content,
    make_bank,
    matching_content,
    numeric_content,
    ordering_content,
)
from tests.sessions.builders import make_student, make_test

pytestmark = pytest.mark.browser
LIMIT = timedelta(minutes=5)


def several_content(bank):
    return Content(
        area=bank.areas.get(),
        response_kind=ResponseKind.MULTIPLE_RESPONSE,
        stem={"en": "Which are odd?", "ko": "홀수는?"},
        options=tuple(
            OptionContent({"en": str(n), "ko": str(n)}, score=int(n % 2 == 1)) for n in (1, 2, 3)
        ),
    )


def begin_with(page, server, content_of, n_items=2):
    """At the first of such items, with five minutes left."""
    bank = make_bank(languages=LANGUAGES)
    bank_with(bank, [content_of(bank) for _ in range(n_items)])
    test = make_test(bank, min_items=n_items, max_items=n_items)
    be(page, with_password(make_student().user), server)
    begin(page, test)
    page.clock.install()
    Session.objects.update(deadline=timezone.now() + LIMIT)
    page.reload()
    expect(page.get_by_text("Time left")).to_be_visible()
    page.wait_for_load_state()


def stop_the_page_at_its_end(page):
    """The timers that are due then have run; later ones run with `wait_for_the_server`."""
    end = page.evaluate("Date.now()") + 1000 * (LIMIT.total_seconds() + 5)
    page.clock.pause_at(end)


def let_the_time_be_over_for_good():
    Session.objects.update(deadline=timezone.now() - LIMIT)


def wait_for_the_server(page):
    page.clock.run_for(3_000)


def expect_time_up(page):
    expect(page.get_by_text("The time is up. Your result is on its way.")).to_be_visible()
    expect(page.locator("[data-timer]")).to_have_text("0:00")


def expect_expired_result(page):
    expect_result(page)
    expect(page.get_by_text("The test ended because the time was up.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("typed", "is_sent_before"),
    [("about three", False), ("1/0", True)],
)
def test_what_is_no_number_does_not_keep_the_page_at_zero(page, live_server, typed, is_sent_before):
    begin_with(page, live_server, numeric_content)
    field = page.get_by_label("Your answer")
    field.fill(typed)
    if is_sent_before:
        field.press("Enter")
        expect(page.locator("#notice")).to_be_visible()
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    expect(page.locator("#notice")).not_to_be_empty()
    expect(field).to_be_disabled()
    expect(field).to_have_value(typed)
    let_the_time_be_over_for_good()
    wait_for_the_server(page)
    expect_expired_result(page)
    assert Response.objects.count() == 0


@pytest.mark.parametrize(
    "content_of",
    [several_content, likert_content, numeric_content, ordering_content],
)
def test_a_question_that_was_not_touched_ends_with_the_time(page, live_server, content_of):
    begin_with(page, live_server, content_of)
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    expect(page.get_by_role("button", name=SAVE)).to_be_disabled()
    let_the_time_be_over_for_good()
    wait_for_the_server(page)
    expect_expired_result(page)
    assert Response.objects.count() == 0


def test_a_matching_that_is_half_done_ends_with_the_time(page, live_server):
    begin_with(page, live_server, matching_content)
    page.locator("select").first.select_option(index=2)
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    let_the_time_be_over_for_good()
    wait_for_the_server(page)
    expect_expired_result(page)
    assert Response.objects.count() == 0


def test_an_order_that_was_given_is_sent_at_the_end_and_counts(page, live_server):
    begin_with(page, live_server, ordering_content, n_items=1)
    page.get_by_role("button", name="Down").first.click()
    stop_the_page_at_its_end(page)
    expect_result(page)
    assert Response.objects.count() == 1


def test_while_the_server_waits_for_answers_on_their_way_the_page_waits_with_it(page, live_server):
    """Within the grace the session is open still: the page asks until it is not."""
    begin_with(page, live_server, choice_content)
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    page.route(re.compile(r"/sessions/[^/]+/$"), told_that_no_time_is_left)
    for _round in range(2):
        with page.expect_response(re.compile(r"/sessions/[^/]+/$")):
            wait_for_the_server(page)
        expect_time_up(page)
        expect(page.get_by_role("button", name=SAVE)).to_be_disabled()
    let_the_time_be_over_for_good()
    page.unroute(re.compile(r"/sessions/[^/]+/$"))
    wait_for_the_server(page)
    expect_expired_result(page)


def told_that_no_time_is_left(route):
    page = route.fetch()
    told = re.sub(r'data-remaining="\d+"', 'data-remaining="0"', page.text())
    route.fulfill(response=page, body=told)


def test_who_is_offline_at_the_end_is_told_and_comes_to_the_result_when_back(page, live_server):
    begin_with(page, live_server, choice_content)
    page.context.set_offline(True)
    page.get_by_role("radio").first.check()
    expect_the_result_when_back(page)
    assert Response.objects.count() == 0


def expect_the_result_when_back(page):
    """The page reaches its end offline, and goes on by itself."""
    stop_the_page_at_its_end(page)
    told = page.get_by_text("Your result will be shown when the connection is back")
    expect(told).to_be_visible()
    let_the_time_be_over_for_good()
    page.context.set_offline(False)
    expect_expired_result(page)


def test_an_answer_that_waits_for_the_network_at_the_end_leads_to_the_result(page, live_server):
    begin_with(page, live_server, choice_content)
    page.context.set_offline(True)
    answer(page)
    expect(page.get_by_text("You are offline. Your answer is kept")).to_be_visible()
    expect_the_result_when_back(page)


def test_a_server_that_is_down_at_the_end_is_asked_until_it_is_back(page, live_server):
    begin_with(page, live_server, choice_content)
    page.route("**/sessions/**", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("radio").first.check()
    stop_the_page_at_its_end(page)
    expect(
        page.get_by_text("Your result will be shown when the connection is back")
    ).to_be_visible()
    let_the_time_be_over_for_good()
    page.unroute("**/sessions/**")
    page.clock.run_for(15_000)
    expect_expired_result(page)


def test_a_tab_left_behind_by_another_comes_to_the_result_too(page, live_server):
    begin_with(page, live_server, choice_content)
    page.get_by_role("radio").nth(1).check()
    other = page.context.new_page()
    other.goto(page.url)
    answer(other)
    expect_position(other, 2)
    let_the_time_be_over_for_good()
    stop_the_page_at_its_end(page)
    expect_expired_result(page)
    assert Response.objects.get().answer == {"option": 1}


def test_a_test_that_another_tab_ended_comes_to_the_result_too(page, live_server):
    begin_with(page, live_server, choice_content)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_text("End the test early").click()
    other.get_by_role("button", name="End it now").click()
    expect_result(other)
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    wait_for_the_server(page)
    expect_result(page)


def test_who_was_signed_out_comes_to_the_result_by_signing_in(page, live_server):
    begin_with(page, live_server, choice_content)
    page.get_by_role("radio").first.check()
    page.context.clear_cookies(name="sessionid")
    stop_the_page_at_its_end(page)
    expect_time_up(page)
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    let_the_time_be_over_for_good()
    wait_for_the_server(page)
    page.get_by_label("User name").fill("kim")
    page.get_by_label("Password").fill("pw")
    page.get_by_role("button", name="Sign in").click()
    expect_result(page)


def test_somebody_else_who_signs_in_is_not_taken_for_the_examinee(page, live_server):
    begin_with(page, live_server, choice_content)
    be(page, make_student("lee").user, live_server)
    answer(page)
    expect(page.get_by_text("Somebody else has signed in in this browser.")).to_be_visible()
    assert Response.objects.count() == 0
    be(page, Session.objects.get().examinee.user, live_server)
    page.get_by_role("button", name=SAVE).click()
    expect_position(page, 2)


def test_without_javascript_the_page_goes_to_the_result_by_itself(new_page, live_server):
    page = new_page(java_script_enabled=False)
    bank = make_bank(languages=LANGUAGES)
    bank_with(bank, [numeric_content(bank)])
    test = make_test(bank, min_items=1, max_items=1, time_limit=300)
    be(page, make_student().user, live_server)
    begin(page, test)
    page.route(re.compile(r"/sessions/[^/]+/$"), told_to_look_again_soon)
    page.reload()
    let_the_time_be_over_for_good()
    expect_result(page)
    expect(page.get_by_text("The test ended because the time was up.")).to_be_visible()


def told_to_look_again_soon(route):
    page = route.fetch(max_redirects=0)
    told = re.sub(
        r'http-equiv="refresh" content="\d+"', 'http-equiv="refresh" content="1"', page.text()
    )
    route.fulfill(response=page, body=told)


def test_without_javascript_an_answer_after_the_end_leads_to_the_result(new_page, live_server):
    page = new_page(java_script_enabled=False)
    bank = make_bank(languages=LANGUAGES)
    bank_with(bank, [numeric_content(bank)])
    test = make_test(bank, min_items=1, max_items=1, time_limit=300)
    be(page, make_student().user, live_server)
    begin(page, test)
    page.get_by_label("Your answer").fill("about three")
    let_the_time_be_over_for_good()
    page.get_by_role("button", name=SAVE).click()
    expect_result(page)
    expect(page.get_by_text("The test ended because the time was up.")).to_be_visible()
