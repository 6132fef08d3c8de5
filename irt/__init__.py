"""Item response theory: pure numerics on NumPy and SciPy.

A name is loaded from its module when it is first used, so that `import irt` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from irt.adaptive import Step, advance, final_ability, next_step, start
    from irt.models.parameters import ItemParameters, Model, ParameterError
    from irt.policy.policy import Policy
    from irt.policy.stopping_rules import StopReason
    from irt.pool import Pool, build_pool
    from irt.quadrature import Grid, normal_grid
    from irt.state import Examinees, State, examinees, restore_state

_ROOMS = {
    "irt.adaptive": ("Step", "advance", "final_ability", "next_step", "start"),
    "irt.models.parameters": ("ItemParameters", "Model", "ParameterError"),
    "irt.policy.policy": ("Policy",),
    "irt.policy.stopping_rules": ("StopReason",),
    "irt.pool": ("Pool", "build_pool"),
    "irt.quadrature": ("Grid", "normal_grid"),
    "irt.state": ("Examinees", "State", "examinees", "restore_state"),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

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

if not TYPE_CHECKING:  # so that a type checker still refuses a name that does not exist

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module 'irt' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value
