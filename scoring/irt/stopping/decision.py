"""Whether a test ends now."""

import numpy as np

from scoring.irt.ability import Ability
from scoring.irt.arrays import BoolArray, IntArray
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool
from scoring.irt.state import State
from scoring.irt.stopping.rules import StandardError, StopReason


def stop_reason(
    pool: Pool, policy: Policy, state: State, ability: Ability, available: BoolArray
) -> IntArray:
    """(N,) `StopReason`; a rule counts from min_items on and is named before the length."""
    length, limits = state.length, policy.stopping
    reason = np.where(length >= limits.max_items, StopReason.MAXIMUM_LENGTH, StopReason.CONTINUE)
    if isinstance(limits.rule, StandardError):
        precise = (length >= limits.min_items) & (ability.standard_error <= limits.rule.at_most)
        reason = np.where(precise, StopReason.STANDARD_ERROR, reason)
    return reason.astype(np.int64)
