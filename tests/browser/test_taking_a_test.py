import pytest
from playwright.sync_api import expect

from items.content import Content, OptionContent
from items.models import ResponseKind
from sessions.models import Response, Session
from tests.browser.steps import (
    SAVE,
    answer,
    bank_with,
    be,
    begin,
    expect_position,
    expect_result,
    make_mathematics,
    sign_in,
    with_password,
)
from tests.factories import likert_content, make_bank, numeric_content
from tests.sessions.builders import make_student, make_test

pytestmark = pytest.mark.browser


def test_a_student_takes_a_mathematics_test_to_its_end_and_sees_the_result(page, assert_accessible):
    make_mathematics(3, time_limit=600)
    student = with_password(make_student().user)
    page.goto("/")
    assert_accessible(page)
    sign_in(page, student)
    assert_accessible(page)
    page.get_by_role("link", name="Begin").click()
    expect(page.get_by_text("You are signed in as Kim.")).to_be_visible()
    expect(page.get_by_text("10 minutes, counted from the start")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Start the test").click()
    expect(page.get_by_role("button", name=SAVE)).to_be_disabled()
    expect(page.locator(".stem .katex")).to_be_visible()
    assert_accessible(page)
    for position in (1, 2, 3):
        expect_position(page, position)
        expect(page.get_by_role("heading", name=f"Question {position}")).to_be_focused()
        answer(page)
    expect_result(page)
    expect(page.get_by_role("img", name="Your score")).to_be_visible()
    assert_accessible(page)
    assert Session.objects.get().status == "finished"
    assert Response.objects.filter(score=1).count() == 3
    page.get_by_role("link", name="Back to the start").click()
    expect(page.get_by_role("link", name="Placement", exact=True)).to_be_visible()


def test_a_questionnaire_is_answered_skipped_and_ended_early(page, assert_accessible, live_server):
    bank = make_bank("wellbeing", languages=("en", "ko"))
    bank_with(bank, [likert_content(bank, f"Statement {n}.") for n in range(5)])
    test = make_test(bank, omit_policy="left_out", scale_mean=50, scale_sd=10)
    be(page, make_student().user, live_server)
    begin(page, test)
    assert_accessible(page)
    answer(page, 4)
    expect_position(page, 2)
    page.get_by_role("button", name="Skip").click()
    expect_position(page, 3)
    assert list(Response.objects.order_by("position").values_list("score", flat=True)) == [3, None]
    page.get_by_text("End the test early").click()
    page.get_by_role("button", name="End it now").click()
    expect_result(page)
    expect(page.get_by_text("You ended the test early.")).to_be_visible()


def test_numbers_and_sets_of_options_are_answers_too(page, assert_accessible, live_server):
    bank = make_bank()
    area = bank.areas.get()
    several = Content(
        area=area,
        response_kind=ResponseKind.MULTIPLE_RESPONSE,
        stem={"en": "Which are even?"},
        options=tuple(OptionContent({"en": str(n)}, score=int(n % 2 == 0)) for n in (1, 2, 3, 4)),
    )
    bank_with(bank, [numeric_content(bank), several])
    test = make_test(bank, min_items=2, max_items=2)
    be(page, make_student().user, live_server)
    begin(page, test)
    for _position in (1, 2):
        assert_accessible(page)
        number = page.get_by_label("Your answer")
        if number.count():
            number.fill("\N{MINUS SIGN}1/2")
            page.get_by_role("button", name="Change the sign").click()
            number.press("Enter")
        else:
            page.get_by_label("2").check()
            page.get_by_label("4").check()
            page.get_by_role("button", name=SAVE).click()
        page.wait_for_timeout(200)
    expect_result(page)
    answers = {next(iter(response.answer)): response for response in Response.objects.all()}
    assert answers["number"].answer == {"number": "1/2"}
    assert answers["options"].answer == {"options": [2, 4]}
    assert {response.score for response in answers.values()} == {1}


def test_keyboard_alone_is_enough(page):
    make_mathematics(2)
    with_password(make_student().user)
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("kim")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("pw")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Begin").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start the test").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Question 1")).to_be_focused()
    page.keyboard.press("2")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(2)).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Question 2")).to_be_focused()
    page.keyboard.press("9")
    page.keyboard.press("Enter")
    expect_position(page, 2)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect_result(page)
    chosen = Response.objects.order_by("position").values_list("answer__option", flat=True)
    assert list(chosen) == [3, 1]


def test_everything_works_in_korean(new_page):
    test = make_mathematics(1)
    with_password(make_student().user)
    page = new_page()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("heading", name="로그인")).to_be_visible()
    page.get_by_label("사용자 이름").fill("kim")
    page.get_by_label("비밀번호").fill("pw")
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("heading", name="배치고사")).to_be_visible()
    page.goto(f"/tests/{test.slug}/")
    page.get_by_role("button", name="시험 시작").click()
    expect(page.locator("html[lang=ko] #test")).to_be_visible()
    assert Session.objects.get().language == "ko"
    page.locator(".choice").first.click()
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.get_by_role("heading", name="나의 결과")).to_be_visible()


def test_the_page_works_without_javascript(new_page):
    test = make_mathematics(2)
    student = with_password(make_student().user)
    page = new_page(java_script_enabled=False)
    sign_in(page, student)
    begin(page, test)
    other = page.context.new_page()
    other.goto(page.url)
    answer(page, 2)
    expect_position(page, 2)
    answer(other, 3)
    expect(other.get_by_text("answered before, and differently")).to_be_visible()
    answer(other)
    expect_result(other)
    assert Response.objects.count() == 2
