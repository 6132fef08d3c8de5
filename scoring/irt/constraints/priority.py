"""How much the content of an item is wanted now."""

from scoring.irt.arrays import FloatArray
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool
from scoring.irt.state import State


def content_priority(pool: Pool, policy: Policy, state: State) -> FloatArray | None:
    """(N, J) factors of the criterion, None without a blueprint."""
    return None
