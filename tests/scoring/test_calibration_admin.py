"""Calibration runs and schedules in the admin."""

from copy import deepcopy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from common.runs.leases import claim
from scoring.models import CalibrationRun
from scoring.recalibration.requests import request_run
from tests.factories import make_user
from tests.scoring.builders import finished_run

pytestmark = pytest.mark.django_db
RUNS = "/admin/scoring/calibrationrun/"
TASKS = "/admin/django_celery_beat/periodictask/"


@pytest.fixture
def bank(answered_bank):
    return answered_bank


@pytest.fixture
def operator(client):
    client.force_login(make_user("omar", "operator"))
    return client


def wish(bank, **changes) -> dict[str, str]:
    fields = {
        "bank": bank.pk,
        "window_start_0": "",
        "window_start_1": "",
        "window_end_0": "",
        "window_end_1": "",
        "min_responses": "100",
        "nodes": "61",
        "node_range": "6.0",
        "tolerance": "1e-06",
        "note": "from the form",
    }
    return fields | changes


def test_a_run_is_started_from_the_form(bank, operator):
    answer = operator.post(f"{RUNS}add/", wish(bank))

    run = CalibrationRun.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"{RUNS}{run.pk}/change/"
    assert (run.status, run.note, run.requested_by.username) == ("queued", "from the form", "omar")
    page = operator.get(answer.url).content.decode()
    assert "The run is queued" in page
    assert f'data-progress="{RUNS}{run.pk}/progress/"' in page
    assert "Cancel the run" in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nodes": "3"}, "The quadrature takes 11 to 501 nodes on a range of at most ±20."),
        ({"tolerance": "1"}, "The tolerance must lie above 0 and be at most 0.01."),
        (
            {
                "window_start_0": "2026-02-01",
                "window_start_1": "00:00:00",
                "window_end_0": "2026-01-01",
                "window_end_1": "00:00:00",
            },
            "The window must start before it ends.",
        ),
    ],
)
def test_the_form_says_what_is_wrong(bank, operator, changes, sentence):
    answer = operator.post(f"{RUNS}add/", wish(bank, **changes))

    assert sentence in answer.content.decode()
    assert CalibrationRun.objects.count() == 0


def test_a_bank_without_a_release_is_refused_in_the_form(bank, operator):
    empty = type(bank).objects.create(slug="empty", name="Empty")

    answer = operator.post(f"{RUNS}add/", wish(empty))

    assert "Bank empty has no published release yet" in answer.content.decode()
    assert CalibrationRun.objects.count() == 0


def test_a_finished_run_shows_its_evidence(bank, operator):
    run = finished_run(bank)

    page = operator.get(f"{RUNS}{run.pk}/change/").content.decode()

    for text in ("900 of 150 sessions to 6 item versions", "converged in", "I003", "Linking"):
        assert text in page
    assert "Scatter plot of 6 difficulties" in page
    assert f"/admin/items/bankrelease/{run.draft_id}/publish/" in page
    assert "js/run.js" not in page
    assert "<script>" not in page


def test_the_upper_asymptotes_of_4pl_items_are_shown_and_only_then(bank, operator):
    three = finished_run(bank)
    assert "new c, d" not in operator.get(f"{RUNS}{three.pk}/change/").content.decode()
    four = deepcopy(three.evidence)
    four["items"][0] |= {"model": "4pl", "old_d": 0.987, "d": 0.955, "se_d": 0.021}
    CalibrationRun.objects.filter(pk=three.pk).update(evidence=four)
    page = operator.get(f"{RUNS}{three.pk}/change/").content.decode()
    assert "new c, d ± SE" in page
    assert "0.987" in page
    assert '0.955 <span class="ic-muted">± 0.021</span>' in page


def test_a_run_shows_its_link_and_the_items_that_drifted(bank, operator):
    run = finished_run(bank)
    run.evidence["link"] |= {"slope": 1.25, "slope_se": 0.0312, "common_items": 5}
    run.evidence["link"]["drifted"] = [{"code": "I003", "rmsd": 0.0712, "p": 0.001}]
    run.save(update_fields=["evidence"])

    page = operator.get(f"{RUNS}{run.pk}/change/").content.decode()

    assert "A = 1.2500 ± 0.0312" in page
    assert "Haebara over 5 common items" in page
    assert "Drifted, left out of the link" in page
    assert "(curve moved by 0.071)" in page


def test_a_failed_run_shows_its_sentence_and_no_way_to_publish(bank, operator):
    run = finished_run(bank, min_responses=500)

    page = operator.get(f"{RUNS}{run.pk}/change/").content.decode()

    assert "No item of the current release has 500 responses in this window." in page
    assert "too few responses" in page
    assert "Publish release" not in page


