"""Fisher information of items and tests about theta."""

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.models.parameters import ItemParameters


def item_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(J, Q) expected information, sum over categories of P'^2 / P (Lord 1980, eq. 5-9).

    theta (Q,), common to all items, or (J, Q), each item's own.
    """
    parts = parameters.parts
    if len(parts) == 1:
        return parts[0].family.information(parameters, theta)
    result = np.empty((parameters.n_items, theta.shape[-1]))
    for part in parts:
        result[part.items] = part.family.information(part.parameters, part.theta(theta))
    return result


def test_information(parameters: ItemParameters, theta: FloatArray) -> FloatArray:
    """(Q,) information of all items together."""
    return np.asarray(item_information(parameters, theta).sum(axis=0))


def pair_information(parameters: ItemParameters, items: IntArray, theta: FloatArray) -> FloatArray:
    """(N, m) information of the items at index (N, m) about theta (N,)."""
    parts = parameters.parts
    if len(parts) == 1:
        return parts[0].family.pair_information(parameters, items, theta)
    own = np.repeat(theta, items.shape[1])[:, None]
    return item_information(parameters.take(items.ravel()), own).reshape(items.shape)


def information_bounds(parameters: ItemParameters, theta: FloatArray, delta: float) -> FloatArray:
    """(J, Q) what the information does not exceed within theta +- delta, theta (Q,)."""
    information = item_information(parameters, theta)
    for part in parameters.parts:
        own = information[part.items]
        information[part.items] = part.family.information_bounds(part.parameters, own, delta)
    return information
