"""A blueprint on a pool as arrays, made once for each pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.policy.blueprint import AreaBound, SetBound
from irt.policy.policy import Policy
from irt.pool import Pool

UNLIMITED = np.iinfo(np.int32).max


class UnknownArea(ValueError):
    """The blueprint names a category that the pool lacks."""


@dataclass(frozen=True, eq=False)
class Constraints:
    """The constraints of a policy on a pool of J items, with A areas and S stimulus sets.

    members (A, J): operational items of an area; lower, upper (A,) counts; share (A,) target, NaN
    without one; target_lower, target_upper (A,): the counts with the shares, rounded outwards.
    set_of (J,) set of an item or -1; set_ids (S,) its stimulus; set_lower, set_upper (S,).
    kind (J,): equal for items of the same areas and the same set.
    hostile: the items that have enemies, and hostility (H, H) float32 among them.
    family (J,): number of the connected component of the enemy graph of operational items that an
    item is in; from two families no two items are enemies.
    limits (M,) of words, seconds or both, and loads (M, J): 0 for pretest items, above the limit
    where it is not known.
    counting (J + 1, A + S + 1) int64: one row an operational item, with 1 where it counts: areas,
    sets, length. The last row is 0, so that the index -1 counts nothing.
    """

    names: tuple[str, ...]
    operational: BoolArray
    members: BoolArray
    lower: IntArray
    upper: IntArray
    share: FloatArray
    target_lower: IntArray
    target_upper: IntArray
    set_of: IntArray
    set_ids: IntArray
    set_lower: IntArray
    set_upper: IntArray
    kind: IntArray
    hostile: IntArray
    hostility: FloatArray
    family: IntArray
    limits: FloatArray
    loads: FloatArray
    counting: IntArray
    min_items: int
    max_items: int

    @property
    def n_areas(self) -> int:
        return len(self.names)

    @property
    def n_sets(self) -> int:
        return len(self.set_ids)

    @property
    def enemies_alone(self) -> bool:
        """Nothing but enemies constrains the test."""
        return not (self.names or len(self.set_ids) or len(self.limits))


def unconstrained(pool: Pool, policy: Policy) -> bool:
    """Whether neither the policy nor the pool constrains the content of a test."""
    blueprint = policy.blueprint
    return (
        not blueprint.areas
        and pool.enemies is None
        and blueprint.max_words is None
        and blueprint.max_seconds is None
        and not (pool.stimulus >= 0).any()
    )


@lru_cache(maxsize=32)
def compiled(pool: Pool, policy: Policy) -> Constraints:
    """The constraints of the policy on the pool. Raises UnknownArea."""
    blueprint, length = policy.blueprint, policy.stopping.max_items
    for bound in blueprint.areas:
        if bound.category not in pool.categories:
            raise UnknownArea(f"the pool has no content area {bound.category}")
    members = np.array(
        [pool.categories[bound.category] & pool.operational for bound in blueprint.areas], bool
    ).reshape(len(blueprint.areas), pool.n_items)
    lower = np.array([bound.minimum for bound in blueprint.areas], np.int64)
    upper = np.array([_or_unlimited(bound.maximum) for bound in blueprint.areas], np.int64)
    share = np.array([np.nan if b.share is None else b.share for b in blueprint.areas], float)
    set_ids = np.unique(pool.stimulus[pool.operational & (pool.stimulus >= 0)])
    set_of = np.searchsorted(set_ids, pool.stimulus)
    set_of[~np.isin(pool.stimulus, set_ids)] = -1
    bounds = [_bound_of(int(stimulus), blueprint.sets) for stimulus in set_ids]
    hostile = np.flatnonzero([] if pool.enemies is None else pool.enemies.any(axis=1))
    limited = [
        (limit, _loads(load, limit, pool.operational))
        for limit, load in (
            (blueprint.max_words, pool.words),
            (blueprint.max_seconds, pool.seconds),
        )
        if limit is not None
    ]
    target_lower, target_upper = _targets(blueprint.areas, length)
    return Constraints(
        names=tuple(bound.category for bound in blueprint.areas),
        operational=pool.operational,
        members=members,
        lower=lower,
        upper=upper,
        share=share,
        target_lower=target_lower,
        target_upper=target_upper,
        set_of=set_of,
        set_ids=set_ids,
        set_lower=np.array([bound.minimum for bound in bounds], np.int64),
        set_upper=np.array([_or_unlimited(bound.maximum) for bound in bounds], np.int64),
        kind=np.unique(np.vstack([members, set_of]), axis=1, return_inverse=True)[1].reshape(-1),
        hostile=hostile,
        hostility=_hostility(pool, hostile),
        family=_families(pool),
        limits=np.array([limit for limit, _ in limited], float),
        loads=np.array([load for _, load in limited], float).reshape(len(limited), pool.n_items),
        counting=_counting(pool, members, set_of, len(set_ids)),
        min_items=policy.stopping.min_items,
        max_items=length,
    )


def _loads(load: FloatArray, limit: float, operational: BoolArray) -> FloatArray:
    """What counts towards a limit: nothing of pretest items, too much of unknown loads."""
    known = np.where(np.isfinite(load), load, 2.0 * limit)
    return np.where(operational, known, 0.0)


def _or_unlimited(maximum: int | None) -> int:
    return UNLIMITED if maximum is None else maximum


def _bound_of(stimulus: int, bounds: Sequence[SetBound]) -> SetBound:
    named = [bound for bound in bounds if bound.stimulus == stimulus]
    general = [bound for bound in bounds if bound.stimulus is None]
    return (named or general or [SetBound()])[0]


def _targets(areas: Sequence[AreaBound], length: int) -> tuple[IntArray, IntArray]:
    """Counts of a test of full length: the bounds, and the shares rounded outwards within them."""
    lower, upper = [], []
    for bound in areas:
        maximum = _or_unlimited(bound.maximum)
        wanted = None if bound.share is None else round(bound.share * length, 9)
        low = 0 if wanted is None else int(np.floor(wanted))
        high = UNLIMITED if wanted is None else int(np.ceil(wanted))
        lower.append(min(max(bound.minimum, low), maximum))
        upper.append(max(min(maximum, high), bound.minimum))
    return np.array(lower, np.int64), np.array(upper, np.int64)


def _hostility(pool: Pool, hostile: IntArray) -> FloatArray:
    if pool.enemies is None:
        return np.zeros((0, 0))
    # single precision: counts of enemies are small integers, and the product is on every step
    among: FloatArray = pool.enemies[np.ix_(hostile, hostile)].astype(np.float32)
    return among


def _families(pool: Pool) -> IntArray:
    if pool.enemies is None:
        return np.arange(pool.n_items)
    among = pool.enemies & pool.operational & pool.operational[:, None]
    labels = connected_components(sparse.coo_array(among), directed=False)[1]
    return np.asarray(labels, dtype=np.int64)


def _counting(pool: Pool, members: BoolArray, set_of: IntArray, n_sets: int) -> IntArray:
    in_set = set_of[:, None] == np.arange(n_sets)
    columns = np.column_stack([members.T, in_set & pool.operational[:, None], pool.operational])
    counting = np.zeros((pool.n_items + 1, columns.shape[1]), dtype=np.int64)
    counting[:-1] = columns
    return counting
