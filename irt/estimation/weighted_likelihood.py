"""Weighted likelihood estimation (WLE; Warm 1989)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.estimation.answers import Answers, Sums, answer_counts
from irt.estimation.likelihood_equation import attach_errors, solve
from irt.estimation.result import Estimates
from irt.models.parameters import ItemParameters
from irt.quadrature import cumulative_trapezoids
from irt.responses import Responses


@dataclass(frozen=True)
class WeightedLikelihood:
    """l'(theta) + J / (2 I) = 0 (Warm 1989, eqs. 7 to 10)."""

    points: tuple[float, ...] = ()

    def function(self, theta: FloatArray, sums: Sums) -> FloatArray:
        return sums.score + weight_slope(sums)

    def integral(self, nodes: FloatArray, log_likelihood: FloatArray, sums: Sums) -> FloatArray:
        return log_likelihood + cumulative_trapezoids(weight_slope(sums), nodes)

    def information(self, block: Answers, theta: FloatArray, *, observed: bool) -> FloatArray:
        if not observed:
            return block.information(theta)
        return block.observed_information(theta) + weight_information(block, theta)


def weighted_likelihood(
    responses: Responses, parameters: ItemParameters, *, observed_errors: bool = False
) -> Estimates:
    """Warm's estimate (N,), whose bias vanishes to the order 1 / n; NaN where nobody answered.

    Of several roots the one at which the integral of the estimating function is highest. Standard
    error 1 / sqrt(I), I the expected information of the answered items; on request from minus the
    derivative of the estimating function instead. Raises `ResponseError` where responses and
    parameters have different items or categories.
    """
    equation = WeightedLikelihood()
    theta, status = solve(responses, parameters, equation)
    theta[answer_counts(responses) == 0] = np.nan
    return attach_errors(responses, parameters, equation, theta, status, observed=observed_errors)


def weight_slope(sums: Sums) -> FloatArray:
    """J / (2 I), the derivative of the log of Warm's weight; 0 where no item informs."""
    twice = 2.0 * sums.information
    return np.divide(sums.warm_j, twice, out=np.zeros_like(twice), where=twice > 0)


def weight_information(block: Answers, theta: FloatArray) -> FloatArray:
    """(N,) minus the derivative of J / (2 I) at theta (N,), by central differences of order 4."""
    step = 1e-3
    near, far = (
        weight_slope(block.sums(theta - width)) - weight_slope(block.sums(theta + width))
        for width in (step, 2 * step)
    )
    return (8.0 * near - far) / (12.0 * step)
