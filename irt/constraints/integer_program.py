"""Binary programs whose linear relaxation is nearly integral: solve that first, then what is open.

HiGHS (Huangfu & Hall 2018) through `scipy.optimize`. Reduced-cost fixing: Nemhauser & Wolsey
(1988), ch. II.5.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from irt.arrays import BoolArray, FloatArray, IntArray

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


def least_shortfall(program: Program) -> IntArray | None:
    """(m,) by how much the lower bounds must be lowered to leave a solution, the least in sum.

    For lower bounds that are whole numbers; those of 0 and below stay. None where the other
    constraints have no solution either. The elastic program of Chinneck (2008).
    """
    at = np.flatnonzero(program.lower > 0)
    n, n_slacks = len(program.worth), len(at)
    shape = (len(program.lower), n_slacks)
    slacks = sparse.csr_array((np.ones(n_slacks), (at, np.arange(n_slacks))), shape=shape)
    solution = milp(
        np.repeat([0.0, 1.0], [n, n_slacks]),
        integrality=np.ones(n + n_slacks, dtype=np.int64),
        bounds=Bounds(0.0, np.concatenate([np.ones(n), program.lower[at]])),
        constraints=LinearConstraint(
            sparse.hstack([program.matrix, slacks]), program.lower, program.upper
        ),
    )
    if solution.x is None:
        return None
    shortfall = np.zeros(len(program.lower), dtype=np.int64)
    shortfall[at] = np.round(solution.x[n:])
    return shortfall


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
