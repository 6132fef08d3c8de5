"""How often does each DIF test reject without DIF, and with DIF of 0.4 and 0.6 logits?

One item is tested a replication, so that replications are independent: the share rejected at 5%,
the 95% binomial limits of 5%, and a verdict; then the power. Groups of 500 persons, 20 items,
everything is seeded. At the end the CPU time of 10,000 x 50.
Usage: python -m benchmarks.error_rates_dif [--replications 1000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.dif.likelihood_ratio import likelihood_ratio
from irt.dif.logistic_regression import logistic_regression
from irt.dif.mantel_haenszel import mantel_haenszel
from irt.dif.matching import AbilityBands, Matching
from irt.dif.wald import wald_1, wald_2
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import Responses, dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses

RATE = 0.05
N, N_ITEMS, STUDIED = 500, 20, 9

Tests = dict[str, float]


@dataclass(frozen=True)
class Condition:
    """What the data of a replication are; slope and shift are those of the studied item."""

    name: str
    model: Model
    impact: float = 0.0
    shift: float = 0.0
    contaminated: int = 0
    adaptive: bool = False
    steeper: float = 0.0

    def items(self, group: int) -> ItemParameters:
        rng = np.random.default_rng(77)
        unit = self.model in (Model.RASCH, Model.PCM)
        a = np.ones(N_ITEMS) if unit else rng.lognormal(0.2, 0.3, N_ITEMS)
        a[STUDIED] += group * self.steeper
        b = rng.permutation(np.linspace(-1.5, 1.5, N_ITEMS))
        b[STUDIED] = 0.0 + group * self.shift
        b[: self.contaminated] += group * 0.6
        c = 0.2 if self.model == Model.THREE_PL else 0.0
        steps = np.array([-0.6, 0.6]) if self.model in (Model.GRADED, Model.GPCM) else np.zeros(1)
        return ItemParameters.from_rows(
            (self.model, slope, place + steps, c, 1.0) for slope, place in zip(a, b, strict=True)
        )

    def draw(self, seed: int) -> tuple[Responses, IntArray]:
        rng = np.random.default_rng(seed)
        theta = (rng.standard_normal(N), self.impact + rng.standard_normal(N))
        parts = [simulate_responses(self.items(g), theta[g], rng) for g in (0, 1)]
        scores, group = np.vstack(parts), np.repeat([0, 1], N)
        if not self.adaptive:
            return dense_responses(scores), group
        # The items nearest to a noisy theta, and the studied one always: missing at random.
        near = np.concatenate(theta)[:, None] + rng.normal(0, 0.5, (2 * N, 1))
        distance = np.abs(near - self.items(0).difficulty[:, 0])
        distance[:, STUDIED] = 0.0
        person, item = np.nonzero(distance.argsort(axis=1).argsort(axis=1) < 12)
        score = scores[person, item]
        sparse = sparse_responses(person, item, score, n_persons=2 * N, n_items=N_ITEMS)
        return sparse, group


def by_tables(condition: Condition, seed: int, max_rounds: int = 1) -> Tests:
    responses, group = condition.draw(seed)
    matching: Matching | None = None
    if condition.adaptive:
        matching = AbilityBands(condition.items(0), normal_grid())
    found: Tests = {}
    dichotomous = condition.model not in (Model.GRADED, Model.GPCM)
    corrections = {"MH, corrected": True, "MH": False} if dichotomous else {"Mantel": False}
    for name, corrected in corrections.items():
        tables = mantel_haenszel(
            responses,
            group,
            matching=matching,
            max_rounds=max_rounds,
            continuity_correction=corrected,
        ).result
        found[name] = tables.p_value[0, STUDIED]
    regression = logistic_regression(
        responses, group, matching=matching, max_rounds=max_rounds
    ).result
    found["logistic, uniform"] = regression.uniform_p_value[0, STUDIED]
    found["logistic, non-uniform"] = regression.nonuniform_p_value[0, STUDIED]
    found["logistic, 2 df"] = regression.p_value[0, STUDIED]
    return found


def purified(condition: Condition, seed: int) -> Tests:
    rounds = {"as it is": 1, "purified": 10}
    return {
        f"{test}, {name}": p_value
        for name, max_rounds in rounds.items()
        for test, p_value in by_tables(condition, seed, max_rounds).items()
        if test in ("MH", "logistic, 2 df")
    }


def by_models(condition: Condition, seed: int) -> Tests:
    responses, group = condition.draw(seed)
    models = [condition.model] * N_ITEMS
    tested = np.arange(N_ITEMS) == STUDIED
    ratio = likelihood_ratio(responses, models, group, tested=tested, max_rounds=1).result
    first = wald_1(responses, models, group, ~tested)
    found = {
        "likelihood ratio": ratio.p_value[STUDIED],
        "Wald-1": first.p_value[STUDIED],
        "Wald-1, slope": first.slope_p_value[STUDIED],
    }
    if condition.model == Model.TWO_PL:
        found["Wald-2"] = wald_2(responses, models, group).p_value[STUDIED]
    return found


def shares(
    run: Callable[[Condition, int], Tests], condition: Condition, n: int
) -> dict[str, tuple[float, int]]:
    """The share of p-values below 5%, and of how many, for each test."""
    found = [run(condition, seed) for seed in range(n)]
    table = {name: np.array([tests[name] for tests in found]) for name in found[0]}
    return {name: _share(values[~np.isnan(values)]) for name, values in table.items()}


def _share(values: FloatArray) -> tuple[float, int]:
    return float((values < RATE).mean()) if len(values) else float("nan"), len(values)


def error_rates(run: Callable[[Condition, int], Tests], condition: Condition, n: int) -> None:
    print(f"\n{condition.name}: share rejected at {RATE}")
    for name, (observed, counted) in shares(run, condition, n).items():
        half = 1.96 * np.sqrt(RATE * (1 - RATE) / max(counted, 1))
        word = "conservative" if observed < RATE else "liberal"
        word = "ok" if abs(observed - RATE) <= half else word
        print(f"  {name:26s} {observed:7.4f}  {RATE - half:.4f}-{RATE + half:.4f}  {word}")


def power(
    run: Callable[[Condition, int], Tests], title: str, conditions: list[Condition], n: int
) -> None:
    print(f"\npower, {title}: " + ", ".join(condition.name for condition in conditions))
    found = [shares(run, condition, n) for condition in conditions]
    for name in found[0]:
        values = "  ".join(f"{part[name][0]:7.3f}" for part in found)
        print(f"  {name:26s} {values}")


def sizes(model: Model) -> list[Condition]:
    return [Condition(f"{shift}", model, shift=shift) for shift in (0.4, 0.6)]


def timing() -> None:
    rng = np.random.default_rng(5)
    rows = [(Model.TWO_PL, a, b, 0.0, 1.0) for a, b in rng.lognormal(0, 0.3, (50, 2))]
    items = ItemParameters.from_rows(rows)
    scores = simulate_responses(items, rng.standard_normal(10_000), rng)
    responses, group = dense_responses(scores), rng.integers(0, 2, 10_000)
    models = [Model.TWO_PL] * 50
    work: dict[str, Callable[[], object]] = {
        "Mantel-Haenszel": lambda: mantel_haenszel(responses, group, max_rounds=1),
        "logistic regression": lambda: logistic_regression(responses, group, max_rounds=1),
        "likelihood ratio": lambda: likelihood_ratio(responses, models, group, max_rounds=1),
        "Wald-2": lambda: wald_2(responses, models, group),
    }
    print("\nCPU time, 10,000 persons x 50 items, one round")
    for name, task in work.items():
        started = time.process_time()
        task()
        print(f"  {name:26s} {time.process_time() - started:.2f} s")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--replications", type=int, default=1000)
    n = arguments.parse_args().replications
    for condition in (
        Condition("Rasch", Model.RASCH),
        Condition("Rasch, focal mean -0.5", Model.RASCH, impact=-0.5),
        Condition("2PL", Model.TWO_PL),
        Condition("2PL, focal mean -0.5", Model.TWO_PL, impact=-0.5),
        Condition("graded", Model.GRADED),
        Condition("adaptive 2PL, 12 of 20 by theta", Model.TWO_PL, adaptive=True),
    ):
        error_rates(by_tables, condition, n)
    error_rates(
        purified, Condition("Rasch, 4 of 20 items 0.6 harder", Model.RASCH, contaminated=4), n
    )
    for condition in (
        Condition("2PL, focal mean -0.5", Model.TWO_PL, impact=-0.5),
        Condition("3PL with priors, focal mean -0.5", Model.THREE_PL, impact=-0.5),
        Condition("graded, focal mean -0.5", Model.GRADED, impact=-0.5),
    ):
        error_rates(by_models, condition, n)
    fewer = max(n // 5, 1)
    power(by_tables, "Rasch", sizes(Model.RASCH), fewer)
    power(by_models, "2PL", sizes(Model.TWO_PL), fewer)
    power(by_tables, "2PL", [Condition("slope + 0.8", Model.TWO_PL, steeper=0.8)], fewer)
    power(by_models, "2PL", [Condition("slope + 0.8", Model.TWO_PL, steeper=0.8)], fewer)
    timing()
