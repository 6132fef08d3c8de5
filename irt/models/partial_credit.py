"""Partial credit: P(X = k) proportional to exp(sum over v <= k of a (theta - b_v)).

Masters (1982); with a slope of its own for each item Muraki (1992).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_softmax

from irt.arrays import FloatArray
from irt.models.category_sums import score_moments
from irt.models.coordinates import START_SLOPE, CoordinateSystem
from irt.models.family import Family, ThetaCurves
from irt.models.item_arrays import ItemArrays, absent_categories, step_logits, used_steps


class PartialCredit(Family):
    """Steps in any order: where the curves of neighbouring categories cross."""

    name = "partial credit"

    def log_probabilities(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        return _log_probabilities(items.discrimination, used_steps(items), theta)

    def theta_derivatives(self, items: ItemArrays, theta: FloatArray) -> ThetaCurves:
        """s_k = a (k - E X) and s'_k = -a^2 Var X (Muraki 1992)."""
        a = items.discrimination[:, None, None]
        probability = np.exp(self.log_probabilities(items, theta))
        deviation, variance = score_moments(probability)
        score = a * deviation
        curvature = np.repeat(-a * a * variance[:, None], score.shape[1], axis=1)
        absent = absent_categories(items, probability.shape[1])
        score[absent] = 0.0
        curvature[absent] = 0.0
        return ThetaCurves(probability, score, curvature)

    def probability_gradient(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """d log P_k / db_v = -a (1(k >= v) - P(X >= v)); a through all the steps."""
        a, steps = items.discrimination[:, None, None], used_steps(items)
        probability = np.exp(self.log_probabilities(items, theta))
        width = probability.shape[1]
        at_least = np.cumsum(probability[:, ::-1], axis=1)[:, ::-1]
        distance = np.nan_to_num(np.atleast_2d(theta)[:, None, :] - steps[:, :, None])
        result = np.zeros((len(a), items.difficulty.shape[1] + 3, *probability.shape[1:]))
        for step in range(width - 1):
            reached = (np.arange(width) > step)[:, None]
            share = probability * (reached - at_least[:, step + 1 : step + 2])
            result[:, step + 1] = -a * share
            result[:, 0] += distance[:, step : step + 1] * share
        return result

    def information(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """a^2 Var(X | theta) (Muraki 1993)."""
        a = items.discrimination
        probability = np.exp(_log_probabilities(a, items.difficulty, theta))
        return np.asarray(a[:, None] ** 2 * score_moments(probability)[1])

    def information_bounds(
        self, items: ItemArrays, information: FloatArray, delta: float
    ) -> FloatArray:
        """|d log I / d theta| <= a m with m steps.

        I = a^2 Var X, d Var X / d theta = a mu_3 and |mu_3| <= m Var X.
        """
        rate = (items.n_categories - 1.0)[:, None] * items.discrimination[:, None]
        return np.asarray(information * np.exp(rate * delta))

    def coordinates(self, n_categories: int, n_asymptotes: int) -> CoordinateSystem:
        return CumulatedIntercepts(n_categories)


@dataclass(frozen=True)
class CumulatedIntercepts(CoordinateSystem):
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


def _log_probabilities(
    discrimination: FloatArray, difficulty: FloatArray, theta: FloatArray
) -> FloatArray:
    """(n, M + 1, Q) log of the category probabilities; -inf for those that an item lacks."""
    z = step_logits(discrimination, difficulty, theta)
    climbed = np.cumsum(np.where(np.isnan(z), -np.inf, z), axis=1)
    return np.asarray(log_softmax(np.pad(climbed, ((0, 0), (1, 0), (0, 0))), axis=1))
