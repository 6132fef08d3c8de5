"""Numbers that depend on their counters alone, so that a session's chance can be replayed."""

import numpy as np

from irt.arrays import FloatArray, IntArray, SeedArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def uniform_draw(seed: SeedArray, position: IntArray) -> FloatArray:
    """(N,) numbers in [0, 1) that depend on (seed, position) alone.

    SplitMix64 (Steele, Lea & Flood 2014) evaluated at counter `position`, its upper 53 bits.
    """
    return _to_unit(_bits(seed, position))


def uniform_draws(seed: SeedArray, position: IntArray, item_ids: IntArray) -> FloatArray:
    """(N, J) numbers in [0, 1) that depend on (seed, position, item id) alone.

    The bits that belong to seed and position (N,) seed a SplitMix64 of their own for the items
    (J,).
    """
    return _to_unit(_bits(_bits(seed, position)[:, None], item_ids))


def _bits(seed: SeedArray, counter: IntArray) -> SeedArray:
    with np.errstate(over="ignore"):  # arithmetic modulo 2**64 is the algorithm
        return _mix(_mix(seed) + (counter.astype(np.uint64) + np.uint64(1)) * _GOLDEN)


def _to_unit(bits: SeedArray) -> FloatArray:
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mix(z: SeedArray) -> SeedArray:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
