"""Which item next: maximum information with a randomesque draw (Kingsbury & Zara 1989)."""

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from scoring.irt.policy import Draw, Selection
from scoring.irt.state import State

# Criteria closer than this are ties, so that rounding errors of a build cannot choose the item.
CRITERION_DIGITS = 12

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def draw_item(
    selection: Selection, criterion: FloatArray, available: BoolArray, state: State
) -> IntArray:
    """(N,) index of the next item, -1 where none is available; criterion, available (N, J)."""
    draw = uniform_draw(state.examinees.seed, state.position)
    among = selection.among if selection.draw == Draw.RANDOMESQUE else 1
    return select_randomesque(criterion, available, draw, among)


def select_randomesque(
    criterion: FloatArray, available: BoolArray, draw: FloatArray, k: int
) -> IntArray:
    """(N,) index of one of each examinee's `k` best items, or -1 where none is available.

    criterion (N, J), larger is better, non-negative; available (N, J); draw (N,) uniform on [0, 1).
    Ties go to the lower index.
    """
    if criterion.shape[1] == 0:
        return np.full(len(criterion), -1, dtype=np.int64)
    ranked = np.where(available, np.round(criterion, CRITERION_DIGITS), -1.0)
    n_available = available.sum(axis=1)
    rank = (draw * np.minimum(k, n_available)).astype(np.int64)
    rows = np.arange(len(ranked))
    chosen = ranked.argmax(axis=1)
    for place in range(1, int(rank.max(initial=0)) + 1):
        ranked[rows, chosen] = np.where(rank >= place, -1.0, ranked[rows, chosen])
        chosen = ranked.argmax(axis=1)
    return np.where(n_available > 0, chosen, -1)


def uniform_draw(seed: SeedArray, position: IntArray) -> FloatArray:
    """(N,) numbers in [0, 1) that depend on (seed, position) alone.

    SplitMix64 (Steele, Lea & Flood 2014) evaluated at counter `position`, its upper 53 bits.
    """
    with np.errstate(over="ignore"):  # arithmetic modulo 2**64 is the algorithm
        z = _mix(seed) + (position.astype(np.uint64) + np.uint64(1)) * _GOLDEN
        bits = _mix(z)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(z: SeedArray) -> SeedArray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
