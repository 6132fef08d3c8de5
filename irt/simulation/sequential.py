"""Simulated sessions block by block, where each depends on how the ones before used the items.

Item eligibility and a hard cap count sessions. Live, each session sees the counts of all before
it; here the sessions of a block see the counts of the blocks before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import IntArray
from irt.exposure.cap import cap
from irt.exposure.eligibility import controlled_items
from irt.exposure.units import lowest_in_units
from irt.policy.policy import ExposureMethod, Policy
from irt.pool import Pool, Veto
from irt.simulation.sessions import Sessions, join_sessions, simulate_batches
from irt.simulation.tally import add_tallies, no_sessions, passing_probabilities, tally_sessions

# Sessions that begin at once, unless another number is asked for.
BLOCK = 100


@dataclass(frozen=True)
class Cap:
    """No item in more than max(minimum, rate * sessions started) sessions."""

    rate: float
    minimum: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1 or self.minimum < 0:
            raise ValueError("a cap needs a rate above 0 and at most 1, and a minimum of 0 or more")


def simulate_in_sequence(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    hard_cap: Cap | None = None,
    block: int = BLOCK,
    keep: float = 0.999,
) -> Sessions:
    """All sessions of `simulate_blocks`."""
    return join_sessions(
        list(
            simulate_blocks(
                pool, policy, true_theta, seed, hard_cap=hard_cap, block=block, keep=keep
            )
        )
    )


def simulate_blocks(
    pool: Pool,
    policy: Policy,
    true_theta: ArrayLike,
    seed: int,
    *,
    hard_cap: Cap | None = None,
    block: int = BLOCK,
    keep: float = 0.999,
) -> Iterator[Sessions]:
    """The sessions of `simulate_sessions`, in blocks of `block` sessions that begin at once.

    With exposure by eligibility the chances of a block follow from the sessions before it. Counts
    fade to the share `keep` with each session of their band (van der Linden & Veldkamp 2007), so
    that about 1 / (1 - keep) sessions rule; 1 keeps all, and is slow to follow when the use of one
    item changes with the chances of others. A stimulus set has the chance of its most used item,
    as in `ineligible_items`. All else is as in `simulate_sessions`.

    Abilities count in their order: give them as they come, not sorted. Approximate in both rules
    is that a block does not see itself: an item may pass its cap by block - 1 sessions at most.
    With block = 1 both are exact, and slow. Raises ValueError as `simulate_sessions`, and for a
    block without sessions or a share that is none.
    """
    if block < 1 or not 0 < keep <= 1:
        raise ValueError("a block needs 1 or more sessions, and keep must be above 0, at most 1")
    by_eligibility = policy.exposure.method == ExposureMethod.ELIGIBILITY
    controlled = controlled_items(pool, policy)
    n_bands = len(policy.exposure.bands) + 1
    chances = np.ones((pool.n_items, n_bands))
    tally = no_sessions(pool.n_items, n_bands)
    given = np.zeros(pool.n_items, dtype=np.int64)

    def capped(who: IntArray) -> np.ndarray:
        """Items that reached the cap of the last session of the block."""
        allowed = 0 if hard_cap is None else cap(int(who[-1]) + 1, hard_cap.rate, hard_cap.minimum)
        codes = np.where(given >= allowed, Veto.CAPPED, Veto.NONE).astype(np.uint8)
        return np.broadcast_to(codes, (len(who), len(codes)))

    # The chances of this pool, which is nobody else's, change between the batches that read them.
    own = replace(pool, exposure=chances) if by_eligibility else pool
    vetoes = None if hard_cap is None else capped
    for part in simulate_batches(own, policy, true_theta, seed, vetoes=vetoes, batch=block):
        given += np.bincount(part.item, minlength=pool.n_items)
        if by_eligibility:
            new = tally_sessions(policy, chances, part)
            tally = add_tallies(tally, new, keep**new.sessions, keep**new.visited)
            each = passing_probabilities(tally, policy.exposure.rate, controlled)
            chances[:] = lowest_in_units(pool, each)
        yield part
