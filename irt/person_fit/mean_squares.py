"""Infit and outfit of persons: mean squares of the residuals, and their standardised forms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import FloatArray, IntArray
from irt.mean_square import standardized_mean_square
from irt.models.category_sums import over_categories, score_moments
from irt.models.derivatives import ThetaDerivatives
from irt.models.parameters import ItemParameters
from irt.person_fit.answers import check_theta, sum_over_answers
from irt.person_fit.result import PersonStatistic, PersonStatus, person_status
from irt.responses import Responses

# A spread below this is rounding error, a variance of all answers below that no variance.
_LEAST_SPREAD = 1e-6
_LEAST_VARIANCE = 1e-24
# Moments are not taken for smaller, so that their squares do not underflow.
_TINY = 1e-150

N_MEAN_SQUARE_TERMS = 5


@dataclass(frozen=True, eq=False)
class MeanSquares:
    """outfit, infit (N,) with expectation 1, their standardised forms, and `PersonStatus` (N,).

    All four are NaN exactly where the status is not OK.
    """

    outfit: FloatArray
    outfit_z: FloatArray
    infit: FloatArray
    infit_z: FloatArray
    status: NDArray[np.str_]

    def statistic(self, name: str) -> PersonStatistic:
        """One of the four by its name."""
        return PersonStatistic(getattr(self, name), self.status)


def person_mean_squares(
    responses: Responses,
    parameters: ItemParameters,
    theta: ArrayLike,
    *,
    least_variance: float = 0.0,
) -> MeanSquares:
    """Infit and outfit of N persons at theta (N,) (Wright & Masters 1982, chapter 5).

    With residual y = x - E x, W = Var x and C = E y^4 of n answers,

        outfit = sum (y^2 / W) / n      q^2 = sum (C / W^2 - 1) / n^2
        infit = sum y^2 / sum W         q^2 = sum (C - W^2) / (sum W)^2
        standardised: (mean square^(1/3) - 1) (3 / q) + q / 3, q at most 1.4142

    Above 1 is more noise than the model has, below 1 less. One surprising answer to an item far
    from theta can decide outfit alone; `least_variance` is put in the place of smaller W (mirt
    does so at sqrt(1e-5)). Raises `ResponseError` and `ParameterError` as `check_theta`.
    """
    at = check_theta(responses, parameters, theta)
    sums = sum_over_answers(
        responses,
        parameters,
        at,
        lambda curves, score: mean_square_terms(curves, score, least_variance),
        N_MEAN_SQUARE_TERMS,
    )
    return mean_squares(at, sums[0], sums[1:])


def mean_square_terms(
    curves: ThetaDerivatives, score: IntArray, least_variance: float = 0.0
) -> tuple[FloatArray, ...]:
    """Of each answer y^2 / W, C / W^2 - 1, y^2, W and C - W^2, (n, 1)."""
    deviation, variance = score_moments(curves.probability)
    squares = deviation**2
    variance = np.maximum(variance, max(least_variance, _TINY))
    fourth = np.maximum(over_categories(curves.probability * squares**2), _TINY)
    observed = squares[np.arange(len(score)), score]
    return (
        observed / variance,
        fourth / variance**2 - 1.0,
        observed,
        variance,
        fourth - variance**2,
    )


def mean_squares(theta: FloatArray, n_answers: FloatArray, sums: FloatArray) -> MeanSquares:
    """From theta (N,), the number of answers (N,) and the sums of the mean square terms."""
    standard, standard_spread, square, variance, spread = sums
    with np.errstate(divide="ignore", invalid="ignore"):  # the status tells
        outfit, outfit_q = standard / n_answers, np.sqrt(standard_spread) / n_answers
        infit, infit_q = square / variance, np.sqrt(spread) / variance
        outfit_z = standardized_mean_square(outfit, outfit_q)
        infit_z = standardized_mean_square(infit, infit_q)
    varies = (outfit_q > _LEAST_SPREAD) & (infit_q > _LEAST_SPREAD) & (variance > _LEAST_VARIANCE)
    status = person_status(
        [
            (n_answers == 0, PersonStatus.NO_RESPONSES),
            (~np.isfinite(theta), PersonStatus.THETA_NOT_FINITE),
            (~varies, PersonStatus.NO_VARIANCE),
        ]
    )
    told = status == PersonStatus.OK
    return MeanSquares(
        outfit=np.where(told, outfit, np.nan),
        outfit_z=np.where(told, outfit_z, np.nan),
        infit=np.where(told, infit, np.nan),
        infit_z=np.where(told, infit_z, np.nan),
        status=status,
    )
