"""How fast is a live adaptive step? Its time as a ratio to reading its inputs once.

The reference is the least any step can do: exponentiate the log-posterior on the grid and one
logistic curve an item at the new theta. Usage: python -m benchmarks.adaptive_step
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from scoring.irt.adaptive import advance, start
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.policy import Draw, Policy, Selection
from scoring.irt.pool import Pool, build_pool
from scoring.irt.quadrature import normal_grid
from scoring.irt.state import examinees

REPEATS = 1000
POLICY = Policy(selection=Selection(draw=Draw.RANDOMESQUE, among=5))


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


def measure(name: str, pool: Pool) -> None:
    state = start(pool, POLICY, examinees(POLICY, 1))
    for score in (1, 0, 1):
        state = advance(pool, POLICY, state.state, state.item, [score])
    step = median_seconds(lambda: advance(pool, POLICY, state.state, state.item, [1]))
    grid, logits = np.zeros(len(pool.nodes)), np.zeros(pool.n_items)
    unit = median_seconds(lambda: (np.exp(grid), expit(logits)))
    print(f"{name}: {1e6 * step:.0f} us a step = {step / unit:.0f} times the reference")


if __name__ == "__main__":
    measure("1,000 items 3PL", pool_of(1000, 0.0))
    measure("1,000 items, 30% graded", pool_of(1000, 0.3))
