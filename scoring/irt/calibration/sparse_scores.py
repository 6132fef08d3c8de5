"""Covariances of the scores of persons with few responses each, person by person."""

import numpy as np
from scipy import sparse

from scoring.irt.arrays import FloatArray, IntArray
from scoring.irt.calibration.score_table import NEGLIGIBLE, ScoreTable
from scoring.irt.responses import SparseResponses

_PERSONS_IN_A_WINDOW = 256


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
    for start in range(0, len(order), _PERSONS_IN_A_WINDOW):
        persons = order[start : start + _PERSONS_IN_A_WINDOW]
        rows = _padded_rows(design[start : start + _PERSONS_IN_A_WINDOW])
        window = np.flatnonzero((posterior[persons] > NEGLIGIBLE).any(axis=0))
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
