"""Observed information of the marginal log-posterior, exactly (Louis 1982, eq. 3.2').

-d2 log posterior = E[-d2 log complete] - sum_i Cov_i(s_i), where s_i(theta) is person i's
complete-data score and the covariance is over i's posterior on the nodes. A person's score is the
sum of what each answer adds, so all that is needed is a table of scores by category and node.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.calibration.blocks import FIXED
from scoring.irt.calibration.expectation import posterior_weights
from scoring.irt.calibration.problem import Point, Problem
from scoring.irt.responses import DenseResponses, Responses, SparseResponses

_DIFFERENCE = 1e-5
# Nodes that hold less of a person's posterior than this add nothing that could be seen.
_NEGLIGIBLE = 1e-10
_PERSONS_AT_ONCE = 16_384
_PERSONS_IN_A_WINDOW = 256
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """What each stacked category adds to the score: values (C, p, Q) of the parameters at

    index (C, p) among the P free ones; P itself stands for none.
    """

    index: IntArray
    values: FloatArray
    n_free: int


def observed_information(
    problem: Problem, point: Point, report: Callable[[], None] | None = None
) -> FloatArray:
    """(P, P) minus the Hessian of the marginal log-posterior in the free parameters.

    `report` is called after each chunk of persons; what it raises is passed on.
    """
    information = _complete_information(problem, point)
    table = _score_table(problem, point)
    rows = problem.log_probabilities(point.x)
    size = _chunk_size(problem.responses)
    for chunk in problem.responses.chunks(size):
        posterior = np.concatenate(
            [posterior_weights(log_joint)[0] for _, log_joint in chunk.log_likelihoods(rows)]
        )
        if isinstance(chunk, SparseResponses):
            information -= _sparse_score_covariance(chunk, posterior, table)
        elif isinstance(chunk, DenseResponses):
            information -= _dense_score_covariance(chunk, posterior, table)
        if report:
            report()
    return 0.5 * (information + information.T)


def _chunk_size(responses: Responses) -> int:
    if isinstance(responses, SparseResponses):
        return _PERSONS_AT_ONCE
    return max(256, min(_PERSONS_AT_ONCE, _CELLS_AT_ONCE // responses.basis.shape[0]))


def _complete_information(problem: Problem, point: Point) -> FloatArray:
    """(P, P) by central differences of each item's analytic gradient."""
    parts = []
    for block, values in zip(problem.blocks, point.x, strict=True):
        counts = point.counts[block.rows]
        result = np.zeros((block.n_free, block.n_free))
        for column in range(values.shape[1]):
            shift = np.zeros_like(values)
            shift[:, column] = _DIFFERENCE * np.maximum(1.0, np.abs(values[:, column]))
            above = block.newton_terms(values + shift, counts, problem.nodes).gradient
            below = block.newton_terms(values - shift, counts, problem.nodes).gradient
            derivative = (below - above) / (2 * shift[:, column, None])
            pair = block.free & block.free[:, column, None]
            by = np.broadcast_to(block.index[:, column, None], pair.shape)
            np.add.at(result, (block.index[pair], by[pair]), derivative[pair])
        parts.append(result)
    return np.asarray(sparse.block_diag(parts).toarray())


def _score_table(problem: Problem, point: Point) -> ScoreTable:
    n_categories = len(problem.fixed_rows)
    width = max(values.shape[1] for values in point.x)
    n_free = sum(block.n_free for block in problem.blocks)
    index = np.full((n_categories, width), n_free)
    table = np.zeros((n_categories, width, len(problem.nodes)))
    start = 0
    for block, values in zip(problem.blocks, point.x, strict=True):
        size = values.shape[1]
        scores = block.family.scores(values, problem.nodes)
        places = np.where(block.index == FIXED, n_free, start + block.index)
        index[block.rows, :size] = places[:, None]
        table[block.rows, :size] = scores.transpose(0, 2, 1, 3)
        start += block.n_free
    return ScoreTable(index, table, n_free)


