"""The most informative items without looking at all of them; what is found is the same.

For every narrow interval of theta the items are kept in the falling order of an upper bound of
their information there. An examinee's items are evaluated exactly from the top of the list, until
the best found are better than the next bound: no item further down can come before them.

The bounds follow from the information at points 2 delta apart and from how fast it can grow, which
each family of models knows.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.models.information import information_bounds, pair_information
from irt.pool import Pool
from irt.selection.draws import CRITERION_DIGITS

# Fewer items than this are looked at one and all.
FEWEST_ITEMS = 150

_INTERVAL = 0.1
_POINTS = 16
_LONGEST_LIST = 256
_FIRST_LOOK = 8
_ROUNDING = 10.0**-CRITERION_DIGITS
_NO_TIE = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class InformationOrder:
    """For B intervals of width _INTERVAL from `low` on the T items with the highest bounds.

    items (B, T) in falling order, bound (B, T + 1) theirs and that of all items not listed.
    """

    low: float
    items: IntArray
    bound: FloatArray


@lru_cache(maxsize=32)
def information_order(pool: Pool) -> InformationOrder:
    """The order of the operational items over the range of the pool's nodes."""
    operational = np.flatnonzero(pool.operational)
    parameters = pool.parameters.take(operational)
    low = float(pool.nodes[0])
    n_intervals = int(np.ceil((pool.nodes[-1] - low) / _INTERVAL))
    length = min(_LONGEST_LIST, len(operational))
    items = np.empty((n_intervals, length), dtype=np.int64)
    bound = np.full((n_intervals, length + 1), -1.0)
    offsets = _INTERVAL * (np.arange(_POINTS) + 0.5) / _POINTS
    for interval in range(n_intervals):
        points = low + interval * _INTERVAL + offsets
        highest = information_bounds(parameters, points, 0.5 * _INTERVAL / _POINTS).max(axis=1)
        order = np.argsort(-highest, kind="stable")
        items[interval] = operational[order[:length]]
        bound[interval, : min(length + 1, len(order))] = highest[order[: length + 1]]
    return InformationOrder(low, items, bound)


def ranked_by_information(
    pool: Pool, theta: FloatArray, available: BoolArray, rank: IntArray, k: int, used: int
) -> IntArray:
    """(N,) index of the item in place `rank` (N,) < k of each examinee's k best available items.

    theta (N,), available (N, J) operational items only. Ranked by information at theta rounded to
    12 digits, ties by index. -1 where that cannot be told without looking at all items. `used`,
    about how many of an examinee's best items are not available any more, spares a second look.
    """
    order = information_order(pool)
    found = np.full(len(theta), -1, dtype=np.int64)
    interval = np.floor((theta - order.low) / _INTERVAL).astype(np.int64)
    rows = np.flatnonzero((interval >= 0) & (interval < len(order.items)))
    longest = order.items.shape[1]
    looked = min(longest, _FIRST_LOOK + k + used)
    while rows.size and k <= longest:
        own = interval[rows]
        items = order.items[:, :looked].take(own, axis=0)
        free = available.take(items + (rows * available.shape[1])[:, None])
        value = np.round(pair_information(pool.parameters, items, theta[rows]), CRITERION_DIGITS)
        chosen, lowest = _in_place(np.where(free, value, -1.0), items, rank[rows], k)
        settled = lowest > order.bound[own, looked] + _ROUNDING
        found[rows[settled]] = chosen[settled]
        if looked == longest:
            break
        rows, looked = rows[~settled], min(2 * looked, longest)
    return found


def _in_place(
    value: FloatArray, items: IntArray, rank: IntArray, k: int
) -> tuple[IntArray, FloatArray]:
    """The item (n,) in place `rank` (n,) and the value (n,) in place k - 1 of value, items (n, m).

    Ties go to the lower item.
    """
    if k == 1:
        highest = value.max(axis=1)
        tied = np.where(value == highest[:, None], items, _NO_TIE)
        return tied.min(axis=1), highest
    rows, rising = np.arange(len(value)), np.sort(value, axis=1)
    own = rising[rows, -1 - rank][:, None]
    tied = np.sort(np.where(value == own, items, _NO_TIE), axis=1)
    return tied[rows, rank - (value > own).sum(axis=1)], rising[:, -k]
