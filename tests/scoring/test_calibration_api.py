"""The calibration API: who may do what, what goes in, what comes out."""

import json

import pytest
from django.utils import timezone

from items.item_parameters import Parameters
from items.release_rows import set_parameters
from scoring.models import CalibrationRun
from scoring.recalibration.requests import request_run
from sessions.delivery.delivery import start_session
from sessions.models import Test, TestVersion
from sessions.people.tickets import session_token
from tests.factories import make_user
from tests.scoring.builders import build_bank, finished_run, two_pl
from tests.sessions.builders import make_student, pass_simulation
from tests.sessions.client import bearing

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/calibration-runs"
DOUBTED = Parameters("2pl", 1.0, (0.0,))


@pytest.fixture
def bank(answered_bank):
    return answered_bank


@pytest.fixture
def sign_in(client):
    def as_role(role):
        client.force_login(make_user(role, role))
        return client

    return as_role


def post(client, address, body=None, raw=None, **options):
    data = json.dumps(body or {}) if raw is None else raw
    return client.post(address, data, content_type="application/json", **options)


def test_an_operator_starts_follows_and_publishes_a_run(bank, sign_in):
    client = sign_in("operator")

    created = post(client, RUNS, {"bank": "maths", "min_responses": 50, "note": "autumn"})

    assert created.status_code == 201
    run = CalibrationRun.objects.get()
    expected = {
        "id": run.pk,
        "bank": "maths",
        "status": "queued",
        "progress": 0.0,
        "requested_by": "operator",
        "min_responses": 50,
        "note": "autumn",
        "standing_release": None,
        "draft": None,
        "published_release": None,
        "evidence": {},
    }
    assert created.json() | expected == created.json()

    from scoring.recalibration.execution import execute

    execute(run.pk)
    followed = client.get(f"{RUNS}/{run.pk}").json()
    run.refresh_from_db()
    assert (followed["status"], followed["progress"]) == ("succeeded", 1.0)
    assert (followed["standing_release"], followed["draft"]) == (1, run.draft_id)
    assert followed["evidence"] == run.evidence

    published = post(client, f"{RUNS}/{run.pk}/publish", {"reason": "looks right"})
    assert published.status_code == 200
    assert published.json()["release"] == 2
    assert client.get(f"{RUNS}/{run.pk}").json()["published_release"] == 2


def test_the_list_is_filtered_and_leaves_the_evidence_out(
    bank, sign_in, django_assert_max_num_queries
):
    finished_run(bank)
    queued = request_run(bank, None, for_worker=False)
    request_run(build_bank(two_pl(3), slug="other")[0], None, for_worker=False)
    client = sign_in("operator")

    with django_assert_max_num_queries(8):
        page = client.get(RUNS, {"bank": "maths", "status": "queued"}).json()

    assert page["count"] == 1
    assert page["results"][0]["id"] == queued.pk
    assert "evidence" not in page["results"][0]
    assert client.get(RUNS).json()["count"] == 3


def test_the_list_takes_the_same_queries_however_long_it_is(
    bank, sign_in, django_assert_num_queries
):
    client = sign_in("operator")
    request_run(bank, None, for_worker=False)
    client.get(RUNS)
    for _ in range(5):
        request_run(bank, None, for_worker=False)

    with django_assert_num_queries(6):
        assert client.get(RUNS).json()["count"] == 6


def test_a_queued_run_is_cancelled_once(bank, sign_in):
    run = request_run(bank, None, for_worker=False)
    client = sign_in("operator")

    first, second = (post(client, f"{RUNS}/{run.pk}/cancel") for _ in range(2))

    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert (second.status_code, second.json()["code"]) == (409, "run_is_over")


