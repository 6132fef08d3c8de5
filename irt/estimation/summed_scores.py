"""EAP from summed scores (Lord & Wingersky 1984; Thissen, Pommerich, Billeaud & Williams 1995)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from irt.ability import Ability, eap, is_shown
from irt.arrays import FloatArray, IntArray
from irt.estimation.close_up import Windows, steepest_slope, windows
from irt.models.curves import category_probabilities, log_category_probabilities
from irt.models.parameters import ItemParameters
from irt.quadrature import MOST_NODES, Grid, covering_nodes, normal_weights
from irt.responses import Responses

_TOO_UNLIKELY = 1e-250


@dataclass(frozen=True, eq=False)
class SummedScores:
    """What each summed score 0, ..., S says about theta.

    ability      theta (S + 1,) and standard_error (S + 1,), EAP and posterior SD
    probability  (S + 1,) how likely the score is in the population; sums to 1
    """

    ability: Ability
    probability: FloatArray


def summed_score_eap(parameters: ItemParameters, prior: Grid) -> SummedScores:
    """EAP given the sum of the scores on all items, for examinees who answered all of them."""
    log_likelihood = log_sum_probabilities(parameters, prior.nodes)
    log_probability = logsumexp(log_likelihood + prior.log_weights, axis=1)
    return SummedScores(eap(log_likelihood, prior), np.exp(log_probability))


def normal_summed_scores(
    parameters: ItemParameters,
    *,
    mean: float = 0.0,
    sd: float = 1.0,
    nodes: FloatArray | None = None,
) -> SummedScores:
    """`summed_score_eap` under N(mean, sd^2), whatever the nodes.

    On nodes (Q,), by default those that cover the prior, or on finer and wider ones where they do
    not show the posterior of every score.
    """
    points = covering_nodes(mean, sd) if nodes is None else nodes
    log_likelihood = log_sum_probabilities(parameters, points)
    while True:
        prior = Grid(points, normal_weights(points, mean, sd))
        log_posterior = log_likelihood + prior.log_weights
        ability = eap(log_likelihood, prior)
        shown = is_shown(log_posterior, ability, points, steepest_slope(parameters))
        if shown.all() or len(points) >= MOST_NODES:
            return SummedScores(ability, np.exp(logsumexp(log_posterior, axis=1)))
        hidden = np.flatnonzero(~shown)
        points = _nodes_for(windows(log_posterior[hidden], ability.take(hidden), points), points)
        log_likelihood = _fast_log_sums(parameters, points)


def _nodes_for(looks: Windows, nodes: FloatArray) -> FloatArray:
    """Nodes (Q',) that hold nodes (Q,) and all windows."""
    low, high = min(looks.low.min(), nodes[0]), max(looks.high.max(), nodes[-1])
    return np.linspace(
        low, high, min(int(np.ceil((high - low) / looks.step.min())) + 1, MOST_NODES)
    )


def _fast_log_sums(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """`log_sum_probabilities` without a logarithm an item, where no sum is too unlikely for that.

    Far from where a sum is likely it may become -inf.
    """
    probability = category_probabilities(parameters, theta)
    sums = np.ones((1, len(theta)))
    for item, n_categories in enumerate(parameters.n_categories):
        longer = np.zeros((len(sums) + n_categories - 1, len(theta)))
        for score in range(n_categories):
            longer[score : score + len(sums)] += sums * probability[item, score]
        sums = longer
    if sums.max(axis=1).min() < _TOO_UNLIKELY:
        return log_sum_probabilities(parameters, theta)
    with np.errstate(divide="ignore"):
        return np.log(sums)


def log_sum_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(S + 1, Q) log P(sum of the scores = s | theta_q), item by item (Lord & Wingersky 1984).

    In logs, so that the extreme scores of a long test do not underflow.
    """
    log_probability = log_category_probabilities(parameters, theta)
    sums = np.zeros((1, len(theta)))
    for item, n_categories in enumerate(parameters.n_categories):
        longer = np.full((len(sums) + n_categories - 1, len(theta)), -np.inf)
        for score in range(n_categories):
            reached = longer[score : score + len(sums)]
            np.logaddexp(reached, sums + log_probability[item, score], out=reached)
        sums = longer
    return sums


def summed_score_counts(responses: Responses) -> IntArray:
    """(S + 1,) how many examinees have each summed score, of those who answered every item."""
    every = np.repeat(np.arange(responses.n_items), responses.n_categories)
    score = np.arange(len(every)) - responses.offsets[every]
    terms = np.column_stack([score, np.ones(len(every))])
    counts = np.zeros(int((responses.n_categories - 1).sum()) + 1, dtype=np.int64)
    for _, sums in responses.log_likelihoods(terms):
        total, answered = np.rint(sums).astype(np.int64).T
        counts += np.bincount(total[answered == responses.n_items], minlength=len(counts))
    return counts
