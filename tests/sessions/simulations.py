"""Simulations in tests: requested and carried out in this process."""

from sessions.models import Simulation, TestVersion
from sessions.simulation.execution import execute
from sessions.simulation.requests import SimulationSettings, request_simulation


def queued(version: TestVersion, **settings) -> Simulation:
    return request_simulation(version, None, None, SimulationSettings(**settings), for_worker=False)


def simulated(version: TestVersion, **settings) -> Simulation:
    """As small as the gate allows, unless said otherwise."""
    run = queued(version, **{"examinees": 500, "points": (-1.0, 0.0, 1.0), **settings})
    execute(run.pk)
    run.refresh_from_db()
    return run
