"""Covariances of the scores of persons with dense responses, by matrix products over persons."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from irt.arrays import FloatArray
from irt.calibration.score_table import NEGLIGIBLE, ScoreTable
from irt.responses import DenseResponses

# Scores with so few factors, down to this relative strength, take fewer products than nodes do.
_FEW, _NO_STRENGTH = 3, 1e-12


def dense_score_covariance(
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
        present = np.flatnonzero(posterior[:, node] > NEGLIGIBLE)
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
    stacked = sparse.csr_array(sparse.hstack(means.target))
    by_factor = [
        stacked @ sparse.vstack([sparse.diags_array(column) for column in loadings[:, :, factor]])
        for factor in range(len(factors))
    ]
    for first in range(len(factors)):
        for second in range(first + 1):
            moment = posterior @ (factors[first] * factors[second])
            product = by_factor[first] @ (answers.T @ (answers * moment[:, None]))
            product = (by_factor[second] @ product.T).T
            result += product if first == second else product + product.T
    return np.asarray(result)


def _design_scores(chunk: DenseResponses, table: ScoreTable) -> list[sparse.csr_array]:
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
    def of(cls, chunk: DenseResponses, table: ScoreTable) -> "_MeanScores":
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
