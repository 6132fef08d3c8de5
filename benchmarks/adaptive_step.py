"""How fast is a live adaptive step? Its time as a ratio to reading its inputs once.

The reference is the least any step can do: exponentiate the log-posterior on the grid and one
logistic curve an item at the new theta. An examinee has given three answers and now the fourth, on
banks of 1,000 items; bare as in simulation, and explained as in delivery.
Usage: python -m benchmarks.adaptive_step
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from irt.adaptive import advance, start
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Draw, Estimation, Estimator, Policy, Selection
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.state import examinees

REPEATS = 1000
POLICIES = {
    "maximum information, best": Policy(),
    **{
        f"maximum information, {draw}": Policy(selection=Selection(draw=draw, among=5))
        for draw in (Draw.RANDOMESQUE, Draw.PROGRESSIVE, Draw.PROPORTIONAL)
    },
    **{
        f"{criterion}, best": Policy(selection=Selection(criterion=criterion))
        for criterion in Criterion
        if criterion != Criterion.MAXIMUM_INFORMATION
    },
    **{
        f"maximum information, best, by {estimator}": Policy(
            estimation=Estimation(interim=estimator)
        )
        for estimator in Estimator
        if estimator != Estimator.EAP
    },
}


def median_seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return float(np.median(taken))


def pool_of(n_items: int, graded_share: float) -> Pool:
    rng = np.random.default_rng(1)
    rows: list[tuple[Model, float, ArrayLike, float, float]] = []
    for item in range(n_items):
        a = rng.lognormal(0.2, 0.3)
        if item < graded_share * n_items:
            rows.append((Model.GRADED, a, np.sort(rng.normal(size=4)), 0.0, 1.0))
        else:
            rows.append((Model.THREE_PL, a, rng.normal(), 0.2, 1.0))
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid())


def seconds_a_step(pool: Pool, policy: Policy, *, explain: bool) -> float:
    step = start(pool, policy, examinees(policy, 1))
    for score in (1, 0, 1):
        step = advance(pool, policy, step.state, step.item, score)
    return median_seconds(lambda: advance(pool, policy, step.state, step.item, 1, explain=explain))


def measure(name: str, pool: Pool) -> None:
    print(name)
    grid, logits = np.zeros(len(pool.nodes)), np.zeros(pool.n_items)
    unit = median_seconds(lambda: (np.exp(grid), expit(logits)))
    for rules, policy in POLICIES.items():
        bare, explained = (seconds_a_step(pool, policy, explain=asked) for asked in (False, True))
        print(
            f"  {rules:40s}{1e6 * bare:6.0f} us = {bare / unit:4.0f} times the reference, "
            f"explained {1e6 * explained:6.0f} us = {explained / unit:4.0f} times"
        )


if __name__ == "__main__":
    measure("1,000 items 3PL", pool_of(1000, 0.0))
    measure("1,000 items, 30% graded", pool_of(1000, 0.3))
