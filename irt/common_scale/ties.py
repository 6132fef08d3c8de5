"""Whether the responses tie the scales of several groups together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from irt.arrays import BoolArray, IntArray


def untied_groups(
    group: NDArray[np.integer[Any]],
    item: NDArray[np.integer[Any]],
    n_groups: int,
    anchored: BoolArray,
    *,
    is_free: bool,
) -> IntArray:
    """The groups whose items tie them to nothing that is fixed; group and item (R,) of responses.

    Fixed are the items that `anchored` (J,) marks and, unless all groups are free, group 0. A
    group is tied by an item that it has responses to, over any chain of groups and items.
    """
    n_items = len(anchored)
    scale = n_groups + n_items  # a node that stands for what is fixed
    tied = [*(n_groups + np.flatnonzero(anchored)), *([] if is_free else [0])]
    ends = np.concatenate([n_groups + item, tied]).astype(np.int64)
    starts = np.concatenate([group, np.full(len(tied), scale)])
    graph = coo_array((np.ones(len(ends)), (starts, ends)), shape=(scale + 1, scale + 1))
    _, component = connected_components(graph, directed=False)
    return np.flatnonzero(component[:n_groups] != component[scale])
