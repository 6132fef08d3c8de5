"""Cumulative logit regression (McCullagh 1980) of many items at once, by Fisher scoring.

P(Y >= k) = sigma(alpha_k + z'beta), with falling alpha_1 > alpha_2 > ...; logistic regression where
there are two categories. The log-likelihood is concave (Pratt 1981), so that scoring with halved
steps reaches its maximum wherever it starts.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, xlogy

from irt.arrays import BoolArray, FloatArray

_MAX_ITERATIONS = 50
_MAX_HALVINGS = 20
# Half of the Newton decrement is about what the log-likelihood still lacks.
_DECREMENT = 1e-9
_ROUNDING = 1e-13
# With regressors of unit variance such an error means that the maximum is at infinity.
_BOUNDLESS_ERROR = 50.0


@dataclass(frozen=True, eq=False)
class LogitFit:
    """log_likelihood (J,), coefficients beta and their standard errors (J, p).

    converged (J,); bounded (J,) is False where groups are separated, so that the likelihood has its
    supremum at infinity. The log-likelihood is then that supremum, to within rounding.
    """

    log_likelihood: FloatArray
    coefficients: FloatArray
    standard_errors: FloatArray
    converged: BoolArray
    bounded: BoolArray


def fit_cumulative_logit(counts: FloatArray, design: FloatArray) -> LogitFit:
    """Fit each item: counts (J, M, K) in M cells, each category used; design (M, p).

    The columns of the design should have a variance of about 1.
    """
    n_thresholds = counts.shape[2] - 1
    at_least = 1.0 - counts.sum(axis=1).cumsum(axis=1)[:, :-1] / counts.sum(axis=(1, 2))[:, None]
    x = np.concatenate([logit(at_least), np.zeros((len(counts), design.shape[1]))], axis=1)
    value = log_likelihood(x, counts, design)
    decrement = np.full(len(x), np.inf)
    for _ in range(_MAX_ITERATIONS):
        gradient, information = _gradient(x, counts, design), fisher_information(x, counts, design)
        step = _solve(information, gradient)
        decrement = (step * gradient).sum(axis=1)
        x, value = _climb(x, value, step, counts, design)
        if (decrement <= _DECREMENT).all():
            break
    variances = np.diagonal(_inverse(fisher_information(x, counts, design)), axis1=1, axis2=2)
    errors = np.sqrt(np.maximum(variances[:, n_thresholds:], 0.0))
    return LogitFit(
        value,
        x[:, n_thresholds:],
        errors,
        decrement <= _DECREMENT,
        np.asarray((errors < _BOUNDLESS_ERROR).all(axis=1)),
    )


def log_likelihood(x: FloatArray, counts: FloatArray, design: FloatArray) -> FloatArray:
    """(J,) at x (J, K - 1 + p); -inf where thresholds do not fall."""
    _, probability = _probabilities(x, counts.shape[2], design)
    return np.asarray(xlogy(counts, np.maximum(probability, 0.0)).sum(axis=(1, 2)))


def _probabilities(
    x: FloatArray, n_categories: int, design: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """eta (J, M, K - 1) and the probabilities (J, M, K), as in `irt.models.graded`."""
    alpha, beta = x[:, : n_categories - 1], x[:, n_categories - 1 :]
    eta = (beta @ design.T)[:, :, None] + alpha[:, None]
    edge = np.ones((*eta.shape[:2], 1))
    at_least = np.concatenate([edge, expit(eta)], axis=2)
    below = np.concatenate([expit(-eta), edge], axis=2)
    gap = np.pad(-np.expm1(np.diff(alpha, axis=1)), ((0, 0), (1, 1)), constant_values=1.0)
    return eta, at_least * below * gap[:, None]


def _slopes(eta: FloatArray, probability: FloatArray) -> FloatArray:
    """(J, M, K, K - 1) of the categories' probabilities in the eta."""
    density = expit(eta) * expit(-eta)
    step = np.arange(eta.shape[2])
    slopes = np.zeros((*probability.shape, eta.shape[2]))
    slopes[:, :, step + 1, step] = density
    slopes[:, :, step, step] = -density
    return slopes


def _gradient(x: FloatArray, counts: FloatArray, design: FloatArray) -> FloatArray:
    eta, probability = _probabilities(x, counts.shape[2], design)
    ratio = counts / np.maximum(probability, np.finfo(float).tiny)
    by_eta = np.einsum("jmk,jmkt->jmt", ratio, _slopes(eta, probability))
    return np.concatenate([by_eta.sum(axis=1), by_eta.sum(axis=2) @ design], axis=1)


def fisher_information(x: FloatArray, counts: FloatArray, design: FloatArray) -> FloatArray:
    """(J, K - 1 + p, K - 1 + p) expected information."""
    eta, probability = _probabilities(x, counts.shape[2], design)
    slopes = _slopes(eta, probability)
    weight = counts.sum(axis=2)[:, :, None] / np.maximum(probability, np.finfo(float).tiny)
    by_eta = np.einsum("jmk,jmks,jmkt->jmst", weight, slopes, slopes)
    to_beta = by_eta.sum(axis=3).transpose(0, 2, 1) @ design
    beta = np.einsum("jm,mp,mq->jpq", by_eta.sum(axis=(2, 3)), design, design, optimize=True)
    upper = np.concatenate([by_eta.sum(axis=1), to_beta], axis=2)
    lower = np.concatenate([to_beta.transpose(0, 2, 1), beta], axis=2)
    return np.concatenate([upper, lower], axis=1)


def _climb(
    x: FloatArray, value: FloatArray, step: FloatArray, counts: FloatArray, design: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The step, halved item by item until the log-likelihood does not fall."""
    least = value - _ROUNDING * np.abs(value)
    for _ in range(_MAX_HALVINGS):
        moved = x + step
        reached = log_likelihood(moved, counts, design)
        fell = ~(reached >= least)
        if not fell.any():
            return moved, reached
        step = np.where(fell[:, None], step / 2, step)
    return np.where(fell[:, None], x, moved), np.where(fell, value, reached)


def _solve(information: FloatArray, gradient: FloatArray) -> FloatArray:
    return np.asarray((_inverse(information) @ gradient[:, :, None])[:, :, 0])


def _inverse(information: FloatArray) -> FloatArray:
    """(J, P, P) generalised inverse: regressors that do not vary in an item's cells drop out."""
    return np.asarray(np.linalg.pinv(information, rcond=1e-12, hermitian=True), dtype=float)
