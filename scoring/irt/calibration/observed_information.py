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
_NEGLIGIBLE = 1e-8
# Scores with so few factors, down to this relative strength, take fewer products than nodes do.
_FEW, _NO_STRENGTH = 3, 1e-12
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
    n_free = sum(block.n_free for block in problem.blocks)
    result = np.zeros((n_free, n_free))
    start = 0
    for block, values in zip(problem.blocks, point.x, strict=True):
        counts = point.counts[block.rows]
        for column in range(values.shape[1]):
            shift = np.zeros_like(values)
            shift[:, column] = _DIFFERENCE * np.maximum(1.0, np.abs(values[:, column]))
            above = block.newton_terms(values + shift, counts, problem.nodes).gradient
            below = block.newton_terms(values - shift, counts, problem.nodes).gradient
            derivative = (below - above) / (2 * shift[:, column, None])
            pair = block.free & block.free[:, column, None]
            by = np.broadcast_to(block.index[:, column, None], pair.shape)
            np.add.at(result, (start + block.index[pair], start + by[pair]), derivative[pair])
        start += block.n_free
    return result


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
    """(P, P) sum over persons of their scores' covariances."""
    # A last column of ones carries the constant part of the design.
    design = np.ones((chunk.n_persons, chunk.basis.shape[0] + 1))
    means = _MeanScores.of(chunk, table)
    result = np.zeros((table.n_free, table.n_free))
    start = 0
    for block in chunk.blocks():
        persons = slice(start, start + len(block))
        design[persons, :-1] = block
        mean = means.at(block, posterior[persons])
        result -= mean.T @ mean
        start += len(block)
    factors = _few_factors(means.scores)
    if factors is not None:
        return result + _products_by_factor(design, posterior, means, *factors)
    return result + _products_by_node(design, posterior, _design_scores(chunk, table))


def _products_by_node(
    design: FloatArray, posterior: FloatArray, scores: list[sparse.csr_array]
) -> FloatArray:
    """(P, P) sum of E[s s'], node by node with the persons whose posterior is there."""
    size = scores[0].shape[1]
    result = np.zeros((size, size))
    for node, node_scores in enumerate(scores):
        present = np.flatnonzero(posterior[:, node] > _NEGLIGIBLE)
        weighted = design[present]
        weighted *= np.sqrt(posterior[present, node, None])
        by_column = node_scores.T @ (weighted.T @ weighted)
        result += node_scores.T @ by_column.T
    return result


