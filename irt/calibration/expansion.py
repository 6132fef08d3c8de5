"""Parameter expansion of the EM (PX-EM; Liu, Rubin & Wu 1998): the scale moves in one step.

The slowest directions of the EM are those in which all items move together, as if mean and SD of
ability were not 0 and 1. So let them be free for one step and then express the items on the scale
on which they are 0 and 1 again: a' = a sd, intercept' = intercept + a mean.
"""

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.blocks import Block
from irt.models.coordinates import NewtonTerms

# The expansion is a step of the search, not a leap.
_SMALLEST_VARIANCE, _LARGEST_VARIANCE, _LARGEST_MEAN = 0.25, 4.0, 1.0


def is_expandable(items: tuple[Block, ...], groups: Block, anchored: bool) -> bool:
    """Whether the scale is held by the population alone: one fixed group, no fixed items."""
    slopes_are_free = all(bool(block.free[:, 0].all()) for block in items)
    return len(groups.items) == 1 and groups.n_free == 0 and slopes_are_free and not anchored


def expand(
    items: tuple[Block, ...],
    image: list[FloatArray],
    x: list[FloatArray],
    terms: list[NewtonTerms],
    n_persons: int,
) -> list[FloatArray]:
    """The M-step's image of x, on the scale of mean and variance that the E-step found.

    By Fisher's identity n_persons times mean and (second moment - 1) of ability are the derivatives
    of the log-posterior, in `terms`, along shift and stretch of the scale. Taking them from there
    leaves the fixed point exactly where the log-posterior on this grid has its maximum.
    """
    along_shift = along_stretch = 0.0
    for block, values, part in zip(items, x, terms, strict=True):
        along_shift += float((values[:, :1] * part.gradient * block.coordinates.shift).sum())
        along_stretch += float((values[:, 0] * part.gradient[:, 0]).sum())
    mean = np.clip(along_shift / n_persons, -_LARGEST_MEAN, _LARGEST_MEAN)
    variance = 1.0 + along_stretch / n_persons - mean**2
    sd = np.sqrt(np.clip(variance, _SMALLEST_VARIANCE, _LARGEST_VARIANCE))
    return [
        _move_to_scale(block, values, mean, sd) for block, values in zip(items, image, strict=True)
    ]


def _move_to_scale(block: Block, x: FloatArray, mean: float, sd: float) -> FloatArray:
    shifted = x + mean * x[:, :1] * block.coordinates.shift
    shifted[:, 0] *= sd
    return shifted
