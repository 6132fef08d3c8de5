"""Observed information of the marginal log-posterior, exactly (Louis 1982, eq. 3.2').

-d2 log posterior = E[-d2 log complete] - sum_i Cov_i(s_i), where s_i(theta) is person i's
complete-data score and the covariance is over i's posterior on the nodes. A person's score is the
sum of what each answer adds, so all that is needed is a table of scores by category and node.
"""

from collections.abc import Callable

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.dense_scores import dense_score_covariance
from irt.calibration.expectation import posterior_weights
from irt.calibration.problem import Point, Problem
from irt.calibration.score_table import score_table
from irt.calibration.sparse_scores import sparse_score_covariance
from irt.responses import DenseResponses, Responses, SparseResponses

_DIFFERENCE = 1e-5
_PERSONS_AT_ONCE = 16_384
_CELLS_AT_ONCE = 4_000_000


def observed_information(
    problem: Problem, point: Point, report: Callable[[], None] | None = None
) -> FloatArray:
    """(P, P) minus the Hessian of the marginal log-posterior in the free parameters.

    `report` is called after each chunk of persons; what it raises is passed on.
    """
    information = _complete_information(problem, point)
    table = score_table(problem, point.x)
    rows = problem.log_probabilities(point.x)
    size = _chunk_size(problem.responses)
    for chunk in problem.responses.chunks(size):
        posterior = np.concatenate(
            [posterior_weights(log_joint)[0] for _, log_joint in chunk.log_likelihoods(rows)]
        )
        if isinstance(chunk, SparseResponses):
            information -= sparse_score_covariance(chunk, posterior, table)
        elif isinstance(chunk, DenseResponses):
            information -= dense_score_covariance(chunk, posterior, table)
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
