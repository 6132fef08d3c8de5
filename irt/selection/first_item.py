"""Where the first scored item is looked for, or which one it is."""

import numpy as np

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.policy.policy import FirstItem, Policy
from irt.pool import Pool
from irt.random_numbers import uniform_draw
from irt.state import State

# Its number must not be that of position 0, which draws the item.
_BEFORE_THE_FIRST = -1


def selection_theta(policy: Policy, state: State, ability: Ability) -> Ability:
    """The ability (N,) at which each examinee's next item is looked for.

    `ability`, the interim estimate, once a scored item was given. Before that the prior's sd, and
    its mean; for SPREAD a theta drawn uniformly within mean +- spread by the seed alone; for
    CARRIED the theta of an earlier session where there is one. Never beyond the fences.
    """
    fresh = state.length == 0
    if not fresh.any():
        return ability
    fence = policy.estimation.fence
    start = np.clip(_start_theta(policy, state), -fence, fence)
    return Ability(
        np.where(fresh, start, ability.theta),
        np.where(fresh, state.examinees.prior_sd, ability.standard_error),
    )


def _start_theta(policy: Policy, state: State) -> FloatArray:
    mean = state.examinees.prior_mean
    if policy.selection.first == FirstItem.SPREAD:
        place = np.full(len(mean), _BEFORE_THE_FIRST)
        draw = uniform_draw(state.examinees.seed, place)
        return np.asarray(mean + policy.selection.spread * (2.0 * draw - 1.0))
    if policy.selection.first == FirstItem.CARRIED:
        carried = state.examinees.start_theta
        return np.where(np.isfinite(carried), carried, mean)
    return mean


def fixed_item(pool: Pool, policy: Policy, state: State, available: BoolArray) -> IntArray:
    """(N,) index of the policy's first item where it is due and available (N, J), else -1."""
    none = np.full(len(state.length), -1, dtype=np.int64)
    if policy.selection.first_item is None:
        return none
    index = np.flatnonzero(pool.item_ids == policy.selection.first_item)
    if not index.size:
        return none
    return np.where((state.length == 0) & available[:, index[0]], index[0], none)
