"""How often does person fit flag examinees who answer by the model, and those who do not?

For a fixed test and two adaptive ones: the share that each statistic flags at its nominal cut and
at the simulated one, with the 95% binomial limits of the nominal share; then the power of the
simulated cuts against aberrant behavior of stated sizes. At the end the CPU time of 100,000
sessions. Everything is seeded. Usage: python -m benchmarks.error_rates_person_fit
[--replications 1000] [--cut-sessions 10000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.parameters import ItemParameters, Model
from irt.person_fit.cusum import cusum
from irt.person_fit.cuts import CutScores, Tail, cut_scores
from irt.person_fit.person_fit import person_fit
from irt.person_fit.result import PersonStatistic
from irt.person_fit.standardized_likelihood import corrected_likelihood, standardized_likelihood
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StandardError, Stopping
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.responses import sparse_responses
from irt.simulation.sessions import Behavior, Sessions, simulate_sessions

RATE = 0.05
CRITICAL = 1.645


@dataclass(frozen=True)
class Scored:
    """A statistic of N sessions; `nominal` is the cut that theory gives it, where it does."""

    statistic: PersonStatistic
    tail: Tail = Tail.LOWER
    nominal: float | None = None


def statistics_of(sessions: Sessions, parameters: ItemParameters) -> dict[str, Scored]:
    responses = sessions.responses
    at_map = maximum_a_posteriori(responses, parameters).theta
    at_ml = maximum_likelihood(responses, parameters).theta
    at_wle = weighted_likelihood(responses, parameters).theta
    table = person_fit(responses, parameters, at_map, "map")
    path = cusum(
        sessions.person,
        sessions.item,
        sessions.score,
        parameters,
        sessions.theta[sessions.person],
        n_persons=sessions.n_sessions,
    )
    true = standardized_likelihood(responses, parameters, sessions.true_theta)
    squares = table.mean_squares
    return {
        "l_z, true theta": Scored(true, nominal=-CRITICAL),
        "l_z, MAP": Scored(table.lz, nominal=-CRITICAL),
        "l_z*, MAP": Scored(table.lz_star, nominal=-CRITICAL),
        "l_z*, WLE": Scored(
            corrected_likelihood(responses, parameters, at_wle, "wle"), nominal=-CRITICAL
        ),
        "l_z*, ML": Scored(
            corrected_likelihood(responses, parameters, at_ml, "ml"), nominal=-CRITICAL
        ),
        "outfit z, MAP": Scored(squares.statistic("outfit_z"), Tail.UPPER, CRITICAL),
        "infit z, MAP": Scored(squares.statistic("infit_z"), Tail.UPPER, CRITICAL),
        "CUSUM C+, EAP": Scored(path.upper, Tail.UPPER),
        "CUSUM C-, EAP": Scored(path.lower),
    }


def share_beyond(scored: Scored, cut: float) -> tuple[float, int]:
    value = scored.statistic.value[scored.statistic.ok]
    beyond = value < cut if scored.tail is Tail.LOWER else value > cut
    return float(beyond.mean()), len(value)


def verdict(observed: float, n: int, n_cut: float = np.inf) -> str:
    half = 1.96 * np.sqrt(RATE * (1 - RATE) * (1 / n + 1 / n_cut))
    inside = abs(observed - RATE) <= half
    word = "ok" if inside else ("conservative" if observed < RATE else "liberal")
    return f"{observed:8.4f}  {RATE - half:.4f}-{RATE + half:.4f}  {word}"


def error_rates(
    name: str, pool: Pool, policy: Policy, n: int, n_cut: int
) -> dict[str, tuple[CutScores, Scored]]:
    print(f"\n{name}: share of {n} model examinees flagged, nominal {RATE}")
    rng = np.random.default_rng(20)
    simulated = simulate_sessions(pool, policy, rng.normal(size=n_cut), seed=1)
    fresh = simulate_sessions(pool, policy, rng.normal(size=n), seed=2)
    lengths = np.bincount(simulated.person)
    print(f"  answers a session: {lengths.mean():.1f} ({lengths.min()}-{lengths.max()})")
    known, new = (statistics_of(part, pool.parameters) for part in (simulated, fresh))
    cuts = {}
    for label, scored in known.items():
        cut = cut_scores(scored.statistic, simulated.theta, error_rate=RATE, tail=scored.tail)
        cuts[label] = (cut, scored)
        if scored.nominal is not None:
            print(f"  {label:16s} nominal   {scored.nominal:7.3f}         ", end=" ")
            print(verdict(*share_beyond(new[label], scored.nominal)))
        value, error = float(cut.cut[0]), float(cut.standard_error[0])
        print(f"  {label:16s} simulated {value:7.3f} +- {error:.3f}", end=" ")
        print(verdict(*share_beyond(new[label], value), int(cut.n_sessions[0])))
    return cuts


def at_random(share: float) -> Behavior:
    """A share of the answers is drawn evenly from the categories."""

    def behave(probability: FloatArray, item: IntArray, who: IntArray) -> FloatArray:
        possible = probability > 0
        even = possible / possible.sum(axis=1, keepdims=True)
        return np.asarray((1 - share) * probability + share * even)

    return behave


def wrong_key(items: BoolArray) -> Behavior:
    """The items (J,) have their right and wrong answers exchanged."""

    def behave(probability: FloatArray, item: IntArray, who: IntArray) -> FloatArray:
        return np.where(items[item, None], probability[:, ::-1], probability)

    return behave


def preknowledge(items: BoolArray) -> Behavior:
    """The items (J,) are known before: answered correctly with probability 0.95."""

    def behave(probability: FloatArray, item: IntArray, who: IntArray) -> FloatArray:
        known = np.broadcast_to([0.05, 0.95], probability.shape)
        return np.where(items[item, None], known, probability)

    return behave


def power(pool: Pool, policy: Policy, cuts: dict[str, tuple[CutScores, Scored]], n: int) -> None:
    rng = np.random.default_rng(30)
    order = rng.permutation(pool.n_items)

    def some(share: float) -> BoolArray:
        return np.asarray(np.isin(np.arange(pool.n_items), order[: int(share * pool.n_items)]))

    average, weak = rng.normal(size=n), rng.normal(-1.0, 0.5, size=n)
    cases: list[tuple[str, ArrayLike, Behavior]] = [
        ("random responders", average, at_random(1.0)),
        ("careless in 20%", average, at_random(0.2)),
        ("careless in 50%", average, at_random(0.5)),
        ("wrong key on 10%", average, wrong_key(some(0.1))),
        ("wrong key on 20%", average, wrong_key(some(0.2))),
        ("preknowledge 20%", weak, preknowledge(some(0.2))),
        ("preknowledge 50%", weak, preknowledge(some(0.5))),
    ]
    shown = [label for label in cuts if "true" not in label and "ML" not in label]
    print(f"  power at the simulated cut, {n} examinees of N(0, 1); preknowledge: N(-1, 0.5^2)")
    print("  " + " " * 18 + "".join(f"{label:>15s}" for label in shown))
    for name, theta, behavior in cases:
        sessions = simulate_sessions(pool, policy, theta, seed=3, behavior=behavior)
        found = statistics_of(sessions, pool.parameters)
        shares = [share_beyond(found[label], float(cuts[label][0].cut[0]))[0] for label in shown]
        print(f"  {name:18s}" + "".join(f"{share:15.3f}" for share in shares))


def dichotomous_pool(n_items: int) -> Pool:
    rng = np.random.default_rng(10)
    items = ItemParameters.from_rows(
        (Model.TWO_PL, a, b, 0.0, 1.0)
        for a, b in zip(rng.lognormal(0.2, 0.3, n_items), rng.normal(size=n_items), strict=True)
    )
    return build_pool(np.arange(n_items), items, normal_grid())


def mixed_pool() -> Pool:
    rng = np.random.default_rng(11)
    rows: list[tuple[Model, float, ArrayLike, float, float]] = [
        (Model.THREE_PL, rng.lognormal(0.2, 0.3), rng.normal(), 0.2, 1.0) for _ in range(20)
    ]
    rows += [
        (Model.GRADED, rng.lognormal(0.2, 0.3), np.sort(rng.normal(size=3)), 0.0, 1.0)
        for _ in range(10)
    ]
    rows += [(Model.GPCM, rng.lognormal(0.0, 0.3), rng.normal(size=3), 0.0, 1.0) for _ in range(10)]
    return build_pool(np.arange(40), ItemParameters.from_rows(rows), normal_grid())


def timing() -> None:
    rng = np.random.default_rng(12)
    n, n_items, length = 100_000, 500, 30
    parameters = dichotomous_pool(n_items).parameters
    item = rng.random((n, n_items)).argpartition(length, axis=1)[:, :length].ravel()
    person, theta = np.repeat(np.arange(n), length), rng.normal(size=n)
    score = rng.integers(0, 2, n * length)
    responses = sparse_responses(person, item, score, n_persons=n, n_items=n_items)
    work: dict[str, Callable[[], object]] = {
        "l_z": lambda: standardized_likelihood(responses, parameters, theta),
        "l_z, l_z*, infit, outfit": lambda: person_fit(responses, parameters, theta, "map"),
        "CUSUM": lambda: cusum(person, item, score, parameters, theta[person], n_persons=n),
    }
    print(f"\nCPU time of {n} sessions of {length} answers, {n_items} items, sparse")
    for name, run in work.items():
        taken = []
        for _ in range(3):
            started = time.process_time()
            run()
            taken.append(time.process_time() - started)
        print(f"  {name:26s} {min(taken):.2f} s")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--replications", type=int, default=1000)
    arguments.add_argument("--cut-sessions", type=int, default=10_000)
    options = arguments.parse_args()
    sizes = (options.replications, options.cut_sessions)
    fixed, bank = dichotomous_pool(40), dichotomous_pool(300)
    all_items, thirty = (Policy(stopping=Stopping(max_items=length)) for length in (40, 30))
    precise = Policy(stopping=Stopping(10, 40, StandardError(0.25)))
    power(
        fixed,
        all_items,
        error_rates("fixed test, 40 items 2PL", fixed, all_items, *sizes),
        sizes[0],
    )
    error_rates("fixed test, 20 items 3PL, 10 GRM, 10 GPCM", mixed_pool(), all_items, *sizes)
    power(
        bank, thirty, error_rates("adaptive test, 30 of 300 items", bank, thirty, *sizes), sizes[0]
    )
    error_rates("adaptive test, 300 items, until SE 0.25", bank, precise, *sizes)
    timing()
