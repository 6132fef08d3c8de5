"""How well persons did on the other items: what an item or an option is compared with."""

import numpy as np

from irt.arrays import FloatArray
from irt.fit.score_matrices import score_matrices
from irt.responses import MISSING, Responses


def score_table(responses: Responses) -> FloatArray:
    """(N, J) scores, NaN where nothing was answered."""
    scores = np.concatenate([chunk.astype(float) for chunk in score_matrices(responses)])
    return np.where(scores == MISSING, np.nan, scores)


def rest_shares(scores: FloatArray, highest: FloatArray) -> FloatArray:
    """(N, J) points on the other items that the person answered, as a share of those to be had.

    scores (N, J) with NaN where missing, highest (J,) of each item. NaN where the person did not
    answer the item, or no other one.
    """
    answered = np.isfinite(scores)
    points = np.where(answered, scores, 0.0)
    possible = np.where(answered, highest, 0.0)
    rest = points.sum(axis=1, keepdims=True) - points
    left = possible.sum(axis=1, keepdims=True) - possible
    known = answered & (left > 0)
    return np.asarray(np.divide(rest, left, out=np.full_like(rest, np.nan), where=known))
