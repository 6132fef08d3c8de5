"""How fast are the fit statistics? CPU seconds for 10,000 persons and 50 items, on one thread.

Goal: all of those of items together in under a second. Usage: python -m benchmarks.item_fit
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

import time
from collections.abc import Callable

from benchmarks.data import dichotomous
from irt.calibration.calibrate import calibrate
from irt.fit.fitted_model import FittedModel, fitted_model
from irt.fit.m2 import m2
from irt.fit.mean_squares import mean_squares
from irt.fit.q3 import q3
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.responses import Responses, dense_responses

N_PERSONS, N_ITEMS = 10_000, 50
GOAL = 1.0
REPEATS = 5

Statistic = Callable[[Responses, FittedModel], object]
STATISTICS: dict[str, Statistic] = {
    "S-X2": s_x2,
    "infit and outfit": mean_squares,
    "RMSD with points": rmsd,
    "M2": m2,
    "Q3": q3,
}


def cpu_seconds(statistic: Statistic, responses: Responses, model: FittedModel) -> float:
    """The least of several runs."""
    taken = []
    for _ in range(REPEATS):
        started = time.process_time()
        statistic(responses, model)
        taken.append(time.process_time() - started)
    return min(taken)


if __name__ == "__main__":
    answers = dense_responses(dichotomous(N_PERSONS, N_ITEMS, seed=1).scores)
    fit = calibrate(answers, ["2pl"] * N_ITEMS, with_standard_errors=False)
    judged = fitted_model(fit.parameters)
    total = 0.0
    for name, statistic in STATISTICS.items():
        seconds = cpu_seconds(statistic, answers, judged)
        total += seconds
        print(f"{name}: {1e3 * seconds:.0f} ms")
    print(f"{N_PERSONS} x {N_ITEMS}: {total:.2f} s = {total / GOAL:.2f} of the goal")
