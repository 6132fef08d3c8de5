"""Items by chance alone: what every other criterion is compared with."""

from scoring.irt.arrays import FloatArray
from scoring.irt.pool import Pool
from scoring.irt.selection.draws import uniform_draws
from scoring.irt.state import State


def random_values(pool: Pool, state: State) -> FloatArray:
    """(N, J) uniform numbers on [0, 1), a function of seed, position and item id."""
    return uniform_draws(state.examinees.seed, state.position, pool.item_ids)
