"""The mode of the posterior under a normal prior (MAP; Samejima 1969)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.estimation.answers import Answers, Sums, answer_counts
from irt.estimation.likelihood_equation import attach_errors, solve
from irt.estimation.result import Estimates
from irt.models.parameters import ItemParameters
from irt.responses import Responses


@dataclass(frozen=True)
class MaximumAPosteriori:
    """l'(theta) - (theta - mean) / sd^2 = 0."""

    mean: float
    sd: float

    @property
    def points(self) -> tuple[float, ...]:
        return (self.mean - self.sd, self.mean, self.mean + self.sd)

    def function(self, theta: FloatArray, sums: Sums) -> FloatArray:
        return sums.score - (theta - self.mean) / self.sd**2

    def integral(self, nodes: FloatArray, log_likelihood: FloatArray, sums: Sums) -> FloatArray:
        return log_likelihood - 0.5 * ((nodes - self.mean) / self.sd) ** 2

    def information(self, block: Answers, theta: FloatArray, *, observed: bool) -> FloatArray:
        own = block.observed_information(theta) if observed else block.information(theta)
        return own + 1.0 / self.sd**2


def maximum_a_posteriori(
    responses: Responses,
    parameters: ItemParameters,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    observed_errors: bool = False,
) -> Estimates:
    """The mode (N,) of the posterior with prior N(mean, sd^2); the prior's where nobody answered.

    Standard error 1 / sqrt(I + 1 / sd^2), I the information of the answered items, expected or
    observed. Raises `ResponseError` where responses and parameters have different items or
    categories, and ValueError for a prior without finite mean and sd > 0.
    """
    if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0):
        raise ValueError(f"a normal prior needs a finite mean and sd > 0, not {mean} and {sd}")
    equation = MaximumAPosteriori(mean, sd)
    theta, status = solve(responses, parameters, equation)
    theta[answer_counts(responses) == 0] = mean
    return attach_errors(responses, parameters, equation, theta, status, observed=observed_errors)
