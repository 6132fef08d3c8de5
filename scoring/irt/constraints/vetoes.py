"""Which items the constraints of the test forbid now."""

import numpy as np
from numpy.typing import NDArray

from scoring.irt.policy import Policy
from scoring.irt.pool import Pool, Veto
from scoring.irt.state import State


def content_vetoes(pool: Pool, policy: Policy, state: State) -> NDArray[np.uint8] | None:
    """(N, J) `Veto` codes, None where nothing is forbidden: enemies of administered items."""
    if pool.enemies is None:
        return None
    met = (state.administered.astype(np.float32) @ pool.enemies.astype(np.float32)) > 0
    return np.where(met, Veto.ENEMY, Veto.NONE).astype(np.uint8)
