"""Headless Chromium against the live server. A page that logs an error fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from playwright.sync_api import Browser, BrowserContext, Page, expect

from common.roles import grant_roles
from sessions.delivery.plan import load_plan
from sessions.snapshot import load_pool, load_snapshot

# Playwright's event loop runs in the test's thread, where Django's guard would refuse the ORM.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
SWITCHES = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# What a page that works never takes, however busy the machine is.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
# A refused or lost request is logged by the browser, whatever the page makes of it.
EXPECTED = "Failed to load resource"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed, so the browser tests do not run.")
    return {"executable_path": CHROMIUM, "args": list(SWITCHES)}


@pytest.fixture(autouse=True)
def _fresh_site(live_server, settings):
    """Roles, which the last test's flush took away; nothing in memory of its releases."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    grant_roles(apps)
    load_snapshot.cache_clear()
    load_pool.cache_clear()
    load_plan.cache_clear()


@pytest.fixture
def new_page(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser context of its own: another person, or another device."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Page:
        standard = {"base_url": live_server.url, "locale": "en-US", "reduced_motion": "reduce"}
        contexts.append(browser.new_context(**standard | options))
        return watched(contexts[-1].new_page(), complaints)

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def watched(page: Page, complaints: list[str]) -> Page:
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if message.type in ("error", "warning") and not message.text.startswith(EXPECTED)
            else None
        ),
    )
    return page


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Axe finds no violation, and nothing scrolls sideways at 320 px."""

    def check(page: Page) -> None:
        found = Axe().run(page)
        assert [violation["id"] for violation in found.response["violations"]] == []
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        page.set_viewport_size({"width": 1280, "height": 720})

    return check
