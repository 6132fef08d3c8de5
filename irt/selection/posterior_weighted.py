"""Maximum posterior-weighted information, MPWI (van der Linden 1998)."""

from functools import lru_cache

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.information import item_information
from irt.pool import Pool
from irt.selection.distinct_items import distinct_items


def posterior_weighted_information(pool: Pool, posterior: FloatArray) -> FloatArray:
    """(N, J) sum over the nodes of I_j(theta_q) p_q, for posterior (N, Q).

    One matrix-vector product an examinee: what the library makes of it depends on the shapes of
    one row alone, so that a batch gives to the last bit what each examinee gets alone.
    """
    information, kind = _information_at_nodes(pool)
    return np.asarray(np.vecmat(posterior, information)[:, kind])


def weighted_information(pool: Pool, nodes: FloatArray, probability: FloatArray) -> FloatArray:
    """(J,) the same for one examinee on nodes (q,) that are not the pool's."""
    return np.asarray(item_information(pool.parameters, nodes) @ probability)


@lru_cache(maxsize=8)
def _information_at_nodes(pool: Pool) -> tuple[FloatArray, IntArray]:
    """(Q, U) of the distinct items, and (J,) which of them each item is."""
    information = item_information(pool.parameters, pool.nodes)
    first, kind = distinct_items(information)
    return np.ascontiguousarray(information[first].T), kind
