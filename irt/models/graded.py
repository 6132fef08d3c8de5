"""Graded response: P(X >= k) = 1 / (1 + exp(-a (theta - b_k))), b_1 < ... < b_m (Samejima 1969).

Where a calibration found a negative slope, b_1 > ... > b_m.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit, logit

from irt.arrays import BoolArray, FloatArray
from irt.models.coordinates import START_SLOPE, CoordinateSystem, intercept_logits
from irt.models.family import Family, ThetaCurves
from irt.models.item_arrays import ItemArrays, absent_categories, step_logits, used_steps


class Graded(Family):
    """Rising thresholds; a category is what lies between two of them."""

    name = "graded"
    steps_must_rise = True

    def log_probabilities(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """Without a difference of sigmoids.

        sigma(z_k) - sigma(z_{k+1}) = sigma(z_k) sigma(-z_{k+1}) (1 - exp(z_{k+1} - z_k)), and the
        last factor does not depend on theta.
        """
        steps = used_steps(items)
        z = step_logits(items.discrimination, steps, theta)
        edge = np.zeros((z.shape[0], 1, z.shape[2]))
        log_at_least = np.concatenate([edge, log_expit(z)], axis=1)
        log_below = np.concatenate([log_expit(-z), edge], axis=1)
        step = items.discrimination[:, None] * np.diff(steps, axis=1)
        gap = np.pad(np.log(-np.expm1(-step)), ((0, 0), (1, 1)))
        with_gaps = log_at_least + log_below + gap[:, :, None]
        return _close_last_step(with_gaps, log_at_least, items)

    def theta_derivatives(self, items: ItemArrays, theta: FloatArray) -> ThetaCurves:
        """s_k = a (1 - sigma_k - sigma_{k+1}) (Samejima 1969)."""
        steps = used_steps(items)
        a = items.discrimination[:, None, None]
        rise, fall = _sides(items, steps, theta)
        zero, one = np.zeros_like(rise[:, :1]), np.ones_like(rise[:, :1])
        probability = np.concatenate([one, rise], axis=1) * np.concatenate([fall, one], axis=1)
        gap = -np.expm1(-a * np.diff(steps, axis=1)[:, :, None])
        probability[:, 1:-1] *= np.where(np.isnan(gap), 1.0, gap)
        score = a * (np.concatenate([zero, fall], axis=1) - np.concatenate([rise, zero], axis=1))
        spread = np.concatenate([zero, rise * fall, zero], axis=1)
        curvature = -a * a * (spread[:, :-1] + spread[:, 1:])
        absent = absent_categories(items, probability.shape[1])
        score[absent] = 0.0
        curvature[absent] = 0.0
        return ThetaCurves(probability, score, curvature)

    def probability_gradient(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """From those of P(X >= k), of which P(X = k) is a difference."""
        a, steps = items.discrimination[:, None, None], used_steps(items)
        z = step_logits(items.discrimination, _closed(items, steps), theta)
        spread = expit(z) * expit(-z)
        by_slope = spread * np.where(spread > 0, z, 0.0) / a
        n_items, n_steps, n_nodes = spread.shape
        result = np.zeros((n_items, items.difficulty.shape[1] + 3, n_steps + 1, n_nodes))
        for step in range(n_steps):
            by_step = -a[:, 0] * spread[:, step]
            result[:, step + 1, step + 1] = by_step
            result[:, step + 1, step] = -by_step
            result[:, 0, step + 1] += by_slope[:, step]
            result[:, 0, step] -= by_slope[:, step]
        return result

    def information(self, items: ItemArrays, theta: FloatArray) -> FloatArray:
        """Samejima (1969): d log P_k / d theta = a (1 - sigma(z_k) - sigma(z_{k+1}))."""
        a, steps = items.discrimination, items.difficulty
        n_items, n_steps = steps.shape
        rise, fall = _sides(items, steps, theta)
        at_least = np.zeros((n_items, n_steps + 2, theta.shape[-1]))
        at_least[:, 0] = 1.0
        at_least[:, 1:-1] = rise
        below = np.ones_like(at_least)
        below[:, 0] = 0.0
        below[:, 1:-1] = fall
        probability = at_least[:, :-1] * below[:, 1:]
        gap = -np.expm1(-a[:, None] * np.diff(steps, axis=1))
        probability[:, 1:-1] *= np.where(np.isnan(gap), 1.0, gap)[:, :, None]
        slope = below[:, :-1] - at_least[:, 1:]
        return np.asarray(a[:, None] ** 2 * (probability * slope * slope).sum(axis=1))

    def information_bounds(
        self, items: ItemArrays, information: FloatArray, delta: float
    ) -> FloatArray:
        """|d sqrt(I) / d theta| <= (a sqrt(I) + a^2) / 2: |s_k| <= a and |s'_k| <= a^2 / 2."""
        root, slope = np.sqrt(information), items.discrimination[:, None]
        return np.asarray(((root + slope) * np.exp(0.5 * slope * delta) - slope) ** 2)

    def coordinates(self, n_categories: int, n_asymptotes: int) -> CoordinateSystem:
        return FallingIntercepts(n_categories)


@dataclass(frozen=True)
class FallingIntercepts(CoordinateSystem):
    """x = (a, d_1 > ... > d_m), P(X >= k) = sigma(a theta + d_k)."""

    n_categories: int

    def start(self, proportions: FloatArray) -> FloatArray:
        at_least = proportions[:, :0:-1].cumsum(axis=1)[:, ::-1]
        return np.column_stack([np.full(len(proportions), START_SLOPE), logit(at_least)])

    def log_probabilities(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = intercept_logits(x, theta)
        gap = np.pad(np.log(-np.expm1(np.diff(x[:, 1:], axis=1))), ((0, 0), (1, 1)))
        log_rise = log_expit(z)
        at_least = np.pad(log_rise, ((0, 0), (1, 0), (0, 0)))
        below = np.pad(log_rise - z, ((0, 0), (0, 1), (0, 0)))
        return np.asarray(at_least + below + gap[:, :, None])

    def scores(self, x: FloatArray, theta: FloatArray) -> FloatArray:
        z = intercept_logits(x, theta)
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


def _closed(items: ItemArrays, steps: FloatArray) -> FloatArray:
    """The steps (n, M), and beyond those of an item one that nobody ever reaches."""
    nowhere = np.copysign(np.inf, items.discrimination)[:, None]
    return np.where(np.isnan(steps), nowhere, steps)


def _sides(
    items: ItemArrays, steps: FloatArray, theta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(n, M, Q) sigma(z_k) and sigma(-z_k); 0 and 1 beyond an item's steps."""
    z = step_logits(items.discrimination, _closed(items, steps), theta)
    return expit(z), expit(-z)


def _close_last_step(
    log_probability: FloatArray, log_at_least: FloatArray, items: ItemArrays
) -> FloatArray:
    """Give items with fewer steps than the widest their top category, and none above it."""
    n_steps = items.n_categories - 1
    rows = np.arange(len(n_steps))
    log_probability[rows, n_steps] = log_at_least[rows, n_steps]
    log_probability[absent_categories(items, log_probability.shape[1])] = -np.inf
    return log_probability
