"""Item families in the coordinates that are estimated: slope, intercepts, logit of c.

With n items of one family, x is (n, p). In these coordinates the complete-data log-likelihood of
the 2PL and graded models is concave.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit, log_expit, logit

from scoring.irt.arrays import BoolArray, FloatArray
from scoring.irt.parameters import ItemParameters, Model

_START_SLOPE = 1.0
_START_ASYMPTOTE = 0.15
_MARGIN = 0.02


class Family(Protocol):
    """What estimation needs to know about a model.

    The IRT parameters are (a, b_1, ..., b_m[, c]) in the order of the p coordinates.
    """

    @property
    def model(self) -> Model: ...

    @property
    def n_categories(self) -> int: ...

    def start(self, proportions: FloatArray) -> FloatArray:
        """(n, p) starting values from the proportions (n, K) of the categories."""

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        """(n, K, Q) log P(X = k | theta)."""

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        """(n, p, K, Q) derivatives of log P(X = k | theta) with respect to x."""

    def admissible(self, x: FloatArray) -> BoolArray:
        """(n,) whether x lies in the parameter space."""

    def to_irt(self, x: FloatArray) -> FloatArray:
        """(n, p) IRT parameters."""

    def from_irt(self, irt: FloatArray) -> FloatArray:
        """(n, p) coordinates of IRT parameters (n, p)."""

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        """(n, p, p) derivatives of the IRT parameters (rows) with respect to x (columns)."""


@dataclass(frozen=True)
class TwoParameter:
    """x = (a, intercept), P(X = 1) = sigma(a theta + intercept)."""

    model: Model = Model.TWO_PL
    n_categories: int = 2

    def start(self, proportions: FloatArray) -> FloatArray:
        return _slope_and_intercept(proportions[:, 1])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        return np.stack([log_expit(-z), log_expit(z)], axis=1)

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        by_logit = np.stack([-expit(z), expit(-z)], axis=1)
        return np.stack([by_logit * theta, by_logit], axis=1)

    def admissible(self, x: FloatArray) -> BoolArray:
        return _finite(x)

    def to_irt(self, x: FloatArray) -> FloatArray:
        return _difficulties(x)

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return _intercepts(irt)

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        return _difficulty_jacobian(x)


@dataclass(frozen=True)
class ThreeParameter:
    """x = (a, intercept, logit c), P(X = 1) = c + (1 - c) sigma(a theta + intercept)."""

    model: Model = Model.THREE_PL
    n_categories: int = 2

    def start(self, proportions: FloatArray) -> FloatArray:
        lower = np.minimum(_START_ASYMPTOTE, 0.5 * proportions[:, 1])
        known = (proportions[:, 1] - lower) / (1 - lower)
        return np.column_stack([_slope_and_intercept(known), logit(lower)])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        log_lower, log_rest = log_expit(x[:, 2:]), log_expit(-x[:, 2:])
        correct = np.logaddexp(log_lower, log_rest + log_expit(z))
        return np.stack([log_rest + log_expit(-z), correct], axis=1)

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logit(x, theta)
        rise, fall, lower = expit(z), expit(-z), expit(x[:, 2:])
        guess = fall * (1 - lower) / (lower + (1 - lower) * rise)
        by_logit = np.stack([-rise, rise * guess], axis=1)
        by_lower = np.stack([np.broadcast_to(-lower, z.shape), lower * guess], axis=1)
        return np.stack([by_logit * theta, by_logit, by_lower], axis=1)

    def admissible(self, x: FloatArray) -> BoolArray:
        return _finite(x)

    def to_irt(self, x: FloatArray) -> FloatArray:
        return np.column_stack([_difficulties(x[:, :2]), expit(x[:, 2])])

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return np.column_stack([_intercepts(irt[:, :2]), logit(irt[:, 2])])

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        jacobian = np.zeros((len(x), 3, 3))
        jacobian[:, :2, :2] = _difficulty_jacobian(x[:, :2])
        jacobian[:, 2, 2] = expit(x[:, 2]) * expit(-x[:, 2])
        return jacobian


@dataclass(frozen=True)
class Graded:
    """x = (a, d_1 > ... > d_m), P(X >= k) = sigma(a theta + d_k)."""

    n_categories: int
    model: Model = Model.GRADED

    def start(self, proportions: FloatArray) -> FloatArray:
        at_least = proportions[:, :0:-1].cumsum(axis=1)[:, ::-1]
        return np.column_stack([np.full(len(proportions), _START_SLOPE), logit(at_least)])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logits(x, theta)
        gap = np.pad(np.log(-np.expm1(np.diff(x[:, 1:], axis=1))), ((0, 0), (1, 1)))
        at_least = np.pad(log_expit(z), ((0, 0), (1, 0), (0, 0)))
        below = np.pad(log_expit(-z), ((0, 0), (0, 1), (0, 0)))
        return np.asarray(at_least + below + gap[:, :, None])

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logits(x, theta)
        at_least, below = expit(z), expit(-z)
        n_steps = self.n_categories - 1
        result = np.zeros((len(x), n_steps + 1, n_steps + 1, len(theta)))
        gap = np.exp(np.diff(x[:, 1:], axis=1))[:, :, None]
        inner = gap / (1 - gap)
        for step in range(n_steps):
            # d log P / d d_k is 1 - sigma(z_k) in category k and -sigma(z_k) in category k - 1,
            # and the factor 1 - exp(d_{k+1} - d_k) adds its own derivative on both sides.
            result[:, step + 1, step + 1] = below[:, step]
            result[:, step + 1, step] = -at_least[:, step]
            if step < n_steps - 1:
                result[:, step + 1, step + 1] += inner[:, step]
            if step > 0:
                result[:, step + 1, step] -= inner[:, step - 1]
        result[:, 0] = result[:, 1:].sum(axis=1) * theta
        return result

    def admissible(self, x: FloatArray) -> BoolArray:
        return _finite(x) & np.asarray((np.diff(x[:, 1:], axis=1) < 0).all(axis=1))

    def to_irt(self, x: FloatArray) -> FloatArray:
        return _difficulties(x)

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return _intercepts(irt)

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        return _difficulty_jacobian(x)


def family_of(model: str, n_categories: int) -> Family:
    """The family of an item; categories count for graded items alone."""
    if model == Model.GRADED:
        return Graded(n_categories)
    return TwoParameter() if model == Model.TWO_PL else ThreeParameter()


def irt_rows(parameters: ItemParameters, family: Family) -> FloatArray:
    """(J, p) IRT parameters of items that all belong to `family`."""
    steps = parameters.difficulty[:, : family.n_categories - 1]
    columns = [parameters.discrimination, *steps.T]
    if family.model == Model.THREE_PL:
        columns.append(parameters.lower_asymptote)
    return np.column_stack(columns)


def _finite(x: FloatArray) -> BoolArray:
    return np.asarray(np.isfinite(x).all(axis=1))


def _logit(x: FloatArray, theta: FloatArray) -> FloatArray:
    return x[:, :1] * theta + x[:, 1:2]


def _logits(x: FloatArray, theta: FloatArray) -> FloatArray:
    return x[:, :1, None] * theta + x[:, 1:, None]


def _slope_and_intercept(proportion: FloatArray) -> FloatArray:
    intercept = logit(np.clip(proportion, _MARGIN, 1 - _MARGIN))
    return np.column_stack([np.full(len(intercept), _START_SLOPE), intercept])


def _difficulties(x: FloatArray) -> FloatArray:
    return np.column_stack([x[:, 0], -x[:, 1:] / x[:, :1]])


def _intercepts(irt: FloatArray) -> FloatArray:
    return np.column_stack([irt[:, 0], -irt[:, 1:] * irt[:, :1]])


def _difficulty_jacobian(x: FloatArray) -> FloatArray:
    n_items, size = x.shape
    jacobian = np.zeros((n_items, size, size))
    jacobian[:, 0, 0] = 1.0
    jacobian[:, 1:, 0] = x[:, 1:] / x[:, :1] ** 2
    jacobian[:, np.arange(1, size), np.arange(1, size)] = -1.0 / x[:, :1]
    return jacobian
