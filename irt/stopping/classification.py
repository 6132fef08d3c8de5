"""Levels between cut scores: which one, and whether it is certain enough.

At each cut score c a test statistic is compared with two bounds: at the upper one or above the
examinee is above the cut, at the lower one or below it he is below, between them nothing is
decided. delta is the half-width of the indifference region, l the log-likelihood.

sprt      l(c + delta) - l(c - delta) against log(beta / (1 - alpha)) and log((1 - beta) / alpha)
          (Wald 1947, section 3.2; Reckase 1983 and Eggen 1999 for adaptive tests)
glr       sup l on [c + delta, ..] - sup l on [.., c - delta] against the same bounds (Thompson
          2009; Bartroff, Finkelman & Lai 2008, who set the bounds by simulation)
interval  (theta - c) / standard error against -+z (Kingsbury & Weiss 1983; Weiss & Kingsbury 1984)

With several cut scores the tests run beside each other, and the level is certain when all of them
are decided and agree (Sobel & Wald 1949). Each is judged on all answers so far: a verdict can be
taken back while another cut is still open. That keeps Wald's inequalities at each cut, for they
hold at any time of stopping at which the ratio is beyond its bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from irt.ability import Ability
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.policy.policy import Policy
from irt.policy.stopping_rules import AllOf, AnyOf, Classified, Classifier, Rule
from irt.pool import Pool
from irt.state import State
from irt.stopping.likelihood import highest_log_likelihood, log_likelihood_at

UNDECIDED = -1


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a classification says of N examinees at C cut scores.

    statistic (N, C); at `upper` or above the examinee is above the cut, at `lower` or below he is
    below it.
    """

    statistic: FloatArray
    lower: float
    upper: float

    @property
    def side(self) -> IntArray:
        """(N, C) 1 above the cut, -1 below it, 0 undecided."""
        above = self.statistic >= self.upper
        return np.asarray(above.astype(np.int64) - (self.statistic <= self.lower))

    @property
    def level(self) -> IntArray:
        """(N,) levels from 0, -1 where a cut is undecided, cuts disagree or there is none."""
        side = self.side
        certain = (side != 0).all(axis=1) & (np.diff(side, axis=1) <= 0).all(axis=1)
        level = (side > 0).sum(axis=1)
        return np.where(certain & (side.shape[1] > 0), level, UNDECIDED)

    @property
    def certain(self) -> BoolArray:
        """(N,) True where the level is certain enough."""
        return np.asarray(self.level != UNDECIDED)


def level_of(theta: FloatArray, cuts: tuple[float, ...]) -> IntArray:
    """(N,) level of theta (N,): how many of the rising cut scores it reaches; NaN reaches all."""
    return np.asarray(np.searchsorted(np.array(cuts), theta, side="right"))


def verdict(
    pool: Pool, cuts: tuple[float, ...], rule: Classified, state: State, ability: Ability
) -> Verdict:
    """How the rule's method judges the answers of N examinees at C cut scores."""
    if rule.method == Classifier.INTERVAL:
        z = float(ndtri(0.5 + 0.5 * rule.confidence))
        distance = ability.theta[:, None] - np.array(cuts)
        with np.errstate(divide="ignore", invalid="ignore"):  # very steep items leave no error
            return Verdict(distance / ability.standard_error[:, None], -z, z)
    ratios = _likelihood_ratio if rule.method == Classifier.SPRT else _generalized_ratio
    return Verdict(
        ratios(pool, cuts, rule.indifference, state),
        float(np.log(rule.beta) - np.log1p(-rule.alpha)),
        float(np.log1p(-rule.beta) - np.log(rule.alpha)),
    )


def classified_level(pool: Pool, policy: Policy, state: State, ability: Ability) -> IntArray:
    """(N,) the level to report: of the first classification that is certain, else of theta."""
    level = level_of(ability.theta, policy.cuts)
    for rule in reversed(list(_classifications(policy.stopping.rule))):
        decided = verdict(pool, policy.cuts, rule, state, ability).level
        level = np.where(decided == UNDECIDED, level, decided)
    return level


def _classifications(rule: Rule | None) -> Iterator[Classified]:
    if isinstance(rule, Classified):
        yield rule
    if isinstance(rule, AnyOf | AllOf):
        for part in rule.rules:
            yield from _classifications(part)


def _likelihood_ratio(
    pool: Pool, cuts: tuple[float, ...], indifference: float, state: State
) -> FloatArray:
    """(N, C) l(c + delta) - l(c - delta)."""
    points = [cut + side for side in (-indifference, indifference) for cut in cuts]
    below, above = np.split(log_likelihood_at(pool, state, tuple(points)), 2, axis=1)
    return np.asarray(above - below)


def _generalized_ratio(
    pool: Pool, cuts: tuple[float, ...], indifference: float, state: State
) -> FloatArray:
    """(N, C) sup l above the indifference region - sup l below it, within the pool's grid."""
    if not cuts:
        return np.zeros((len(state.items), 0))
    first, last = float(pool.nodes[0]), float(pool.nodes[-1])
    below = [(min(first, cut - indifference), cut - indifference) for cut in cuts]
    above = [(cut + indifference, max(last, cut + indifference)) for cut in cuts]
    lower, upper = np.split(highest_log_likelihood(pool, state, below + above), 2, axis=1)
    return np.asarray(upper - lower)
