"""Simulated sessions by several processes, for shadow tests, whose programs take their time.

Solving a program holds Python's lock, so that threads would wait for each other.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context

from numpy.typing import ArrayLike

from scoring.irt.policy import Policy
from scoring.irt.pool import Pool
from scoring.irt.simulation.sessions import Sessions, run_sessions, simulated_examinees

# So that no process is idle for long while another has its last batch.
_BATCHES_PER_PROCESS = 8


def simulate_in_parallel(
    pool: Pool, policy: Policy, true_theta: ArrayLike, seed: int, *, processes: int
) -> Iterator[Sessions]:
    """The sessions of `simulate_sessions`, in their order and a batch at a time.

    New processes are spawned, about a second each: the main module of a program that calls this
    must be importable without effect. Raises ValueError as `simulate_sessions`, and for fewer than
    1 process.
    """
    if processes < 1:
        raise ValueError("a simulation needs 1 or more processes")
    everybody = simulated_examinees(pool, true_theta, seed)
    groups = everybody.split(-(-len(everybody.place) // (_BATCHES_PER_PROCESS * processes)))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as executor:
        for part in executor.map(partial(run_sessions, pool, policy), groups):
            yield replace(part, pool=pool)