def test_a_run_is_published_as_it_was_seen(bank, sign_in):
    run = finished_run(bank)
    client = sign_in("operator")
    address, reason = f"{RUNS}/{run.pk}", {"reason": "looks right"}
    seen = client.get(address).headers["ETag"]
    set_parameters(run.draft, bank.items.first().newest_version, DOUBTED, None, "by hand")

    refused = post(client, f"{address}/publish", reason, headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    assert bank.current_release.number == 1

    seen = client.get(address).headers["ETag"]
    published = post(client, f"{address}/publish", reason, headers={"If-Match": seen})
    assert (published.status_code, bank.current_release.number) == (200, 2)


def test_a_run_that_has_ended_is_not_cancelled_unseen(bank, sign_in):
    run = request_run(bank, None, for_worker=False)
    client = sign_in("operator")
    address = f"{RUNS}/{run.pk}"
    seen = client.get(address).headers["ETag"]
    CalibrationRun.objects.filter(pk=run.pk).update(status="running", lease_until=timezone.now())

    refused = post(client, f"{address}/cancel", headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    run.refresh_from_db()
    assert run.cancel_requested_at is None
    now = client.get(address).headers["ETag"]
    assert post(client, f"{address}/cancel", headers={"If-Match": now}).status_code == 200


@pytest.mark.parametrize("role", ["author", "teacher"])
def test_other_roles_are_refused_everywhere(bank, sign_in, role):
    run = finished_run(bank)
    client = sign_in(role)

    answers = [
        client.get(RUNS),
        client.get(f"{RUNS}/{run.pk}"),
        post(client, RUNS, {"bank": "maths"}),
        post(client, f"{RUNS}/{run.pk}/cancel"),
        post(client, f"{RUNS}/{run.pk}/publish", {"reason": "I may not"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert CalibrationRun.objects.count() == 1
    assert bank.current_release.number == 1


def test_strangers_are_unknown(bank, client):
    assert client.get(RUNS).status_code == 401
    assert post(client, RUNS, {"bank": "maths"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"bank": "nowhere"}, 404, "unknown_bank"),
        ({}, 400, "invalid"),
        ({"bank": "maths", "status": "succeeded"}, 400, "unknown_field"),
        ({"bank": "maths", "nodes": "61"}, 400, "invalid"),
        ({"bank": "maths", "nodes": 7}, 400, "invalid"),
        ({"bank": "maths", "tolerance": 0.5}, 400, "invalid_settings"),
        ({"bank": "maths", "window_start": "2999-01-01T00:00:00Z"}, 400, "invalid_settings"),
        ({"bank": "maths", "window_start": "yesterday"}, 400, "invalid"),
        ({"bank": "maths", "min_responses": 2**40}, 400, "invalid"),
    ],
)
def test_bad_input_is_refused_and_nothing_written(bank, sign_in, body, status, code):
    answer = post(sign_in("operator"), RUNS, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert CalibrationRun.objects.count() == 0


def test_a_body_that_is_not_json_is_refused(bank, sign_in):
    answer = post(sign_in("operator"), RUNS, raw="bank=maths")

    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")


def test_an_unknown_run_is_not_found(sign_in):
    answer = sign_in("operator").get(f"{RUNS}/999")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_run")


def test_publishing_needs_a_reason_and_a_draft(bank, sign_in):
    good, bad = finished_run(bank), finished_run(bank, min_responses=1000)
    client = sign_in("operator")

    without_reason = post(client, f"{RUNS}/{good.pk}/publish")
    without_draft = post(client, f"{RUNS}/{bad.pk}/publish", {"reason": "all right"})

    assert (without_reason.status_code, without_reason.json()["code"]) == (400, "invalid")
    assert (without_draft.status_code, without_draft.json()["code"]) == (409, "no_draft")
    assert bank.current_release.number == 1


def test_the_bearer_of_a_ticket_is_known_and_may_do_nothing(bank):
    test = Test.objects.create(slug="bearer", bank=bank, title={"en": "T"})
    pass_simulation(TestVersion.objects.create(test=test, number=1))
    session_id, _ = start_session(make_student(), test, timezone.now(), invited=True)
    run = finished_run(bank)
    bearer, stranger = bearing(session_token(session_id, 0)), bearing("no token of ours")

    def ask(client):
        return [
            client.get(RUNS),
            client.get(f"{RUNS}/{run.pk}"),
            post(client, RUNS, {"bank": "maths"}),
            post(client, f"{RUNS}/{run.pk}/cancel"),
            post(client, f"{RUNS}/{run.pk}/publish", {"reason": "I may not"}),
        ]

    refused, unknown = ask(bearer), ask(stranger)
    assert {(one.status_code, one.json()["code"]) for one in refused} == {
        (403, "permission_denied")
    }
    assert {(one.status_code, one.json()["code"]) for one in unknown} == {
        (401, "authentication_failed")
    }
    assert {one.headers["WWW-Authenticate"] for one in unknown} == {"Bearer"}
    assert {one.json()["message"] for one in refused} == {"You may not do this."}
    assert CalibrationRun.objects.count() == 1
