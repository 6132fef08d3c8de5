"""Ability from a log-likelihood on a grid."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from irt.responses import ResponseError, Responses, stacked_log_probabilities


@dataclass(frozen=True, eq=False)
class Ability:
    """theta (N,) and standard_error (N,) of N examinees; the error is the posterior SD for EAP."""

    theta: FloatArray
    standard_error: FloatArray

    def take(self, persons: IntArray) -> "Ability":
        """The examinees at `persons`, in that order."""
        return Ability(self.theta[persons], self.standard_error[persons])


def add_responses(
    log_likelihood: FloatArray, log_probabilities: FloatArray, item: IntArray, score: IntArray
) -> FloatArray:
    """(N, Q) log-likelihood after one more answer an examinee.

    log_likelihood (N, Q), log_probabilities (J, K, Q), item and score (N,).
    """
    return np.asarray(log_likelihood + log_probabilities[item, score])


def eap(log_likelihood: FloatArray, prior: Grid) -> Ability:
    """Expected a posteriori theta and posterior SD (Bock & Mislevy 1982, eqs. 4 and 5).

    log_likelihood (N, Q) on the nodes of `prior`. Rows are summed one by one, so an examinee's
    estimate does not depend on who else is in the batch.
    """
    return posterior_mean(log_likelihood + prior.log_weights, prior.nodes)


def posterior_mean(log_posterior: FloatArray, nodes: FloatArray) -> Ability:
    """Mean and SD of densities given by their logs (N, Q) on equally spaced nodes (Q,)."""
    posterior = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
    total = posterior.sum(axis=1)
    theta = np.einsum("nq,q->n", posterior, nodes) / total
    deviation = nodes - theta[:, None]
    deviation *= deviation
    return Ability(theta, np.sqrt(np.einsum("nq,nq->n", posterior, deviation) / total))


def eap_abilities(responses: Responses, parameters: ItemParameters, prior: Grid) -> Ability:
    """EAP of N persons; responses must have the categories of the parameters.

    Raises `ResponseError` where the two have different items or categories.
    """
    if not np.array_equal(responses.n_categories, parameters.n_categories):
        raise ResponseError("responses and parameters differ in items or categories")
    rows = stacked_log_probabilities(parameters, prior.nodes)
    parts = [eap(log_likelihood, prior) for _, log_likelihood in responses.log_likelihoods(rows)]
    return Ability(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.standard_error for part in parts]),
    )
