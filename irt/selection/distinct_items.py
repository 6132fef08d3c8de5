"""Items that are equal, so that a sum over the nodes is done once for all of them.

A matrix product can give equal columns different last bits, depending on where in the table they
are. Equal items must tie exactly, since the tie goes to the lower item id.
"""

import numpy as np

from irt.arrays import FloatArray, IntArray


def distinct_items(values: FloatArray) -> tuple[IntArray, IntArray]:
    """(U,) one item of each kind and (J,) the kind of each item, for values (J, ...) of J > 0."""
    flat = values.reshape(len(values), -1)
    _, first, kind = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    return first, kind
