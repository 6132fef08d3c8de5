"""Item response theory: pure numerics on NumPy and SciPy."""

from scoring.irt.adaptive import Step, advance, final_ability, next_step, start
from scoring.irt.parameters import ItemParameters, Model, ParameterError
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool, build_pool
from scoring.irt.quadrature import Grid, normal_grid
from scoring.irt.state import Examinees, State, examinees, restore_state
from scoring.irt.stopping.rules import StopReason

__all__ = [
    "Examinees",
    "Grid",
    "ItemParameters",
    "Model",
    "ParameterError",
    "Policy",
    "Pool",
    "State",
    "Step",
    "StopReason",
    "advance",
    "build_pool",
    "examinees",
    "final_ability",
    "next_step",
    "normal_grid",
    "restore_state",
    "start",
]
