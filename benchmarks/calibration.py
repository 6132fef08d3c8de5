"""How fast is calibration, and how near to the optimum does it stop?

The unit T is the CPU time of the two matrix products without which no E-step can do, X @ L and
X.T @ W: X the scores (N, J) or, of sparse data, their one-hot CSR matrix; 61 nodes, float64, one
thread, in the same run. The deficit is how much higher a fit with tolerance 1e-9 gets. Each case
has a process of its own, so that its peak memory is its own. A missed target is an exit status 1.
Usage: make bench-calibration, or python -m benchmarks.calibration [--million] [--only WORD]
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy starts its threads

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
from scipy import sparse

from benchmarks.data import data_set
from benchmarks.large_data import long_adaptive
from irt.ability import add_responses, eap
from irt.calibration.calibrate import calibrate
from irt.calibration.result import Calibration
from irt.models.curves import log_category_probabilities
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import MISSING, DenseResponses, Responses, dense_responses, sparse_responses

NODES = 61
TIGHT = 1e-9
DEFICIT = 1e-3
GIB = 1024.0**3
Work = Callable[[], object]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Case:
    """A data set with its model, and how many T its fit may take (None: no target)."""

    name: str
    load: Callable[[], Responses]
    model: Model
    target: float | None
    repeats: int = 5
    # Of 10,000 parameters the inverse of the information matrix takes far longer than the fit.
    errors_target: float | None = 1.0


@dataclass(frozen=True)
class Measurement:
    """Seconds of CPU time, bytes, and units of log-likelihood."""

    unit: float
    fit: float
    errors: float
    e_steps: int
    deficit: float
    peak: float
    n_responses: int

    @property
    def per_response(self) -> float:
        return self.fit / self.n_responses


@dataclass(frozen=True)
class Check:
    """A figure that may not exceed its target, where it has one."""

    what: str
    measured: float
    target: float | None

    @property
    def holds(self) -> bool:
        return self.target is None or self.measured <= self.target

    def __str__(self) -> str:
        figure = f"    {self.what:<44}{self.measured:>9.3g}"
        if self.target is None:
            return figure
        return f"{figure}   target {self.target:>6g}   {'ok' if self.holds else 'MISSED'}"


def dense(name: str) -> Responses:
    return dense_responses(data_set(name).scores)


def adaptive(name: str) -> Responses:
    scores = data_set(name).scores
    person, item = np.nonzero(scores != MISSING)
    n_persons, n_items = scores.shape
    return sparse_responses(
        person, item, scores[person, item], n_persons=n_persons, n_items=n_items
    )


def million() -> Responses:
    made = long_adaptive(1_000_000, 5_000, 30, seed=109)
    n_persons, length = made.item.shape
    person = np.repeat(np.arange(n_persons), length)
    return sparse_responses(
        person, made.item.ravel(), made.score.ravel(), n_persons=n_persons, n_items=5_000
    )


SPARSE = Case(
    "2PL, adaptive 10,000 x 500 x 30", partial(adaptive, "bench_sparse"), Model.TWO_PL, 25
)
CASES = (
    Case("2PL 50,000 x 100", partial(dense, "bench_50k100"), Model.TWO_PL, 25),
    SPARSE,
    Case("3PL 10,000 x 50, priors", partial(dense, "bench_3pl_10k50"), Model.THREE_PL, 60),
    Case("GRM 10,000 x 40 x 5", partial(dense, "bench_graded_10k40"), Model.GRADED, 80),
    Case("2PL 1,000 x 20", partial(dense, "bench_1k20"), Model.TWO_PL, None, repeats=20),
    Case("2PL 10,000 x 50", partial(dense, "bench_10k50"), Model.TWO_PL, None),
)
MILLION = Case(
    "2PL, adaptive 1,000,000 x 5,000 x 30",
    million,
    Model.TWO_PL,
    target=None,
    repeats=1,
    errors_target=None,
)


def measure(case: Case) -> Measurement:
    """Alternate fits and products, so that whatever else the machine does meets both."""
    responses = case.load()
    models = [case.model] * responses.n_items
    fits, units, errors = [], [], []
    peak, work = 0.0, None
    for _ in range(case.repeats):
        seconds, result = timed(lambda: calibrate(responses, models, with_standard_errors=False))
        fits.append(seconds)
        errors.append(timed(lambda: calibrate(responses, models))[0])
        peak = peak or peak_memory()  # before the products, which are no part of a calibration
        work = work or products(responses)
        units.append(min(timed(work)[0] for _ in range(3)))
    tight = calibrate(
        responses, models, start=result.parameters, tolerance=TIGHT, with_standard_errors=False
    )
    return Measurement(
        unit=min(units),
        fit=min(fits),
        errors=min(errors) - min(fits),
        e_steps=result.iterations,
        deficit=deficit(result, tight),
        peak=peak,
        n_responses=len(responses.long()[0]),
    )


def deficit(result: Calibration, tight: Calibration) -> float:
    """NaN, which meets no target, where either fit did not converge."""
    if not (result.converged and tight.converged):
        return np.nan
    return tight.log_posterior - result.log_posterior


def products(responses: Responses) -> Work:
    """X @ L and X.T @ W."""
    design: np.ndarray | sparse.csr_array
    if isinstance(responses, DenseResponses):
        design = responses.scores.astype(float)
    else:
        person, item, score = responses.long()
        shape = (responses.n_persons, int(responses.n_categories.sum()))
        column = responses.offsets[item] + score
        design = sparse.csr_array((np.ones(len(person)), (person, column)), shape=shape)
    rows, posterior = np.ones((design.shape[1], NODES)), np.ones((responses.n_persons, NODES))
    return lambda: (design @ rows, design.T @ posterior)


def ability_update(n_items: int = 1_000, repeats: int = 2_000) -> tuple[float, float]:
    """Seconds of T for 50,000 x 100, and of one answer taken in on 61 nodes: its row of the
    likelihood, EAP, and the information of all items at it.
    """
    rng = np.random.default_rng(1)
    items = ItemParameters.from_rows(
        (Model.THREE_PL, rng.lognormal(0.2, 0.3), rng.normal(), rng.uniform(0.1, 0.3), 1.0)
        for _ in range(n_items)
    )
    prior = normal_grid(NODES)
    log_probabilities = log_category_probabilities(items, prior.nodes)
    log_likelihood = np.zeros((1, NODES))
    item, score = np.array([17]), np.array([1])

    def update() -> None:
        for _ in range(repeats):
            grown = add_responses(log_likelihood, log_probabilities, item, score)
            item_information(items, eap(grown, prior).theta)

    work = products(dense("bench_50k100"))
    unit, whole = (min(timed(job)[0] for _ in range(7)) for job in (work, update))
    return unit, whole / repeats


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of CPU time, and what the work returned."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def peak_memory() -> float:
    """Bytes that this process has held at most; Linux states kilobytes."""
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(largest if sys.platform == "darwin" else 1024 * largest)


def alone(work: Callable[..., Result], *arguments: object) -> Result:
    """The work's result, from a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def report(case: Case, taken: Measurement) -> list[Check]:
    print(
        f"{case.name}: T = {1e3 * taken.unit:.1f} ms, fit {taken.fit:.3g} s = "
        f"{taken.fit / taken.unit:.1f} T in {taken.e_steps} E-steps, "
        f"{1e9 * taken.per_response:.0f} ns a response, peak {taken.peak / GIB:.2f} GiB"
    )
    checks = [
        Check("fit, in T", taken.fit / taken.unit, case.target),
        Check("deficit of the log-posterior", taken.deficit, DEFICIT),
        Check(
            "standard errors, as a share of the fit", taken.errors / taken.fit, case.errors_target
        ),
    ]
    return show(checks)


def show(checks: list[Check]) -> list[Check]:
    for check in checks:
        print(check, flush=True)
    return checks


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--million", action="store_true", help="the large case, which takes minutes"
    )
    parser.add_argument("--only", default="", help="the cases with this in their name")
    options = parser.parse_args(arguments)
    checks = []
    for case in CASES:
        if options.only.lower() in case.name.lower():
            checks += report(case, alone(measure, case))
    if options.only.lower() in "ability update":
        unit, update = alone(ability_update)
        print(f"ability update, 1,000 items 3PL: {1e6 * update:.0f} us, T = {1e3 * unit:.1f} ms")
        checks += show([Check("one ability update, in T / 400", 400 * update / unit, 1.0)])
    if options.million:
        small, large = alone(measure, SPARSE), alone(measure, MILLION)
        checks += report(MILLION, large)
        checks += show(
            [
                Check("peak memory, GiB", large.peak / GIB, 8.0),
                Check(
                    "time a response, against 10,000 persons",
                    large.per_response / small.per_response,
                    1.5,
                ),
            ]
        )
    return 0 if all(check.holds for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
