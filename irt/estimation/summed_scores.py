"""EAP from summed scores (Lord & Wingersky 1984; Thissen, Pommerich, Billeaud & Williams 1995)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from irt.ability import Ability, eap
from irt.arrays import FloatArray, IntArray
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from irt.responses import Responses


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
