"""The item whose difficulty is closest to the estimate (Urry 1970)."""

from functools import lru_cache

import numpy as np

from irt.arrays import FloatArray
from irt.pool import Pool


def closeness(pool: Pool, theta: FloatArray) -> FloatArray:
    """(N, J) 1 / (1 + |b_j - theta|) for theta (N,): 1 where they meet, never negative.

    The difficulty of a polytomous item is the mean of its steps.
    """
    return np.asarray(1.0 / (1.0 + np.abs(mean_difficulty(pool) - theta[:, None])))


@lru_cache(maxsize=8)
def mean_difficulty(pool: Pool) -> FloatArray:
    """(J,) b, or the mean of b_1, ..., b_m of a polytomous item."""
    steps = pool.parameters.difficulty
    return np.asarray(np.nansum(steps, axis=1) / (pool.parameters.n_categories - 1))
