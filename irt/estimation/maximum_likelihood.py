"""Maximum likelihood, with fences on request (MLEF, Han 2016)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.estimation.answers import Answers, Sums, answer_counts
from irt.estimation.likelihood_equation import attach_errors, solve
from irt.estimation.result import AbilityStatus, Estimates
from irt.models.parameters import ItemParameters, concatenate, usual_model
from irt.responses import Responses

# The slope of the two imaginary items (Han 2016).
_FENCE_SLOPE = 3.0


@dataclass(frozen=True)
class MaximumLikelihood:
    """l'(theta) = 0."""

    points: tuple[float, ...] = ()

    def function(self, theta: FloatArray, sums: Sums) -> FloatArray:
        return sums.score

    def integral(self, nodes: FloatArray, log_likelihood: FloatArray, sums: Sums) -> FloatArray:
        return log_likelihood

    def information(self, block: Answers, theta: FloatArray, *, observed: bool) -> FloatArray:
        return block.observed_information(theta) if observed else block.information(theta)


def maximum_likelihood(
    responses: Responses,
    parameters: ItemParameters,
    *,
    fences: tuple[float, float] | None = None,
    observed_errors: bool = False,
) -> Estimates:
    """The theta (N,) at which the likelihood is highest; ties go to the lower.

    Standard error 1 / sqrt(I) from the information of the answered items, expected or observed.
    Without fences theta is -inf or inf where the likelihood has no highest point. `fences`
    (lower, upper) keeps it finite: an imaginary item with slope 3 at the lower fence is answered
    correctly, one at the upper fence wrongly (Han 2016). They count neither in the error nor as
    responses; the status tells whom they hold.

    Raises `ResponseError` where responses and parameters have different items or categories, and
    ValueError for fences that are not finite and rising.
    """
    equation = MaximumLikelihood()
    theta, status = solve(responses, parameters, equation)
    if fences is not None:
        outside = ~((theta > fences[0]) & (theta < fences[1]))
        theta, status = solve(*_add_fences(responses, parameters, fences), equation)
        status[outside & (status == AbilityStatus.OK)] = AbilityStatus.AT_BOUND
    theta[answer_counts(responses) == 0] = np.nan
    return attach_errors(responses, parameters, equation, theta, status, observed=observed_errors)


def _add_fences(
    responses: Responses, parameters: ItemParameters, fences: tuple[float, float]
) -> tuple[Responses, ItemParameters]:
    """With two more items that everybody answered: the lower correctly, the upper wrongly."""
    lower, upper = fences
    if not (np.isfinite([lower, upper]).all() and lower < upper):
        raise ValueError(f"fences must be two finite rising numbers, not {lower} and {upper}")
    imaginary = ItemParameters.from_rows(
        (usual_model(), _FENCE_SLOPE, fence, 0.0, 1.0) for fence in fences
    )
    wrong = np.zeros(responses.n_persons, dtype=np.int64)
    answered = responses.append_groups(wrong + 1, 2).append_groups(wrong, 2)
    return answered, concatenate([parameters, imaginary])
