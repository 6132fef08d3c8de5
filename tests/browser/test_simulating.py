"""An operator simulates a test, follows it, reads the verdict and opens the test."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from sessions.models import Simulation, Test
from sessions.rules.specification import create_test_version
from sessions.simulation.execution import execute
from tests.browser.steps import be
from tests.factories import make_user
from tests.sessions.builders import make_bank
from tests.sessions.simulations import queued, simulated

pytestmark = pytest.mark.browser
LEVELS = {"level_names": [{"en": "Low", "ko": "하"}, {"en": "High", "ko": "상"}]}
OURS = {"include": [["#content, main"]], "exclude": [[".select2-container"]]}


@pytest.fixture
def operator(page, live_server):
    user = make_user("olga", "operator")
    be(page, user, live_server)
    return user


@pytest.fixture
def test(operator) -> Test:
    made = Test.objects.create(slug="placement", bank=make_bank(), title={"en": "Placement"})
    create_test_version(made, None, min_items=3, max_items=8, cut_scores=[0.0], **LEVELS)
    return made


def violations(page) -> list[str]:
    found = Axe().run(page, context=OURS).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_narrow_screen(test, page, scheme):
    shorter = create_test_version(test, None, min_items=3, max_items=4)
    done = simulated(shorter, comparison=test.versions.get(number=1))
    waiting = queued(shorter)
    page.emulate_media(color_scheme=scheme)
    addresses = [
        reverse("admin:cat_sessions_simulation_change", args=[done.pk]),
        reverse("admin:cat_sessions_simulation_change", args=[waiting.pk]),
        "/admin/cat_sessions/simulation/",
        "/admin/cat_sessions/simulation/add/",
        reverse("admin:cat_sessions_test_change", args=[test.pk]),
    ]
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        assert (address, violations(page)) == (address, [])
        page.set_viewport_size({"width": 320, "height": 800})
        width = page.evaluate("document.documentElement.scrollWidth")
        assert (address, width) == (address, 320)


def test_an_operator_simulates_a_test_and_opens_it(test, page):
    page.goto(reverse("admin:cat_sessions_test_change", args=[test.pk]))
    expect(
        page.get_by_text("placement v1 was not simulated on math release 1 yet.")
    ).to_be_visible()
    page.get_by_role("link", name="Simulate the newest version").click()
    page.get_by_label("Examinees").fill("500")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Waiting for a worker.")).to_be_visible()

    execute(Simulation.objects.get().pk)

    expect(
        page.get_by_text("Ready to open: no violation in 1,150 simulated sessions")
    ).to_be_visible()
    expect(page.get_by_role("img", name="RMSE")).to_be_visible()
    page.get_by_role("button", name="Open the test to students").press("Enter")
    expect(page.get_by_text("The test is open to students.")).to_be_visible()
    assert Test.objects.get().is_open is True
