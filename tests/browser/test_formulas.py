"""Formulas that were stored before they were judged: what cannot be set shows its source."""

import pytest
from playwright.sync_api import expect

from items.authoring import new_version, write_versions
from items.content import Content, OptionContent
from items.models import Item, Status
from tests.browser.steps import be, begin
from tests.factories import make_bank, parameters_for, release_items
from tests.sessions.builders import make_student, make_test

pytestmark = pytest.mark.browser

OPTIONS = (r"$\foo{3}$", r"$\frac{3}{4}$", r"$\frac{3}{$", "$넓이 = 3$")


def test_a_formula_that_cannot_be_set_shows_its_source(page, live_server):
    bank = make_bank()
    content = Content(
        bank.areas.get(),
        "single_choice",
        {"en": "Is $\\left(3$ or\n\n$$\nx^2}\n$$\n\nright?"},
        tuple(OptionContent({"en": text}, score=int(not n)) for n, text in enumerate(OPTIONS)),
    )
    version = new_version(
        Item.objects.create(bank=bank, code="A"), 1, content, None, "", Status.PRETEST
    )
    write_versions([(version, content)])
    release_items(bank, [(version, parameters_for(version))])
    be(page, make_student().user, live_server)
    begin(page, make_test(bank, min_items=1, max_items=1))
    expect(page.locator(".choice").nth(0)).to_have_text(r"$\foo{3}$")
    expect(page.locator(".choice").nth(1).locator(".katex")).to_be_visible()
    expect(page.locator(".choice").nth(2)).to_have_text(r"$\frac{3}{$")
    expect(page.locator(".choice").nth(3).locator(".katex")).to_be_visible()
    expect(page.locator(".stem")).to_contain_text(r"Is $\left(3$ or")
    expect(page.locator(".stem .math.block")).to_contain_text("x^2}")
    assert "KaTeX parse error" in page.locator(".choice .math").nth(0).get_attribute("title")
