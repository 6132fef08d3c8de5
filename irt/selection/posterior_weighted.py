"""Maximum posterior-weighted information, MPWI (van der Linden 1998)."""

from functools import lru_cache

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.estimation.session_posterior import Lattice
from irt.models.information import item_information
from irt.pool import Pool
from irt.selection.distinct_items import distinct_items
from irt.selection.posterior import CloseUp


def posterior_weighted_information(pool: Pool, posterior: FloatArray) -> FloatArray:
    """(N, J) sum over the nodes of I_j(theta_q) p_q, for posterior (N, Q).

    One matrix-vector product an examinee: what the library makes of it depends on the shapes of
    one row alone, so that a batch gives to the last bit what each examinee gets alone.
    """
    information, kind = _information_at_nodes(pool, None)
    return np.asarray(np.vecmat(posterior, information)[:, kind])


def weighted_information(pool: Pool, posterior: CloseUp) -> FloatArray:
    """(J,) the same for one examinee whose posterior the pool's nodes do not show."""
    if posterior.lattice is None:
        return np.asarray(
            item_information(pool.parameters, posterior.nodes) @ posterior.probability
        )
    information, kind = _information_at_nodes(pool, posterior.lattice)
    return np.asarray((posterior.probability @ information[posterior.places])[kind])


@lru_cache(maxsize=8)
def _information_at_nodes(pool: Pool, lattice: Lattice | None) -> tuple[FloatArray, IntArray]:
    """(Q, U) of the distinct items at the pool's nodes or a lattice's, (J,) which each item is."""
    nodes = pool.nodes if lattice is None else lattice.nodes
    information = item_information(pool.parameters, nodes)
    first, kind = distinct_items(information)
    return np.ascontiguousarray(information[first].T), kind
