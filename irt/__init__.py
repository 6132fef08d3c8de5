"""Item response theory: pure numerics on NumPy and SciPy."""

from irt.adaptive import Step, advance, final_ability, next_step, start
from irt.models.parameters import ItemParameters, Model, ParameterError
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Pool, build_pool
from irt.quadrature import Grid, normal_grid
from irt.state import Examinees, State, examinees, restore_state

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
