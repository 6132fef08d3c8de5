"""How useful each item is now: the criterion of the policy, larger is better."""

import numpy as np

from scoring.irt.ability import Ability
from scoring.irt.arrays import FloatArray
from scoring.irt.information import item_information
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool
from scoring.irt.state import State


def criterion_values(pool: Pool, policy: Policy, state: State, ability: Ability) -> FloatArray:
    """(N, J) Fisher information at theta (Lord 1980, eq. 5-9)."""
    return np.ascontiguousarray(item_information(pool.parameters, ability.theta).T)
