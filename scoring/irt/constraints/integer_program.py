"""Binary programs whose linear relaxation is nearly integral: solve that first, then what is open.

HiGHS (Huangfu & Hall 2018) through `scipy.optimize`. Reduced-cost fixing: Nemhauser & Wolsey
(1988), ch. II.5.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from scoring.irt.arrays import BoolArray, FloatArray

# The value of a solution is proved to be within this share of the best one's.
RELATIVE_GAP = 1e-4
# First guess of the distance between the best solution and its relaxation, as a share.
LIKELY_DISTANCE = 0.01
INTEGRAL = 1e-7
INFEASIBLE = 2  # status of scipy.optimize.linprog


@dataclass(frozen=True, eq=False)
class Program:
    """Maximise worth @ x over binary x (n,) with lower <= matrix @ x <= upper; matrix (m, n)."""

    worth: FloatArray
    matrix: sparse.csr_array
    lower: FloatArray
    upper: FloatArray


def best_solution(program: Program) -> BoolArray | None:
    """(n,) a solution within RELATIVE_GAP of the best, None where there is none.

    The relaxation is solved first; often it is integral, and then best. Else the variables whose
    reduced cost is above a likely distance are fixed, which is right if a solution within that
    distance is found; if not, the distance found is the next and last one. Equal programs get
    equal solutions.
    """
    relaxed = _relaxation(program)
    if relaxed.status == INFEASIBLE:
        return None
    if relaxed.x is None or relaxed.fun is None:
        raise ArithmeticError(f"the relaxation of a test could not be solved: {relaxed.message}")
    nearest = np.round(relaxed.x)
    if (np.abs(relaxed.x - nearest) < INTEGRAL).all():
        return np.asarray(nearest > 0)
    reduced = np.abs(relaxed.lower.marginals) + np.abs(relaxed.upper.marginals)
    bound = float(relaxed.fun)
    distance = LIKELY_DISTANCE * abs(bound)
    while True:
        fixed = reduced > distance
        solution = milp(
            -program.worth,
            integrality=np.ones(len(program.worth), dtype=np.int64),
            bounds=Bounds(np.where(fixed, nearest, 0.0), np.where(fixed, nearest, 1.0)),
            constraints=LinearConstraint(program.matrix, program.lower, program.upper),
            options={"mip_rel_gap": RELATIVE_GAP},
        )
        found = np.inf if solution.x is None else float(solution.fun) - bound
        if found > distance and fixed.any():
            distance = found
        elif solution.x is None:
            return None
        else:
            return np.asarray(solution.x > 0.5)


def _relaxation(program: Program):  # type: ignore[no-untyped-def]  # scipy's own result type
    matrix, lower, upper = program.matrix, program.lower, program.upper
    equal = lower == upper
    above, below = (upper < np.inf) & ~equal, (lower > -np.inf) & ~equal
    return linprog(
        -program.worth,
        A_ub=sparse.vstack([matrix[above], -matrix[below]]),
        b_ub=np.concatenate([upper[above], -lower[below]]),
        A_eq=matrix[equal],
        b_eq=lower[equal],
        bounds=(0, 1),
        method="highs",
    )
