"""E-step: posterior over the nodes and expected category counts (Bock & Aitkin 1981)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.responses import Responses


@dataclass(frozen=True, eq=False)
class Expectation:
    """Marginal log-likelihood and expected counts (C, Q) of the stacked categories."""

    log_likelihood: float
    counts: FloatArray


def expectation(responses: Responses, log_probabilities: FloatArray) -> Expectation:
    """One pass over the persons; log_probabilities (C, Q), the groups' log-densities among them."""
    total = 0.0
    n_nodes = log_probabilities.shape[1]
    design_counts, persons = np.zeros((responses.basis.shape[0], n_nodes)), np.zeros(n_nodes)
    for block, log_joint in responses.log_likelihoods(log_probabilities):
        posterior, log_marginal = posterior_weights(log_joint)
        total += float(log_marginal.sum())
        design_counts += block.T @ posterior
        persons += posterior.sum(axis=0)
    counts = responses.basis.T @ design_counts + responses.constant[:, None] * persons
    return Expectation(total, np.asarray(counts))


def posterior_weights(log_joint: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(n, Q) posterior over the nodes and (n,) log marginal likelihood; overwrites its input."""
    peak = log_joint.max(axis=1, keepdims=True)
    log_joint -= peak
    weights = np.exp(log_joint, out=log_joint)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    return weights, np.log(total[:, 0]) + peak[:, 0]
