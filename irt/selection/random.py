"""Items by chance alone: what every other criterion is compared with."""

from irt.arrays import FloatArray
from irt.pool import Pool
from irt.random_numbers import uniform_draws
from irt.state import State


def random_values(pool: Pool, state: State) -> FloatArray:
    """(N, J) uniform numbers on [0, 1), a function of seed, position and item id."""
    return uniform_draws(state.examinees.seed, state.position, pool.item_ids)
