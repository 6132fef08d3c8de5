"""The life of a simulation: requested, carried out, kept; cancelled, taken up again, failed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.audit import AuditEntry
from common.errors import Conflict, InvalidInput
from common.runs.leases import LeaseLost, claim, exclusive
from common.runs.queue import cancel
from items.models import Bank, ReleasedItem
from items.releases import withdraw
from sessions.models import Simulation, Test, TestVersion
from sessions.simulation import execution
from sessions.simulation.execution import execute
from sessions.simulation.requests import (
    SimulationSettings,
    request_simulation,
)
from sessions.tasks import sweep_simulations
from tests.factories import freeze
from tests.sessions.builders import make_bank, make_test
from tests.sessions.simulations import queued, simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return make_test(make_bank(30)).current_version


def expire_lease(run: Simulation) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Simulation.objects.filter(pk=run.pk).update(lease_until=past)


def test_a_simulation_keeps_what_was_simulated_and_what_came_of_it(version):
    run = simulated(version, seed=7)

    assert (run.status, run.error, run.violations, run.progress) == ("succeeded", "", 0, 1.0)
    assert run.release == version.test.bank.current_release
    assert (run.theta_mean, run.theta_sd) == (version.prior_mean, version.prior_sd)
    assert run.points == [-1.0, 0.0, 1.0]
    (policy,) = run.results["policies"]
    assert policy["name"] == "placement v1"
    assert policy["overall"]["examinees"] == 500
    assert (policy["overall"]["shortest"], policy["overall"]["longest"]) == (8, 8)
    assert policy["stops"] == {"max_items": 500}
    assert [point["theta"] for point in policy["by_theta"]] == [-1.0, 0.0, 1.0]
    assert [point["examinees"] for point in policy["by_theta"]] == [50, 50, 50]
    assert len(policy["rates"]) == 30
    assert sum(rate for *_item, rate in policy["rates"]) == pytest.approx(8.0)
    assert policy["violations"] == []


def test_the_population_is_the_versions_prior_unless_it_is_given(version):
    TestVersion.objects.filter(pk=version.pk).update(prior_mean=0.5, prior_sd=0.8)
    version.refresh_from_db()

    usual = queued(version)
    other = queued(version, theta_mean=-1.0, theta_sd=1.2)

    assert (usual.theta_mean, usual.theta_sd) == (0.5, 0.8)
    assert (usual.points[0], usual.points[-1], len(usual.points)) == (-1.9, 2.9, 13)
    assert (other.theta_mean, other.theta_sd) == (-1.0, 1.2)


def test_the_same_seed_gives_the_same_result_and_another_one_another(version):
    first, again, other = (simulated(version, seed=seed) for seed in (3, 3, 4))

    assert first.results == again.results
    assert first.results != other.results


def test_two_versions_are_compared_on_the_same_examinees(version):
    short = TestVersion.objects.create(
        test=version.test, number=2, min_items=3, max_items=4, randomesque=1
    )

    run = simulated(short, comparison=version)

    ours, theirs = run.results["policies"]
    assert (ours["name"], theirs["name"]) == ("placement v2", "placement v1")
    assert (ours["overall"]["length"], theirs["overall"]["length"]) == (4.0, 8.0)
    assert run.results["differences"]["length"] == [-4.0, 0.0]
    assert run.results["differences"]["rmse"][0] > 0
    assert simulated(version).results["policies"][0] == theirs


def test_withdrawn_items_are_not_given(version):
    gone = version.test.bank.items.order_by("pk")[14]
    withdraw(gone, None, "seen on the web")

    (policy,) = simulated(version).results["policies"]

    assert gone.pk not in [item_id for item_id, *_about in policy["rates"]]
    assert policy["overall"]["operational"] == 29


def test_sympson_hetter_is_derived_once_and_its_table_kept(version):
    TestVersion.objects.filter(pk=version.pk).update(
        exposure_method="sympson_hetter", exposure_rate=0.4, randomesque=1, max_items=5
    )

    first = simulated(version)
    second = simulated(version, seed=2)

    (table,) = version.exposure_tables.all()
    assert table.release == first.release
    assert len(table.item_ids) == len(table.probabilities) == 30
    assert first.results["policies"][0]["control"]["rounds"] >= 1
    assert second.results["policies"][0]["control"]["rounds"] == 0
    assert first.results["policies"][0]["overall"]["largest_rate"] < 0.5


@pytest.mark.parametrize(
    "rules",
    [{"exposure_method": "eligibility", "exposure_rate": 0.4}, {"cap_rate": 0.4}],
    ids=["eligibility", "hard cap"],
)
def test_sessions_are_counted_where_their_number_decides(version, rules):
    TestVersion.objects.filter(pk=version.pk).update(randomesque=1, max_items=5, **rules)

    free = {"exposure_method": "none", "cap_rate": None, "number": 2}
    fields = TestVersion.objects.filter(pk=version.pk).values().get()
    uncontrolled = TestVersion.objects.create(**{**fields, **free, "id": None})
    run = simulated(TestVersion.objects.get(pk=version.pk), comparison=uncontrolled)

    controlled, without = (policy["overall"]["largest_rate"] for policy in run.results["policies"])
    assert run.results["policies"][0]["target"] == 0.4
    assert controlled < 0.6 < without


def test_a_shadow_test_keeps_the_blueprint(version):
    TestVersion.objects.filter(pk=version.pk).update(
        content_method="shadow_test", blueprint={"areas": [{"area": "all", "min": 4}]}
    )
    version.refresh_from_db()

    run = simulated(version, examinees=20, points=(0.0, 1.0), per_point=2)

    assert (run.status, run.error, run.violations) == ("succeeded", "", 0)


def test_exposure_control_that_cannot_be_fails_with_a_sentence(version):
    TestVersion.objects.filter(pk=version.pk).update(
        exposure_method="sympson_hetter", exposure_rate=0.05
    )

    run = simulated(version)

    assert run.status == "failed"
    assert run.error.startswith("The exposure control cannot be derived")
    assert not version.exposure_tables.exists()


def test_a_release_without_operational_items_fails_with_a_sentence():
    bank = Bank.objects.create(slug="empty", name="empty", languages=["en"])
    freeze(bank.releases.create())
    version = make_test(bank).current_version

    run = simulated(version)

    assert (run.status, run.violations) == ("failed", None)
    assert run.error.startswith("empty release 1 has no operational item: calibrate its pretest")


def test_a_bank_without_a_release_cannot_be_simulated():
    test = Test.objects.create(
        slug="new", bank=Bank.objects.create(slug="none", name="none"), title={"en": "New"}
    )
    version = TestVersion.objects.create(test=test, number=1)

    with pytest.raises(Conflict) as refused:
        request_simulation(version, None, None)

    assert refused.value.code == "no_release"
    assert not Simulation.objects.exists()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"examinees": 1}, "Simulate 2 to 100,000 examinees."),
        ({"theta_sd": 0.0}, "The population needs a mean between -20 and 20 and an SD above 0"),
        ({"theta_mean": float("nan")}, "The population needs a mean between -20 and 20"),
        ({"points": (1.0, 1.0)}, "Name 2 to 41 points of θ."),
        ({"points": (0.0, float("inf"))}, "Name 2 to 41 points of θ."),
        ({"per_point": 1}, "Simulate 2 to 10,000 examinees at each point."),
        ({"seed": 2**63}, "less than or equal to 9223372036854775807"),
    ],
    ids=str,
)
def test_settings_that_no_simulation_can_have_are_refused(version, settings, sentence):
    known = Simulation.objects.count()

    with pytest.raises(InvalidInput, match=sentence):
        request_simulation(version, None, None, SimulationSettings(**settings))

    assert Simulation.objects.count() == known


def test_versions_of_another_bank_are_not_compared(version):
    other = make_test(make_bank(3, slug="other"), slug="other").current_version

    with pytest.raises(InvalidInput, match="Compare with a version of a test on the same bank"):
        queued(version, comparison=other)


def test_a_queued_simulation_is_cancelled_at_once(version):
    run = queued(version)

    cancel(run, None)

    run.refresh_from_db()
    assert (run.status, run.violations) == ("cancelled", None)
    assert AuditEntry.objects.get(act="cancel_simulation").object_id == str(run.pk)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.status, run.attempt) == ("cancelled", 0)


def test_a_running_simulation_is_cancelled_when_it_reports_next(version, monkeypatch):
    run = queued(version)
    real = execution.usable_pool

    def cancel_meanwhile(release):
        cancel(run, None)
        return real(release)

    monkeypatch.setattr(execution, "usable_pool", cancel_meanwhile)
    execute(run.pk)

    run.refresh_from_db()
    assert (run.status, run.results) == ("cancelled", {})


def test_a_second_delivery_of_the_task_changes_nothing(version):
    run = simulated(version)
    ended = run.finished_at

    execute(run.pk)
    with exclusive(Simulation, run.pk) as is_mine:
        assert is_mine is True

    run.refresh_from_db()
    assert (run.attempt, run.finished_at) == (1, ended)


def test_a_dead_workers_simulation_is_swept_up_and_carried_out(version, monkeypatch):
    run = queued(version, examinees=500)
    dead = claim(Simulation, run.pk, timezone.now())
    sent = []
    monkeypatch.setattr("common.runs.queue.enqueue", lambda run, expires: sent.append(run.pk))
    sweep_simulations()
    assert sent == []

    expire_lease(run)
    sweep_simulations()
    execute(run.pk)

    run.refresh_from_db()
    assert sent == [run.pk]
    assert (run.status, run.attempt) == ("succeeded", 2)
    with pytest.raises(LeaseLost):
        dead.renew(progress=0.5)


def test_a_simulation_that_loses_its_workers_every_time_fails_with_a_sentence(version):
    run = queued(version)
    for _ in range(3):
        assert claim(Simulation, run.pk, timezone.now()) is not None
        expire_lease(run)

    execute(run.pk)

    run.refresh_from_db()
    assert run.status == "failed"
    assert run.error.startswith("The worker was lost 3 times while it computed this run.")


def test_an_unexpected_error_ends_the_simulation_as_failed(version, monkeypatch):
    def explode(*args):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(execution, "results_of", explode)

    run = simulated(version)

    assert run.status == "failed"
    assert run.error == "Unexpected ZeroDivisionError: by zero. The worker's log has the details."


def test_violations_are_counted_and_named(version, monkeypatch):
    """The engine makes none, so a version is judged by a rule that it did not simulate by."""
    real = execution._batches

    def by_longer_tests(pool, policy, of_version, theta, seed):
        longer = TestVersion.objects.get(pk=of_version.pk)
        longer.max_items = 10
        from sessions.delivery.plan import plan_of

        return real(pool, plan_of(longer).policy, of_version, theta, seed)

    monkeypatch.setattr(execution, "_batches", by_longer_tests)

    run = simulated(version)

    assert run.status == "succeeded"
    assert run.violations == 500 + 150
    assert run.results["policies"][0]["violations"] == [["longest", "", 650]]


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "running"}, "sessions_simulation_running_has_lease"),
        (
            {"status": "succeeded", "finished_at": timezone.now()},
            "sessions_simulation_success_counts_violations",
        ),
        ({"status": "failed", "finished_at": timezone.now()}, "sessions_simulation_failure_has"),
        ({"examinees": 1}, "sessions_simulation_size"),
        ({"points": [1.0]}, "sessions_simulation_points"),
    ],
)
def test_the_database_refuses_an_impossible_simulation(version, fields, constraint):
    run = queued(version)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Simulation.objects.filter(pk=run.pk).update(**fields)


def test_pretest_items_are_no_operational_ones(version):
    row = ReleasedItem.objects.order_by("pk").first()
    new = row.release.bank.releases.create(base=row.release)
    for other in row.release.released_items.all():
        other.pk, other.release = None, new
        other.role = "pretest" if other.item_id == row.item_id else "operational"
        other.save(force_insert=True)
    freeze(new)

    (policy,) = simulated(version).results["policies"]

    assert policy["overall"]["operational"] == 29
    assert [code for _id, code, operational, _rate in policy["rates"] if not operational] == [
        row.item.code
    ]
