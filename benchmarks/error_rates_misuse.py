"""How often do the tests of response times and of misuse flag honest persons, and others?

Replications are persons (pairs, for answer similarity): the share flagged at the nominal level, its
95% binomial limits, and a verdict; then the power against misuse of stated size. Everything is
seeded. At the end CPU times. Usage: python -m benchmarks.error_rates_misuse [--replications 1000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse
import time
from collections.abc import Callable

import numpy as np

from irt.ability import eap_abilities
from irt.arrays import FloatArray, IntArray
from irt.misuse.answer_similarity import AnswerSimilarity, answer_similarity
from irt.misuse.preknowledge import preknowledge
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.response_times.effort import response_time_effort
from irt.response_times.lognormal import fit_lognormal
from irt.response_times.speed import Speed, estimate_speed
from irt.response_times.times import ResponseTimes, response_time_matrix, response_times
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses

RATE = 0.05


def report(name: str, flagged: np.ndarray, rate: float = RATE) -> None:
    observed, half = float(flagged.mean()), 1.96 * np.sqrt(rate * (1 - rate) / len(flagged))
    word = "conservative" if observed < rate else "liberal"
    word = "ok" if abs(observed - rate) <= half else word
    limits = f"{rate - half:.4f}-{rate + half:.4f}"
    print(f"  {name:44s} {rate:6.3f}  {observed:7.4f}  {limits}  {word}")


def show_power(name: str, flagged: np.ndarray) -> None:
    print(f"  {name:44s} {flagged.mean():7.3f}")


def seconds_of(n: int, n_items: int, rng: np.random.Generator) -> FloatArray:
    alpha, beta = rng.uniform(1.5, 3.0, n_items), rng.normal(4.0, 0.5, n_items)
    tau = rng.normal(0.0, 0.3, n)
    noise = rng.standard_normal((n, n_items)) / alpha
    return np.asarray(np.exp(beta - tau[:, None] + noise))


def times_of_persons(n: int) -> None:
    """n persons are judged by items that 2,000 others answered."""
    rng = np.random.default_rng(1)
    seconds = seconds_of(2000 + n, 30, rng)
    items = fit_lognormal(response_time_matrix(seconds[n:]))

    def judged(matrix: FloatArray) -> tuple[ResponseTimes, Speed]:
        times = response_time_matrix(matrix)
        return times, estimate_speed(times, items)

    times, speed = judged(seconds[:n])
    report("lognormal times, chi-square of persons", speed.p_value < RATE)
    one = speed.standardized[np.arange(n) * 30 + np.arange(n) % 30]
    report("lognormal times, |residual| > 1.96", np.abs(one) > 1.96)
    report("response-time effort below 0.90", response_time_effort(times).low_effort, 0.0)
    for share in (0.1, 0.2, 0.4):
        rapid = rng.random((n, 30)) < share
        times, speed = judged(np.where(rapid, rng.uniform(1.0, 4.0, (n, 30)), seconds[:n]))
        effort = response_time_effort(times)
        show_power(f"power, {share:.0%} rapid guesses: chi-square", speed.p_value < RATE)
        show_power(f"power, {share:.0%} rapid guesses: effort", effort.low_effort)


def known_items(n: int) -> None:
    rng = np.random.default_rng(2)
    slopes, difficulties = rng.lognormal(0.2, 0.3, 60), rng.standard_normal(60)
    for model, c in ((Model.TWO_PL, 0.0), (Model.THREE_PL, 0.2)):
        items = ItemParameters.from_rows(
            (model, a, b, c, 1.0) for a, b in zip(slopes, difficulties, strict=True)
        )
        scores = simulate_responses(items, rng.standard_normal(n), rng)
        weak = simulate_responses(items, rng.normal(-0.5, 0.7, n), rng)
        for size in (5, 10, 20, 30):
            compromised = np.arange(60) < size
            found = preknowledge(dense_responses(scores), items, compromised)
            report(f"preknowledge, {model}, {size} of 60 items", found.p_value < RATE)
            for share in (0.5, 0.8):
                known = compromised & (rng.random(weak.shape) < share)
                cheats = preknowledge(dense_responses(weak | known), items, compromised)
                show_power(f"  power, {share:.0%} of them known", cheats.p_value < RATE)


def chosen_options(n: int, n_items: int, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """EAP, and the options it comes from, of which 0 is right and 1 to 3 are wrong."""
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.standard_normal(n_items)
    items = ItemParameters.from_rows(
        (Model.TWO_PL, slope, place, 0.0, 1.0) for slope, place in zip(a, b, strict=True)
    )
    right = simulate_responses(items, rng.standard_normal(n), rng)
    theta = eap_abilities(dense_responses(right), items, normal_grid()).theta
    cuts = rng.dirichlet([1.0, 1.0, 1.0], n_items).cumsum(axis=1)[:, :2]
    wrong = 1 + (rng.random((n, n_items, 1)) > cuts).sum(axis=2)
    return theta, np.where(right == 1, 0, wrong)


def disjoint(found: AnswerSimilarity, n: int) -> FloatArray:
    """p-values of pairs that share nobody: 0 and 1, 2 and 3, ..."""
    first, second = found.pair.T
    kept = (first % 2 == 0) & (second == first + 1)
    values = np.ones(n // 2)
    values[first[kept] // 2] = found.p_value[kept]
    return values


def similar_answers(n: int) -> None:
    for n_items in (20, 60):
        rng = np.random.default_rng(3)
        theta, options = chosen_options(2 * n, n_items, rng)
        found = answer_similarity(dense_responses(options), theta, report_below=1.0)
        report(f"GBT, {n_items} items, at 0.05", disjoint(found, 2 * n) <= RATE)
        report(f"GBT, {n_items} items, at 0.01", disjoint(found, 2 * n) <= 0.01, 0.01)
        report(f"GBT, {n_items} items, all pairs at 0.001", found.p_value <= 0.001, 0.001)
        print(f"  honest pairs flagged of {found.n_compared}: {found.flagged.sum()}")
        for share in (0.3, 0.6, 0.9):
            copied = options[:200].copy()
            taken = rng.random((100, n_items)) < share
            copied[1::2] = np.where(taken, copied[0::2], copied[1::2])
            part = np.vstack([copied, options[200:]])
            cheats = answer_similarity(dense_responses(part), theta, report_below=1.0)
            values = disjoint(cheats, 2 * n)[:100]
            show_power(f"  power, {share:.0%} copied: at 0.001", values <= 0.001)
            limit = RATE / cheats.n_compared
            show_power(f"  power, {share:.0%} copied: Bonferroni", values < limit)


def timing() -> None:
    rng = np.random.default_rng(4)
    seconds = seconds_of(10_000, 50, rng)
    dense = response_time_matrix(seconds)
    person = np.repeat(np.arange(10_000), 30)
    item = rng.random((10_000, 500)).argsort(axis=1)[:, :30].ravel()
    adaptive = response_times(
        person,
        item,
        seconds_of(10_000, 500, rng)[person, item],
        n_persons=10_000,
        n_items=500,
    )
    theta, options = chosen_options(2000, 40, rng)
    complete = dense_responses(options)
    holes = np.where(rng.random(options.shape) < 0.05, -1, options)
    items = ItemParameters.from_rows([(Model.TWO_PL, 1.0, b, 0.0, 1.0) for b in np.zeros(50)])
    scores = dense_responses(rng.integers(0, 2, (10_000, 50)))
    work: dict[str, Callable[[], object]] = {
        "lognormal fit, 10,000 x 50": lambda: fit_lognormal(dense),
        "lognormal fit, 10,000 x 500, 30 each": lambda: fit_lognormal(adaptive),
        "preknowledge, 10,000 x 50": lambda: preknowledge(scores, items, np.arange(50) < 20),
        "GBT, 2,000 x 40, complete": lambda: answer_similarity(complete, theta),
        "GBT, 2,000 x 40, 5% missing": lambda: answer_similarity(dense_responses(holes), theta),
    }
    print("\nCPU time")
    for name, task in work.items():
        started = time.process_time()
        task()
        print(f"  {name:44s} {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--replications", type=int, default=1000)
    n = arguments.parse_args().replications
    print(f"  {'test':44s} nominal observed limits")
    times_of_persons(n)
    known_items(n)
    similar_answers(min(n, 1000))
    timing()
