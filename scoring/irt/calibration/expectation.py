"""E-step: posterior over the grid and expected category counts (Bock & Aitkin 1981)."""

from dataclasses import dataclass

import numpy as np

from scoring.irt.arrays import FloatArray
from scoring.irt.quadrature import Grid
from scoring.irt.responses import Responses


@dataclass(frozen=True, eq=False)
class Expectation:
    """Marginal log-likelihood and expected counts (C, Q) of the stacked categories."""

    log_likelihood: float
    counts: FloatArray


def expectation(responses: Responses, log_probabilities: FloatArray, grid: Grid) -> Expectation:
    """One pass over the persons; log_probabilities (C, Q)."""
    total = 0.0
    design_counts = np.zeros((responses.basis.shape[0], grid.n_nodes))
    nodes = np.zeros(grid.n_nodes)
    for block, log_likelihood in responses.log_likelihoods(log_probabilities):
        posterior, log_marginal = posterior_weights(log_likelihood, grid)
        total += float(log_marginal.sum())
        design_counts += block.T @ posterior
        nodes += posterior.sum(axis=0)
    counts = responses.basis.T @ design_counts + responses.constant[:, None] * nodes
    return Expectation(total, np.asarray(counts))


def posterior_weights(log_likelihood: FloatArray, grid: Grid) -> tuple[FloatArray, FloatArray]:
    """(n, Q) posterior over the nodes and (n,) log marginal likelihood; overwrites its input."""
    log_likelihood += grid.log_weights
    peak = log_likelihood.max(axis=1, keepdims=True)
    log_likelihood -= peak
    weights = np.exp(log_likelihood, out=log_likelihood)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    return weights, np.log(total[:, 0]) + peak[:, 0]
