"""The estimate of examinees in the course of an adaptive test, and at its end."""

import numpy as np

from scoring.irt.ability import Ability, posterior_mean
from scoring.irt.policy import Estimator, Policy
from scoring.irt.pool import Pool
from scoring.irt.state import State


def estimate_ability(pool: Pool, policy: Policy, state: State, estimator: Estimator) -> Ability:
    """theta and standard error (N,) of N examinees, theta within the policy's fence."""
    fence = policy.estimation.fence
    prior = state.examinees
    deviation = (pool.nodes - prior.prior_mean[:, None]) / prior.prior_sd[:, None]
    ability = posterior_mean(state.log_likelihood - 0.5 * deviation * deviation, pool.nodes)
    return Ability(np.clip(ability.theta, -fence, fence), ability.standard_error)
