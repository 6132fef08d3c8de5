"""The mean of the posterior on a grid (EAP; Bock & Mislevy 1982)."""

import numpy as np

from irt.ability import eap_abilities
from irt.estimation.answers import answer_counts
from irt.estimation.result import AbilityStatus, Estimates
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from irt.responses import Responses


def expected_a_posteriori(
    responses: Responses, parameters: ItemParameters, prior: Grid
) -> Estimates:
    """EAP (N,) and the posterior SD; the prior's for persons without responses.

    Persons whose estimate lies within a node of an end of the grid are marked: the grid, not the
    responses, holds it there. Raises `ResponseError` where responses and parameters have different
    items or categories.
    """
    ability = eap_abilities(responses, parameters, prior)
    status = np.full(len(ability.theta), AbilityStatus.OK, dtype=np.int8)
    inside = (ability.theta > prior.nodes[1]) & (ability.theta < prior.nodes[-2])
    status[~inside] = AbilityStatus.AT_BOUND
    status[answer_counts(responses) == 0] = AbilityStatus.NO_RESPONSES
    return Estimates(ability.theta, ability.standard_error, status)
