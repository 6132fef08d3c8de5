"""Covariances of the scores of persons with few responses each, person by person."""

import numpy as np
from scipy import sparse

from irt.arrays import FloatArray, IntArray
from irt.calibration.score_table import NEGLIGIBLE, ScoreTable
from irt.responses import SparseResponses

# Products of scores computed together: what the second-level cache holds.
_PRODUCTS_AT_ONCE = 200_000
# Their matrix is symmetric: in so many strips, a little over half of it is added up.
_STRIPS = 8


def sparse_score_covariance(
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
    most_answers = int(np.diff(design.indptr).max(initial=1))
    n_at_once = max(8, _PRODUCTS_AT_ONCE // (width * most_answers) ** 2)
    for start in range(0, len(order), n_at_once):
        persons = order[start : start + n_at_once]
        rows = _padded_rows(design[start : start + n_at_once])
        window = np.flatnonzero((posterior[persons] > NEGLIGIBLE).any(axis=0))
        weights = posterior[np.ix_(persons, window)]
        scores = np.ascontiguousarray(values[:, :, window])[rows]
        scores = scores.reshape(len(persons), -1, len(window))
        scores -= scores @ weights[:, :, None]
        scores *= np.sqrt(weights)[:, None]
        covariance = scores @ scores.transpose(0, 2, 1)
        place = index[rows].reshape(len(persons), -1)
        step = -(-place.shape[1] // _STRIPS)
        for first in range(0, place.shape[1], step):
            # Each pair of strips once; the pair of a strip with itself counts in both halves.
            own = slice(first, first + step)
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
