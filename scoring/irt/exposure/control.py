"""Which items exposure control withholds from an examinee: chance, fixed for the whole session."""

from functools import lru_cache

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from scoring.irt.policy import ExposureMethod, Policy
from scoring.irt.pool import Pool
from scoring.irt.selection.draws import uniform_draw
from scoring.irt.state import State

# Sets the numbers of the items apart from those of the positions, which have the same seed.
_ITEM_STREAM = np.uint64(0xD1B54A32D192ED03)


def exposure_vetoes(
    pool: Pool, policy: Policy, state: State, theta: FloatArray
) -> BoolArray | None:
    """(N, J) True where an item is withheld from an examinee at theta (N,); None without control.

    An item passes where the examinee's number for it, `item_draws`, is below its probability in
    the band of theta. The number holds for the session: an item once refused stays refused while
    theta stays in the band, and a replay needs no memory of it. With one band this is exactly the
    experiment of Sympson & Hetter (1985), who draw when the item is selected and set a refused
    item aside: a draw that nothing else depends on can as well be made before. With several bands
    (Stocking & Lewis 1998) the item is tried again in another band, with the same number, so that
    it is withheld in every band of a lower or equal probability and given at most in those of a
    higher one. Raises ValueError where the pool's table has not one column a band.
    """
    if policy.exposure.method == ExposureMethod.NONE or pool.exposure is None:
        return None
    band = band_of(theta, policy.exposure.bands)
    return refused(pool.exposure, band, _draws(pool, state.examinees.seed.tobytes()))


def band_of(theta: FloatArray, limits: tuple[float, ...]) -> IntArray:
    """The band of each theta, 0 to len(limits); a limit belongs to the band above it."""
    return np.searchsorted(np.asarray(limits, dtype=float), theta, side="right")


def item_draws(seed: SeedArray, item_ids: IntArray) -> FloatArray:
    """(N, J) numbers in [0, 1): one for each pair of examinee's seed (N,) and item id (J,)."""
    return uniform_draw((seed ^ _ITEM_STREAM)[:, None], item_ids[None, :])


@lru_cache(maxsize=4)
def _draws(pool: Pool, seeds: bytes) -> FloatArray:
    """`item_draws`, kept from one step of a batch to the next."""
    return item_draws(np.frombuffer(seeds, dtype=np.uint64), pool.item_ids)


def refused(table: FloatArray, band: IntArray, draws: FloatArray) -> BoolArray:
    """(N, J) True where an item does not pass: table (J, B), band (N,), draws (N, J)."""
    return np.asarray(draws >= np.ascontiguousarray(table.T)[band])
