import pytest
from playwright.sync_api import expect

from tests.browser.steps import answer, be, begin, expect_position, make_mathematics
from tests.sessions.builders import make_group, make_staff, make_student

pytestmark = pytest.mark.browser


def test_a_teacher_follows_a_session_and_hands_out_a_link(new_page, assert_accessible, live_server):
    test = make_mathematics(2)
    student, teacher = make_student(), make_staff("lee", "teacher")
    make_group("7b", teacher, student)
    kim, lee = new_page(), new_page()
    be(kim, student.user, live_server)
    begin(kim, test)
    answer(kim)
    expect_position(kim, 2)
    be(lee, teacher, live_server)
    lee.goto("/")
    assert_accessible(lee)
    lee.get_by_role("link", name="See the sessions").click()
    expect(lee.get_by_role("row", name="Kim 7b Placement open 1")).to_be_visible()
    assert_accessible(lee)
    lee.get_by_label("Status").select_option("finished")
    lee.get_by_role("button", name="Show").click()
    expect(lee.get_by_text("No session matches.")).to_be_visible()
    lee.go_back()
    lee.get_by_role("link", name="Kim").click()
    expect(lee.get_by_role("img", name="θ after each answer")).to_be_visible()
    assert_accessible(lee)
    lee.get_by_role("link", name="Invite").click()
    assert_accessible(lee)
    lee.get_by_label("Student").fill("kim")
    lee.get_by_label("Test").select_option("placement")
    lee.get_by_role("button", name="Make the link").click()
    assert_accessible(lee)
    kim.goto(lee.get_by_label("Link").input_value())
    expect(kim.get_by_text("This link is for Kim.")).to_be_visible()


def test_a_missing_page_says_so(page, assert_accessible):
    page.goto("/nowhere/")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert_accessible(page)
