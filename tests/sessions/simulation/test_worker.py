"""A real Celery worker on a real broker simulates; it is killed with -9 in between."""

import pytest
from django.utils import timezone

from sessions.models import Simulation
from sessions.simulation.requests import SimulationSettings, request_simulation
from sessions.tasks import sweep_simulations
from tests.sessions.builders import make_bank, make_test
from tests.workers import kill, queue, start_worker, wait_for

__all__ = ["queue", "start_worker"]  # fixtures


def has_expired(run: Simulation) -> bool:
    return Simulation.objects.claimable(timezone.now()).filter(pk=run.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_simulation_loses_nothing(start_worker):
    version = make_test(make_bank(60), max_items=30).current_version
    first = start_worker()
    # So many that the worker is at it when it is killed; then few, so that the next one ends.
    run = request_simulation(version, None, None, SimulationSettings(examinees=100_000))
    wait_for(run, lambda run: run.phase == "simulating" and run.progress > 0)

    kill(first)

    assert (run.status, run.attempt) == ("running", 1)
    Simulation.objects.filter(pk=run.pk).update(examinees=500, per_point=50)
    start_worker()
    wait_for(run, has_expired)
    sweep_simulations()
    sweep_simulations()
    wait_for(run, lambda run: run.is_over)

    assert (run.status, run.attempt, run.error) == ("succeeded", 2, "")
    assert run.results["policies"][0]["overall"]["examinees"] == 500
