"""Does the bank's scale creep when abler cohorts answer adaptive tests, release after release?

The reference is 0.05 logits, the mean shift of b that a refresh may show: a ratio above 1 fails.
The control, estimates without the link, must be far above it. Shift, and the group's SD as a share
of the true one, are against the generating values, so that a scale that creeps a little each time
is seen. Each way of linking goes through its own chain of releases, on the same seeds.
Usage: python -m benchmarks.scale_drift [--chains 3]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from irt.adaptive import advance, start
from irt.arrays import FloatArray, IntArray
from irt.calibration.calibrate import calibrate
from irt.calibration.result import Covariance, ItemStatus, StandardErrors
from irt.drift.purification import Criterion, LinkingMethod, purified_link
from irt.linking.characteristic_curves import Direction, haebara, stocking_lord
from irt.linking.link import Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Draw, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.responses import sparse_responses
from irt.simulation.responses import simulate_responses
from irt.state import examinees

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
    policy = Policy(
        selection=Selection(draw=Draw.RANDOMESQUE, among=5), stopping=Stopping(max_items=LENGTH)
    )
    everybody = np.arange(len(theta))
    seeds = rng.integers(0, 2**63, len(theta), dtype=np.uint64)
    step = start(pool, policy, examinees(policy, seeds))
    taken = []
    for _ in range(LENGTH):
        taken.append((everybody, step.item, scores[everybody, step.item]))
        step = advance(pool, policy, step.state, step.item, scores[everybody, step.item])
    person, item, score = (np.concatenate(part) for part in zip(*taken, strict=True))
    return person, item, score


@dataclass(frozen=True)
class Estimates:
    """items (J,) that are estimated well enough, and what is known of them."""

    items: IntArray
    parameters: ItemParameters
    errors: StandardErrors
    covariance: Covariance


def estimate(data: Data) -> Estimates:
    """On the scale of the sample."""
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
    found = calibrate(responses, [Model.TWO_PL] * len(items), with_covariance=True)
    assert found.covariance
    well = np.flatnonzero(
        (found.status == ItemStatus.ESTIMATED)
        & (found.standard_errors.difficulty[:, 0] <= ERROR_LIMIT)
    )
    return Estimates(
        items[well],
        found.parameters.take(well),
        found.standard_errors.take(well),
        found.covariance.take(well),
    )


@dataclass
class Standing:
    """The current release: parameters of all items and their standard errors."""

    parameters: ItemParameters
    errors: StandardErrors

    def replace(self, new: Estimates, link: Link) -> None:
        linked, errors = link.parameters(new.parameters), link.standard_errors(new.errors)
        self.parameters.discrimination[new.items] = linked.discrimination
        self.parameters.difficulty[new.items] = linked.difficulty
        self.errors.discrimination[new.items] = errors.discrimination
        self.errors.difficulty[new.items] = errors.difficulty


Linking = Callable[[Standing, Estimates], Link]


def all_items(method: LinkingMethod, standing: Standing, new: Estimates) -> Link:
    everything = np.ones(len(new.items), dtype=bool)
    return method(standing.parameters.take(new.items), new.parameters, among=everything)


def purified(method: LinkingMethod, standing: Standing, new: Estimates) -> Link:
    """As `scoring.recalibration.refresh` does it."""
    return purified_link(
        method,
        standing.parameters.take(new.items),
        new.parameters,
        Criterion(rmsd=0.05, distance=0.01),
        target_uncertainty=standing.errors.take(new.items),
        source_uncertainty=new.covariance,
        fewest=len(new.items) // 2,
    ).link


AT_THE_SAMPLE = partial(haebara, direction=Direction.SOURCE)
LINKINGS: dict[str, Linking] = {
    "mean-mean": partial(all_items, mean_mean),
    "mean-sigma": partial(all_items, mean_sigma),
    "Stocking-Lord": partial(all_items, stocking_lord),
    "Stocking-Lord, purified": partial(purified, stocking_lord),
    "Haebara at the sample": partial(all_items, AT_THE_SAMPLE),
    "the same, purified": partial(purified, AT_THE_SAMPLE),
}


def chain(link_by: Linking, seed: int) -> FloatArray:
    """(COHORTS, 4) SD ratio, error of the group's mean, shift of b, shift without the link."""
    rng = np.random.default_rng(seed)
    truth = true_bank(rng)
    first_theta = rng.normal(0, 1, N_PERSONS)
    first = estimate(random_forms(truth, first_theta, rng))
    unknown = np.full(N_ITEMS, np.nan)
    standing = Standing(
        replace(
            truth,
            discrimination=truth.discrimination.copy(),
            difficulty=truth.difficulty.copy(),
        ),
        StandardErrors(unknown.copy(), unknown[:, None].copy(), unknown, unknown),
    )
    standing.replace(first, Link(1.0, 0.0))
    rows = []
    for _ in range(COHORTS):
        theta = rng.normal(1, 1, N_PERSONS)
        new = estimate(adaptive_tests(truth, standing.parameters, theta, rng))
        link = link_by(standing, new)
        true_b = truth.difficulty[new.items, 0]
        control = float((new.parameters.difficulty[:, 0] - true_b).mean())
        standing.replace(new, link)
        # The first sample's mean and SD define the bank's scale.
        mean = (theta.mean() - first_theta.mean()) / first_theta.std()
        sd = theta.std() / first_theta.std()
        shift = float((standing.parameters.difficulty[new.items, 0] - true_b).mean())
        rows.append([link.slope / sd, link.intercept - mean, shift, control])
    return np.array(rows)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=3)
    chains = parser.parse_args().chains
    for name, link_by in LINKINGS.items():
        table = np.array([chain(link_by, 42 + number) for number in range(chains)])
        sd, mean, shift, control = table.mean(axis=0).T
        largest = np.abs(table[:, :, 2]).max()
        print(
            f"{name}, {chains} chains of {COHORTS} cohorts:\n"
            f"  SD of the group / true SD {np.array2string(sd, precision=3)}\n"
            f"  mean of the group - true mean {np.array2string(mean, precision=3)}\n"
            f"  mean shift of b {np.array2string(shift, precision=3)}, largest of a chain "
            f"{largest:.3f} = {largest / REFERENCE:.2f} times the reference; without the link "
            f"{np.abs(control).max():.3f} = {np.abs(control).max() / REFERENCE:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
