"""l_z and l_z*: the log-likelihood of a person's answers, standardised.

Low values mean answers that the model finds unlikely at the person's theta; high values answers
more regular than chance allows.
"""

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import FloatArray, IntArray
from irt.models.category_sums import over_categories
from irt.models.derivatives import ThetaDerivatives
from irt.models.parameters import ItemParameters
from irt.person_fit.answers import check_theta, sum_over_answers
from irt.person_fit.result import PersonStatistic, PersonStatus, person_statistic, person_status
from irt.policy.policy import Estimator
from irt.responses import ResponseError, Responses

# A variance below this is rounding error of the log-probabilities.
_LEAST_VARIANCE = 1e-24
# The share of the variance that the estimate of theta leaves, where that is not rounding error.
_LEAST_SHARE = 1e-10
# How far theta may be from the root of its equation, in standard errors.
_TOLERANCE = 0.01

N_LIKELIHOOD_TERMS = 2
N_CORRECTED_TERMS = 6


def standardized_likelihood(
    responses: Responses, parameters: ItemParameters, theta: ArrayLike
) -> PersonStatistic:
    """l_z (N,) of N persons at theta (N,), for dichotomous and polytomous items.

    l_z = (l - E l) / sqrt(Var l), l the log-likelihood of the answers, its moments under the model
    at theta (Drasgow, Levine & Williams 1985). Approximately N(0, 1) at the true theta of a long
    test; at an estimated theta its variance is below 1 (see `corrected_likelihood`). Raises
    `ResponseError` and `ParameterError` as `check_theta`.
    """
    at = check_theta(responses, parameters, theta)
    sums = sum_over_answers(responses, parameters, at, likelihood_terms, N_LIKELIHOOD_TERMS)
    return lz(at, sums[0], sums[1:])


def corrected_likelihood(
    responses: Responses,
    parameters: ItemParameters,
    theta: ArrayLike,
    estimator: Estimator | str,
    *,
    prior_mean: ArrayLike = 0.0,
    prior_sd: ArrayLike = 1.0,
) -> PersonStatistic:
    """l_z* (N,) of N persons whose theta (N,) was estimated from the same answers.

    Snijders (2001) for dichotomous, Sinharay (2016) for polytomous items. An estimate that solves
    r_0(theta) + sum of s = 0, s the derivative of log P, takes from log P the part that s explains:
    with w = log P and c = sum Cov(w, s) / sum Var s,

        l_z* = (sum (w - E w) + c r_0) / sqrt(sum Var(w - c s)).

    r_0 is 0 for ML, (prior_mean - theta) / prior_sd^2 for MAP and J / (2 I) for WLE (Warm 1989);
    prior_mean and prior_sd are numbers, or one a person (N,). EAP solves no such equation and has
    no l_z*; where theta is not the solution (a fence, another prior, another estimator), the status
    says so too. Asymptotically N(0, 1) in a test that is the same for all; not in an adaptive one,
    whose items depend on the answers: see `cuts`.

    Raises ValueError for an unknown estimator or impossible prior, `ResponseError` and
    `ParameterError` as `check_theta`.
    """
    correction = Correction(estimator, prior_mean, prior_sd)
    at = check_theta(responses, parameters, theta)
    sums = sum_over_answers(responses, parameters, at, corrected_terms, N_CORRECTED_TERMS)
    return correction.lz_star(at, sums[0], sums[1:])


def likelihood_terms(curves: ThetaDerivatives, score: IntArray) -> tuple[FloatArray, ...]:
    """w - E w and Var w of each answer, (n, 1)."""
    centered, observed = _center(curves, score)
    return observed, over_categories(curves.probability * centered**2)


def corrected_terms(curves: ThetaDerivatives, score: IntArray) -> tuple[FloatArray, ...]:
    """Of each answer w - E w, Var w, Cov(w, s), Var s, s and J, (n, 1)."""
    centered, observed = _center(curves, score)
    return (
        observed,
        over_categories(curves.probability * centered**2),
        over_categories(curves.probability * centered * curves.score),
        curves.information,
        curves.score[np.arange(len(score)), score],
        curves.warm_j,
    )


def _center(curves: ThetaDerivatives, score: IntArray) -> tuple[FloatArray, FloatArray]:
    """w - E w, (n, K, 1) of every category and (n, 1) of the one that was chosen."""
    # A probability that underflows takes no part in a moment, whatever its logarithm.
    w = np.where(curves.probability > 0, curves.log_probability, 0.0)
    mean = over_categories(curves.probability * w)
    return w - mean[:, None], curves.log_probability[np.arange(len(score)), score] - mean


def lz(theta: FloatArray, n_answers: FloatArray, sums: FloatArray) -> PersonStatistic:
    """l_z from theta (N,), the number of answers (N,) and the sums of the likelihood terms."""
    excess, variance = sums
    status = person_status(
        [
            (n_answers == 0, PersonStatus.NO_RESPONSES),
            (~np.isfinite(theta), PersonStatus.THETA_NOT_FINITE),
            (variance < _LEAST_VARIANCE, PersonStatus.NO_VARIANCE),
        ]
    )
    return person_statistic(excess / np.sqrt(np.maximum(variance, _LEAST_VARIANCE)), status)


class Correction:
    """What the estimator of theta does to the likelihood. Raises ValueError as it is made."""

    def __init__(
        self, estimator: Estimator | str, prior_mean: ArrayLike, prior_sd: ArrayLike
    ) -> None:
        self.estimator = Estimator(estimator)
        self.mean = np.asarray(prior_mean, dtype=float)
        self.sd = np.asarray(prior_sd, dtype=float)
        finite = np.isfinite(self.mean).all() and np.isfinite(self.sd).all()
        if not (finite and (self.sd > 0).all()):
            raise ValueError("the prior needs finite means and positive, finite sds")

    def lz_star(
        self, theta: FloatArray, n_answers: FloatArray, sums: FloatArray
    ) -> PersonStatistic:
        """l_z* from theta (N,), the number of answers (N,) and the sums of the corrected terms."""
        if not {self.mean.shape, self.sd.shape} <= {(), theta.shape}:
            raise ResponseError("give one prior mean and sd for all persons, or one a person")
        excess, variance, covariance, information, observed, warm_j = sums
        informed = np.maximum(information, _LEAST_VARIANCE)
        offset = self._offset(np.where(np.isfinite(theta), theta, 0.0), warm_j / (2.0 * informed))
        left = variance - covariance**2 / informed
        least = np.maximum(_LEAST_SHARE * variance, _LEAST_VARIANCE)
        amiss = np.abs(observed + offset) > _TOLERANCE * np.sqrt(informed)
        no_equation = np.full(theta.shape, self.estimator is Estimator.EAP)
        status = person_status(
            [
                (n_answers == 0, PersonStatus.NO_RESPONSES),
                (~np.isfinite(theta), PersonStatus.THETA_NOT_FINITE),
                (no_equation, PersonStatus.NO_EQUATION),
                (left < least, PersonStatus.NO_VARIANCE),
                (amiss, PersonStatus.NOT_AT_ESTIMATE),
            ]
        )
        value = excess + covariance / informed * offset
        return person_statistic(value / np.sqrt(np.maximum(left, least)), status)

    def _offset(self, theta: FloatArray, warm: FloatArray) -> FloatArray:
        """(N,) r_0; `warm` (N,) is J / (2 I)."""
        if self.estimator is Estimator.MAP:
            return np.asarray((self.mean - theta) / self.sd**2)
        return warm if self.estimator is Estimator.WLE else np.zeros_like(theta)
