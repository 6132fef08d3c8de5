"""How fast and how exactly are adaptive tests simulated? As a ratio to catsim in the same run.

500 examinees take 30 items of maximum information from a bank of 500 3PL items, bank, abilities and
length the same for both; EAP on 61 nodes here, catsim's own search of the likelihood there. CPU
seconds of one thread.

The root mean square error of 500 examinees varies by 4% from one seed of the answers to the next.
So it is compared with a plain program on the same draws of the answers, which looks at all items
and takes EAP on 601 nodes; its mean over many seeds is printed beside that of catsim and the 0.2304
that another program once gave for one seed of its own.

catsim is no dependency: CATSIM_PYTHON names the interpreter of an environment that has it
(`pip install catsim`). Usage: CATSIM_PYTHON=... python -m benchmarks.adaptive_simulation
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import json
import subprocess
import time

import numpy as np

from irt.arrays import FloatArray
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Policy
from irt.policy.stopping_rules import Stopping
from irt.pool import Pool, build_pool
from irt.quadrature import normal_grid
from irt.random_numbers import uniform_draw
from irt.simulation.sessions import simulate_sessions

N_EXAMINEES, N_ITEMS, LENGTH = 500, 500, 30
REPEATS, SEEDS = 7, 40
POLICY = Policy(stopping=Stopping(max_items=LENGTH))
ONCE_SEEN = 0.2304

CATSIM = """
import json, sys, time
import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.initialization import FixedPointInitializer
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector
from catsim.simulation import Simulator
from catsim.stopping import TestLengthStopper

bank, theta, length = json.load(sys.stdin)
simulator = Simulator(
    ItemBank(np.array(bank)),
    np.array(theta),
    FixedPointInitializer(0.0),
    MaxInfoSelector(),
    NumericalSearchEstimator(),
    TestLengthStopper(max_items=length),
)
started = time.process_time()
simulator.simulate()
seconds = time.process_time() - started
found = np.array([estimates[-1] for estimates in simulator.estimations])
print(json.dumps([seconds, float(np.sqrt(np.mean((found - np.array(theta)) ** 2)))]))
"""


def bank() -> FloatArray:
    """(J, 4) a, b, c, d."""
    rng = np.random.default_rng(301)
    a, b = rng.lognormal(0.2, 0.3, N_ITEMS), rng.normal(0.0, 1.0, N_ITEMS)
    return np.column_stack([a, b, rng.uniform(0.1, 0.25, N_ITEMS), np.ones(N_ITEMS)])


def fewest_seconds(pool: Pool, theta: FloatArray) -> float:
    taken = []
    for seed in range(REPEATS):
        started = time.process_time()
        simulate_sessions(pool, POLICY, theta, seed)
        taken.append(time.process_time() - started)
    return min(taken)


def errors(pool: Pool, theta: FloatArray) -> FloatArray:
    """(SEEDS,) root mean square error of theta, seed by seed."""
    found = [simulate_sessions(pool, POLICY, theta, seed).theta for seed in range(SEEDS)]
    return np.asarray(np.sqrt(((np.array(found) - theta) ** 2).mean(axis=1)))


def plain_errors(items: FloatArray, theta: FloatArray) -> FloatArray:
    """(SEEDS,) root mean square error of the plain program on the draws of the same answers."""
    found = np.array([plain_estimates(items, theta, seed) for seed in range(SEEDS)])
    return np.asarray(np.sqrt(((found - theta) ** 2).mean(axis=1)))


def plain_estimates(items: FloatArray, theta: FloatArray, seed: int) -> FloatArray:
    """(N,) EAP on 601 nodes after LENGTH items of maximum information."""
    a, b, c, _ = items.T
    nodes = np.linspace(-6, 6, 601)

    def correct(at: FloatArray) -> FloatArray:
        return np.asarray(c + (1 - c) / (1 + np.exp(-a * (at[:, None] - b))))

    on_nodes, own = correct(nodes).T, correct(theta)
    states = (
        np.random.SeedSequence(seed)
        .generate_state(2 * N_EXAMINEES, np.uint64)
        .astype(np.uint64)[1::2]
    )
    rows, given = np.arange(N_EXAMINEES), np.zeros((N_EXAMINEES, N_ITEMS), dtype=bool)
    log_posterior = np.tile(-0.5 * nodes**2, (N_EXAMINEES, 1))
    estimate = np.zeros(N_EXAMINEES)
    for position in range(LENGTH):
        p = correct(estimate)
        information = a**2 * (1 - p) / p * ((p - c) / (1 - c)) ** 2
        item = np.where(given, -1.0, information).argmax(axis=1)
        given[rows, item] = True
        draw = uniform_draw(states, np.full(N_EXAMINEES, position))
        right = (draw > 1 - own[rows, item])[:, None]
        log_posterior += np.log(np.where(right, on_nodes[item], 1 - on_nodes[item]))
        weights = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
        estimate = weights @ nodes / weights.sum(axis=1)
    return estimate


def of_catsim(python: str, items: FloatArray, theta: FloatArray) -> tuple[float, float]:
    """CPU seconds and root mean square error."""
    done = subprocess.run(
        [python, "-c", CATSIM],
        input=json.dumps([items.tolist(), theta.tolist(), LENGTH]),
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, error = json.loads(done.stdout.splitlines()[-1])
    return seconds, error


def main() -> None:
    items, theta = bank(), np.random.default_rng(302).standard_normal(N_EXAMINEES)
    parameters = ItemParameters.from_rows(
        (Model.THREE_PL, a, b, c, d) for a, b, c, d in items.tolist()
    )
    pool = build_pool(np.arange(N_ITEMS), parameters, normal_grid())
    first = time.process_time()
    simulate_sessions(pool, POLICY, theta[:1], 0)
    print(f"the first session, which orders the bank: {time.process_time() - first:.2f} s")
    answers = N_EXAMINEES * LENGTH
    own = answers / fewest_seconds(pool, theta)
    print(f"irtcat: {own:,.0f} examinees x items a CPU second (target 200,000)")
    found = errors(pool, theta)
    mean, spread = found.mean(), found.std(ddof=1)
    print(
        f"irtcat: root mean square error {mean:.4f} +- {spread / np.sqrt(SEEDS):.4f} "
        f"(one seed varies by {spread:.4f}); {mean / ONCE_SEEN:.3f} of the {ONCE_SEEN} once seen"
    )
    ratio = found / plain_errors(items, theta)
    print(
        f"error on the same draws, to that of a plain program: {ratio.mean():.4f} "
        f"+- {ratio.std(ddof=1) / np.sqrt(SEEDS):.4f}"
    )
    python = os.environ.get("CATSIM_PYTHON")
    if python is None:
        print("catsim: not measured, CATSIM_PYTHON is not set")
        return
    seconds, error = of_catsim(python, items, theta)
    other = answers / seconds
    print(f"catsim: {other:,.0f} a CPU second, root mean square error {error:.4f}")
    print(
        f"ratio: {own / other:.0f} times catsim (target 100); error {mean / error:.3f} of catsim's"
    )


if __name__ == "__main__":
    main()
