"""The cheapest way to complete a test under a tree of area bounds.

Dynamic programming over the numbers of items that the parts of a tree contribute, inside and
outside, by (min, +) convolutions (the tree knapsack; Kellerer, Pferschy & Pisinger 2004, ch. 8).
Exact for bounds on a tree, stimulus sets and one resource. Costs of UNREACHABLE and above stand for
infinity, without the NaN of its differences.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray

UNREACHABLE = 1e6
# Elements (8 bytes) of the largest temporary table: it should stay in the processor's cache.
TABLE_SIZE = 1 << 18


@dataclass(frozen=True, eq=False)
class Merges:
    """A binary tree over U units: levels of (left, right, merged), each an array of slots.

    Slots 0 to U - 1 are the units. bound (slots,) the area node whose bounds a slot must keep or
    -1; it sums all items of that node. The last slot is the whole test.
    """

    levels: tuple[tuple[IntArray, IntArray, IntArray], ...]
    bound: IntArray


def plan_merges(parent: IntArray, home: IntArray) -> Merges:
    """Combine units with home nodes (U,) up the tree parent (V,), children before parents.

    The shallowest parts of a node are combined first, so that the tree is low.
    """
    n_units, n_nodes = len(home), len(parent)
    depth = [0] * n_units
    bound = [-1] * n_units
    pairs: list[tuple[int, int]] = []
    whole = [-1] * n_nodes
    for node in range(n_nodes):
        parts = [*np.flatnonzero(home == node).tolist()]
        parts += [whole[child] for child in np.flatnonzero(parent == node)]
        heap = [(depth[part], part) for part in parts]
        heapify(heap)
        while len(heap) > 1:
            (_, left), (level, right) = heappop(heap), heappop(heap)
            pairs.append((left, right))
            depth.append(level + 1)
            bound.append(-1)
            heappush(heap, (level + 1, len(depth) - 1))
        whole[node] = heap[0][1]
        bound[whole[node]] = node
    at = np.array(depth[n_units:], dtype=np.int64)
    sides = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    levels = [np.flatnonzero(at == level) for level in range(1, max(depth) + 1)]
    return Merges(
        tuple((sides[rows, 0], sides[rows, 1], n_units + rows) for rows in levels),
        np.array(bound, dtype=np.int64),
    )


@dataclass(frozen=True, eq=False)
class Remainder:
    """What may still be given to N examinees, for U units and V nodes of an area tree.

    cost (N, U, K + 1): of the cheapest k items of a unit, UNREACHABLE beyond its free items.
    least, most (N, U) how many items of a unit must and may follow once one does; obliged (N, U)
    one must. node_least, node_most (N, V) how many items of a node must and may follow.
    """

    cost: FloatArray
    least: IntArray
    most: IntArray
    obliged: BoolArray
    node_least: IntArray
    node_most: IntArray


def outside_costs(merges: Merges, remainder: Remainder) -> FloatArray:
    """(N, U, K + 1) least cost of all that follows outside of a unit that gives k items more."""
    cost = remainder.cost
    n, n_units, width = cost.shape
    clip = np.zeros((n, len(merges.bound), width))
    bounded = np.flatnonzero(merges.bound >= 0)
    nodes = merges.bound[bounded]
    clip[:, bounded] = _unless_within(
        remainder.node_least[:, nodes], remainder.node_most[:, nodes], width
    )
    inside = np.empty_like(clip)
    inside[:, :n_units] = cost + _unless_within(remainder.least, remainder.most, width)
    inside[:, :n_units, 0] = np.where(remainder.obliged, UNREACHABLE, 0.0)
    inside[:, :n_units] += clip[:, :n_units]
    for left, right, merged in merges.levels:
        inside[:, merged] = _convolve(inside[:, left], inside[:, right]) + clip[:, merged]
    outside = clip
    for left, right, merged in reversed(merges.levels):
        sides, others = np.concatenate([left, right]), np.concatenate([right, left])
        beyond = outside[:, np.concatenate([merged, merged])]
        outside[:, sides] += _correlate(beyond, inside[:, others])
    return outside[:, :n_units]


def _unless_within(least: IntArray, most: IntArray, width: int) -> FloatArray:
    counts = np.arange(width)
    within = (counts >= least[:, :, None]) & (counts <= most[:, :, None])
    return np.where(within, 0.0, UNREACHABLE)


def _convolve(left: FloatArray, right: FloatArray) -> FloatArray:
    """(N, P, K + 1) min over i of left[k - i] + right[i]."""
    width = left.shape[2]
    padded = np.full((*left.shape[:2], 2 * width - 1), UNREACHABLE)
    padded[:, :, width - 1 :] = left
    return _sliding_minimum(padded, right[:, :, ::-1])


def _correlate(total: FloatArray, part: FloatArray) -> FloatArray:
    """(N, P, K + 1) min over i of total[k + i] + part[i]."""
    width = total.shape[2]
    padded = np.full((*total.shape[:2], 2 * width - 1), UNREACHABLE)
    padded[:, :, :width] = total
    return _sliding_minimum(padded, part)


def _sliding_minimum(padded: FloatArray, part: FloatArray) -> FloatArray:
    """(N, P, W) min over i of padded[k + i] + part[i]; padded (N, P, 2 W - 1), part (N, P, W)."""
    n, n_parts, width = part.shape
    shape, step = (n, n_parts, width, width), padded.strides
    windows: FloatArray = np.ndarray(shape, buffer=padded, strides=(*step, step[2]))
    rows = max(1, TABLE_SIZE // (n_parts * width * width))
    if n <= rows:
        return np.asarray((windows + part[:, :, None, :]).min(axis=3))
    smallest = np.empty((n, n_parts, width))
    for at in range(0, n, rows):
        chunk = slice(at, at + rows)
        smallest[chunk] = (windows[chunk] + part[chunk, :, None, :]).min(axis=3)
    return smallest
