"""What does each selection criterion and each draw cost, alone and for 500 examinees at once?

Microseconds of the processor an examinee over 1,000 items, and their ratio to the least that any
criterion can do: one logistic curve an item at theta.
Usage: python -m benchmarks.selection_criteria
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from irt.ability import Ability
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Draw, Policy, Selection
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.selection.criteria import criterion_values
from irt.selection.draws import draw_item
from irt.state import State, examinees, fresh_state, record_answers

ITEMS = 1000
ANSWERS = 5


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return float(np.median(taken))


def pool_of(graded_share: float) -> Pool:
    rng = np.random.default_rng(1)
    rows: list[tuple[Model, float, ArrayLike, float, float]] = []
    for item in range(ITEMS):
        a = rng.lognormal(0.2, 0.3)
        if item < graded_share * ITEMS:
            rows.append((Model.GRADED, a, np.sort(rng.normal(size=4)), 0.0, 1.0))
        else:
            rows.append((Model.THREE_PL, a, rng.normal(), 0.2, 1.0))
    return build_pool(np.arange(ITEMS), ItemParameters.from_rows(rows), normal_grid())


def examinees_in_the_test(pool: Pool, n: int) -> tuple[State, Ability]:
    rng = np.random.default_rng(2)
    state = fresh_state(pool, examinees(Policy(), np.arange(n, dtype=np.uint64)))
    ability = Ability(rng.normal(size=n), np.full(n, 0.5))
    for answer in range(ANSWERS):
        item = answer * 100 + rng.integers(0, 100, n)
        score = rng.integers(0, 2, n)
        state = record_answers(pool, state, item, score, np.zeros(n), ability)
    return state, ability


def measure(title: str, pool: Pool) -> None:
    logits = np.zeros(ITEMS)
    unit = median_seconds(lambda: expit(logits), 1000)
    print(f"{title}; the reference takes {1e6 * unit:.1f} us")
    alone, together = (examinees_in_the_test(pool, n) for n in (1, 500))
    for criterion in Criterion:
        policy = Policy(selection=Selection(criterion=criterion))
        one, many = (partial(criterion_values, pool, policy, *who) for who in (alone, together))
        tables = median_seconds(one, 1)
        report(
            criterion,
            unit,
            median_seconds(one, 1000),
            median_seconds(many, 20) / 500,
            f", tables {1e3 * tables:.0f} ms",
        )
    for draw in Draw:
        policy = Policy(selection=Selection(draw=draw, among=5))
        drawn = [
            median_seconds(draw_for(pool, policy, *who), repeats)
            for who, repeats in ((alone, 1000), (together, 20))
        ]
        report(f"draw: {draw}", unit, drawn[0], drawn[1] / 500, "")


def draw_for(pool: Pool, policy: Policy, state: State, ability: Ability) -> Callable[[], object]:
    values = criterion_values(pool, policy, state, ability)
    free = ~state.administered
    return lambda: draw_item(pool, policy, state, values, free)


def report(name: str, unit: float, alone: float, together: float, rest: str) -> None:
    print(
        f"  {name:24} alone {1e6 * alone:6.1f} us = {alone / unit:5.1f} times the reference, "
        f"of 500 {1e6 * together:6.1f} us = {together / unit:5.1f} times{rest}"
    )


if __name__ == "__main__":
    measure("1,000 items 3PL", pool_of(0.0))
    measure("1,000 items, 30% graded", pool_of(0.3))
