"""How fast is a shadow test? Its time as a ratio to choosing by maximum information alone.

1,000 items and 30 kinds of constraints: length, 12 areas in a tree with minimums and maximums,
minimum and maximum of 20 passages, enemies (40 groups), words, and with `--seconds` time as well.
Every step of a few sessions is solved and timed, in CPU time, so that other work on the machine
counts less; then a batch of sessions on one core and on all, in wall time, which needs idle cores.

Usage: python -m benchmarks.shadow_test [--seconds]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import sys
import time

import numpy as np

from irt.adaptive import start
from irt.arrays import FloatArray
from irt.constraints.satisfaction import violations
from irt.constraints.shadow_test import shadow_tests
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model
from irt.policy.blueprint import AreaBound, Blueprint, Method, SetBound
from irt.policy.policy import Policy
from irt.policy.stopping_rules import Stopping
from irt.pool import Attributes, Pool, build_pool
from irt.quadrature import normal_grid
from irt.state import examinees
from sessions.simulation.processes import share_shadow_tests

N_ITEMS = 1000
LENGTH = 30
SESSIONS = 6
BATCH = 40


def benchmark_pool() -> Pool:
    rng = np.random.default_rng(1)
    leaf = rng.integers(0, 10, N_ITEMS)
    stimulus = np.full(N_ITEMS, -1)
    passages = np.flatnonzero(leaf == 9)
    stimulus[passages] = np.arange(len(passages)) // 5
    enemies = np.zeros((N_ITEMS, N_ITEMS), dtype=bool)
    for _ in range(40):
        group = rng.choice(N_ITEMS, 3, replace=False)
        enemies[np.ix_(group, group)] = True
    np.fill_diagonal(enemies, False)
    categories = {f"leaf {number}": leaf == number for number in range(10)}
    categories |= {"algebra": leaf < 4, "geometry": (leaf >= 4) & (leaf < 8)}
    rows: list[tuple[Model, float, float, float, float]] = [
        (Model.THREE_PL, a, b, 0.2, 1.0)
        for a, b in zip(rng.lognormal(0.2, 0.3, N_ITEMS), rng.standard_normal(N_ITEMS), strict=True)
    ]
    return build_pool(
        np.arange(N_ITEMS),
        ItemParameters.from_rows(rows),
        normal_grid(),
        Attributes(
            stimulus=stimulus,
            enemies=enemies,
            categories=categories,
            words=rng.integers(20, 90, N_ITEMS),
            seconds=rng.integers(30, 120, N_ITEMS),
        ),
    )


def benchmark_policy(max_seconds: float | None) -> Policy:
    """12 minimums, 12 maximums, length, words, sets (minimum, maximum) and enemies."""
    leaves = tuple(AreaBound(f"leaf {number}", 1, 5) for number in range(9))
    return Policy(
        stopping=Stopping(LENGTH, LENGTH),
        blueprint=Blueprint(
            method=Method.SHADOW_TEST,
            areas=(
                *leaves,
                AreaBound("leaf 9", 3, 7),
                AreaBound("algebra", 8, 14),
                AreaBound("geometry", 8, 14),
            ),
            sets=(SetBound(None, 3, 4),),
            max_words=1500,
            max_seconds=max_seconds,
        ),
    )


def session_times(pool: Pool, policy: Policy, theta: float, seed: int) -> tuple[list[float], bool]:
    """CPU seconds of each step of a session whose estimate closes in on theta; all kept?"""
    rng = np.random.default_rng(seed)
    state = start(pool, policy, examinees(policy, [seed])).state
    items = np.empty((1, 0), dtype=np.int64)
    administered = np.zeros((1, pool.n_items), dtype=bool)
    times = []
    for step in range(LENGTH):
        now = type(state)(**{**vars(state), "items": items, "administered": administered})
        at = np.array([theta + rng.normal() / np.sqrt(step + 1)])
        information = np.ascontiguousarray(item_information(pool.parameters, at).T)
        began = time.process_time()
        chosen = shadow_tests(pool, policy, now, information, np.ones_like(administered))
        times.append(time.process_time() - began)
        item = np.where(chosen, information, -1).argmax(axis=1)
        items = np.column_stack([items, item])
        administered[0, item] = True
    return times, violations(pool, policy, items).total == 0


def maximum_information_seconds(pool: Pool) -> float:
    taken = []
    for _ in range(200):
        began = time.process_time()
        information: FloatArray = item_information(pool.parameters, np.array([0.3]))
        information.argmax()
        taken.append(time.process_time() - began)
    return float(np.median(taken))


def speed_up(pool: Pool, policy: Policy) -> float:
    """Wall time of a batch of first shadow tests on one core, as a multiple of all cores."""
    state = start(pool, policy, examinees(policy, [1] * BATCH)).state
    theta = np.linspace(-2, 2, BATCH)
    information = np.ascontiguousarray(item_information(pool.parameters, theta).T)
    arguments = (pool, policy, state, information, np.ones_like(state.administered))

    def wall_time() -> float:
        began = time.perf_counter()
        shadow_tests(*arguments)
        return time.perf_counter() - began

    alone = wall_time()
    with share_shadow_tests():
        wall_time()  # the processes start
        return alone / wall_time()


if __name__ == "__main__":
    pool, policy = benchmark_pool(), benchmark_policy(2100 if "--seconds" in sys.argv else None)
    runs = [
        session_times(pool, policy, theta, seed)
        for seed, theta in enumerate(np.linspace(-2, 2, SESSIONS))
    ]
    times = np.array([seconds for run, _ in runs for seconds in run])
    print(f"{N_ITEMS:,} items, {len(times)} shadow tests")
    print(f"all constraints kept: {all(kept for _, kept in runs)}")
    print(f"median {1e3 * np.median(times):.1f} ms, p99 {1e3 * np.quantile(times, 0.99):.1f} ms")
    print(f"= {np.median(times) / maximum_information_seconds(pool):.0f} x maximum information")
    print(f"all {os.cpu_count()} cores: {speed_up(pool, policy):.2f} x as fast as one")
