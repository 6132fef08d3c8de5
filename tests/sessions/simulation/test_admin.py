"""Simulations in the admin, and opening a test there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.runs.leases import claim
from sessions.models import Simulation, Test
from sessions.rules.specification import create_test_version
from tests.factories import make_user
from tests.sessions.builders import make_bank
from tests.sessions.simulations import queued, simulated

pytestmark = pytest.mark.django_db
RUNS = "/admin/cat_sessions/simulation/"
TESTS = "/admin/cat_sessions/test/"


@pytest.fixture
def test(roles) -> Test:
    made = Test.objects.create(slug="placement", bank=make_bank(), title={"en": "Placement"})
    create_test_version(made, None, min_items=3, max_items=8, randomesque=3)
    return made


@pytest.fixture
def operator(client, roles):
    client.force_login(make_user("omar", "operator"))
    return client


def wish(version, **changes) -> dict[str, str]:
    fields = {
        "test_version": version.pk,
        "comparison": "",
        "examinees": "500",
        "seed": "3",
        "theta_mean": "",
        "theta_sd": "",
    }
    return fields | changes


def text_of(response) -> str:
    return response.content.decode()


def test_a_simulation_is_started_from_the_form(test, operator):
    assert f'value="{test.current_version.pk}" selected' in text_of(
        operator.get(f"{RUNS}add/?test_version={test.current_version.pk}")
    )

    answer = operator.post(f"{RUNS}add/", wish(test.current_version, theta_sd="1.5"))

    run = Simulation.objects.get()
    assert (answer.status_code, answer.url) == (302, f"{RUNS}{run.pk}/change/")
    assert (run.status, run.examinees, run.seed) == ("queued", 500, 3)
    assert (run.theta_mean, run.theta_sd) == (0.0, 1.5)
    assert run.requested_by.username == "omar"
    page = text_of(operator.get(answer.url))
    assert f'data-progress="{RUNS}{run.pk}/progress/"' in page
    assert "Cancel the simulation" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"examinees": "1"}, "Simulate 2 to 100,000 examinees."),
        ({"theta_sd": "0"}, "The population needs a mean between -20 and 20 and an SD above 0"),
        ({"theta_mean": "high"}, "Enter a number."),
        ({"test_version": ""}, "This field is required."),
    ],
)
def test_the_form_says_what_is_wrong(test, operator, changes, sentence):
    answer = operator.post(f"{RUNS}add/", wish(test.current_version, **changes))

    assert sentence in text_of(answer)
    assert not Simulation.objects.exists()


def test_a_version_of_another_bank_is_refused_at_its_field(test, operator):
    other = Test.objects.create(slug="o", bank=make_bank(6, slug="other"), title={"en": "O"})
    version = create_test_version(other, None)

    answer = operator.post(f"{RUNS}add/", wish(test.current_version, comparison=version.pk))

    errors = answer.context["adminform"].form.errors
    assert errors == {"comparison": ["Compare with a version of a test on the same bank."]}


def test_a_finished_simulation_shows_verdict_pictures_tables_and_files(test, operator):
    run = simulated(test.current_version)

    page = text_of(operator.get(f"{RUNS}{run.pk}/change/"))

    assert "Ready to open: no violation in 650 simulated sessions of placement v1" in page
    assert page.count('role="img"') == 9
    assert "No session broke a constraint." in page
    assert f'href="{RUNS}{run.pk}/files/by_theta.csv"' in page
    assert "js/run.js" not in page
    ours = page[page.index('class="ic-report') : page.index('class="files"')]
    assert [mark for mark in ("<style", "<script", 'style="') if mark in ours] == []


def test_two_versions_stand_side_by_side(test, operator):
    shorter = create_test_version(test, None, min_items=3, max_items=4)
    run = simulated(shorter, comparison=test.versions.get(number=1))

    page = text_of(operator.get(f"{RUNS}{run.pk}/change/"))

    assert page.count('class="line series-1"') >= 8
    assert "difference" in page


def test_violations_are_marked_and_the_verdict_is_no(test, operator):
    run = simulated(test.current_version)
    run.violations = run.results["policies"][0]["violated"] = 3
    run.results["policies"][0]["violations"] = [["area_minimum", "algebra", 3]]
    run.save(update_fields=["violations", "results"])

    page = text_of(operator.get(f"{RUNS}{run.pk}/change/"))

    assert "Not ready: the blueprint was violated 3 times" in page
    assert "too few items of content area algebra" in page
    assert 'class="marked"' in page
    assert "Open the test to students" not in page


def test_control_that_missed_its_target_stands_in_the_verdict(test, operator):
    settings = {"exposure_method": "sympson_hetter", "exposure_rate": 0.5, "max_items": 8}
    run = simulated(create_test_version(test, None, min_items=3, **settings))
    run.results["policies"][0]["control"] |= {"converged": False, "largest_rate": 0.62}
    run.save(update_fields=["results"])

    page = text_of(operator.get(f"{RUNS}{run.pk}/change/"))

    assert page.count("The exposure control did not reach its target of 50.0%.") == 2
    assert "When it was derived, an item was given to up to 62.0% of a group." in page


def test_a_table_is_downloaded_as_csv(test, operator):
    run = simulated(test.current_version)

    answer = operator.get(f"{RUNS}{run.pk}/files/by_theta.csv")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="simulation-{run.pk}-by_theta.csv"' in answer.headers["Content-Disposition"]
    assert len(text_of(answer).splitlines()) == 4
    assert operator.get(f"{RUNS}{run.pk}/files/other.csv").status_code == 404


def test_the_progress_is_json(test, operator):
    run = queued(test.current_version)
    claim(Simulation, run.pk, timezone.now()).renew(phase="simulating", progress=0.4)

    assert operator.get(f"{RUNS}{run.pk}/progress/").json() == {
        "status": "running",
        "is_over": False,
        "progress": 0.4,
        "phase": "simulating examinees",
    }


def test_a_simulation_is_cancelled_by_post_only(test, operator):
    run = queued(test.current_version)

    assert operator.get(f"{RUNS}{run.pk}/cancel/").status_code == 405
    answer = operator.post(f"{RUNS}{run.pk}/cancel/", follow=True)

    run.refresh_from_db()
    assert run.status == "cancelled"
    assert "The simulation is cancelled" in text_of(answer)


def test_the_list_takes_the_same_queries_however_many(test, operator):
    queued(test.current_version)
    operator.get(RUNS)
    with CaptureQueriesContext(connection) as for_one:
        operator.get(RUNS)
    for _ in range(4):
        queued(test.current_version)

    with CaptureQueriesContext(connection) as for_five:
        page = operator.get(RUNS)

    assert text_of(page).count("<progress") == 5
    assert len(for_five) == len(for_one)


@pytest.mark.parametrize("role", ["author", "teacher"])
def test_other_roles_see_no_simulations(test, client, role):
    run = queued(test.current_version)
    client.force_login(make_user(role, role))

    addresses = ["", "add/", f"{run.pk}/change/", f"{run.pk}/progress/", f"{run.pk}/files/x.csv"]
    assert [client.get(RUNS + address).status_code for address in addresses] == [403] * 5
    assert client.post(f"{RUNS}{run.pk}/cancel/").status_code == 403
    assert client.post(f"{TESTS}{test.pk}/open/").status_code == 403


def test_a_test_is_opened_from_its_page_once_it_was_simulated(test, operator):
    address = f"{TESTS}{test.pk}/"
    before = text_of(operator.get(f"{address}change/"))
    assert "placement v1 was not simulated on math release 1 yet." in before
    assert f"{RUNS}add/?test_version={test.current_version.pk}" in before
    assert "Open the test to students" not in before
    assert operator.get(f"{address}open/").status_code == 405
    refused = operator.post(f"{address}open/", follow=True)
    assert "placement v1 was not simulated on math release 1 yet." in text_of(refused)
    assert Test.objects.get().is_open is False

    run = simulated(test.current_version)
    assert "Open the test to students" in text_of(operator.get(f"{RUNS}{run.pk}/change/"))
    opened = operator.post(f"{address}open/", follow=True)

    assert "The test is open to students." in text_of(opened)
    assert Test.objects.get().is_open is True
    assert "New sessions use version 1, the newest." in text_of(opened)


def test_a_test_is_closed_from_its_page(test, operator):
    Test.objects.update(is_open=True)
    closed = operator.post(f"{TESTS}{test.pk}/close/", follow=True)
    assert "The test is closed." in text_of(closed)
    assert Test.objects.get().is_open is False


def test_the_form_of_a_test_cannot_open_it(test, operator):
    fields = {"title_en": "Placement", "title_ko": "", "is_open": "on"}
    operator.post(f"{TESTS}{test.pk}/change/", fields)
    assert Test.objects.get().is_open is False
