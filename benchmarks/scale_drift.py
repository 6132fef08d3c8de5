"""Does the bank's scale creep when abler cohorts answer adaptive tests, release after release?

The reference is 0.05 logits, the mean shift of b that a refresh may show: a ratio above 1 fails.
The control, estimates without the link, must be far above it. Shift is against the generating
values, so that a scale that creeps a little each time is seen.
Usage: python -m benchmarks.scale_drift
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

from dataclasses import replace

import numpy as np

from scoring.irt.adaptive import Policy, advance, build_pool, start
from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.calibration.calibrate import calibrate
from scoring.irt.calibration.result import ItemStatus
from scoring.irt.linking.moments import mean_sigma
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.quadrature import normal_grid
from scoring.irt.responses import sparse_responses
from scoring.irt.simulation import simulate_responses

REFERENCE = 0.05
N_ITEMS, LENGTH, N_PERSONS, COHORTS = 150, 30, 4000, 5
MIN_RESPONSES, ERROR_LIMIT = 100, 0.5
Data = tuple[IntArray, IntArray, IntArray]


def true_bank(rng: np.random.Generator) -> ItemParameters:
    a, b = rng.lognormal(0.2, 0.3, N_ITEMS), rng.normal(0, 1.2, N_ITEMS)
    return ItemParameters.from_rows(
        [(Model.TWO_PL, x, y, 0.0, 1.0) for x, y in zip(a, b, strict=True)]
    )


def random_forms(truth: ItemParameters, theta: FloatArray, rng: np.random.Generator) -> Data:
    scores = simulate_responses(truth, theta, rng)
    items = np.argsort(rng.random(scores.shape), axis=1)[:, :LENGTH]
    person = np.repeat(np.arange(len(theta)), LENGTH)
    return person, items.ravel(), scores[person, items.ravel()]


def adaptive_tests(
    truth: ItemParameters, standing: ItemParameters, theta: FloatArray, rng: np.random.Generator
) -> Data:
    scores = simulate_responses(truth, theta, rng)
    pool = build_pool(np.arange(N_ITEMS), standing, normal_grid())
    policy = Policy(randomesque=5, max_items=LENGTH)
    everybody = np.arange(len(theta))
    step = start(pool, policy, rng.integers(0, 2**63, len(theta), dtype=np.uint64))
    taken = []
    for _ in range(LENGTH):
        taken.append((everybody, step.item, scores[everybody, step.item]))
        step = advance(pool, policy, step.state, step.item, scores[everybody, step.item])
    person, item, score = (np.concatenate(part) for part in zip(*taken, strict=True))
    return person, item, score


def estimate(data: Data) -> tuple[IntArray, ItemParameters]:
    """Items that are estimated well enough, and their parameters on the sample's scale."""
    person, item, score = data
    items = np.flatnonzero(np.bincount(item, minlength=N_ITEMS) >= MIN_RESPONSES)
    used = np.isin(item, items)
    responses = sparse_responses(
        person[used],
        np.searchsorted(items, item[used]),
        score[used],
        n_persons=N_PERSONS,
        n_items=len(items),
    )
    found = calibrate(responses, [Model.TWO_PL] * len(items))
    well = (found.status == ItemStatus.ESTIMATED) & (
        found.standard_errors.difficulty[:, 0] <= ERROR_LIMIT
    )
    return items[well], found.parameters.take(np.flatnonzero(well))


def replaced(
    standing: ItemParameters, items: IntArray, estimates: ItemParameters
) -> ItemParameters:
    a, b = standing.discrimination.copy(), standing.difficulty.copy()
    a[items], b[items] = estimates.discrimination, estimates.difficulty
    return replace(standing, discrimination=a, difficulty=b)


def main() -> None:
    rng = np.random.default_rng(42)
    truth = true_bank(rng)
    items, first = estimate(random_forms(truth, rng.normal(0, 1, N_PERSONS), rng))
    standing = replaced(truth, items, first)
    for cohort in range(1, COHORTS + 1):
        theta = rng.normal(1, 1, N_PERSONS)
        items, estimates = estimate(adaptive_tests(truth, standing, theta, rng))
        link = mean_sigma(standing.take(items), estimates)
        true_b = truth.difficulty[items, 0]
        control = float((estimates.difficulty[:, 0] - true_b).mean())
        standing = replaced(standing, items, link.parameters(estimates))
        shift = float((standing.difficulty[items, 0] - true_b).mean())
        print(
            f"cohort {cohort}: {len(items)} items, group mean {link.intercept:+.3f} "
            f"(true {theta.mean():+.3f}), SD {link.slope:.3f} (true {theta.std():.3f}); "
            f"mean shift of b {shift:+.3f} = {abs(shift) / REFERENCE:.2f} times the reference; "
            f"without the link {control:+.3f} = {abs(control) / REFERENCE:.1f}"
        )


if __name__ == "__main__":
    main()
