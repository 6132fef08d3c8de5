"""Scores, information and summed scores at given items, by their definitions: nothing of `irt`.

A root is looked for on a dense grid and found by bisection. Derivatives come from the complex step
and from differences of it (`curves`), so that no formula for them is shared with anybody.
"""

from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_simpson

from tests.reference.curves import derivative, probabilities, slopes_by_theta

# Dense where people are, and far enough out for every curve to be flat.
GRID = np.sinh(np.linspace(-6.3, 6.3, 6001))
# A mode must be higher than the ends of the scale by this to be one.
HIGHER = 1e-9
FLOOR = 1e-5**0.5  # mirt's least variance of a score
LARGEST_SPREAD = 1.4142


@dataclass(frozen=True, eq=False)
class Items:
    """Models and coordinates (see `curves`) of J items."""

    models: list
    x: list

    def curves(self, theta):
        """Of each item (K, Q) P at theta (Q,)."""
        pairs = zip(self.models, self.x, strict=True)
        return [probabilities(model, np.asarray(x, float), theta) for model, x in pairs]

    def slopes(self, theta):
        pairs = zip(self.models, self.x, strict=True)
        return [slopes_by_theta(model, np.asarray(x, float), theta) for model, x in pairs]

    def information(self, theta):
        """(J, Q) sum of P'^2 / P over the categories."""
        return np.array(
            [
                over(slope**2, curve).sum(axis=0)
                for curve, slope in zip(self.curves(theta), self.slopes(theta), strict=True)
            ]
        )

    def warm_weight(self, theta):
        """(Q,) J / (2 I), J = sum P' P'' / P over items and categories (Warm 1989)."""
        total = 0.0
        for item, (model, x) in enumerate(zip(self.models, self.x, strict=True)):
            x = np.asarray(x, float)
            bend = derivative(lambda at, m=model, x=x: slopes_by_theta(m, x, at), theta)
            curve, slope = self.curves(theta)[item], self.slopes(theta)[item]
            total = total + over(slope * bend, curve).sum(axis=0)
        information = self.information(theta).sum(axis=0)
        return np.divide(total, 2 * information, out=np.zeros_like(total), where=information > 0)

    def expected_score(self, theta):
        return sum(np.arange(len(curve)) @ curve for curve in self.curves(theta))


def over(slope, curve):
    """slope / curve; 0 so far out that both are, where the slope is the smaller by far."""
    return np.divide(slope, curve, out=np.zeros_like(slope), where=curve > 0)


def chosen(tables, scores):
    """(N,) sums over items of the answered category's value, each person in a column of theirs."""
    persons = np.arange(len(scores))
    return sum(table[scores[:, item], persons] for item, table in enumerate(tables))


def log_likelihoods(items, scores, theta):
    """(N, Q) of everybody at all theta (Q,)."""
    with np.errstate(divide="ignore"):
        tables = [np.log(curve) for curve in items.curves(theta)]
    return sum(table[scores[:, item]] for item, table in enumerate(tables))


def score(items, scores, theta):
    """(N,) the derivative of each person's log-likelihood at their own theta (N,)."""
    ratios = [
        over(slope, curve)
        for curve, slope in zip(items.curves(theta), items.slopes(theta), strict=True)
    ]
    return chosen(ratios, scores)


