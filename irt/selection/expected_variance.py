"""Minimum expected posterior variance, MEPV (Owen 1975; van der Linden 1998)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.curves import category_probabilities
from irt.pool import Pool
from irt.selection.category_columns import CategoryColumns, category_columns
from irt.selection.distinct_items import distinct_items


def expected_variance_reduction(pool: Pool, posterior: FloatArray) -> FloatArray:
    """(N, J) by how much an answer is expected to lower the posterior variance of theta.

    posterior (N, Q). The variance now minus its expectation after the answer: the order is that
    of the least expected variance, and no value is negative. With p_q the posterior and d_q the
    node's distance from its mean, an answer in category k has probability S_k = sum p_q P_k(q) and
    moves the mean by M_k / S_k, M_k = sum p_q d_q P_k(q); by the law of total variance the
    reduction is the sum over k of M_k^2 / S_k. Matrix-vector products, one examinee at a time, as
    in `posterior_weighted`.
    """
    curves = _curves_at_nodes(pool)
    mean = (posterior * pool.nodes).sum(axis=1, keepdims=True)
    chance = np.vecmat(posterior, curves.probability)
    shift = np.vecmat(posterior * (pool.nodes - mean), curves.probability)
    # An answer that cannot happen changes nothing.
    terms = np.divide(shift * shift, chance, out=np.zeros_like(chance), where=chance > 0)
    return curves.columns.over_categories(terms)[:, curves.kind]


def variance_reduction(pool: Pool, nodes: FloatArray, probability: FloatArray) -> FloatArray:
    """(J,) the same for one examinee on nodes (q,) that are not the pool's."""
    curves = category_probabilities(pool.parameters, nodes)
    chance, shift = curves @ probability, curves @ (probability * (nodes - nodes @ probability))
    terms = np.divide(shift * shift, chance, out=np.zeros_like(chance), where=chance > 0)
    return np.asarray(terms.sum(axis=1))


@dataclass(frozen=True, eq=False)
class _Curves:
    """probability (Q, C) of the distinct items' categories, kind (J,) which one each item is."""

    columns: CategoryColumns
    probability: FloatArray
    kind: IntArray


@lru_cache(maxsize=8)
def _curves_at_nodes(pool: Pool) -> _Curves:
    probability = category_probabilities(pool.parameters, pool.nodes)
    first, kind = distinct_items(probability)
    columns = category_columns(pool.parameters.n_categories[first])
    return _Curves(columns, columns.spread(probability[first]), kind)
