"""Simulated responses."""

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters


def simulate_responses(
    parameters: ItemParameters, theta: FloatArray, rng: np.random.Generator
) -> IntArray:
    """(N, J) scores of examinees with abilities theta (N,), drawn independently given theta."""
    scores = np.empty((len(theta), parameters.n_items), dtype=np.int64)
    for item in range(parameters.n_items):
        at_most = category_probabilities(parameters.take([item]), theta)[0].cumsum(axis=0)
        scores[:, item] = (rng.random(len(theta)) > at_most[:-1]).sum(axis=0)
    return scores
