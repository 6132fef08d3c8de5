"""The admin in a browser. A page that logs an error, as a breach of its policy does, fails."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from items.enemies import create_group, set_enemies
from items.models import Item
from items.releases import open_draft
from tests.browser.steps import be, make_mathematics
from tests.factories import make_user
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import answer, start
from tests.sessions.client import signed_in as api

pytestmark = pytest.mark.browser

# What our templates write; around it is Unfold's frame, and Django's search draws itself.
OURS = {"include": [["#content, main"]], "exclude": [[".select2-container"]]}


@pytest.fixture
def author(page, live_server):
    user = make_user("ann", "author")
    be(page, user, live_server)
    return user


def violations(page) -> list[str]:
    found = Axe().run(page, context=OURS).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_bank_are_accessible(author, page, scheme):
    test = make_mathematics(2)
    item = Item.objects.first()
    twins = create_group(test.bank, "twins", "the same story", author)
    set_enemies(twins, Item.objects.all(), author, "one gives the other away")
    draft = open_draft(test.bank, author)
    page.emulate_media(color_scheme=scheme)
    own = ("change", "edit", "parameters", "history")
    addresses = [reverse(f"admin:items_item_{name}", args=[item.pk]) for name in own]
    addresses += [
        "/admin/",
        "/admin/items/item/add/",
        reverse("admin:items_item_act", args=[item.pk, "withdraw"]),
        reverse("admin:items_item_preview", args=[item.pk, 1, "ko"]),
        reverse("admin:items_bankrelease_change", args=[draft.pk]),
        reverse("admin:items_bankrelease_publish", args=[draft.pk]),
        "/admin/items/contentarea/",
        "/admin/items/contentarea/add/",
        "/admin/items/enemygroup/",
        "/admin/items/enemygroup/add/",
        reverse("admin:items_enemygroup_change", args=[twins.pk]),
    ]
    for address in addresses:
        page.goto(address)
        assert (address, violations(page)) == (address, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_a_session_and_of_why_an_item_was_given_are_accessible(
    page, live_server, scheme
):
    make_test(make_bank(12, enemies=(5, 6)), draw="best", max_items=4)
    student = make_student()
    state = start(api(student.user))
    answer(api(student.user), state)
    be(page, make_user("olga", "operator"), live_server)
    page.emulate_media(color_scheme=scheme)
    page.goto(reverse("admin:cat_sessions_session_change", args=[state["session"]]))
    assert violations(page) == []
    page.get_by_role("table").get_by_role("link", name="Why this item?").click()
    expect(page.get_by_role("img", name="Bars: the criterion of 5 items")).to_be_visible()
    assert violations(page) == []
    page.goto(reverse("admin:cat_sessions_session_why", args=[state["session"], 2]))
    expect(page.get_by_role("table").first).to_contain_text("enemy of an item already given")
    assert violations(page) == []


def test_an_author_searches_the_enemies_of_an_item(author, page):
    test = make_mathematics(3)
    group = create_group(test.bank, "twins", "", author)
    page.goto(reverse("admin:items_enemygroup_change", args=[group.pk]))
    for code in ("I000", "I002"):
        page.locator(".select2-search__field").fill(code)
        page.locator(".select2-results__option", has_text=code).click()
    page.get_by_label("Reason").fill("one gives the other away")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/items/enemygroup/")
    assert [item.code for item in group.items.order_by("code")] == ["I000", "I002"]


def test_an_author_edits_text_and_parameters_and_publishes(author, page):
    test = make_mathematics(2)
    item = Item.objects.get(code="I000")
    page.goto("/admin/items/item/")
    page.get_by_role("link", name="I000").click()
    expect(page.locator(".katex").first).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Stem: English").fill("What is $1 + 1$?")
    page.get_by_role("button", name="Add an option").click()
    page.get_by_label("Text: English").last.fill("none of these")
    page.get_by_label("Text: Korean").last.fill("없음")
    page.get_by_label("What changed and why").fill("clearer")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_text("Saved: I000 v2.")).to_be_visible()
    assert item.newest_version.options.count() == 5
    page.get_by_role("button", name="Submit for review").click()
    page.get_by_role("button", name="Approve for pretest").click()
    page.get_by_role("link", name="Carry parameters over").click()
    page.get_by_label("Reason").fill("a typo")
    page.get_by_role("button", name="Carry parameters over").click()
    page.get_by_role("link", name="Edit parameters").click()
    page.get_by_label("Difficulty b").fill("1.75")
    expect(page.get_by_text("new values")).to_be_visible()
    page.get_by_label("Reason").fill("it is harder")
    page.get_by_role("button", name="Save in the draft release").click()
    expect(page.get_by_text("Saved in the draft release.")).to_be_visible()
    page.get_by_role("link", name="Releases").click()
    page.get_by_role("link", name="mathematics: authoring draft").click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_label("Reason").fill("corrections")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published as mathematics release 2.")).to_be_visible()
    row = test.bank.current_release.released_items.get(item=item)
    assert (row.item_version.number, row.role, row.difficulty) == (2, "operational", [1.75])


def test_the_form_shows_what_the_kind_needs(author, page):
    make_mathematics(1)
    page.goto("/admin/items/item/add/")
    expect(page.get_by_role("button", name="Add an option")).to_be_visible()
    expect(page.get_by_role("button", name="Add a range")).to_be_hidden()
    page.get_by_label("Kind*").select_option("numeric")
    expect(page.get_by_role("button", name="Add an option")).to_be_hidden()
    page.get_by_role("button", name="Add a range").click()
    expect(page.get_by_label("From")).to_have_count(2)
