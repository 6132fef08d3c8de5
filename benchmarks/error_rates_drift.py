"""Do the tests of drift, and the standard errors of links, keep what they promise?

The same 20 items are calibrated in two populations, linked and compared, without drift and with one
item drifting by stated amounts. Limits are the 95% ones of the binomial distribution for that many
simulations around the nominal rate; rates of drift tests are over all items of all simulations.
Usage: python -m benchmarks.error_rates_drift [--replications 1000] [--seed 1]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from scipy.stats import binom

from irt.arrays import FloatArray
from irt.calibration.calibrate import calibrate
from irt.calibration.result import Calibration
from irt.drift.cusum import cusum, false_alarm_rate
from irt.drift.purification import DriftStatistics, drift_statistics
from irt.linking.characteristic_curves import haebara, stocking_lord
from irt.linking.common_items import CommonItems
from irt.linking.link import EstimatedLink
from irt.linking.moments import mean_mean, mean_sigma
from irt.linking.standard_errors import link_covariance
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses

N_ITEMS, N_PERSONS = 20, 1000
SLOPE, INTERCEPT = 1.2, 0.5
DRIFTS = (0.2, 0.4, 0.6)
LEVELS = (0.05, 0.01)
N_CALIBRATIONS = 10
METHODS: dict[str, Callable[[ItemParameters, ItemParameters], EstimatedLink]] = {
    "mean-mean": mean_mean,
    "mean-sigma": mean_sigma,
    "Haebara": haebara,
    "Stocking-Lord": stocking_lord,
}


def true_items() -> ItemParameters:
    rng = np.random.default_rng(7)
    pairs = zip(rng.uniform(0.8, 1.8, N_ITEMS), np.linspace(-1.5, 1.5, N_ITEMS), strict=True)
    return ItemParameters.from_rows([(Model.TWO_PL, a, b, 0.0, 1.0) for a, b in pairs])


def estimate(truth: ItemParameters, theta: FloatArray, rng: np.random.Generator) -> Calibration:
    responses = dense_responses(simulate_responses(truth, theta, rng))
    return calibrate(responses, [Model.TWO_PL] * N_ITEMS, with_covariance=True)


def calibrations(
    n: int, drift: float, rng: np.random.Generator
) -> Iterator[tuple[Calibration, Calibration]]:
    """Target and source; item 9 (b about 0) has grown harder by `drift` in the source."""
    truth = true_items()
    steps = truth.difficulty.copy()
    steps[9] += drift
    drifted = replace(truth, difficulty=steps)
    for _ in range(n):
        target = estimate(truth, rng.standard_normal(N_PERSONS), rng)
        source = estimate(drifted, INTERCEPT + SLOPE * rng.standard_normal(N_PERSONS), rng)
        yield target, source


def drift_shown(
    target: Calibration, source: Calibration, among: np.ndarray | None = None
) -> DriftStatistics:
    link = haebara(target.parameters, source.parameters, among=among)
    items = CommonItems.pair(target.parameters, source.parameters)
    return drift_statistics(items, link, target.covariance, source.covariance, normal_grid())


def rejections(shown: DriftStatistics, level: float) -> dict[str, np.ndarray]:
    """(J,) bool of each test."""
    z = {0.05: 1.96, 0.01: 2.576}[level]
    return {
        "Wald": shown.wald.p_value < level,
        "D^2": shown.distance.p_value < level,
        "robust z of b": np.abs(shown.robust_z.difficulty) > z,
        "robust z of log a": np.abs(shown.robust_z.slope) > z,
    }


def line(name: str, nominal: float, observed: float, n: int, note: str = "") -> None:
    low, high = (float(binom.ppf(share, n, nominal)) / n for share in (0.025, 0.975))
    verdict = "holds" if low <= observed <= high else "DEVIATES"
    print(f"{name:34} {nominal:8.4f} {observed:8.4f}   {low:.4f}-{high:.4f}   {verdict} {note}")


def error_rates(n: int, rng: np.random.Generator) -> None:
    counted: dict[tuple[str, float], list[float]] = {}
    missed: dict[str, list[tuple[bool, bool]]] = {name: [] for name in METHODS}
    links: dict[str, list[tuple[float, ...]]] = {name: [] for name in METHODS}
    for target, source in calibrations(n, 0.0, rng):
        shown = drift_shown(target, source)
        for level in LEVELS:
            for name, rejected in rejections(shown, level).items():
                counted.setdefault((name, level), []).append(float(rejected.mean()))
        for name, method in METHODS.items():
            link = method(target.parameters, source.parameters)
            own = link_covariance(
                link, target.parameters.model, target.covariance, source.covariance
            )
            errors = np.sqrt(np.diag(own))
            z = np.abs([link.slope - SLOPE, link.intercept - INTERCEPT]) / errors
            missed[name].append((bool(z[0] > 1.96), bool(z[1] > 1.96)))
            links[name].append((link.slope, link.intercept, *errors))
    print(f"{'type I error':34}  nominal observed   limits of {n}")
    for (name, level), shares in sorted(counted.items()):
        line(name, level, float(np.mean(shares)), n)
    print("\nlinks outside their 95% intervals, and SD of the links / mean standard error")
    for name, pairs in missed.items():
        table = np.array(links[name])
        ratio = table[:, :2].std(axis=0) / table[:, 2:].mean(axis=0)
        for which, part in enumerate(("slope", "intercept")):
            share = float(np.mean([pair[which] for pair in pairs]))
            line(f"{name} {part}", 0.05, share, n, f"(SD / SE {ratio[which]:.3f})")


def power(n: int, rng: np.random.Generator) -> None:
    print(f"\npower at the 5% level, {n} simulations, link without the drifted item")
    among = np.arange(N_ITEMS) != 9
    for drift in DRIFTS:
        found: dict[str, list[bool]] = {}
        for target, source in calibrations(n, drift, rng):
            for name, rejected in rejections(drift_shown(target, source, among), 0.05).items():
                found.setdefault(name, []).append(bool(rejected[9]))
        shares = ", ".join(f"{name} {np.mean(hits):.2f}" for name, hits in found.items())
        print(f"b drifted by {drift:.1f}: {shares}")


def charts(n: int, rng: np.random.Generator) -> None:
    print(f"\nCUSUM over {N_CALIBRATIONS} calibrations, one side, allowance 0.5, {n} items")
    steps = rng.standard_normal((N_CALIBRATIONS, n))
    known = np.zeros(n)
    estimated = rng.standard_normal(n)
    for threshold in (3.0, 5.0):
        nominal = false_alarm_rate(N_CALIBRATIONS, threshold=threshold)
        for label, shift, reference, spread in (
            ("reference known", 0.0, known, 1.0),
            ("reference as uncertain as the rest", 0.0, estimated, np.sqrt(2.0)),
        ):
            found = cusum(
                steps + shift, np.full_like(steps, spread), reference, threshold=threshold
            )
            share = float((found.lower.max(axis=0) >= threshold).mean())
            line(f"h = {threshold:g}, {label}"[:34], nominal, share, n)
        drifted = cusum(steps - 1.0, np.ones_like(steps), known, threshold=threshold)
        share = float((drifted.lower.max(axis=0) >= threshold).mean())
        print(f"h = {threshold:g}: power {share:.2f} at a drift of one standard error")


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    error_rates(options.replications, rng)
    power(max(options.replications // 5, 1), rng)
    charts(options.replications, rng)


if __name__ == "__main__":
    main()
