"""Scores of persons as dense matrices, a chunk at a time, whichever way responses are kept."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray
from irt.responses import MISSING, DenseResponses, Responses

PERSONS_AT_ONCE = 4096

ScoreMatrix = NDArray[np.int8] | NDArray[np.int16]


def score_matrices(responses: Responses) -> Iterator[ScoreMatrix]:
    """(n, J) scores with `MISSING`, N rows in all."""
    for chunk in responses.chunks(PERSONS_AT_ONCE):
        if isinstance(chunk, DenseResponses):
            yield chunk.scores
            continue
        person, item, score = chunk.long()
        matrix = np.full((chunk.n_persons, chunk.n_items), MISSING, dtype=np.int16)
        matrix[person, item] = score
        yield matrix


def complete_score_matrices(responses: Responses, items: BoolArray) -> Iterator[ScoreMatrix]:
    """(n, I) scores on the I items of `items` (J,) of the persons who answered all of them."""
    columns = np.flatnonzero(items)
    for matrix in score_matrices(responses):
        own = matrix if items.all() else matrix[:, columns]
        complete = (own != MISSING).all(axis=1)
        yield own if complete.all() else own[complete]


def answered_items(responses: Responses) -> BoolArray:
    """(J,) items with at least one response."""
    counts = np.add.reduceat(responses.category_counts(), responses.offsets[:-1])
    return np.asarray(counts > 0.5)
