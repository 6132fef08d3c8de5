"""Reliability of ability estimates on the scale from 0 to 1."""

import numpy as np

from irt.ability import Ability
from irt.models.information import test_information
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid


def empirical_reliability(ability: Ability) -> float:
    """Var(theta) / (Var(theta) + mean(SE^2)) of EAP estimates, as mirt defines it.

    For EAP the denominator estimates the variance of the abilities themselves, by the law of total
    variance. NaN for fewer than two examinees.
    """
    if len(ability.theta) < 2:
        return float("nan")
    variance = float(ability.theta.var(ddof=1))
    total = variance + float(np.square(ability.standard_error).mean())
    return variance / total


def marginal_reliability(parameters: ItemParameters, prior: Grid) -> float:
    """1 - E[SE^2] / sigma^2 with SE^2 = 1 / (I + 1 / sigma^2) (Green et al. 1984).

    Of a test of all items, in the population of `prior`, whose variance is sigma^2.
    """
    mean = prior.weights @ prior.nodes
    variance = prior.weights @ (prior.nodes - mean) ** 2
    information = test_information(parameters, prior.nodes)
    error = prior.weights @ (1.0 / (information + 1.0 / variance))
    return float(1.0 - error / variance)