def _dense_score_covariance(
    chunk: DenseResponses, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """(P, P) sum over persons; node by node with the persons whose posterior is there."""
    # A last column of ones carries the constant part of the design.
    design = np.ones((chunk.n_persons, chunk.basis.shape[0] + 1))
    start = 0
    for block in chunk.blocks():
        design[start : start + block.shape[0], :-1] = block
        start += block.shape[0]
    scores = _design_scores(chunk, table)
    mean = np.zeros((chunk.n_persons, table.n_free))
    result = np.zeros((table.n_free, table.n_free))
    for node, node_scores in enumerate(scores):
        present = np.flatnonzero(posterior[:, node] > _NEGLIGIBLE)
        weighted = design[present]
        weighted *= np.sqrt(posterior[present, node, None])
        by_column = node_scores.T @ (weighted.T @ weighted)
        result += node_scores.T @ by_column.T
    mean = _mean_scores(chunk, design, posterior, table)
    return result - mean.T @ mean


def _design_scores(chunk: Responses, table: ScoreTable) -> list[sparse.csr_array]:
    """One (D + 1, P) matrix a node: what a unit of each design column adds to the score."""
    n_categories, width, n_nodes = table.values.shape
    row = np.repeat(np.arange(n_categories), width)
    shape = (n_categories, table.n_free + 1)
    basis = sparse.csr_array(sparse.vstack([chunk.basis, sparse.csr_array(chunk.constant[None])]))
    return [
        (
            basis
            @ sparse.csr_array(
                (table.values[:, :, node].ravel(), (row, table.index.ravel())), shape=shape
            )
        )[:, : table.n_free]
        for node in range(n_nodes)
    ]


def _mean_scores(
    chunk: Responses, design: FloatArray, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """(n, P) posterior mean of each person's score."""
    n_categories, width, n_nodes = table.values.shape
    mean = np.zeros((len(design), table.n_free + 1))
    basis = chunk.basis
    first = basis.indices[basis.indptr[:-1]]
    by_column = (basis @ table.values.reshape(n_categories, -1)).reshape(-1, width, n_nodes)
    for column in range(width):
        index = table.index[first, column]
        part = posterior @ by_column[:, column].T
        part *= design[:, :-1]
        order = np.argsort(index, kind="stable")
        starts = np.flatnonzero(np.diff(index[order], prepend=-1))
        mean[:, index[order][starts]] += np.add.reduceat(part[:, order], starts, axis=1)
    shared = np.zeros((table.n_free + 1, n_nodes))
    weighted = chunk.constant[:, None, None] * table.values
    np.add.at(shared, table.index, weighted)
    mean += posterior @ shared.T
    return mean[:, : table.n_free]


def _sparse_score_covariance(
    chunk: SparseResponses, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """(P, P) sum over persons; a few at a time who are alike in ability, on the nodes they need."""
    size = table.n_free + 1
    result = np.zeros(size * size)
    values = np.concatenate([table.values, np.zeros_like(table.values[:1])])
    index = np.concatenate([table.index, np.full_like(table.index[:1], table.n_free)])
    order = np.argsort(posterior @ np.arange(posterior.shape[1]), kind="stable")
    for start in range(0, len(order), _PERSONS_IN_A_WINDOW):
        persons = order[start : start + _PERSONS_IN_A_WINDOW]
        rows = _padded_rows(chunk.design[persons])
        window = np.flatnonzero((posterior[persons] > _NEGLIGIBLE).any(axis=0))
        root = np.sqrt(posterior[np.ix_(persons, window)])
        scores = np.ascontiguousarray(values[:, :, window])[rows]
        scores = scores.reshape(len(persons), -1, len(window))
        scores *= root[:, None]
        mean = scores @ root[:, :, None]
        covariance = scores @ scores.transpose(0, 2, 1)
        covariance -= mean * mean.transpose(0, 2, 1)
        place = index[rows].reshape(len(persons), -1)
        pairs = place[:, :, None] * size + place[:, None, :]
        np.add.at(result, pairs.ravel(), covariance.ravel())
    return result.reshape(size, size)[:-1, :-1]


def _padded_rows(design: sparse.csr_array) -> IntArray:
    """(n, m) stacked categories of each person's answers, filled up with one past the last."""
    lengths = np.diff(design.indptr)
    rows = np.full((len(lengths), int(lengths.max(initial=0))), design.shape[1])
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = design.indices
    return rows
