"""All statistics of person fit that do not depend on the order of the answers, in one pass."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.models.derivatives import ThetaDerivatives
from irt.models.parameters import ItemParameters
from irt.person_fit.answers import check_theta, sum_over_answers
from irt.person_fit.mean_squares import (
    N_MEAN_SQUARE_TERMS,
    MeanSquares,
    mean_square_terms,
    mean_squares,
)
from irt.person_fit.result import PersonStatistic
from irt.person_fit.standardized_likelihood import (
    N_CORRECTED_TERMS,
    N_LIKELIHOOD_TERMS,
    Correction,
    corrected_terms,
    lz,
)
from irt.policy.policy import Estimator
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class PersonFit:
    """n_answers (N,), l_z, l_z* and the mean squares of N persons, each with its own status."""

    n_answers: IntArray
    lz: PersonStatistic
    lz_star: PersonStatistic
    mean_squares: MeanSquares


def person_fit(
    responses: Responses,
    parameters: ItemParameters,
    theta: ArrayLike,
    estimator: Estimator | str,
    *,
    prior_mean: ArrayLike = 0.0,
    prior_sd: ArrayLike = 1.0,
) -> PersonFit:
    """What `standardized_likelihood`, `corrected_likelihood` and `person_mean_squares` give.

    Arguments and errors as there; each curve is evaluated once.
    """
    correction = Correction(estimator, prior_mean, prior_sd)
    at = check_theta(responses, parameters, theta)
    n_terms = N_CORRECTED_TERMS + N_MEAN_SQUARE_TERMS
    sums = sum_over_answers(responses, parameters, at, _terms, n_terms)
    n_answers = sums[0]
    corrected, squares = sums[1 : 1 + N_CORRECTED_TERMS], sums[1 + N_CORRECTED_TERMS :]
    return PersonFit(
        n_answers.astype(int),
        lz(at, n_answers, corrected[:N_LIKELIHOOD_TERMS]),
        correction.lz_star(at, n_answers, corrected),
        mean_squares(at, n_answers, squares),
    )


def _terms(curves: ThetaDerivatives, score: IntArray) -> tuple[FloatArray, ...]:
    return (*corrected_terms(curves, score), *mean_square_terms(curves, score))
