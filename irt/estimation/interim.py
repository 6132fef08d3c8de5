"""The estimate of examinees in the course of an adaptive test, and at its end, within fences.

EAP is read off the log-likelihood that the session carries, or worked out from the answers where
that does not show the posterior (`session_posterior`). ML, MAP and WLE are the theta in
[-fence, fence] at which the integral of the estimating function

    g(theta) = l'(theta) [+ J / (2 I) for WLE] [- (theta - mean) / sd^2 for MAP]

is highest (`likelihood_equation`): tabulated on nodes, then refined by the Illinois method, whose
rows do not depend on each other. Where it is highest at a fence, as for ML with only right or only
wrong answers, the estimate is the fence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from irt.ability import Ability
from irt.arrays import FloatArray, IntArray
from irt.estimation.answers import Answers, Sums
from irt.estimation.likelihood_equation import highest_peaks
from irt.estimation.session_posterior import answers_of, counted_answers, session_posteriors
from irt.estimation.weighted_likelihood import weight_slope
from irt.models.derivatives import theta_derivatives
from irt.policy.policy import Estimator, Policy
from irt.pool import Pool
from irt.quadrature import cumulative_trapezoids
from irt.state import State

_NODES = 81
_PRECISION = 1e-10
_MOST_STEPS = 100


def estimate_ability(pool: Pool, policy: Policy, state: State, estimator: Estimator) -> Ability:
    """theta and standard error (N,) of N examinees, theta within the policy's fence.

    Standard errors: posterior SD for EAP, 1 / sqrt(I + 1 / sd^2) for MAP, 1 / sqrt(I) for ML and
    WLE, I the expected information of the answers that count. Mean and SD of the prior where no
    answer counts.
    """
    fence = policy.estimation.fence
    if estimator == Estimator.EAP:
        ability = session_posteriors(pool, state).ability
        return Ability(ability.theta.clip(-fence, fence), ability.standard_error)
    theta = state.examinees.prior_mean.clip(-fence, fence)
    standard_error = state.examinees.prior_sd.copy()
    counted = counted_answers(pool, state)
    rows = np.flatnonzero(counted.any(axis=1))
    if rows.size:
        equation = _equation(estimator, state, rows)
        block = answers_of(pool, state, rows, counted)
        theta[rows] = _highest(equation, _tables(pool, fence), block)
        information = block.information(theta[rows]) + equation.prior_precision
        with np.errstate(divide="ignore"):  # no information: an infinite error
            standard_error[rows] = 1.0 / np.sqrt(information)
    return Ability(theta, standard_error)


@dataclass(frozen=True, eq=False)
class _Equation:
    """g and its integral for n examinees; prior_precision is 0 without a prior.

    prior_mean and prior_precision (n,) go with theta (n,), their columns (n, 1) with nodes (Q,).
    """

    is_weighted: bool
    prior_mean: FloatArray
    prior_precision: FloatArray

    def take(self, rows: Any) -> "_Equation":
        return _Equation(self.is_weighted, self.prior_mean[rows], self.prior_precision[rows])

    @property
    def columns(self) -> "_Equation":
        return self.take(np.s_[:, None])

    def function(self, theta: FloatArray, sums: Sums) -> FloatArray:
        value = sums.score - self.prior_precision * (theta - self.prior_mean)
        return np.asarray(value + weight_slope(sums) if self.is_weighted else value)

    def integral(self, nodes: FloatArray, log_likelihood: FloatArray, sums: Sums) -> FloatArray:
        deviation = nodes - self.prior_mean
        value = log_likelihood - 0.5 * self.prior_precision * deviation * deviation
        if not self.is_weighted:
            return np.asarray(value)
        return np.asarray(value + cumulative_trapezoids(weight_slope(sums), nodes))


def _equation(estimator: Estimator, state: State, rows: IntArray) -> _Equation:
    precision = state.examinees.prior_sd[rows] ** -2.0
    return _Equation(
        is_weighted=estimator == Estimator.WLE,
        prior_mean=state.examinees.prior_mean[rows],
        prior_precision=precision if estimator == Estimator.MAP else np.zeros_like(precision),
    )


@dataclass(frozen=True, eq=False)
class _Tables:
    """Of all items at nodes (Q,): log_probability, score (J, K, Q), information, warm_j (J, Q)."""

    nodes: FloatArray
    log_probability: FloatArray
    score: FloatArray
    information: FloatArray
    warm_j: FloatArray


@lru_cache(maxsize=32)
def _tables(pool: Pool, fence: float) -> _Tables:
    nodes = np.linspace(-fence, fence, _NODES)
    curves = theta_derivatives(pool.parameters, nodes)
    return _Tables(nodes, curves.log_probability, curves.score, curves.information, curves.warm_j)


def _highest(equation: _Equation, tables: _Tables, block: Answers) -> FloatArray:
    """theta (n,) at which the integral is highest between the first and the last node."""
    nodes = tables.nodes
    log_likelihood, sums = _on_nodes(tables, block, is_weighted=equation.is_weighted)
    function = equation.columns.function(nodes, sums)
    integral = equation.columns.integral(nodes, log_likelihood, sums)
    at_low = np.where(function[:, 0] <= 0, integral[:, 0], -np.inf)
    at_high = np.where(function[:, -1] > 0, integral[:, -1], -np.inf)
    theta: FloatArray = np.where(at_low >= at_high, nodes[0], nodes[-1])
    persons, left, peak = highest_peaks(nodes, function, integral)
    inside = peak > np.maximum(at_low, at_high)[persons]
    persons, left = persons[inside], left[inside]

    def own_function(at: FloatArray, index: IntArray) -> FloatArray:
        some = persons[index]
        return equation.take(some).function(at, block.take(some).sums(at))

    theta[persons] = _roots(
        own_function,
        nodes[left],
        nodes[left + 1],
        function[persons, left],
        function[persons, left + 1],
    )
    return theta


def _on_nodes(tables: _Tables, block: Answers, *, is_weighted: bool) -> tuple[FloatArray, Sums]:
    """log-likelihood (n, Q) and sums (n, Q) at the nodes; every person has an answer."""
    first = np.flatnonzero(np.diff(block.person, prepend=-1))

    def total(terms: FloatArray) -> FloatArray:
        sums: FloatArray = np.add.reduceat(terms, first, axis=0)
        return sums

    score = total(tables.score[block.item, block.score])
    nothing = np.zeros(1)
    return total(tables.log_probability[block.item, block.score]), Sums(
        score=score,
        information=total(tables.information[block.item]) if is_weighted else nothing,
        warm_j=total(tables.warm_j[block.item]) if is_weighted else nothing,
    )


def _roots(
    function: Callable[[FloatArray, IntArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    at_low: FloatArray,
    at_high: FloatArray,
) -> FloatArray:
    """(n,) where function(theta, index) falls through 0 between low and high (n,).

    The Illinois method (Dowell & Jarratt 1971): false position that halves the value at an end
    which it keeps twice.
    """
    root = high.copy()
    index = np.arange(len(root))
    kept, last, at_kept, at_last = low, high, at_low, at_high
    for _ in range(_MOST_STEPS):
        if not index.size:
            break
        theta = last - at_last * (last - kept) / (at_last - at_kept)
        value = function(theta, index)
        root[index] = theta
        crossed = (value > 0) != (at_last > 0)
        kept = np.where(crossed, last, kept)
        at_kept = np.where(crossed, at_last, 0.5 * at_kept)
        on = (value != 0) & (np.abs(theta - last) > _PRECISION)
        index, kept, at_kept = index[on], kept[on], at_kept[on]
        last, at_last = theta[on], value[on]
    return root
