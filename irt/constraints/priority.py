"""Content balance by the maximum priority index (Cheng & Chang 2009)."""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.compiled import UNLIMITED, Constraints, compiled
from irt.constraints.progress import Answered, progress
from irt.policy.blueprint import Method
from irt.policy.policy import Policy
from irt.pool import Pool

# Priority of what is not wanted now: below every quota of a test of any length, and not 0, so
# that such items keep their order among themselves where nothing else is left.
LOWEST = 1e-3


def content_priority(pool: Pool, policy: Policy, state: Answered) -> FloatArray | None:
    """(N, J) factors in (0, 1] for a criterion that is not negative; None without any bounds.

    `selection.criteria` gives criteria from 0 upwards, so that a high factor never pulls down.

    The priority index of an item is its criterion times the product over its areas of the share
    of the area's quota that is still open, (quota - count) / quota. Two phases as in Cheng, Chang
    & Yi (2007): while a minimum is not reached the quotas are the minima, and items that serve
    none of the open ones come last; after that the quotas are the maxima. A target share gives
    the quota share x max_items in both phases. Bounds are kept by `content_vetoes`; the index
    only steers. Priority method only; the shadow test balances content itself.
    """
    constraints = compiled(pool, policy)
    if not constraints.n_areas or policy.blueprint.method != Method.PRIORITY:
        return None
    counts = progress(constraints, state).areas
    below = counts < constraints.lower
    collecting = below.any(axis=1, keepdims=True)
    first = np.where(below, _open(counts, constraints.lower), 1.0)
    bounded = constraints.upper < UNLIMITED
    second = np.where(bounded, _open(counts, constraints.upper), 1.0)
    quota = np.nan_to_num(constraints.share) * constraints.max_items
    target = np.where(np.isnan(constraints.share), 1.0, _open(counts, quota))
    factors = np.where(collecting, first, second) * target
    inside, kind = _kinds(constraints)
    # Products in one order: a matrix product would give equal items different last digits.
    priority = np.where(inside, factors[:, :, None], 1.0).prod(axis=1)[:, kind]
    serving = np.asarray((below[:, :, None] & inside).any(axis=1))
    wanted = serving[:, kind] | ~collecting
    balanced: FloatArray = np.where(wanted, priority, LOWEST * priority)
    return balanced


def _open(counts: np.ndarray, quota: np.ndarray) -> FloatArray:
    """Share of a quota that is open, at least LOWEST; nothing is open of no quota."""
    share: FloatArray = 1 - counts / np.where(quota > 0, quota, 1)
    return np.where(quota > 0, np.maximum(share, LOWEST), LOWEST)


@lru_cache(maxsize=32)
def _kinds(constraints: Constraints) -> tuple[BoolArray, IntArray]:
    """(A, K) the areas of each kind of items, and (J,) the kind of each item."""
    inside, kind = np.unique(constraints.members, axis=1, return_inverse=True)
    return inside, kind.reshape(-1)
