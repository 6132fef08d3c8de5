"""The life of a simulation: requested, carried out, kept; cancelled, taken up again, failed."""

import pytest

from sessions.models import Simulation
from sessions.simulation.execution import execute
from sessions.simulation.requests import SimulationSettings, request_simulation
from sessions.specification import create_test_version
from tests.sessions.builders import make_bank, make_test

pytestmark = pytest.mark.django_db


def simulated(version, **settings) -> Simulation:
    run = request_simulation(version, None, None, SimulationSettings(**settings), for_worker=False)
    execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_simulation_says_how_the_test_does_as_a_whole_and_by_theta():
    test = make_test(make_bank(40))
    run = simulated(test.current_version)
    assert run.error == ""
    from sessions.simulation.report.sections import sections_of, verdict_of
    from items.report.page import render
    from django.utils import timezone
    print(verdict_of(run))
    __import__("pathlib").Path("/tmp/sim.html").write_text(render("Simulation", sections_of(run), [], timezone.now()))
