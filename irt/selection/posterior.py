"""The posterior distribution of theta that selection weighs items by."""

import numpy as np

from irt.ability import Ability
from irt.arrays import FloatArray
from irt.pool import Pool
from irt.state import State


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
