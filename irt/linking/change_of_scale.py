"""How transformed item parameters depend on the link and on the originals.

Linked parameters are a / A, A b + B, c and d, in the P columns of `parameter_derivatives`.
"""

import numpy as np

from irt.arrays import FloatArray
from irt.linking.link import Link
from irt.models.parameters import ItemParameters


def derivatives_by_link(link: Link, items: ItemParameters) -> FloatArray:
    """(2, J, P) derivatives of the linked parameters with respect to slope A and intercept B."""
    result = np.zeros((2, items.n_items, items.difficulty.shape[1] + 3))
    result[0, :, 0] = -items.discrimination / link.slope**2
    result[0, :, 1:-2] = np.nan_to_num(items.difficulty)
    result[1, :, 1:-2] = np.isfinite(items.difficulty)
    return result


def scale_factors(link: Link, n_columns: int) -> FloatArray:
    """(P,) derivatives of the linked parameters with respect to their originals."""
    factors = np.full(n_columns, link.slope)
    factors[0] = 1.0 / link.slope
    factors[-2:] = 1.0
    return factors


def inverse_by_link(link: Link) -> FloatArray:
    """(2, 2) derivatives of the inverse link (1 / A, -B / A), its rows, with respect to (A, B)."""
    a, b = link.slope, link.intercept
    return np.array([[-1.0 / a**2, 0.0], [b / a**2, -1.0 / a]])
