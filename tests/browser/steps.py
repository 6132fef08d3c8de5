"""What a person does on the pages."""

from typing import Any

from django.test import Client
from playwright.sync_api import Page, expect

from items.models import Bank
from items.release_rows import set_parameters
from items.releases import open_draft, publish
from sessions.models import Session, Test
from tests.factories import choice_content, make_bank, make_item, parameters_for
from tests.sessions.builders import make_test

LANGUAGES = ("en", "ko")
PASSWORD = "pw"
SAVE = "Save and continue"


def make_mathematics(n_items: int = 4, **settings: Any) -> Test:
    """A test of `n_items` single-choice items with TeX in their stems."""
    bank = make_bank(languages=LANGUAGES)
    contents = [choice_content(bank, f"What is ${n} + \\frac{{1}}{{2}}$?") for n in range(n_items)]
    return make_test(bank_with(bank, contents), min_items=n_items, max_items=n_items, **settings)


def bank_with(bank: Bank, contents: list[Any]) -> Bank:
    """The bank after these contents were published as operational items."""
    draft = open_draft(bank, None)
    for number, content in enumerate(contents):
        version = make_item(bank, f"I{number:03d}", content)
        set_parameters(draft, version, parameters_for(version), None, "for a test")
    publish(draft, None, "for a test")
    return bank


def with_password(user: Any) -> Any:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def sign_in(page: Page, user: Any) -> None:
    """Sign in on the page for it."""
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def be(page: Page, user: Any, server: Any) -> None:
    """Be signed in, without the page for it."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.url}])


def begin(page: Page, test: Test) -> Session:
    """Start the test from its page of instructions; the session."""
    page.goto(f"/tests/{test.slug}/")
    page.get_by_role("button", name="Start the test").click()
    expect_position(page, 1)
    page.wait_for_load_state()  # the item is there before the script that keeps answers
    return Session.objects.get(test=test, status="open")


def answer(page: Page, option: int = 1) -> None:
    page.locator(".choice").nth(option - 1).click()
    page.get_by_role("button", name=SAVE).click()


def expect_position(page: Page, position: int) -> None:
    expect(page.locator(f"#test[data-position='{position}']")).to_be_visible()


def expect_result(page: Page) -> None:
    expect(page.get_by_role("heading", name="Your result")).to_be_visible()
