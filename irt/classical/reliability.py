"""Reliability of a sum of scores without a model of answers: alpha and omega."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray

_FEWEST_PERSONS = 3
_TOLERANCE, _MAX_ROUNDS = 1e-10, 2000


@dataclass(frozen=True, eq=False)
class ClassicalReliability:
    """Of the sum of the items that vary (J,), from n_persons who answered all of them.

    alpha is NaN with fewer than two such items, omega with fewer than three; mean and sd are those
    of the sum, and standard_error = sd sqrt(1 - alpha) that of a person's.
    """

    n_persons: int
    varies: BoolArray
    mean: float
    sd: float
    alpha: float
    omega: float

    @property
    def standard_error(self) -> float:
        return self.sd * max(0.0, 1.0 - self.alpha) ** 0.5 if np.isfinite(self.alpha) else np.nan


def classical_reliability(scores: FloatArray) -> ClassicalReliability:
    """Cronbach's alpha (1951) and McDonald's omega (1999) of scores (N, J) without gaps.

    alpha = k / (k - 1) (1 - sum of variances / variance of the sum) over the k items that vary;
    omega = (sum of loadings)^2 / variance of the sum by the model of one factor, fitted to the
    covariances by least squares (minres; Harman & Jones 1966). Items with one score for all add
    nothing to either and are left out.
    """
    n_persons, n_items = scores.shape
    unknown = float("nan")
    if n_persons < _FEWEST_PERSONS:
        nothing = np.zeros(n_items, dtype=bool)
        return ClassicalReliability(n_persons, nothing, unknown, unknown, unknown, unknown)
    sums = scores.sum(axis=1)
    varies = np.ptp(scores, axis=0) > 0
    covariance = np.atleast_2d(np.cov(scores[:, varies], rowvar=False))
    total = float(covariance.sum())
    return ClassicalReliability(
        n_persons=n_persons,
        varies=np.asarray(varies),
        mean=float(sums.mean()),
        sd=float(sums.std(ddof=1)),
        alpha=_alpha(covariance, total),
        omega=_omega(covariance),
    )


def _alpha(covariance: FloatArray, total: float) -> float:
    k = len(covariance)
    if k < 2 or total <= 0:
        return float("nan")
    return k / (k - 1) * (1.0 - float(np.trace(covariance)) / total)


def _omega(covariance: FloatArray) -> float:
    if len(covariance) < 3:
        return float("nan")
    deviation = np.sqrt(np.diagonal(covariance))
    loadings = one_factor(covariance / np.outer(deviation, deviation)) * deviation
    common = float(loadings.sum()) ** 2
    unique = float((deviation**2 - loadings**2).sum())
    return common / (common + unique)


def one_factor(correlation: FloatArray) -> FloatArray:
    """(k,) loadings that leave the least squared correlations beside the diagonal, at most 1.

    One loading at a time is the least-squares answer to the others, until none moves.
    """
    values, vectors = np.linalg.eigh(correlation)
    first = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
    loadings = np.clip(first * (1.0 if first.sum() >= 0 else -1.0), -1.0, 1.0)
    for _ in range(_MAX_ROUNDS):
        before = loadings.copy()
        for item in range(len(loadings)):
            others = np.delete(loadings, item)
            squares = float(others @ others)
            if squares > 0:
                fitted = float(np.delete(correlation[item], item) @ others) / squares
                loadings[item] = min(max(fitted, -1.0), 1.0)
        if np.abs(loadings - before).max() < _TOLERANCE:
            break
    return np.asarray(loadings)
