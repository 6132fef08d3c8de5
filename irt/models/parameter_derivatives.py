"""Derivatives of the category probabilities with respect to the item parameters.

The parameters of an item are laid out in P = M + 3 columns: a, b_1, ..., b_M, c, d, where M is the
width of `ItemParameters.difficulty`; b of a dichotomous item is b_1.
"""

import numpy as np

from irt.arrays import FloatArray
from irt.models.parameters import ItemParameters


def parameter_column(name: str, n_steps: int) -> int:
    """The column of "a", "b", "b1", ..., "c" or "d" where M = n_steps."""
    if name.startswith("b"):
        return int(name[1:] or 1)
    return {"a": 0, "c": n_steps + 1, "d": n_steps + 2}[name]


def parameter_columns(
    discrimination: FloatArray, difficulty: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """(J, P) values of (J,), (J, M), (J,) and (J,), laid out as above."""
    return np.column_stack([discrimination, difficulty, lower, upper])


def probability_gradient(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, P, K, Q) dP(X_j = k | theta_q) / d parameter; 0 for what an item does not have.

    theta (Q,) or (J, Q) as in `irt.models.curves`.
    """
    width = int(parameters.n_categories.max(initial=2))
    shape = (parameters.n_items, parameters.difficulty.shape[1] + 3, width, theta.shape[-1])
    result = np.zeros(shape)
    for part in parameters.parts:
        own = part.family.probability_gradient(part.parameters, part.theta(theta))
        result[part.items, :, : own.shape[2]] = own
    return result


def score_gradient(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, P, Q) derivatives of the expected item score, categories scored 0, 1, ..."""
    gradient = probability_gradient(parameters, theta)
    return np.asarray(np.einsum("k,jpkq->jpq", np.arange(float(gradient.shape[2])), gradient))
