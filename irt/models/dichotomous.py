"""Items answered rightly or wrongly: P(X = 1) = c + (d - c) / (1 + exp(-a (theta - b))).

Rasch (1960), 1PL to 3PL (Birnbaum 1968), 4PL (Barton & Lord 1981).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.models.coordinates import CoordinateSystem, NewtonTerms, start_intercept
from irt.models.family import Family, ThetaCurves
from irt.models.item_arrays import ItemArrays

_START_LOWER, _START_UPPER = 0.15, 0.95
# Beyond this logit every derivative is 0 in double precision; the bound keeps 0/0 away.
_EXTREME_LOGIT = 350.0
_LOWER, _UPPER = -2, -1


class Dichotomous(Family):
    """One difficulty an item, and asymptotes where its model has them."""

    name = "dichotomous"
    is_polytomous = False

    def log_probabilities(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        a, b, c, d = _columns(items)
        return _log_probabilities(a * (theta - b), c, d)

    def theta_derivatives(self, items: ItemArrays, theta: FloatArray) -> ThetaCurves:
        """s = P'/P and s' = s (a (1 - 2 sigma) - s), for X = 0 with 1 - P in the place of P."""
        a, b, c, d = _columns(items)
        z = np.clip(a * (theta - b), -_EXTREME_LOGIT, _EXTREME_LOGIT)
        rise, fall = expit(z), expit(-z)
        span = d - c
        slope = a * span * rise * fall
        wrong, correct = 1.0 - d + span * fall, c + span * rise
        score = np.stack([-slope / wrong, slope / correct], axis=1)
        curvature = score * ((a * (fall - rise))[:, None] - score)
        return ThetaCurves(np.stack([wrong, correct], axis=1), score, curvature)

    def probability_gradient(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """With s = sigma(a (theta - b)), dP/da = (d - c) s (1 - s) (theta - b), ..."""
        a, b, c, d = _columns(items)
        rise, fall = expit(a * (theta - b)), expit(-a * (theta - b))
        spread = (d - c) * rise * fall
        result = np.zeros((len(a), items.difficulty.shape[1] + 3, 2, rise.shape[1]))
        result[:, 0, 1] = spread * (theta - b)
        result[:, 1, 1] = -a * spread
        result[:, _LOWER, 1] = fall
        result[:, _UPPER, 1] = rise
        result[:, :, 0] = -result[:, :, 1]
        return result

    def information(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        return _information(*_columns(items), theta)

    def information_bounds(
        self, items: ItemArrays, information: FloatArray, delta: float
    ) -> FloatArray:
        """|d log I / d theta| <= 3 a: 2 P''/P', P'/P and P'/(1 - P) are each bounded by a."""
        rate = 3.0 * items.discrimination[:, None]
        return np.asarray(information * np.exp(rate * delta))

    def pair_information(self, items: ItemArrays, index: IntArray, theta: FloatArray) -> FloatArray:
        """As in the base class, without a copy of the items for each of the N."""
        return _information(
            items.discrimination.take(index),
            items.difficulty[:, 0].take(index),
            items.lower_asymptote.take(index),
            items.upper_asymptote.take(index),
            theta[:, None],
        )

    def coordinates(self, n_categories: int, n_asymptotes: int) -> CoordinateSystem:
        return WithAsymptotes(n_asymptotes) if n_asymptotes else Logistic()


@dataclass(frozen=True)
class Logistic(CoordinateSystem):
    """x = (a, intercept), P(X = 1) = sigma(a theta + intercept)."""

    n_categories: int = 2
    names = ("a", "b")

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
class WithAsymptotes(CoordinateSystem):
    """x = (a, intercept, logit c[, logit d]), P(X = 1) = c + (d - c) sigma(a theta + intercept)."""

    n_asymptotes: int = 1
    n_categories: int = 2

    @property
    def names(self) -> tuple[str, ...]:
        return ("a", "b", "c", "d")[: 2 + self.n_asymptotes]

    def start(self, proportions: FloatArray) -> FloatArray:
        correct = proportions[:, 1]
        lower = np.minimum(_START_LOWER, 0.5 * correct)
        upper = np.maximum(_START_UPPER, 0.5 + 0.5 * correct) if self.n_asymptotes > 1 else 1.0
        known = start_intercept((correct - lower) / (upper - lower))
        columns = [known, logit(lower)]
        return np.column_stack([*columns, logit(upper)] if self.n_asymptotes > 1 else columns)

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        return _log_probabilities(_logit(x, theta), *self._asymptotes(x))

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


def _columns(items: ItemArrays) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """a, b, c and d, each (n, 1)."""
    return (
        items.discrimination[:, None],
        items.difficulty[:, :1],
        items.lower_asymptote[:, None],
        items.upper_asymptote[:, None],
    )


def _log_probabilities(z: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """(n, 2, Q) log of 1 - P and P, neither of them by subtracting from one."""
    log_pass, log_fail = log_expit(z), log_expit(-z)
    with np.errstate(divide="ignore"):  # an asymptote at its bound is a term of log 0
        span = np.log(upper - lower)
        log_correct = np.logaddexp(np.log(lower), span + log_pass)
        log_wrong = np.logaddexp(np.log1p(-upper), span + log_fail)
    return np.stack([log_wrong, log_correct], axis=1)


def _information(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, theta: FloatArray
) -> FloatArray:
    """a^2 (d - c)^2 sigma^2 (1 - sigma)^2 / (P (1 - P)), for arrays of any shapes that fit."""
    z = np.clip(a * (b - theta), -_EXTREME_LOGIT, _EXTREME_LOGIT)
    odds = np.exp(z, out=z)
    rise = 1.0 / (1.0 + odds)
    fall = odds * rise
    span = d - c
    slope = a * span * rise * fall
    return np.asarray(slope * slope / ((c + span * rise) * (1.0 - d + span * fall)))


def _logit(x: FloatArray, theta: FloatArray) -> FloatArray:
    return x[:, :1] * theta + x[:, 1:2]
