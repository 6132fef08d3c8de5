"""Standard errors from the observed information (Louis 1982, eq. 3.2').

-d2 log posterior = E[-d2 log complete] - sum_i (E[s_i s_i'] - E[s_i] E[s_i]'), where s_i is person
i's complete-data score and E is over the person's posterior on the grid.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from scoring.irt.arrays import FloatArray
from scoring.irt.calibration.blocks import ItemBlock
from scoring.irt.calibration.expectation import posterior_weights
from scoring.irt.quadrature import Grid
from scoring.irt.responses import Block, Responses

_DIFFERENCE = 1e-5


def observed_information(
    responses: Responses,
    blocks: Sequence[ItemBlock],
    x: Sequence[FloatArray],
    counts: FloatArray,
    log_probabilities: FloatArray,
    grid: Grid,
) -> FloatArray:
    """(P, P) minus the Hessian of the marginal log-posterior, blocks of x stacked row by row.

    counts and log_probabilities (C, Q) belong to x.
    """
    information = _complete_information(blocks, x, counts, grid)
    scores = _design_scores(responses, blocks, x, grid)
    for block, log_likelihood in responses.log_likelihoods(log_probabilities):
        posterior, _ = posterior_weights(log_likelihood, grid)
        block = _with_constant(block)
        mean = _mean_scores(block, posterior, scores)
        information += mean.T @ mean
        for node_scores, weight in zip(scores, posterior.T, strict=True):
            by_column = node_scores.T @ _weighted_pairs(block, weight)
            information -= node_scores.T @ by_column.T
    return 0.5 * (information + information.T)


def covariance(information: FloatArray) -> FloatArray:
    """Inverse of the information; NaN throughout where it is not positive definite."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    return np.asarray(np.linalg.inv(information))


def irt_standard_errors(
    blocks: Sequence[ItemBlock], x: Sequence[FloatArray], covariance: FloatArray
) -> list[FloatArray]:
    """(n, p) standard errors of the IRT parameters of each block, by the delta method."""
    errors = []
    start = 0
    for block, values in zip(blocks, x, strict=True):
        n_items, size = values.shape
        index = start + np.arange(n_items * size).reshape(n_items, size)
        own = covariance[index[:, :, None], index[:, None, :]]
        jacobian = block.family.irt_jacobian(values)
        variance = np.einsum("jrp,jpq,jrq->jr", jacobian, own, jacobian)
        errors.append(np.sqrt(variance))
        start += values.size
    return errors


def _complete_information(
    blocks: Sequence[ItemBlock], x: Sequence[FloatArray], counts: FloatArray, grid: Grid
) -> FloatArray:
    """(P, P) block diagonal, by central differences of each item's analytic gradient."""
    diagonal = []
    for block, values in zip(blocks, x, strict=True):
        own_counts = counts[block.rows]
        hessian = np.empty((*values.shape, values.shape[1]))
        for column in range(values.shape[1]):
            shift = np.zeros_like(values)
            shift[:, column] = _DIFFERENCE * np.maximum(1.0, np.abs(values[:, column]))
            above = block.gradient(values + shift, own_counts, grid.nodes)
            below = block.gradient(values - shift, own_counts, grid.nodes)
            hessian[:, :, column] = (above - below) / (2 * shift[:, column, None])
        diagonal += list(-hessian)
    return np.asarray(sparse.block_diag(diagonal).toarray())


def _design_scores(
    responses: Responses, blocks: Sequence[ItemBlock], x: Sequence[FloatArray], grid: Grid
) -> list[sparse.csr_array]:
    """One (D, P) matrix a node: what a unit of each design column adds to each score."""
    rows, columns, values = [], [], []
    start = 0
    for block, estimates in zip(blocks, x, strict=True):
        scores = block.family.scores(estimates, grid.nodes)
        n_items, size, width, _ = scores.shape
        column = start + np.arange(n_items * size).reshape(n_items, size, 1)
        rows.append(np.broadcast_to(block.rows[:, None, :], (n_items, size, width)).ravel())
        columns.append(np.broadcast_to(column, (n_items, size, width)).ravel())
        values.append(scores.reshape(-1, grid.n_nodes))
        start += estimates.size
    position = (np.concatenate(rows), np.concatenate(columns))
    shape = (int(responses.n_categories.sum()), start)
    stacked = np.concatenate(values)
    return [
        sparse.vstack([responses.basis, responses.constant[None, :]])
        @ sparse.csr_array((stacked[:, node], position), shape=shape)
        for node in range(grid.n_nodes)
    ]


def _mean_scores(
    block: Block, posterior: FloatArray, scores: Sequence[sparse.csr_array]
) -> FloatArray:
    """(n, P) posterior mean of each person's score."""
    mean = np.zeros((len(posterior), scores[0].shape[1]))
    for node, node_scores in enumerate(scores):
        mean += posterior[:, node, None] * _dense(block @ node_scores)
    return mean


def _weighted_pairs(block: Block, weight: FloatArray) -> FloatArray:
    """(D, D) sum over persons of weight times the products of their design columns."""
    scaled = block * np.sqrt(weight)[:, None]
    return _dense(scaled.T @ scaled)


def _with_constant(block: Block) -> Block:
    ones = np.ones((block.shape[0], 1))
    if isinstance(block, np.ndarray):
        return np.hstack([block, ones])
    return sparse.csr_array(sparse.hstack([block, ones]))


def _dense(matrix: Any) -> FloatArray:
    return matrix if isinstance(matrix, np.ndarray) else np.asarray(matrix.toarray())
