"""How fast is calibration? CPU time of a whole 2PL fit as a ratio to T.

T is the CPU time of the two matrix products without which no E-step can do: responses times
log-probabilities and its transpose times the posterior (61 nodes), in the same run on one thread.
Goal: at most 40 T. Usage: python -m benchmarks.calibration
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import time
from collections.abc import Callable

import numpy as np
from scipy import sparse

from scoring.irt.calibration.calibrate import calibrate
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.responses import MISSING, dense_responses, sparse_responses
from scoring.irt.simulation import simulate_responses

NODES = 61
REPEATS = 5


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least of several runs."""
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


def simulated(n_persons: int, n_items: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    slopes, difficulties = rng.lognormal(0.2, 0.3, n_items), rng.standard_normal(n_items)
    items = ItemParameters.from_rows(
        (Model.TWO_PL, a, b, 0.0, 1.0) for a, b in zip(slopes, difficulties, strict=True)
    )
    return simulate_responses(items, rng.standard_normal(n_persons), rng)


def dense(n_persons: int, n_items: int) -> None:
    scores = simulated(n_persons, n_items)
    design = scores.astype(float)
    rows, posterior = np.ones((n_items, NODES)), np.ones((n_persons, NODES))
    unit = cpu_seconds(lambda: (design @ rows, design.T @ posterior))
    responses = dense_responses(scores)
    fit = cpu_seconds(lambda: calibrate(responses, ["2pl"] * n_items, with_standard_errors=False))
    report(f"dense {n_persons} x {n_items}", unit, fit)


def adaptive(n_persons: int, n_items: int, length: int) -> None:
    rng = np.random.default_rng(2)
    scores = simulated(n_persons, n_items)
    ranks = rng.random(scores.shape).argsort(axis=1).argsort(axis=1)
    scores[ranks >= length] = MISSING
    person, item = np.nonzero(scores != MISSING)
    score = scores[person, item]
    one_hot = sparse.csr_array(
        (np.ones(len(person)), (person, 2 * item + score)), shape=(n_persons, 2 * n_items)
    )
    rows, posterior = np.ones((2 * n_items, NODES)), np.ones((n_persons, NODES))
    unit = cpu_seconds(lambda: (one_hot @ rows, one_hot.T @ posterior))
    responses = sparse_responses(person, item, score, n_persons=n_persons, n_items=n_items)
    fit = cpu_seconds(lambda: calibrate(responses, ["2pl"] * n_items, with_standard_errors=False))
    report(f"sparse {n_persons} x {n_items}, {length} each", unit, fit)


def report(name: str, unit: float, fit: float) -> None:
    print(f"{name}: T = {1e3 * unit:.1f} ms, fit = {1e3 * fit:.0f} ms = {fit / unit:.0f} T")


if __name__ == "__main__":
    dense(10_000, 50)
    dense(50_000, 100)
    adaptive(10_000, 500, 30)
