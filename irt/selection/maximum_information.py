"""Maximum Fisher information at the estimate (Lord 1977; Weiss 1982)."""

import numpy as np

from irt.arrays import FloatArray
from irt.models.information import item_information
from irt.pool import Pool


def information_at(pool: Pool, theta: FloatArray) -> FloatArray:
    """(N, J) expected information of each item at theta (N,), `information.item_information`."""
    return np.ascontiguousarray(item_information(pool.parameters, theta).T)
