"""Minimum expected posterior variance, MEPV (Owen 1975; van der Linden 1998)."""

from functools import lru_cache

import numpy as np

from scoring.irt.arrays import FloatArray
from scoring.irt.curves import category_probabilities
from scoring.irt.pool import Pool
from scoring.irt.selection.category_columns import CategoryColumns, category_columns


def expected_variance_reduction(pool: Pool, posterior: FloatArray) -> FloatArray:
    """(N, J) by how much an answer is expected to lower the posterior variance (N, Q).

    The posterior variance now minus its expectation after the answer: the order is that of the
    least expected variance, and no value is negative. With p_q the posterior and d_q the node's
    distance from its mean, an answer in category k has probability S_k = sum p_q P_k(q) and moves
    the mean by M_k / S_k, M_k = sum p_q d_q P_k(q); by the law of total variance the reduction is
    the sum over k of M_k^2 / S_k. Matrix-vector products, one examinee
    at a time, as in `posterior_weighted`.
    """
    columns, probability = _probabilities_at_nodes(pool)
    mean = (posterior * pool.nodes).sum(axis=1, keepdims=True)
    chance = np.vecmat(posterior, probability)
    shift = np.vecmat(posterior * (pool.nodes - mean), probability)
    # An answer that cannot happen changes nothing.
    terms = np.divide(shift * shift, chance, out=np.zeros_like(chance), where=chance > 0)
    return columns.over_categories(terms)


@lru_cache(maxsize=8)
def _probabilities_at_nodes(pool: Pool) -> tuple[CategoryColumns, FloatArray]:
    """The columns and (Q, C) P_jk(theta_q)."""
    columns = category_columns(pool.parameters.n_categories)
    return columns, columns.spread(category_probabilities(pool.parameters, pool.nodes))
