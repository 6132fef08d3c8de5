"""Long words, addresses, tables and formulas scroll in their place: no page becomes wider."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from items.content import Content, OptionContent
from items.models import Bank, Item, ResponseKind, Stimulus
from items.stimuli import create_stimulus
from sessions.models import ExamineeGroup, Session
from sessions.people.tickets import issue_ticket
from tests.browser.steps import SAVE, bank_with, be, expect_position, expect_result
from tests.factories import make_bank, make_user, numeric_content
from tests.sessions.builders import HOUR, make_group, make_staff, make_student, make_test

pytestmark = pytest.mark.browser

WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3
ADDRESS = "https://example.org/" + "a-folder/" * 30
SUM = " + ".join(f"z_{{{n}}}^{{{n}}}" for n in range(1, 25))
FRACTION = rf"$\frac{{{SUM}}}{{{SUM}}}$"
TABLE = f"| {WORD} | {WORD} |\n|--|--|\n| {FRACTION} | {ADDRESS} |"
WIDE = "\n\n".join([WORD, ADDRESS, FRACTION, f"$${SUM}$$", TABLE, f"```\n{WORD} {WORD}\n```"])
PARTS = (f"{WORD} 1", f"{ADDRESS} 2", f"{FRACTION} 3", f"$$\n{SUM}\n$$ 4", f"${WORD[:18] * 4}$")


def contents(bank: Bank, passage: Stimulus) -> list[Content]:
    """An item of each shape, whose texts are all wide."""
    options = tuple(OptionContent({"en": text}) for text in PARTS)
    kinds = {
        ResponseKind.SINGLE_CHOICE: [OptionContent(o.text, int(o is options[0])) for o in options],
        ResponseKind.LIKERT: [OptionContent(o.text, n) for n, o in enumerate(options)],
        ResponseKind.ORDERING: options,
        ResponseKind.MATCHING: [OptionContent(o.text, term=o.text) for o in options],
    }
    area = bank.areas.get()
    made = [
        Content(area, kind, {"en": WIDE}, tuple(rows), rationale={"en": WIDE}, stimulus=passage)
        for kind, rows in kinds.items()
    ]
    return [*made, numeric_content(bank, WIDE)]


@pytest.fixture
def test(live_server):
    bank = make_bank(WORD[:50].lower().replace("ä", "a").replace("ü", "u"), name=WORD[:200])
    passage = create_stimulus(bank, "tale", {"en": WIDE}, None)
    bank_with(bank, contents(bank, passage))
    names = [{"en": f"{WORD} low"}, {"en": f"{WORD} high"}]
    made = make_test(bank, min_items=5, max_items=5, cut_scores=[0.0], level_names=names)
    made.title, made.instructions = {"en": WORD}, {"en": WIDE}
    made.save()
    return made


# The innermost elements that reach beyond the window and are in no box that scrolls.
BEYOND = """() => {
  const clips = (e) => getComputedStyle(e).overflowX !== "visible";
  const scrolls = (e) => e && (clips(e) || scrolls(e.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement))
    .slice(-3).map((e) => e.outerHTML.slice(0, 150));
}"""


def excess(page) -> list[str]:
    """What makes the page wider than the window; nothing where it fits."""
    page.wait_for_load_state("networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{page.url}: {width}", *page.evaluate(BEYOND)] if width > 320 else []


def assert_narrow(page) -> None:
    assert excess(page) == []


def test_no_page_of_a_student_becomes_wider(new_page, test, live_server):
    student = make_student()
    student.display_name = WORD[:200]
    student.save()
    page = new_page(viewport={"width": 320, "height": 640})
    be(page, student.user, live_server)
    for path in ("/", f"/tests/{test.slug}/"):
        page.goto(path)
        assert_narrow(page)
    page.get_by_role("button", name="Start the test").click()
    for position in range(1, 6):
        expect_position(page, position)
        assert_narrow(page)
        answer_somehow(page)
    expect_result(page)
    assert_narrow(page)
    page.goto("/")
    assert_narrow(page)


def answer_somehow(page) -> None:
    """Whatever the kind of the item that is shown."""
    shape = page.locator("[data-answer]").get_attribute("data-answer")
    if shape == "number":
        page.get_by_label("Your answer").fill("7" * 60 + " and a remark that is refused")
        page.get_by_role("button", name=SAVE).click()
        expect(page.get_by_text("Write the number alone")).to_be_visible()
        assert_narrow(page)
        page.get_by_label("Your answer").fill("7")
    elif shape == "order":
        page.get_by_role("button", name="The order is right as it stands").click()
    elif shape == "matches":
        for select in page.locator("select").all():
            select.select_option(index=1)
    else:
        page.locator(".choice input").first.check()
    page.get_by_role("button", name=SAVE).click()


def test_no_page_of_a_teacher_becomes_wider(new_page, test, live_server):
    student, teacher = make_student(), make_staff("lee", "teacher")
    student.display_name = WORD[:200]
    student.save()
    make_group("g", teacher, student)
    ExamineeGroup.objects.update(name=WORD[:100])
    secret = issue_ticket(student, test, teacher, timezone.now(), HOUR)
    page = new_page(viewport={"width": 320, "height": 640})
    page.goto(f"/t/{secret}")
    assert_narrow(page)
    page.get_by_role("button", name="Start the test").click()
    expect_position(page, 1)
    answer_somehow(page)
    expect_position(page, 2)
    be(page, teacher, live_server)
    for path in ("/sessions/", f"/sessions/{Session.objects.get().pk}/course/", "/invite/"):
        page.goto(path)
        assert_narrow(page)


def test_no_page_of_an_author_becomes_wider(new_page, test, live_server):
    page = new_page(viewport={"width": 320, "height": 640})
    be(page, make_user("root", is_staff=True, is_superuser=True), live_server)
    items = list(Item.objects.all())
    item = items[0]
    addresses = [
        *(reverse("admin:items_item_preview", args=[i.pk, 1, "en"]) for i in items),
        *(reverse("admin:items_item_change", args=[i.pk]) for i in items),
        *(reverse(f"admin:items_item_{n}", args=[item.pk]) for n in ("edit", "parameters")),
        reverse("admin:items_item_history", args=[item.pk]),
        reverse("admin:items_item_act", args=[item.pk, "withdraw"]),
        reverse("admin:items_stimulus_change", args=[Stimulus.objects.get().pk]),
        reverse("admin:cat_sessions_test_change", args=[test.pk]),
        *("/admin/items/item/", "/admin/items/contentarea/", "/admin/items/stimulus/"),
        "/admin/cat_sessions/session/",
    ]
    wide = []
    for address in addresses:
        page.goto(address)
        wide += excess(page)
    assert "\n".join(wide) == ""


CLIPPED = """() => [...document.querySelectorAll("#changelist :is(th, td)")]
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
  .map((cell) => `${cell.dataset.label}: ${cell.textContent.slice(0, 40)}`)"""


def test_the_lists_of_the_administration_cut_no_name_off(new_page, test, live_server):
    page = new_page(viewport={"width": 320, "height": 640})
    be(page, make_user("root", is_staff=True, is_superuser=True), live_server)
    lists = ("items_bank", "items_bankrelease", "items_item", "items_auditentry")
    for name in (*lists, "cat_sessions_test", "items_stimulus"):
        page.goto(reverse(f"admin:{name}_changelist"))
        assert (name, page.evaluate(CLIPPED)) == (name, [])
