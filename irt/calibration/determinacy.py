"""Which estimates have no standard error: at a bound, or where the likelihood is flat.

There the likelihood is no parabola, and the inverse of its curvature no variance (Self & Liang
1987). An asymptote at 0 or 1 is told by its logit, whose error exceeds every plausible range.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irt.arrays import BoolArray, FloatArray
from irt.calibration.blocks import Block
from irt.calibration.population import Normal

# How well a parameter is determined.
KNOWN, AT_BOUND, FLAT = 0, 1, 2
Determinacy = NDArray[np.int8]

# The error of the logit of an asymptote from which on the data do not tell it from 0 or 1, and
# that of the asymptote itself from which on its 95% interval is half of all that is possible.
_LOGIT_ERROR, _ASYMPTOTE_ERROR = 5.0, 0.25
# An asymptote as near as this to 0 or 1 is there.
_AT_BOUND = 0.01
# In SDs of ability: beyond this the 95% interval of a difficulty holds everybody.
_DIFFICULTY_ERROR = 3.0
# A slope whose error exceeds this share of it may as well be infinite, if it is large.
_LARGE_SLOPE, _SLOPE_ERROR, _LARGEST_SLOPE_ERROR = 5.0, 0.5, 12.0
# A curve that rises by this many logits between two nodes is a step to the grid.
_STEEPEST = 4.0
# The error of the logarithm of a variance that the data leave open.
_LOG_VARIANCE_ERROR = 2.0
# A distribution narrower than this share of the distance between two nodes is on one node.
_NARROWEST = 0.5


def uninformed_asymptotes(blocks: Sequence[Block], information: FloatArray) -> BoolArray:
    """(P,) asymptotes of which even with all else known nothing would be known.

    They must not take part in the errors of the others: their information, and that shared with
    others, is rounding.
    """
    marks = np.zeros(len(information), dtype=bool)
    diagonal = np.diagonal(information)
    start = 0
    for block in blocks:
        for column in _asymptote_columns(block):
            place = start + block.index[:, column]
            marks[place] = ~(diagonal[place] > _LOGIT_ERROR**-2)
        start += block.n_free
    return marks


def determinacy(
    blocks: Sequence[Block],
    values: Sequence[FloatArray],
    errors: Sequence[FloatArray],
    nodes: FloatArray,
) -> list[Determinacy]:
    """(n, p) codes of each block's IRT parameters, given these and their errors; fixed ones known.

    The last block is that of the groups.
    """
    groups, step = values[-1], float(nodes[1] - nodes[0])
    sd = float(np.sqrt(groups[:, 1].max()))
    found = [
        np.where(block.free, _of_items(block, irt, own, sd, step), KNOWN).astype(np.int8)
        for block, irt, own in zip(blocks[:-1], values[:-1], errors[:-1], strict=True)
    ]
    moments = _of_groups(groups, errors[-1], nodes)
    return [*found, np.where(blocks[-1].free, moments, KNOWN).astype(np.int8)]


def is_steep(slope: FloatArray, nodes: FloatArray) -> BoolArray:
    """Slopes that the grid cannot resolve; False for NaN."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(slope) * (nodes[1] - nodes[0]) > _STEEPEST)


def _asymptote_columns(block: Block) -> range:
    if isinstance(block.coordinates, Normal):
        return range(0)
    first = block.coordinates.n_categories
    return range(first, first + block.coordinates.n_asymptotes)


def _of_items(
    block: Block, irt: FloatArray, errors: FloatArray, sd: float, step: float
) -> NDArray[np.integer[Any]]:
    codes = np.full(irt.shape, KNOWN)
    n_steps = block.coordinates.n_categories
    slope, slope_error = np.abs(irt[:, 0]), errors[:, 0]
    is_open = (slope * sd > _LARGE_SLOPE) & (slope_error > _SLOPE_ERROR * slope)
    codes[~(slope_error * sd <= _LARGEST_SLOPE_ERROR) | is_open, 0] = FLAT
    codes[:, 1:n_steps][~(errors[:, 1:n_steps] <= _DIFFICULTY_ERROR * sd)] = FLAT
    codes[slope * step > _STEEPEST, :n_steps] = FLAT
    for column in _asymptote_columns(block):
        value, error = irt[:, column], errors[:, column]
        room = value * (1 - value)
        unknown = ~((error <= _LOGIT_ERROR * room) & (error <= _ASYMPTOTE_ERROR))
        codes[unknown, column] = np.where(room < _AT_BOUND, AT_BOUND, FLAT)[unknown]
    return codes


def _of_groups(moments: FloatArray, errors: FloatArray, nodes: FloatArray) -> NDArray[Any]:
    """Codes (G, 2) of mean and variance: as good as on one node, beyond them all, or open."""
    mean, variance = moments.T
    narrowest = (_NARROWEST * (nodes[1] - nodes[0])) ** 2
    outside = (mean <= nodes[0]) | (mean >= nodes[-1])
    codes = np.where(np.isfinite(errors), KNOWN, FLAT)
    codes[~(errors[:, 1] <= _LOG_VARIANCE_ERROR * variance), 1] = FLAT
    codes[variance < narrowest, 1] = AT_BOUND
    codes[outside] = AT_BOUND
    return codes
