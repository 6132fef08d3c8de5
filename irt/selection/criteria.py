"""How useful each item is now, by the criterion of the policy."""

from collections.abc import Callable

import numpy as np

from irt.ability import Ability
from irt.arrays import FloatArray
from irt.policy.policy import Criterion, Policy
from irt.pool import Pool
from irt.selection.a_stratified import stratified_closeness, weigh_within_stratum
from irt.selection.expected_variance import expected_variance_reduction, variance_reduction
from irt.selection.kullback_leibler import kullback_leibler_index
from irt.selection.maximum_information import information_at
from irt.selection.posterior import close_ups, selection_posterior
from irt.selection.posterior_weighted import (
    posterior_weighted_information,
    weighted_information,
)
from irt.selection.random import random_values
from irt.selection.urry import closeness
from irt.state import State

_BLOCK = 64  # examinees


def criterion_values(pool: Pool, policy: Policy, state: State, ability: Ability) -> FloatArray:
    """(N, J) criterion of each item, larger is better and never negative for operational items.

    ability: where the next item is looked for, of `first_item.selection_theta`. Rows do not
    depend on each other.
    """
    if pool.n_items == 0:
        return np.empty((len(ability.theta), 0))
    theta, length = ability.theta, state.length
    match policy.selection.criterion:
        case Criterion.MAXIMUM_INFORMATION:
            return _compute_in_blocks(lambda t: information_at(pool, t), theta)
        case Criterion.KULLBACK_LEIBLER:
            return _compute_in_blocks(
                lambda t, n: kullback_leibler_index(pool, t, n), theta, length
            )
        case Criterion.POSTERIOR_WEIGHTED_INFORMATION:
            posterior = selection_posterior(pool, state, ability)
            values = posterior_weighted_information(pool, posterior)
            for own in close_ups(pool, state, ability):
                values[own.row] = weighted_information(pool, own)
            return values
        case Criterion.EXPECTED_POSTERIOR_VARIANCE:
            posterior = selection_posterior(pool, state, ability)
            values = _compute_in_blocks(lambda p: expected_variance_reduction(pool, p), posterior)
            for own in close_ups(pool, state, ability):
                values[own.row] = variance_reduction(pool, own)
            return values
        case Criterion.A_STRATIFIED:
            return stratified_closeness(pool, policy, theta, length)
        case Criterion.URRY:
            return closeness(pool, theta)
        case Criterion.RANDOM:
            return random_values(pool, state)


def _compute_in_blocks(values: Callable[..., FloatArray], *rows: np.ndarray) -> FloatArray:
    """(N, J) values of rows (N, ...), few enough at a time for the processor's cache."""
    n = len(rows[0])
    if n <= _BLOCK:
        return values(*rows)
    parts = [values(*(each[at : at + _BLOCK] for each in rows)) for at in range(0, n, _BLOCK)]
    return np.concatenate(parts)


def prioritize(policy: Policy, criterion: FloatArray, priority: FloatArray) -> FloatArray:
    """(N, J) criterion times content priority (N, J), from 0 to 1 (Cheng & Chang 2009).

    With a-stratified selection the priority ranks the items of a stratum and never leaves it.
    """
    if policy.selection.criterion == Criterion.A_STRATIFIED:
        return weigh_within_stratum(criterion, priority)
    return criterion * priority
