"""What exposure control decides on as one: a single item, or a whole stimulus set.

Whoever is given one item of a set is mostly given its others too, whether they would pass by
themselves or not. So the items of a set share one number and one chance to pass.
"""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray, SeedArray
from irt.pool import Pool
from irt.random_numbers import uniform_draw
from irt.state import State

# Set the numbers of items and sets apart from each other's, and from those of the positions, which
# have the same seed.
_ITEM_STREAM = np.uint64(0xD1B54A32D192ED03)
_SET_STREAM = np.uint64(0x8CB92BA72F3D8DD7)


@lru_cache(maxsize=8)
def exposure_units(pool: Pool) -> IntArray:
    """(J,) the unit of each item, named by its first item: alone, or with its stimulus set.

    A set is two or more operational items that share a stimulus; a pretest item is alone.
    """
    units = np.arange(pool.n_items)
    members = np.flatnonzero(pool.operational & (pool.stimulus >= 0))
    _, first, which = np.unique(pool.stimulus[members], return_index=True, return_inverse=True)
    units[members] = members[first][which]
    return units


@lru_cache(maxsize=8)
def in_sets(pool: Pool) -> BoolArray:
    """(J,) the items that are not alone in their unit."""
    units = exposure_units(pool)
    return np.asarray(np.bincount(units, minlength=pool.n_items)[units] > 1)


def lowest_in_units(pool: Pool, values: FloatArray) -> FloatArray:
    """values (J,) or (J, B), for each item the lowest of its unit."""
    units, lowest = exposure_units(pool), values.copy()
    np.minimum.at(lowest, units, values)
    return np.asarray(lowest[units])


def item_draws(seed: SeedArray, item_ids: IntArray) -> FloatArray:
    """(N, J) numbers in [0, 1): one for each pair of examinee's seed (N,) and item id (J,)."""
    return uniform_draw((seed ^ _ITEM_STREAM)[:, None], item_ids[None, :])


def unit_draws(seed: SeedArray, pool: Pool) -> FloatArray:
    """(N, J) numbers in [0, 1): `item_draws`, for the items of a set one of seed and stimulus."""
    draws, shared = item_draws(seed, pool.item_ids), in_sets(pool)
    if shared.any():
        stimulus = pool.stimulus[shared]
        draws[:, shared] = uniform_draw((seed ^ _SET_STREAM)[:, None], stimulus[None, :])
    return draws


def under_way(pool: Pool, state: State) -> BoolArray:
    """(N, J) the items of the set that the last item was of."""
    shared = in_sets(pool)
    if not state.items.shape[1]:
        return np.zeros((state.n_examinees, pool.n_items), dtype=bool)
    last = state.items[np.arange(state.n_examinees), state.position - 1]
    current = np.where(state.position > 0, pool.stimulus[last], -1)
    return np.asarray(shared & (pool.stimulus == current[:, None]))
