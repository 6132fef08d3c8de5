"""Minimum expected posterior variance, MEPV (Owen 1975; van der Linden 1998)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.estimation.session_posterior import Lattice
from irt.models.curves import category_probabilities
from irt.pool import Pool
from irt.selection.category_columns import CategoryColumns, category_columns
from irt.selection.distinct_items import distinct_items
from irt.selection.posterior import CloseUp


def expected_variance_reduction(pool: Pool, posterior: FloatArray) -> FloatArray:
    """(N, J) by how much an answer is expected to lower the posterior variance of theta.

    posterior (N, Q). The variance now minus its expectation after the answer: the order is that
    of the least expected variance, and no value is negative. With p_q the posterior and d_q the
    node's distance from its mean, an answer in category k has probability S_k = sum p_q P_k(q) and
    moves the mean by M_k / S_k, M_k = sum p_q d_q P_k(q); by the law of total variance the
    reduction is the sum over k of M_k^2 / S_k. Matrix-vector products, one examinee at a time, as
    in `posterior_weighted`.
    """
    curves = _curves_at_nodes(pool, None)
    mean = (posterior * pool.nodes).sum(axis=1, keepdims=True)
    chance = np.vecmat(posterior, curves.probability)
    shift = np.vecmat(posterior * (pool.nodes - mean), curves.probability)
    terms = _square_by_chance(shift, chance)
    return curves.columns.over_categories(terms)[:, curves.kind]


def variance_reduction(pool: Pool, posterior: CloseUp) -> FloatArray:
    """(J,) the same for one examinee whose posterior the pool's nodes do not show."""
    nodes, probability = posterior.nodes, posterior.probability
    weighted = np.stack([probability, probability * (nodes - nodes @ probability)])
    if posterior.lattice is None:
        curves = category_probabilities(pool.parameters, nodes)
        chance, shift = (curves @ own for own in weighted)
        return np.asarray(_square_by_chance(shift, chance).sum(axis=1))
    kept = _curves_at_nodes(pool, posterior.lattice)
    chance, shift = weighted @ kept.probability[posterior.places]
    terms = _square_by_chance(shift, chance)[None]
    return np.asarray(kept.columns.over_categories(terms)[0, kept.kind])


def _square_by_chance(shift: FloatArray, chance: FloatArray) -> FloatArray:
    """M^2 / S; an answer that cannot happen changes nothing."""
    return np.divide(shift * shift, chance, out=np.zeros_like(chance), where=chance > 0)


@dataclass(frozen=True, eq=False)
class _Curves:
    """probability (Q, C) of the distinct items' categories, kind (J,) which one each item is."""

    columns: CategoryColumns
    probability: FloatArray
    kind: IntArray


@lru_cache(maxsize=8)
def _curves_at_nodes(pool: Pool, lattice: Lattice | None) -> _Curves:
    """At the pool's nodes or a lattice's."""
    nodes = pool.nodes if lattice is None else lattice.nodes
    probability = category_probabilities(pool.parameters, nodes)
    first, kind = distinct_items(probability)
    columns = category_columns(pool.parameters.n_categories[first])
    return _Curves(columns, columns.spread(probability[first]), kind)
