"""Families of dichotomous items: Rasch to 2PL, and 3PL and 4PL (Barton & Lord 1981)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from irt.arrays import BoolArray, FloatArray
from irt.calibration.families import Family, NewtonTerms, start_intercept
from irt.models.curves import log_dichotomous

_START_LOWER, _START_UPPER = 0.15, 0.95
# Beyond this logit the tails underflow; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0


@dataclass(frozen=True)
class Logistic(Family):
    """x = (a, intercept), P(X = 1) = sigma(a theta + intercept)."""

    n_categories: int = 2

    def start(self, proportions: FloatArray) -> FloatArray:
        return start_intercept(proportions[:, 1])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        correct = log_expit(z)
        return np.stack([correct - z, correct], axis=1)

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        by_logit = np.stack([-expit(z), expit(-z)], axis=1)
        return np.stack([by_logit * theta, by_logit], axis=1)

    def newton_terms(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> NewtonTerms:
        """As in the base class, with one exponential an item and node."""
        z = _logit(x, theta)
        correct, total = counts[:, 1], counts.sum(axis=1)
        tail = np.exp(-np.abs(z))
        larger = 1.0 / (1.0 + tail)
        probability = np.where(z >= 0, larger, tail * larger)
        log_wrong = -np.log1p(tail) - np.maximum(z, 0.0)
        residual = correct - total * probability
        moments = (total * tail * larger * larger) @ np.stack([theta**2, theta, theta**0], axis=1)
        return NewtonTerms(
            value=(correct * z + total * log_wrong).sum(axis=1),
            gradient=residual @ np.stack([theta, theta**0], axis=1),
            information=moments[:, [[0, 1], [1, 2]]],
        )


@dataclass(frozen=True)
class LogisticWithAsymptotes(Family):
    """x = (a, intercept, logit c[, logit d]), P(X = 1) = c + (d - c) sigma(a theta + intercept)."""

    n_asymptotes: int = 1
    n_categories: int = 2

    def start(self, proportions: FloatArray) -> FloatArray:
        correct = proportions[:, 1]
        lower = np.minimum(_START_LOWER, 0.5 * correct)
        upper = np.maximum(_START_UPPER, 0.5 + 0.5 * correct) if self.n_asymptotes > 1 else 1.0
        known = start_intercept((correct - lower) / (upper - lower))
        columns = [known, logit(lower)]
        return np.column_stack([*columns, logit(upper)] if self.n_asymptotes > 1 else columns)

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        return log_dichotomous(_logit(x, theta), *self._asymptotes(x))

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = np.clip(_logit(x, theta), -_EXTREME_LOGIT, _EXTREME_LOGIT)
        rise, fall = expit(z), expit(-z)
        lower, upper = self._asymptotes(x)
        span = upper - lower
        by_probability = np.stack(
            [-1.0 / (1.0 - upper + span * fall), 1.0 / (lower + span * rise)], axis=1
        )
        slope = span * rise * fall
        chain = [slope * theta, slope, lower * (1.0 - lower) * fall]
        if self.n_asymptotes > 1:
            chain.append(upper * expit(-x[:, 3:4]) * rise)
        return np.asarray(np.stack(chain, axis=1)[:, :, None] * by_probability[:, None])

    def admissible(self, x: FloatArray) -> BoolArray:
        lower, upper = self._asymptotes(x)
        return super().admissible(x) & (lower < upper)[:, 0]

    def to_irt(self, x: FloatArray) -> FloatArray:
        return np.column_stack([super().to_irt(x[:, :2]), expit(x[:, 2:])])

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return np.column_stack([super().from_irt(irt[:, :2]), logit(irt[:, 2:])])

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        size = x.shape[1]
        jacobian = np.zeros((len(x), size, size))
        jacobian[:, :2, :2] = super().irt_jacobian(x[:, :2])
        asymptotes = np.arange(2, size)
        jacobian[:, asymptotes, asymptotes] = expit(x[:, 2:]) * expit(-x[:, 2:])
        return jacobian

    def _asymptotes(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        lower = expit(x[:, 2:3])
        return lower, expit(x[:, 3:4]) if self.n_asymptotes > 1 else np.ones_like(lower)


def _logit(x: FloatArray, theta: FloatArray) -> FloatArray:
    return x[:, :1] * theta + x[:, 1:2]
