"""Families of polytomous items: graded response and (generalized) partial credit."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, log_softmax, logit

from irt.arrays import BoolArray, FloatArray
from irt.calibration.families import START_SLOPE, Family


@dataclass(frozen=True)
class Graded(Family):
    """x = (a, d_1 > ... > d_m), P(X >= k) = sigma(a theta + d_k); Samejima (1969)."""

    n_categories: int

    def start(self, proportions: FloatArray) -> FloatArray:
        at_least = proportions[:, :0:-1].cumsum(axis=1)[:, ::-1]
        return np.column_stack([np.full(len(proportions), START_SLOPE), logit(at_least)])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = _logits(x, theta)
        gap = np.pad(np.log(-np.expm1(np.diff(x[:, 1:], axis=1))), ((0, 0), (1, 1)))
        log_rise = log_expit(z)
        at_least = np.pad(log_rise, ((0, 0), (1, 0), (0, 0)))
        below = np.pad(log_rise - z, ((0, 0), (0, 1), (0, 0)))
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
        falling = np.asarray((np.diff(x[:, 1:], axis=1) < 0).all(axis=1))
        return super().admissible(x) & falling


@dataclass(frozen=True)
class PartialCredit(Family):
    """x = (a, d_1, ..., d_m), P(X = k) proportional to exp(k a theta + d_k); Muraki (1992).

    d_k = -a (b_1 + ... + b_k).
    """

    n_categories: int

    def start(self, proportions: FloatArray) -> FloatArray:
        steps = np.log(proportions[:, 1:] / proportions[:, :1])
        return np.column_stack([np.full(len(proportions), START_SLOPE), steps])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        values = np.arange(1.0, self.n_categories)[:, None]
        climbed = values * (x[:, :1, None] * theta) + x[:, 1:, None]
        return np.asarray(log_softmax(np.pad(climbed, ((0, 0), (1, 0), (0, 0))), axis=1))

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        """1(k = l) - P_l for d_l, and theta (k - E X) for a."""
        probability = np.exp(self.log_probabilities(x, theta))
        width = self.n_categories
        by_step = np.eye(width)[None, :, :, None] - probability[:, :, None]
        values = np.arange(float(width))
        expected = np.einsum("k,jkq->jq", values, probability)
        by_step[:, 0] = (values[:, None] - expected[:, None]) * theta
        return by_step

    @property
    def shift(self) -> FloatArray:
        return np.arange(float(self.n_categories))

    def to_irt(self, x: FloatArray) -> FloatArray:
        falls = -np.diff(x[:, 1:], axis=1, prepend=0.0)
        return np.column_stack([x[:, 0], falls / x[:, :1]])

    def from_irt(self, irt: FloatArray) -> FloatArray:
        return np.column_stack([irt[:, 0], -np.cumsum(irt[:, 1:], axis=1) * irt[:, :1]])

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        n_items, size = x.shape
        jacobian = np.zeros((n_items, size, size))
        jacobian[:, 0, 0] = 1.0
        jacobian[:, 1:, 0] = -self.to_irt(x)[:, 1:] / x[:, :1]
        steps = np.arange(1, size)
        jacobian[:, steps, steps] = -1.0 / x[:, :1]
        jacobian[:, steps[1:], steps[:-1]] = 1.0 / x[:, :1]
        return jacobian


def _logits(x: FloatArray, theta: FloatArray) -> FloatArray:
    return x[:, :1, None] * theta + x[:, 1:, None]
