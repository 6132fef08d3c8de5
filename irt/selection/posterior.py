"""The posterior distribution of theta that selection weighs items by."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from irt.ability import Ability, posterior_mean
from irt.arrays import BoolArray, FloatArray
from irt.estimation.session_posterior import (
    Lattice,
    OwnPosteriors,
    own_posteriors,
    session_posteriors,
)
from irt.pool import Pool
from irt.state import State

# Nodes so many SDs apart at most, and not farther than this, show a posterior to an item; heights
# below this share of the highest weigh nothing.
_WIDEST_STEP, _FARTHEST, _NOTHING = 0.8, 0.1, 1e-4


@dataclass(frozen=True, eq=False)
class CloseUp:
    """One posterior: row of a batch, probabilities (q,) of nodes (q,), each row's sum 1.

    The nodes are those in `places` of a lattice, or the examinee's own where that is None.
    """

    row: int
    nodes: FloatArray
    probability: FloatArray
    lattice: Lattice | None
    places: slice


def selection_posterior(pool: Pool, state: State, ability: Ability) -> FloatArray:
    """(N, Q) posterior probabilities of the pool's nodes, each row with sum 1.

    The examinee's own normal prior times the likelihood, whatever estimator the test uses. Before
    the first scored item the prior is centred where `ability` says that this item is looked for,
    so that the first-item rules hold for criteria that average over theta too.
    """
    given = state.examinees
    mean = np.where(state.length == 0, ability.theta, given.prior_mean)
    deviation = (pool.nodes - mean[:, None]) / given.prior_sd[:, None]
    log_density = state.log_likelihood - 0.5 * deviation * deviation
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return np.asarray(density / density.sum(axis=1, keepdims=True))


def close_ups(pool: Pool, state: State, ability: Ability) -> Iterator[CloseUp]:
    """The posteriors that the pool's nodes do not show, on others; `ability` as above."""
    fresh = state.length == 0
    if not fresh.all():
        for own in session_posteriors(pool, state).own:
            yield from _thinned(own, ~fresh)
    rows = np.flatnonzero(fresh)
    if rows.size:
        start, mean = state.take(rows), ability.theta[rows]
        deviation = (pool.nodes - mean[:, None]) / start.examinees.prior_sd[:, None]
        log_density = start.log_likelihood - 0.5 * deviation * deviation
        moments = posterior_mean(log_density, pool.nodes)
        for own in own_posteriors(pool, start, mean, log_density, moments):
            yield from _thinned(replace(own, rows=rows[own.rows]), fresh)


def _thinned(own: OwnPosteriors, wanted: BoolArray) -> Iterator[CloseUp]:
    """Those of the examinees that `wanted` (N,) marks, with no more nodes than an item needs."""
    for place in np.flatnonzero(wanted[own.rows]).tolist():
        nodes = own.nodes if own.lattice else own.nodes[place]
        density = np.exp(own.log_density[place] - own.log_density[place].max())
        sd = own.ability.standard_error[place]
        step = min(_WIDEST_STEP * sd, _FARTHEST) / (nodes[1] - nodes[0])
        weighs = np.flatnonzero(density > _NOTHING)
        places = slice(int(weighs[0]), int(weighs[-1]) + 1, max(1, int(step)))
        kept = density[places]
        yield CloseUp(int(own.rows[place]), nodes[places], kept / kept.sum(), own.lattice, places)
