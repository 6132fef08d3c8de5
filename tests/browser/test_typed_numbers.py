"""The field of a numeric item, and an input method that composes in it."""

# ruff: noqa: RUF001 - people type signs that look alike

import pytest
from playwright.sync_api import expect

from items.content import Content, RuleContent
from sessions.models import Response
from tests.browser.steps import SAVE, bank_with, be, begin, expect_position
from tests.factories import make_bank
from tests.sessions.builders import make_student, make_test

pytestmark = pytest.mark.browser


@pytest.fixture
def field(page, live_server):
    """The field of the first of two items that ask for -2400."""
    bank = make_bank()
    asked = Content(
        bank.areas.get(), "numeric", {"en": "How much?"}, rules=(RuleContent(-2400, -2400, 1),)
    )
    bank_with(bank, [asked, asked])
    be(page, make_student().user, live_server)
    begin(page, make_test(bank, min_items=2, max_items=2))
    return page.get_by_label("Your answer")


def test_a_refused_number_stays_and_the_page_says_what_is_meant(page, field):
    field.fill("-2.400")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("“-2.400” can be read as -2400 or as -2.4.")).to_be_visible()
    expect(field).to_have_value("-2.400")
    field.fill("−2 400 won, a rather long remark about how this was found out")
    page.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("Write the number alone")).to_be_visible()
    expect(field).to_have_value("−2 400 won, a rather long remark about how this was found out")
    assert Response.objects.count() == 0
    field.fill("－２，４００")
    page.get_by_role("button", name=SAVE).click()
    expect_position(page, 2)
    assert Response.objects.get().score == 1


@pytest.mark.parametrize("minus", ["-", "−", "–", "－", "ー"])
def test_the_sign_button_takes_every_minus_away(page, field, minus):
    field.fill(f"{minus} 5")
    page.get_by_role("button", name="Change the sign").click()
    expect(field).to_have_value("5")
    page.get_by_role("button", name="Change the sign").click()
    expect(field).to_have_value("-5")


def test_nothing_is_sent_while_an_input_method_composes(page, field):
    field.focus()
    devtools = page.context.new_cdp_session(page)
    devtools.send(
        "Input.imeSetComposition", {"text": "－２", "selectionStart": 2, "selectionEnd": 2}
    )
    expect(field).to_have_value("－２")
    page.evaluate("document.querySelector('form.question').requestSubmit()")
    expect_position(page, 1)
    devtools.send("Input.insertText", {"text": "－２４００"})
    expect(field).to_have_value("－２４００")
    field.press("Enter")
    expect_position(page, 2)
    assert Response.objects.get().answer == {"number": "-2400"}
