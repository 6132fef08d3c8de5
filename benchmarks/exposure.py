"""What does exposure control cost in accuracy, and what does it buy? Against maximum information.

500 3PL items (a ~ lognormal(0.2, 0.3), b ~ N(0, 1), c ~ U(0.1, 0.25)), 30 items a test, EAP; the
same examinees and seeds for all. Rates and overlap of item eligibility are those of the later half
of its sessions, when its counts have settled. The RMSE is stated as a ratio to that of maximum
information in the same run, with the Monte-Carlo error of the ratio. At the end: do the derived
parameters hold their target in sessions that had no part in making them?
Usage: python -m benchmarks.exposure [--examinees 4000] [--rate 0.2]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import argparse
import time
from dataclasses import replace

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Draw, Exposure, ExposureMethod, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.simulation.comparison import compare
from irt.simulation.exposure_statistics import exposure_statistics
from irt.simulation.sequential import Cap, simulate_in_sequence
from irt.simulation.sessions import Sessions, simulate_sessions
from irt.simulation.study import Study, study
from irt.simulation.sympson_hetter import abilities_in_bands, derive_exposure_parameters

N_ITEMS, LENGTH, SEED = 500, 30, 1
BANDS = (-1.0, 0.0, 1.0)
ROW = "{:30s}{:>8}{:>9}{:>9}{:>8}{:>8}{:>8}{:>17}"


def bank() -> Pool:
    rng = np.random.default_rng(301)
    a, b = rng.lognormal(0.2, 0.3, N_ITEMS), rng.normal(0, 1, N_ITEMS)
    c = rng.uniform(0.1, 0.25, N_ITEMS)
    rows = [(Model.THREE_PL, *item, 1.0) for item in zip(a, b, c, strict=True)]
    return build_pool(np.arange(N_ITEMS), ItemParameters.from_rows(rows), normal_grid())


def policy_of(exposure: Exposure | None = None, **selection: object) -> Policy:
    return Policy(
        stopping=Stopping(LENGTH, LENGTH),
        exposure=exposure or Exposure(),
        selection=Selection(**selection),  # type: ignore[arg-type]
    )


def settled(sessions: Sessions) -> BoolArray:
    """(N,) True for the sessions after the first half."""
    return np.arange(sessions.n_sessions) >= sessions.n_sessions // 2


def show(name: str, found: Study, reference: Study, *, late: bool = False) -> None:
    sessions, exposure = found.sessions, found.exposure
    if late:
        kept = settled(sessions)[sessions.person]
        counts = np.bincount(sessions.item[kept], minlength=N_ITEMS)
        exposure = exposure_statistics(counts, int(settled(sessions).sum()))
    base, change = reference.overall.rmse[0], compare(reference, found).overall.rmse
    print(
        ROW.format(
            name,
            f"{exposure.maximum:.3f}",
            f"{np.nanmax(found.conditional_rates):.3f}",
            f"{exposure.overlap:.3f}",
            exposure.n_unused,
            f"{exposure.chi_square:.0f}",
            f"{found.overall.rmse[0]:.4f}",
            f"{1 + change.value[0] / base:.3f} +- {change.error[0] / base:.3f}",
        ),
        flush=True,
    )


def controlled(
    pool: Pool, exposure: Exposure, theta: FloatArray, n: int
) -> tuple[Policy, Sessions, str]:
    """Sessions under Sympson & Hetter's control, and how its parameters were found."""
    policy = policy_of(exposure)
    begun = time.process_time()
    abilities = abilities_in_bands(n, policy, np.random.default_rng(7))
    found = derive_exposure_parameters(pool, policy, abilities, 8)
    seconds = time.process_time() - begun
    sessions = simulate_sessions(replace(pool, exposure=found.k), policy, theta, SEED)
    fresh = study(policy, sessions, exposure.bands).conditional_rates.max(axis=0)
    bands = ", ".join(f"{rate:.3f}" for rate in fresh)
    note = (
        f"{len(exposure.bands) + 1} band(s): {'converged' if found.converged else 'not converged'} "
        f"after {len(found.history)} rounds, {seconds:.0f} CPU s; largest rate then "
        f"{found.maximum:.3f}, in fresh sessions by band {bands}"
    )
    return policy, sessions, note


def main(n: int, rate: float) -> None:
    pool, theta = bank(), np.random.default_rng(302).standard_normal(n)
    print(f"{N_ITEMS} items, {n} examinees x {LENGTH} items, target rate {rate:g}\n")
    header = ("largest", "by band", "overlap", "unused", "chi2", "RMSE", "ratio of RMSE")
    print(ROW.format("", *header))

    def plain(policy: Policy) -> Study:
        return study(policy, simulate_sessions(pool, policy, theta, SEED), BANDS)

    reference = plain(policy_of())
    show("maximum information", reference, reference)
    for among in (5, 10):
        show(
            f"randomesque {among}",
            plain(policy_of(draw=Draw.RANDOMESQUE, among=among)),
            reference,
        )
    show("progressive", plain(policy_of(draw=Draw.PROGRESSIVE)), reference)
    show("proportional", plain(policy_of(draw=Draw.PROPORTIONAL, power=2.0)), reference)
    show("a-stratified, b-blocking", plain(policy_of(criterion=Criterion.A_STRATIFIED)), reference)
    notes = []
    for name, bands in (("Sympson-Hetter", ()), ("Sympson-Hetter by band", BANDS)):
        exposure = Exposure(ExposureMethod.SYMPSON_HETTER, rate, bands)
        policy, sessions, note = controlled(pool, exposure, theta, n)
        show(name, study(policy, sessions, BANDS), reference)
        notes.append(note)
    for name, bands in (("eligibility", ()), ("eligibility by band", BANDS)):
        policy = policy_of(Exposure(ExposureMethod.ELIGIBILITY, rate, bands))
        sessions = simulate_in_sequence(pool, policy, theta, SEED)
        show(name, study(policy, sessions, BANDS), reference, late=True)
    capped = simulate_in_sequence(pool, policy_of(), theta, SEED, hard_cap=Cap(rate), block=20)
    show("hard cap alone", study(policy_of(), capped, BANDS), reference)
    show("random", plain(policy_of(criterion=Criterion.RANDOM)), reference)
    print("\nSympson & Hetter's parameters\n  " + "\n  ".join(notes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examinees", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=0.2)
    arguments = parser.parse_args()
    main(arguments.examinees, arguments.rate)
