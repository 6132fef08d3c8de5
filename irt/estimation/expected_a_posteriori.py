"""The mean of the posterior on a grid (EAP; Bock & Mislevy 1982)."""

import numpy as np
from numpy.typing import NDArray

from irt.ability import check_categories, eap, eap_abilities, is_shown
from irt.arrays import FloatArray
from irt.estimation.answers import answer_counts
from irt.estimation.close_up import Windows, look_closely, steepest_slope, windows
from irt.estimation.result import AbilityStatus, Estimates
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid, covering_nodes, normal_weights
from irt.responses import Responses, stacked_log_probabilities


def expected_a_posteriori(
    responses: Responses, parameters: ItemParameters, prior: Grid
) -> Estimates:
    """EAP (N,) and the posterior SD on this grid; the prior's for persons without responses.

    Persons whose estimate lies within a node of an end of the grid are marked: the grid, not the
    responses, holds it there. Raises `ResponseError` where responses and parameters have different
    items or categories.
    """
    ability = eap_abilities(responses, parameters, prior)
    status = _status(responses)
    inside = (ability.theta > prior.nodes[1]) & (ability.theta < prior.nodes[-2])
    status[~inside & (status == AbilityStatus.OK)] = AbilityStatus.AT_BOUND
    return Estimates(ability.theta, ability.standard_error, status)


def normal_a_posteriori(
    responses: Responses,
    parameters: ItemParameters,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    nodes: FloatArray | None = None,
) -> Estimates:
    """EAP (N,) and the posterior SD under N(mean, sd^2), whatever the nodes.

    On nodes (Q,), by default those that cover the prior; a person whose posterior they do not show,
    because it is narrower than their distance or goes on beyond them, on finer or wider ones, so
    that the EAP is within 1e-3 and the SD within 1%. Raises as `expected_a_posteriori` does.
    """
    check_categories(responses, parameters)
    points = covering_nodes(mean, sd) if nodes is None else nodes
    prior = Grid(points, normal_weights(points, mean, sd))
    rows = stacked_log_probabilities(parameters, points)
    found, unclear, looks = [], [], []
    start, steepest = 0, steepest_slope(parameters)
    for _, log_posterior in responses.log_likelihoods(rows):
        found.append(eap(log_posterior, prior))
        log_posterior += prior.log_weights
        left = np.flatnonzero(~is_shown(log_posterior, found[-1], points, steepest))
        unclear.append(start + left)
        looks.append(windows(log_posterior[left], found[-1].take(left), points))
        start += len(log_posterior)
    theta = np.concatenate([part.theta for part in found])
    standard_error = np.concatenate([part.standard_error for part in found])
    persons = np.concatenate(unclear)
    if persons.size:
        close = look_closely(responses.take(persons), parameters, mean, sd, Windows.joined(looks))
        theta[persons], standard_error[persons] = close.theta, close.standard_error
    return Estimates(theta, standard_error, _status(responses))


def _status(responses: Responses) -> NDArray[np.int8]:
    """(N,) OK, or that there is nothing to estimate from."""
    status = np.full(responses.n_persons, AbilityStatus.OK, dtype=np.int8)
    status[answer_counts(responses) == 0] = AbilityStatus.NO_RESPONSES
    return status
