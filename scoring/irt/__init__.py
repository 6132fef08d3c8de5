"""Item response theory: pure numerics on NumPy and SciPy."""

from scoring.irt.adaptive import Policy, Pool, State, Step, advance, build_pool, start
from scoring.irt.parameters import ItemParameters, Model, ParameterError
from scoring.irt.quadrature import Grid, normal_grid
from scoring.irt.stopping import StopReason

__all__ = [
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
    "normal_grid",
    "start",
]
