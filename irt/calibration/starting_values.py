"""Where estimation starts: given values where they are usable, else a guess from the counts."""

from collections.abc import Sequence

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.blocks import Block
from irt.calibration.population import Normal, Population
from irt.calibration.problem import Coordinates
from irt.models.parameters import ItemParameters


def starting_values(
    category_counts: FloatArray,
    blocks: Sequence[Block],
    population: Population,
    given: ItemParameters | None,
) -> Coordinates:
    """Coordinates of the item blocks and, last, of the groups; category_counts (C,)."""
    values = []
    for block in blocks:
        observed = category_counts[block.rows]
        guess = block.coordinates.start(observed / observed.sum(axis=1, keepdims=True))
        values.append(guess if given is None else _keep_usable(block, given, guess))
    moments = np.column_stack([population.mean, population.variance])
    return [*values, Normal().from_irt(moments)]


def _keep_usable(block: Block, given: ItemParameters, guess: FloatArray) -> FloatArray:
    """The given values where they lie in the block's parameter space."""
    own = given.take(block.items)
    if own.difficulty.shape[1] < block.coordinates.n_categories - 1:
        return guess
    with np.errstate(divide="ignore"):  # c = 0 has no logit and is replaced below
        x = block.coordinates.from_irt(block.coordinates.irt_of(own))
    sound = block.coordinates.admissible(x) & (x[:, 0] > 0)
    usable = np.where(sound[:, None], x, guess)
    if block.has_common_slope:
        usable[:, 0] = usable[:, 0].mean()
    elif not block.free[:, 0].all():
        usable[:, 0] = guess[:, 0]
    return usable