def test_the_progress_of_a_run_is_json(bank, operator):
    run = request_run(bank, None, for_worker=False)
    lease = claim(CalibrationRun, run.pk, timezone.now())
    lease.renew(phase="estimating", progress=0.4, evidence={"em": {"iterations": 3}})

    answer = operator.get(f"{RUNS}{run.pk}/progress/")

    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.json() == {
        "status": "running",
        "is_over": False,
        "progress": 0.4,
        "phase": "estimating (EM)",
        "em": {"iterations": 3},
    }


def test_a_run_is_cancelled_by_post_only(bank, operator):
    run = request_run(bank, None, for_worker=False)

    assert operator.get(f"{RUNS}{run.pk}/cancel/").status_code == 405
    answer = operator.post(f"{RUNS}{run.pk}/cancel/", follow=True)

    run.refresh_from_db()
    assert run.status == "cancelled"
    assert "The run is cancelled" in answer.content.decode()
    again = operator.post(f"{RUNS}{run.pk}/cancel/", follow=True)
    assert "The run is over (cancelled) and cannot be cancelled." in again.content.decode()


def test_the_list_takes_the_same_queries_however_many_runs(bank, operator):
    finished_run(bank)
    operator.get(RUNS)
    with CaptureQueriesContext(connection) as for_one:
        operator.get(RUNS)
    for _ in range(4):
        request_run(bank, None, for_worker=False)

    with CaptureQueriesContext(connection) as for_five:
        page = operator.get(RUNS)

    assert page.content.decode().count("<progress") == 5
    assert len(for_five) == len(for_one)


@pytest.mark.parametrize("role", ["author", "teacher"])
def test_other_roles_see_no_runs(bank, client, role):
    run = finished_run(bank)
    client.force_login(make_user(role, role))

    addresses = ["", "add/", f"{run.pk}/change/", f"{run.pk}/progress/"]
    assert [client.get(RUNS + address).status_code for address in addresses] == [403] * 4
    assert client.post(f"{RUNS}{run.pk}/cancel/").status_code == 403


def task_form(**changes) -> dict[str, str]:
    crontab, _ = CrontabSchedule.objects.get_or_create(minute="30", hour="3", timezone="UTC")
    fields = {
        "name": "every night",
        "regtask": "scoring.tasks.start_scheduled_run",
        "kwargs": '{"bank_slug": "maths"}',
        "enabled": "on",
        "description": "",
        "crontab": crontab.pk,
        "interval": "",
        "start_time_0": "",
        "start_time_1": "",
    }
    return fields | changes


def test_an_operator_writes_and_edits_a_schedule(bank, operator):
    answer = operator.post(f"{TASKS}add/", task_form())

    assert answer.status_code == 302
    task = PeriodicTask.objects.get(name="every night")
    assert (task.task, task.enabled) == ("scoring.tasks.start_scheduled_run", True)
    assert task.crontab.hour == "3"
    page = operator.get(f"{TASKS}{task.pk}/change/").content.decode()
    assert '<option value="scoring.tasks.start_scheduled_run" selected>' in page
    operator.post(f"{TASKS}{task.pk}/change/", task_form(enabled=""))
    task.refresh_from_db()
    assert (task.task, task.enabled) == ("scoring.tasks.start_scheduled_run", False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kwargs": '{"bank_slug": "nowhere"}'}, "There are: maths."),
        ({"kwargs": "[]"}, "There are: maths."),
        (
            {"regtask": "scoring.tasks.sweep_runs", "kwargs": '{"bank": 3}'},
            "The task cannot be called with this",
        ),
        (
            {"regtask": "scoring.tasks.sweep_runs", "kwargs": "[]"},
            "The task cannot be called with this",
        ),
        (
            {"regtask": "scoring.tasks.calibrate", "kwargs": "{}"},
            "The task cannot be called with this",
        ),
        ({"kwargs": "maths"}, "Unable to parse JSON"),
        ({"regtask": ""}, "This field is required."),
        ({"crontab": ""}, "must be set"),
    ],
)
def test_a_schedule_that_cannot_work_is_refused(bank, operator, changes, sentence):
    answer = operator.post(f"{TASKS}add/", task_form(**changes))

    assert sentence in answer.content.decode()
    assert not PeriodicTask.objects.filter(name="every night").exists()


def test_the_schedules_pages_open(operator):
    for model in ("periodictask", "crontabschedule", "intervalschedule"):
        for page in ("", "add/"):
            assert operator.get(f"/admin/django_celery_beat/{model}/{page}").status_code == 200
