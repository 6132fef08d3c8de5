"""Item eligibility: a chance of being used that follows from how often the item was used before.

The method of van der Linden & Veldkamp (2004), where a session's eligible items are drawn as it
starts, from counts that its predecessors left.
"""

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, SeedArray
from irt.exposure.units import exposure_units, lowest_in_units, unit_draws
from irt.policy.policy import Policy
from irt.pool import Pool

# Where nearly all sessions ignore eligibility, its probabilities have no effect to be mended.
_LEAST_FEASIBLE = 0.1


def eligibility(
    administered: ArrayLike, eligible: ArrayLike, rate: float, feasible: ArrayLike = 1.0
) -> FloatArray:
    """The chance to be eligible with which no item should be used in more than `rate` of sessions.

    administered, eligible: sessions that gave the item, and sessions in which it was eligible or
    that had to ignore eligibility, counts or shares, of any one shape; feasible: share of the
    sessions that did not have to. An item is used (A) only where it is eligible (E) or eligibility
    is ignored (not F): P(A) = P(A | E or not F) P(E or not F), and administered / eligible, which
    estimates the first factor, does not depend on the chance that was in force. So P(A) <= rate
    asks for

        P(E or not F) <= rate eligible / administered,
        P(E) <= 1 - (1 - rate eligible / administered) / P(F)

    (van der Linden & Veldkamp 2004; conditional on theta 2007). With P(F) = 1 it is rate / P(S), S
    the selection of Sympson & Hetter (1985). An item that was never used is eligible always.
    """
    used, offered = np.asarray(administered, dtype=float), np.asarray(eligible, dtype=float)
    bound = np.full(np.broadcast_shapes(used.shape, offered.shape), np.inf)
    np.divide(rate * offered, used, out=bound, where=used > 0)
    held = np.maximum(np.asarray(feasible, dtype=float), _LEAST_FEASIBLE)
    return np.asarray(np.clip((bound - (1.0 - held)) / held, 0.0, 1.0))


def controlled_items(pool: Pool, policy: Policy) -> BoolArray:
    """(J,) what chance may withhold: no pretest items, neither a fixed first item nor its set."""
    fixed, units = policy.selection.first_item, exposure_units(pool)
    given_to_all = units[pool.item_ids == (-1 if fixed is None else fixed)]
    return np.asarray(pool.operational & ~np.isin(units, given_to_all))


def ineligible_items(
    pool: Pool, policy: Policy, seed: SeedArray, probabilities: FloatArray
) -> BoolArray:
    """(N, J) the items that are not eligible in the sessions with these seeds (N,).

    probabilities (J,) as from `eligibility`, the same in all of the session; a stimulus set has the
    lowest of its items.
    """
    drawn = unit_draws(seed, pool) >= lowest_in_units(pool, probabilities)
    return np.asarray(drawn & controlled_items(pool, policy))
