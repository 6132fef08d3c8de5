"""The coordinates in which items are estimated: slope, intercepts, logits of asymptotes.

With n items of one kind, x is (n, p). In these coordinates the complete-data log-likelihood of the
2PL, graded and partial credit models is concave.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from irt.arrays import BoolArray, FloatArray
from irt.models.item_arrays import ItemArrays

START_SLOPE = 1.0
_MARGIN = 0.02


@dataclass(frozen=True, eq=False)
class NewtonTerms:
    """Value (n,), gradient (n, p) and expected information (n, p, p) of n items' objectives."""

    value: FloatArray
    gradient: FloatArray
    information: FloatArray


class CoordinateSystem(ABC):
    """What estimation needs to know of items with so many categories and asymptotes.

    The IRT parameters are (a, b_1, ..., b_m[, c[, d]]) in the order of the p coordinates.
    """

    n_categories: int
    n_asymptotes: int = 0

    @abstractmethod
    def start(self, proportions: FloatArray) -> FloatArray:
        """(n, p) starting values from the proportions (n, K) of the categories."""

    @abstractmethod
    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        """(n, K, Q) log P(X = k | theta)."""

    @abstractmethod
    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        """(n, p, K, Q) derivatives of log P(X = k | theta) with respect to x."""

    def newton_terms(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> NewtonTerms:
        """Of the expected complete-data log-likelihood at x, given counts (n, K, Q)."""
        log_probability = self.log_probabilities(x, theta)
        n_items, size = x.shape
        scores = self.scores(x, theta).reshape(n_items, size, -1)
        expected = np.exp(log_probability) * counts.sum(axis=1, keepdims=True)
        weighted = scores * expected.reshape(n_items, 1, -1)
        return NewtonTerms(
            value=np.einsum("jkq,jkq->j", counts, log_probability),
            gradient=(scores @ counts.reshape(n_items, -1, 1))[:, :, 0],
            information=weighted @ scores.transpose(0, 2, 1),
        )

    def value(self, x: FloatArray, counts: FloatArray, theta: FloatArray) -> FloatArray:
        """(n,) expected complete-data log-likelihood, as in `newton_terms`."""
        return np.asarray(np.einsum("jkq,jkq->j", counts, self.log_probabilities(x, theta)))

    @property
    def names(self) -> tuple[str, ...]:
        """(p,) of the IRT parameters."""
        return ("a", *(f"b{step}" for step in range(1, self.n_categories)))

    @property
    def shift(self) -> FloatArray:
        """(p,) what each coordinate gains, in slopes, when ability falls by 1."""
        shift = np.zeros(self.n_categories + self.n_asymptotes)
        shift[1 : self.n_categories] = 1.0
        return shift

    def admissible(self, x: FloatArray) -> BoolArray:
        """(n,) whether x lies in the parameter space."""
        return np.asarray(np.isfinite(x).all(axis=1))

    def irt_of(self, items: ItemArrays) -> FloatArray:
        """(n, p) the IRT parameters of items that have at least as many steps."""
        asymptotes = (items.lower_asymptote, items.upper_asymptote)[: self.n_asymptotes]
        steps = items.difficulty[:, : self.n_categories - 1]
        return np.column_stack([items.discrimination, steps, *asymptotes])

    def to_irt(self, x: FloatArray) -> FloatArray:
        """(n, p) IRT parameters."""
        return np.column_stack([x[:, 0], -x[:, 1:] / x[:, :1]])

    def from_irt(self, irt: FloatArray) -> FloatArray:
        """(n, p) coordinates of IRT parameters (n, p)."""
        return np.column_stack([irt[:, 0], -irt[:, 1:] * irt[:, :1]])

    def irt_jacobian(self, x: FloatArray) -> FloatArray:
        """(n, p, p) derivatives of the IRT parameters (rows) with respect to x (columns)."""
        n_items, size = x.shape
        jacobian = np.zeros((n_items, size, size))
        jacobian[:, 0, 0] = 1.0
        jacobian[:, 1:, 0] = x[:, 1:] / x[:, :1] ** 2
        jacobian[:, np.arange(1, size), np.arange(1, size)] = -1.0 / x[:, :1]
        return jacobian


def start_intercept(proportion: FloatArray) -> FloatArray:
    """(n, 2) slope and intercept of items that this share of the persons answers rightly."""
    intercept = logit(np.clip(proportion, _MARGIN, 1 - _MARGIN))
    return np.column_stack([np.full(len(intercept), START_SLOPE), intercept])


def intercept_logits(x: FloatArray, theta: FloatArray) -> FloatArray:
    """(n, M, Q) a theta + d_k of coordinates (a, d_1, ..., d_M)."""
    return x[:, :1, None] * theta + x[:, 1:, None]
