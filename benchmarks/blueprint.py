"""Does any session break its blueprint? Simulates both methods through the engine and counts.

A bank of 150 items with a tree of areas, passages, enemies, words and seconds; 10 to 14 items. The
tests of the suite do the same with fewer sessions of shadow tests, which take a minute a thousand.
Prints the violations (must be 0), and the mean information at the true ability as a ratio.

Usage: python -m benchmarks.blueprint [SESSIONS, default 10000]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import sys

import numpy as np

from irt.constraints.satisfaction import violations
from irt.models.information import item_information
from irt.policy.blueprint import Method
from irt.simulation.sessions import Sessions, simulate_sessions
from sessions.simulation.processes import share_shadow_tests
from tests.irt.constraints.pools import realistic_policy, realistic_pool


def mean_information(sessions: Sessions) -> float:
    """Of the scored items at the true ability, an item."""
    parameters = sessions.pool.parameters.take(sessions.item)
    information = item_information(parameters, sessions.true_theta[sessions.person][:, None])
    return float(np.mean(information))


def main(n_sessions: int) -> None:
    pool = realistic_pool(150, seed=3)
    theta = np.random.default_rng(1).standard_normal(n_sessions)
    known = {}
    for method in Method:
        policy = realistic_policy(method, max_words=700, max_seconds=1000)
        with share_shadow_tests():
            simulated = simulate_sessions(pool, policy, theta, 2)
        broken = violations(pool, policy, simulated.items)
        known[method] = mean_information(simulated)
        lengths = f"{simulated.length.min()} to {simulated.length.max()} items"
        print(f"{method}: {n_sessions:,} sessions of {lengths}, {broken.total} violations")
    print(
        f"information of shadow tests: {known[Method.SHADOW_TEST] / known[Method.PRIORITY]:.3f} "
        "x that of the priority index"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
