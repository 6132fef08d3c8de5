"""How often do classifications err, and how long are their tests, when they must end in time?

Examinees at the cut score plus theta take adaptive tests of maximum information from a bank of 500
3PL items; alpha = beta = 0.05, indifference 0.3, confidence 0.95. Where the rule has not decided at
the maximum length, the estimate decides. "errors" is the share on the wrong side of the cut (none
has a wrong side at the cut itself), "of Wald" its ratio to alpha / (1 - beta), which SPRT promises
at the indifference limits of tests without a maximum, "undecided" the share that was cut short.
Usage: python -m benchmarks.classification [--examinees 1000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse

import numpy as np

from irt.ability import Ability
from irt.adaptive import advance, start
from irt.arrays import IntArray
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Policy
from irt.policy.stopping_rules import Classified, Classifier, Stopping, StopReason
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.state import examinees
from irt.stopping.classification import classified_level

CUT, ALPHA, BETA, INDIFFERENCE = 0.0, 0.05, 0.05, 0.3
LENGTHS = (30, 60, 500)
DISTANCES = (-1.0, -0.6, -0.3, 0.0, 0.3, 0.6, 1.0)
PER_BATCH = 250


def bank() -> Pool:
    rng = np.random.default_rng(301)
    a, b = rng.lognormal(0.2, 0.3, 500), rng.normal(0, 1, 500)
    c = rng.uniform(0.1, 0.25, 500)
    rows = [(Model.THREE_PL, *values, 1.0) for values in zip(a, b, c, strict=True)]
    return build_pool(np.arange(500), ItemParameters.from_rows(rows), normal_grid())


def outcomes(
    pool: Pool, policy: Policy, theta: float, seed: int, n: int
) -> tuple[IntArray, IntArray, IntArray]:
    """(n,) level, length and `StopReason` of examinees with one theta."""
    rng = np.random.default_rng(seed)
    correct = category_probabilities(pool.parameters, np.array([theta]))[:, 1, 0]
    step = start(pool, policy, examinees(policy, rng.integers(0, 2**63, n)))
    parts = []
    while step.stop.size:
        ended = np.flatnonzero(step.stop != StopReason.CONTINUE)
        state = step.state.take(ended)
        ability = Ability(step.theta[ended], step.standard_error[ended])
        level = classified_level(pool, policy, state, ability)
        parts.append(np.stack([level, state.length, step.stop[ended]]))
        going = np.flatnonzero(step.stop == StopReason.CONTINUE)
        if not going.size:
            break
        item = step.item[going]
        score = (rng.random(len(going)) < correct[item]).astype(np.int64)
        step = advance(pool, policy, step.state.take(going), item, score)
    level, length, stop = np.concatenate(parts, axis=1)
    return level, length, stop


def row(pool: Pool, method: Classifier, most: int, distance: float, n: int) -> str:
    rule = Classified(method, ALPHA, BETA, INDIFFERENCE)
    policy = Policy(stopping=Stopping(5, most, rule), cuts=(CUT,))
    batches = [
        outcomes(pool, policy, CUT + distance, batch, min(PER_BATCH, n - batch))
        for batch in range(0, n, PER_BATCH)
    ]
    level, length, stop = np.concatenate(batches, axis=1)
    wrong = float((level != (distance > 0)).mean()) if distance else float("nan")
    return (
        f"{method:<10}{most:>8}{distance:>8.1f}{wrong:>9.3f}{wrong * (1 - BETA) / ALPHA:>9.2f}"
        f"{length.mean():>9.1f}{(stop != StopReason.CLASSIFIED).mean():>11.3f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examinees", type=int, default=1000)
    n_examinees = parser.parse_args().examinees
    items = bank()
    print(
        f"{'method':<10}{'maximum':>8}{'theta':>8}{'errors':>9}{'of Wald':>9}{'length':>9}"
        f"{'undecided':>11}"
    )
    for method in Classifier:
        for most in LENGTHS:
            for distance in DISTANCES:
                print(row(items, method, most, distance, n_examinees), flush=True)
