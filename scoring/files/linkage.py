"""Whether the responses tie the scales of several groups together."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from common.files.csv_files import DataError
from irt.arrays import BoolArray
from scoring.files.calibration_inputs import Groups
from scoring.files.response_table import ResponseTable


def refuse_unlinked(
    table: ResponseTable, groups: Groups, anchored: BoolArray, *, free_group: bool
) -> None:
    """Raise `DataError` for a group whose items tie it to nothing that is fixed.

    Fixed are the items that `anchored` (J,) marks and, unless `free_group`, the first group. A
    group is tied by an item that it has responses to, over any chain of groups and items.
    """
    n_groups, n_items = len(groups.names), len(table.items)
    scale = n_groups + n_items  # a node that stands for what is fixed
    tied = [*(n_groups + np.flatnonzero(anchored)), *([] if free_group else [0])]
    ends = np.concatenate([n_groups + table.item, tied]).astype(np.int64)
    starts = np.concatenate([groups.member[table.person], np.full(len(tied), scale)])
    graph = coo_array((np.ones(len(ends)), (starts, ends)), shape=(scale + 1, scale + 1))
    _, component = connected_components(graph, directed=False)
    for group in np.flatnonzero(component[:n_groups] != component[scale]).tolist():
        fixed = "anchored items" if free_group else f"group {groups.names[0]} or anchored items"
        raise DataError(
            f"group {groups.names[group]} has no responses to items that tie its scale to {fixed}: "
            "calibrate it by itself, or anchor some of its items"
        )
