"""The settings of a test in a browser: folding, building, previewing, by keyboard and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.steps import be
from tests.factories import make_user
from tests.sessions.builders import make_bank, make_test

pytestmark = pytest.mark.browser

# What our templates write; around it is Unfold's frame.
OURS = {"include": [["#content, main"]]}


def violations(page) -> list[str]:
    found = Axe().run(page, context=OURS).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.fixture
def test_row():
    return make_test(make_bank(), min_items=5, max_items=12)


def open_settings(page, test, live_server):
    be(page, make_user("olga", "operator"), live_server)
    page.goto(reverse("admin:cat_sessions_test_settings", args=[test.pk]))
    expect(page.locator("#preview svg")).to_have_count(2)


def expect_length(page, text):
    expect(page.locator("#preview tbody tr").first.locator("td").first).to_have_text(text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_the_settings_are_accessible_at_every_width(
    new_page, test_row, live_server, scheme, locale
):
    page = new_page(locale=locale)
    page.emulate_media(color_scheme=scheme)
    open_settings(page, test_row, live_server)
    for summary in page.locator("#settings summary").all():
        summary.click()
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.goto("/admin/cat_sessions/normgroup/add/")
    assert violations(page) == []


def test_a_rule_is_built_and_seen_to_work_before_it_is_saved(page, test_row, live_server):
    open_settings(page, test_row, live_server)
    expect_length(page, "12.0")
    page.get_by_label("Most items").fill("7")
    expect_length(page, "7.0")
    limit = page.locator("#id_rules-0-value")
    expect(limit).to_be_hidden()
    page.get_by_label("Stop when").select_option("standard_error")
    expect(page.locator("#preview").get_by_text("Limit: Enter a number above 0.")).to_be_visible()
    limit.fill("0.9")
    expect_length(page, "5.0")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Stop when").last.select_option("classified")
    expect(page.locator("#id_rules-1-alpha")).to_be_visible()
    expect(page.locator("#id_rules-1-confidence")).to_be_hidden()
    page.get_by_label("Decided by").last.select_option("interval")
    expect(page.locator("#id_rules-1-confidence")).to_be_visible()
    expect(page.locator("#preview").get_by_text("needs a cut score")).to_be_visible()
    page.get_by_label("Stop when").last.select_option("theta_change")
    page.get_by_label("Joined by").last.select_option("and")
    page.locator("#id_rules-1-value").fill("0.5")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved: placement v2.")).to_be_visible()
    assert test_row.current_version.stopping_rule == {
        "all": [{"standard_error": {"at_most": 0.9}}, {"theta_change": {"below": 0.5}}]
    }
    expect(page.get_by_text("stops at SE ≤ 0.9 and change of θ < 0.5")).to_be_visible()


def test_what_does_not_matter_is_folded_away(page, test_row, live_server):
    open_settings(page, test_row, live_server)
    strata = page.locator("#id_strata")
    expect(strata).to_be_hidden()
    page.get_by_label("Item selection").select_option("a_stratified")
    expect(strata).to_be_visible()
    expect(page.get_by_label("Draw among the best")).to_be_visible()
    page.get_by_label("Chance").select_option("progressive")
    expect(page.get_by_label("Draw among the best")).to_be_hidden()
    expect(page.get_by_label("Acceleration")).to_be_visible()


def test_an_infeasible_blueprint_is_told_at_once(page, test_row, live_server):
    open_settings(page, test_row, live_server)
    page.get_by_label("All: at least").fill("13")
    told = page.locator("#preview").get_by_text("The minimums of the areas need 13 items")
    expect(told).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing was saved")).to_be_visible()
    assert test_row.versions.count() == 1


def test_the_settings_work_without_javascript(new_page, test_row, live_server):
    page = new_page(java_script_enabled=False)
    be(page, make_user("olga", "operator"), live_server)
    page.goto(reverse("admin:cat_sessions_test_settings", args=[test_row.pk]))
    page.get_by_label("Most items").fill("7")
    page.get_by_role("button", name="Update the preview").click()
    expect_length(page, "7.0")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved: placement v2.")).to_be_visible()
    assert test_row.current_version.max_items == 7
