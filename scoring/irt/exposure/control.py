"""Which items exposure control holds back from an examinee."""

from scoring.irt.arrays import BoolArray, FloatArray
from scoring.irt.policy import Policy
from scoring.irt.pool import Pool
from scoring.irt.state import State


def exposure_vetoes(
    pool: Pool, policy: Policy, state: State, theta: FloatArray
) -> BoolArray | None:
    """(N, J) items held back, None without control."""
    return None