def eap(items, scores, mean=0.0, variance=1.0, nodes=121):
    """EAP and posterior deviation (N,) on equally spaced nodes over -6..6."""
    theta = np.linspace(-6.0, 6.0, nodes)
    joint = log_likelihoods(items, scores, theta) - (theta - mean) ** 2 / (2 * variance)
    posterior = np.exp(joint - joint.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    estimate = posterior @ theta
    spread = ((theta - estimate[:, None]) ** 2 * posterior).sum(axis=1)
    return estimate, np.sqrt(spread)


def root(equation, integral):
    """(N,) the falling root of `equation(theta (N,))` with the highest integral.

    integral (N, Q) is that of the equation over the grid; where it is highest at an end, the root
    is infinite.
    """
    best = integral.argmax(axis=1)
    inner = np.clip(best, 1, len(GRID) - 2)
    ends = integral[:, [0, -1]].max(axis=1)
    peak = integral[np.arange(len(best)), best]
    low, high = GRID[inner - 1], GRID[inner + 1]
    for _ in range(80):
        middle = (low + high) / 2
        rising = equation(middle) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    at_end = np.where(integral[:, 0] > integral[:, -1], -np.inf, np.inf)
    return np.where(peak > ends + HIGHER, (low + high) / 2, at_end)


def maximum_likelihood(items, scores):
    """(N,) ML; infinite where the likelihood has no highest point."""
    at_grid = log_likelihoods(items, scores, GRID)
    return root(lambda theta: score(items, scores, theta), at_grid)


def maximum_a_posteriori(items, scores, mean=0.0, variance=1.0):
    at_grid = log_likelihoods(items, scores, GRID) - (GRID - mean) ** 2 / (2 * variance)
    return root(lambda theta: score(items, scores, theta) - (theta - mean) / variance, at_grid)


def weighted_likelihood(items, scores):
    """(N,) the root of l' + J / (2 I) (Warm 1989, eqs. 7 to 10)."""
    weight = cumulative_simpson(items.warm_weight(GRID), x=GRID, initial=0)
    at_grid = log_likelihoods(items, scores, GRID) + weight
    return root(lambda theta: score(items, scores, theta) + items.warm_weight(theta), at_grid)


def observed_error(equation, theta):
    """(N,) 1 / sqrt(-g') of an estimating function g at its finite roots, NaN elsewhere."""
    finite = np.isfinite(theta)
    information = -derivative(equation, np.where(finite, theta, 0.0))
    with np.errstate(invalid="ignore"):
        return np.where(finite, 1 / np.sqrt(information), np.nan)


def expected_error(items, theta):
    finite = np.isfinite(theta)
    information = items.information(np.where(finite, theta, 0.0)).sum(axis=0)
    return np.where(finite, 1 / np.sqrt(information), np.nan)


def summed_scores(items, theta, weights):
    """(S,) P(sum), EAP and posterior deviation of each summed score (Lord & Wingersky 1984)."""
    sums = np.ones((1, len(theta)))
    for curve in items.curves(theta):
        longer = np.zeros((len(sums) + len(curve) - 1, len(theta)))
        for category, own in enumerate(curve):
            longer[category : category + len(sums)] += sums * own
        sums = longer
    probability = sums @ weights
    mean = (sums * theta) @ weights / probability
    square = (sums * theta**2) @ weights / probability
    return probability, mean, np.sqrt(square - mean**2)


def residual_moments(items, scores, theta):
    """Each (J, N): squared residual, variance and fourth moment of the score, w - E w, Var w.

    w is the log-probability of the answer, at each person's theta (N,).
    """
    persons, rows = np.arange(len(scores)), []
    for item, curve in enumerate(items.curves(theta)):
        value = np.arange(len(curve))[:, None]
        deviation = value - (value * curve).sum(axis=0)
        own, surprise = scores[:, item], np.log(curve)
        surprise = surprise - (surprise * curve).sum(axis=0)
        rows.append(
            (
                deviation[own, persons] ** 2,
                (deviation**2 * curve).sum(axis=0),
                (deviation**4 * curve).sum(axis=0),
                surprise[own, persons],
                (surprise**2 * curve).sum(axis=0),
            )
        )
    return [np.array(column) for column in zip(*rows, strict=True)]


def mean_squares(items, scores, theta, axis):
    """Outfit, infit and their z (Wright & Masters 1982), over items (axis 0) or persons (1)."""
    square, variance, fourth, _, _ = residual_moments(items, scores, theta)
    variance = np.maximum(variance, FLOOR)
    n = square.shape[axis]
    outfit = (square / variance).mean(axis=axis)
    infit = square.sum(axis=axis) / variance.sum(axis=axis)
    of_outfit = np.sqrt((fourth / variance**2).sum(axis=axis) / n**2 - 1 / n)
    of_infit = np.sqrt((fourth - variance**2).sum(axis=axis)) / variance.sum(axis=axis)
    q = [np.minimum(spread, LARGEST_SPREAD) for spread in (of_outfit, of_infit)]
    z = [
        (np.cbrt(value) - 1) * 3 / spread + spread / 3
        for value, spread in zip((outfit, infit), q, strict=True)
    ]
    return {"outfit": outfit, "z.outfit": z[0], "infit": infit, "z.infit": z[1]}


def lz(items, scores, theta):
    """(N,) l_z (Drasgow, Levine & Williams 1985)."""
    *_, surprise, variance = residual_moments(items, scores, theta)
    return surprise.sum(axis=0) / np.sqrt(variance.sum(axis=0))
