"""How fast are the fit statistics? CPU seconds for 10,000 persons and 50 items, on one thread.

Goal: all of those of items together in under a second. Usage: python -m benchmarks.item_fit
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy starts its threads

from benchmarks.calibration import cpu_seconds, simulated
from scoring.irt.calibration.calibrate import calibrate
from scoring.irt.fit.fitted_model import fitted_model
from scoring.irt.fit.m2 import m2
from scoring.irt.fit.mean_squares import mean_squares
from scoring.irt.fit.q3 import q3
from scoring.irt.fit.rmsd import rmsd
from scoring.irt.fit.s_x2 import s_x2
from scoring.irt.responses import dense_responses

N_PERSONS, N_ITEMS = 10_000, 50
GOAL = 1.0

if __name__ == "__main__":
    responses = dense_responses(simulated(N_PERSONS, N_ITEMS))
    fit = calibrate(responses, ["2pl"] * N_ITEMS, with_standard_errors=False)
    model = fitted_model(fit.parameters)
    total = 0.0
    for name, statistic in (
        ("S-X2", s_x2),
        ("infit and outfit", mean_squares),
        ("RMSD with points", rmsd),
        ("M2", m2),
        ("Q3", q3),
    ):
        seconds = cpu_seconds(lambda statistic=statistic: statistic(responses, model))
        total += seconds
        print(f"{name}: {1e3 * seconds:.0f} ms")
    print(f"{N_PERSONS} x {N_ITEMS}: {total:.2f} s = {total / GOAL:.2f} of the goal")
