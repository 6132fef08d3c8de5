"""Which items exposure control withholds from an examinee: chance, fixed for the whole session."""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.exposure.units import in_sets, under_way, unit_draws
from irt.policy.policy import ExposureMethod, Policy
from irt.pool import Pool
from irt.state import State


def exposure_vetoes(
    pool: Pool, policy: Policy, state: State, theta: FloatArray
) -> BoolArray | None:
    """(N, J) True where an item is withheld from an examinee at theta (N,); None without control.

    An item passes where the examinee's number for it, `unit_draws`, is below its probability in
    the band of theta. The number holds for the session: an item once refused stays refused while
    theta stays in the band, and a replay needs no memory of it. With one band this is exactly the
    experiment of Sympson & Hetter (1985), who draw when the item is selected and set a refused
    item aside: a draw that nothing else depends on can as well be made before. With several bands
    (Stocking & Lewis 1998) the item is tried again in another band, with the same number, so that
    it is withheld in every band of a lower or equal probability and given at most in those of a
    higher one. A stimulus set passes as one; while it is under way none of its items is withheld.
    Raises ValueError where the pool's table has not one column a band.
    """
    if policy.exposure.method == ExposureMethod.NONE or pool.exposure is None:
        return None
    band = band_of(theta, policy.exposure.bands)
    held = refused(pool.exposure, band, _draws(pool, state.examinees.seed.tobytes()))
    return held & ~under_way(pool, state) if in_sets(pool).any() else held


def band_of(theta: FloatArray, limits: tuple[float, ...]) -> IntArray:
    """The band of each theta, 0 to len(limits); a limit belongs to the band above it."""
    return np.searchsorted(np.asarray(limits, dtype=float), theta, side="right")


@lru_cache(maxsize=4)
def _draws(pool: Pool, seeds: bytes) -> FloatArray:
    """`unit_draws`, kept from one step of a batch to the next."""
    return unit_draws(np.frombuffer(seeds, dtype=np.uint64), pool)


def refused(table: FloatArray, band: IntArray, draws: FloatArray) -> BoolArray:
    """(N, J) True where an item does not pass: table (J, B), band (N,), draws (N, J)."""
    return np.asarray(draws >= np.ascontiguousarray(table.T)[band])
