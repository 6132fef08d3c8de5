"""Carrying a simulation out: read the release, derive exposure control, simulate, sum up."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from common.runs.leases import Lease, carry_out
from irt.arrays import FloatArray
from irt.policy.blueprint import Method
from irt.policy.policy import ExposureMethod, Policy
from irt.pool import Pool
from irt.simulation.sequential import Cap, simulate_blocks
from irt.simulation.sessions import Sessions, join_sessions, simulate_batches
from sessions.models import Simulation, TestVersion
from sessions.rules.policies import policy_of
from sessions.simulation.exposure import control_exposure, usable_pool
from sessions.simulation.processes import share_shadow_tests
from sessions.simulation.results import Results, Simulated, results_of

Phase = Simulation.Phase
# Told what is being done and how far it is, from 0 to 1; raises to stop the simulation.
Report = Callable[[Phase, float], None]
# They take long: a batch is a few seconds of the progress bar.
SHADOW_TESTS_AT_ONCE, FEWEST_TO_SHARE = 64, 50


def execute(run_id: int, watch: Report | None = None) -> None:
    """Carry the simulation out to its end, if nobody else does; as `leases.carry_out`.

    `watch` is told what the row tells: phase and progress.
    """
    carry_out(Simulation, run_id, partial(_work, watch=watch))


def _work(lease: Lease, found: dict[str, Any], watch: Report | None) -> None:
    related = ("test_version__test__bank", "release__bank", "comparison__test")
    run = Simulation.objects.select_related(*related).get(pk=lease.run_id)

    def report(phase: Phase, done: float) -> None:
        lease.renew(phase=phase, progress=done)
        if watch:
            watch(phase, done)

    results = simulate(run, report)
    violated = results["policies"][0]["violated"]
    succeeded = Simulation.Status.SUCCEEDED
    lease.end(succeeded, progress=1.0, results=results, violations=violated)


def simulate(run: Simulation, report: Report, *, is_kept: bool = True) -> Results:
    """Simulate the version, and the one to compare with on the same examinees.

    Derived exposure control is written as an ExposureTable where the simulation `is_kept`. The run
    need not be saved. Raises Conflict where the test cannot be given.
    """
    versions = [run.test_version, *filter(None, [run.comparison])]
    simulated = []
    for number, version in enumerate(versions):

        def report_part(phase: Phase, done: float, number: int = number) -> None:
            shown = Phase.COMPARING if number else phase
            report(shown, (number + done) / len(versions))

        policy = policy_of(version)
        with _processes(policy, run.examinees):
            simulated.append(_simulate_version(run, version, policy, report_part, is_kept))
    return results_of(simulated)


def _processes(policy: Policy, examinees: int) -> AbstractContextManager[None]:
    """Shadow tests are shared by all cores, unless starting the processes would take longer."""
    shadow = policy.blueprint.method == Method.SHADOW_TEST
    is_worth_it = shadow and examinees >= FEWEST_TO_SHARE
    return share_shadow_tests() if is_worth_it else nullcontext()


class _Seeds(NamedTuple):
    """Of the streams of one simulation, the same for both versions: common random numbers."""

    abilities: int
    population: int
    points: int
    control: int


def _simulate_version(
    run: Simulation, version: TestVersion, policy: Policy, report: Report, is_kept: bool
) -> Simulated:
    report(Phase.PREPARING, 0.0)
    seeds = _Seeds(*np.random.SeedSequence(run.seed).generate_state(4, np.uint64).tolist())
    pool = usable_pool(run.release)
    controlled = control_exposure(
        version, run.release, pool, policy, seeds.control, report, is_kept=is_kept
    )
    ability = np.random.default_rng(seeds.abilities).standard_normal(run.examinees)
    population = run.theta_mean + run.theta_sd * ability
    # Not point by point: where sessions are counted, each ability comes up all the time.
    points = np.tile(run.points, run.per_point)
    total, done = len(population) + len(points), 0

    def sessions(theta: FloatArray, seed: int) -> Sessions:
        nonlocal done
        parts = []
        for part in _batches(controlled.pool, policy, version, theta, seed):
            parts.append(part)
            done += part.n_sessions
            report(Phase.SIMULATING, controlled.share + (1 - controlled.share) * done / total)
        return join_sessions(parts)

    return Simulated(
        version=version,
        policy=policy,
        population=sessions(population, seeds.population),
        at_points=sessions(points, seeds.points),
        control=controlled.control,
    )


def _batches(
    pool: Pool, policy: Policy, version: TestVersion, theta: FloatArray, seed: int
) -> Iterator[Sessions]:
    """The sessions, in sequence where their number decides what the next ones may be given."""
    by_eligibility = policy.exposure.method == ExposureMethod.ELIGIBILITY
    if version.cap_rate is None and not by_eligibility:
        shadow = policy.blueprint.method == Method.SHADOW_TEST
        batch = SHADOW_TESTS_AT_ONCE if shadow else None
        yield from simulate_batches(pool, policy, theta, seed, batch=batch)
        return
    hard_cap = version.cap_rate and Cap(version.cap_rate, version.cap_minimum)
    # Delivery counts all sessions of a test alike; so that nothing fades here either.
    yield from simulate_blocks(pool, policy, theta, seed, hard_cap=hard_cap or None, keep=1.0)
