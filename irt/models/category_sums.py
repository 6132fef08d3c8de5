"""Sums and moments over the categories of items."""

import numpy as np

from irt.arrays import FloatArray


def over_categories(terms: FloatArray) -> FloatArray:
    """(J, Q) sums of (J, K, Q); K is small, and NumPy's own sum over a short axis slow."""
    total = terms[:, 0].copy()
    for category in range(1, terms.shape[1]):
        total += terms[:, category]
    return total


def score_moments(probability: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(J, K, Q) k - E X and (J, Q) Var X of the scores 0, 1, ... with probability (J, K, Q)."""
    scores = np.arange(probability.shape[1], dtype=float)
    # k - E X as a sum over the other categories: exact where E X is close to k.
    deviation = np.moveaxis(np.tensordot(probability, scores - scores[:, None], (1, 0)), -1, 1)
    return deviation, over_categories(deviation * deviation * probability)