def _few_factors(scores: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """scores (p, D, Q) as loadings (p, D, R) times factors (R, Q), where R is small.

    So it is for the exponential families (Rasch to 2PL, partial credit): what one category adds
    over another is linear in theta.
    """
    left, strength, factors = np.linalg.svd(
        scores.reshape(-1, scores.shape[-1]), full_matrices=False
    )
    n_factors = int((strength > _NO_STRENGTH * strength[0]).sum())
    if n_factors > _FEW:
        return None
    loadings = left[:, :n_factors] * strength[:n_factors]
    return loadings.reshape(*scores.shape[:2], n_factors), factors[:n_factors]


def _products_by_factor(
    design: FloatArray,
    posterior: FloatArray,
    means: "_MeanScores",
    loadings: FloatArray,
    factors: FloatArray,
) -> FloatArray:
    """(P, P) sum of E[s s'] from the posterior moments of a few factors of the scores."""
    answers = design[:, :-1]
    shared, persons = means.shared, posterior.sum(axis=0)
    counts = answers.T @ posterior
    added = sum(
        target @ (counts * scores)
        for scores, target in zip(means.scores, means.target, strict=True)
    )
    cross = added @ shared.T
    result = (shared * persons) @ shared.T + cross + cross.T
    by_factor = [
        sum(
            target @ sparse.diags_array(loadings[place, :, factor])
            for place, target in enumerate(means.target)
        )
        for factor in range(len(factors))
    ]
    for first in range(len(factors)):
        for second in range(first + 1):
            moment = posterior @ (factors[first] * factors[second])
            product = by_factor[first] @ (answers.T @ (answers * moment[:, None]))
            product = (by_factor[second] @ product.T).T
            result += product if first == second else product + product.T
    return np.asarray(result)


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


@dataclass(frozen=True, eq=False)
class _MeanScores:
    """What the posterior mean of a person's score is made of.

    scores (p, D, Q) of the design columns, target p matrices (P, D) of the parameters that they
    belong to, shared (P, Q) the part of the score that all persons have.
    """

    scores: FloatArray
    target: list[sparse.csr_array]
    shared: FloatArray

    @classmethod
    def of(cls, chunk: Responses, table: ScoreTable) -> "_MeanScores":
        n_categories, width, n_nodes = table.values.shape
        own = chunk.basis.indices[chunk.basis.indptr[:-1]]
        columns = np.arange(len(own))
        scores = (chunk.basis @ table.values.reshape(n_categories, -1)).reshape(-1, width, n_nodes)
        shared = np.zeros((table.n_free + 1, n_nodes))
        np.add.at(shared, table.index, chunk.constant[:, None, None] * table.values)
        return cls(
            scores=np.ascontiguousarray(scores.transpose(1, 0, 2)),
            target=[
                sparse.csr_array(
                    (np.ones(len(own)), (table.index[own, place], columns)),
                    shape=(table.n_free + 1, len(own)),
                )[: table.n_free]
                for place in range(width)
            ],
            shared=shared[: table.n_free],
        )

    def at(self, design: FloatArray, posterior: FloatArray) -> FloatArray:
        """(n, P) of persons with design (n, D) and posterior (n, Q)."""
        mean = self.shared @ posterior.T
        transposed = np.ascontiguousarray(design.T)
        for scores, target in zip(self.scores, self.target, strict=True):
            part = scores @ posterior.T
            part *= transposed
            mean += target @ part
        return mean.T


def _sparse_score_covariance(
    chunk: SparseResponses, posterior: FloatArray, table: ScoreTable
) -> FloatArray:
    """(P, P) sum over persons; a few at a time who are alike in ability, on the nodes they need."""
    size = table.n_free + 1
    result = np.zeros(size * size)
    estimated = np.flatnonzero((table.index < table.n_free).any(axis=1))
    # One more row, of nothing, fills up the persons with fewer answers than others.
    values = np.pad(table.values[estimated], ((0, 1), (0, 0), (0, 0)))
    index = np.pad(table.index[estimated], ((0, 1), (0, 0)), constant_values=table.n_free)
    width = values.shape[1]
    order = np.argsort(posterior @ np.arange(posterior.shape[1]), kind="stable")
    design = chunk.design[order][:, estimated]
    for start in range(0, len(order), _PERSONS_IN_A_WINDOW):
        persons = order[start : start + _PERSONS_IN_A_WINDOW]
        rows = _padded_rows(design[start : start + _PERSONS_IN_A_WINDOW])
        window = np.flatnonzero((posterior[persons] > _NEGLIGIBLE).any(axis=0))
        weights = posterior[np.ix_(persons, window)]
        scores = np.ascontiguousarray(values[:, :, window])[rows]
        scores = scores.reshape(len(persons), -1, len(window))
        scores -= scores @ weights[:, :, None]
        scores *= np.sqrt(weights)[:, None]
        covariance = scores @ scores.transpose(0, 2, 1)
        place = index[rows].reshape(len(persons), -1)
        for first in range(0, place.shape[1], width):
            # Each pair of answers once; the pair of an answer with itself counts in both halves.
            own = slice(first, first + width)
            covariance[:, own, own] *= 0.5
            pairs = size * place[:, own, None] + place[:, None, first:]
            np.add.at(result, pairs.ravel(), covariance[:, own, first:].ravel())
    half = result.reshape(size, size)[:-1, :-1]
    return half + half.T


def _padded_rows(design: sparse.csr_array) -> IntArray:
    """(n, m) stacked categories of each person's answers, filled up with the last row."""
    lengths = np.diff(design.indptr)
    rows = np.full((len(lengths), int(lengths.max(initial=0))), design.shape[1])
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = design.indices
    return rows
