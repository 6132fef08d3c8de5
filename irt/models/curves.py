"""Item response functions: category probabilities that stay exact far from the items.

Everywhere theta is (Q,), the same for all items, or (J, Q), each item's own.
"""

import numpy as np

from irt.arrays import FloatArray
from irt.models.parameters import ItemParameters


def log_category_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, K, Q) log P(X_j = k | theta_q); -inf for categories that an item does not have."""
    width = int(parameters.n_categories.max(initial=2))
    result = np.full((parameters.n_items, width, theta.shape[-1]), -np.inf)
    for part in parameters.parts:
        own = part.family.log_probabilities(part.parameters, part.theta(theta))
        result[part.items, : own.shape[1]] = own
    return result


def category_probabilities(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, K, Q) P(X_j = k | theta_q); 0 for categories that an item does not have."""
    return np.asarray(np.exp(log_category_probabilities(parameters, theta)))


def expected_score(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, Q) expected item score, categories scored 0, 1, ..."""
    probabilities = category_probabilities(parameters, theta)
    scores = np.arange(probabilities.shape[1], dtype=float)
    return np.asarray(np.einsum("k,jkq->jq", scores, probabilities))
