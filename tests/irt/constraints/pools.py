"""Pools with content, and sessions that answer from them."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from irt.models.parameters import ItemParameters, Model
from irt.policy.blueprint import AreaBound, Blueprint, Method, SetBound
from irt.policy.policy import Policy
from irt.policy.stopping_rules import Stopping
from irt.pool import Attributes, Pool, build_pool
from irt.quadrature import normal_grid


@dataclass
class Answers:
    items: np.ndarray
    administered: np.ndarray


def answers(pool, *sessions):
    """The state of sessions given as sequences of items."""
    items = np.full((len(sessions), max(map(len, sessions), default=0)), -1)
    administered = np.zeros((len(sessions), pool.n_items), dtype=bool)
    for row, session in enumerate(sessions):
        items[row, : len(session)] = session
        administered[row, list(session)] = True
    return Answers(items, administered)


def pool_of(n_items, **attributes):
    """Items of one difficulty each, with the given `Attributes`."""
    rng = np.random.default_rng(n_items)
    rows = [
        (Model.TWO_PL, a, b, 0.0, 1.0)
        for a, b in zip(rng.lognormal(0, 0.3, n_items), rng.normal(size=n_items), strict=True)
    ]
    return build_pool(
        np.arange(n_items), ItemParameters.from_rows(rows), normal_grid(), Attributes(**attributes)
    )


def enemies_of(n_items, *groups):
    enemies = np.zeros((n_items, n_items), dtype=bool)
    for group in groups:
        enemies[np.ix_(group, group)] = True
    np.fill_diagonal(enemies, False)
    return enemies


def members(n_items, *items):
    return np.isin(np.arange(n_items), items)


def policy_with(min_items, max_items, **blueprint):
    return Policy(
        stopping=Stopping(min_items=min_items, max_items=max_items),
        blueprint=Blueprint(**blueprint),
    )


def realistic_pool(n_items: int, seed: int) -> Pool:
    """Five areas in a tree, passages in one of them, enemies anywhere, words, pretest items."""
    rng = np.random.default_rng(seed)
    leaf = rng.integers(0, 6, n_items)
    stimulus = np.full(n_items, -1)
    reading = np.flatnonzero(leaf == 4)
    stimulus[reading] = 1000 + np.arange(len(reading)) // 5
    groups = [rng.choice(n_items, 3, replace=False) for _ in range(n_items // 15)]
    return pool_of(
        n_items,
        operational=rng.random(n_items) < 0.95,
        stimulus=stimulus,
        words=rng.integers(20, 90, n_items),
        seconds=rng.integers(20, 120, n_items),
        enemies=enemies_of(n_items, *groups),
        categories={
            "algebra": leaf < 2,
            "linear": leaf == 0,
            "geometry": (leaf == 2) | (leaf == 3),
            "circles": leaf == 2,
            "reading": leaf == 4,
        },
    )


def realistic_policy(method: Method = Method.PRIORITY, **limits: float) -> Policy:
    return policy_with(
        10,
        14,
        method=method,
        areas=(
            AreaBound("algebra", 3, 6, share=0.3),
            AreaBound("linear", 1, 3),
            AreaBound("geometry", 3, 4),
            AreaBound("circles", 1, 4),
            AreaBound("reading", 2, 4),
        ),
        sets=(SetBound(None, 2, 3),),
        **limits,
    )


def whole_tests(pool, policy, session=(), following=()):
    """Every set of items, by brute force, that completes the session and keeps its constraints.

    The items of `following` come next; no more of the set that they leave may be given.
    """
    blueprint, stopping = policy.blueprint, policy.stopping
    begun = [*session, *following]
    last = pool.stimulus[begun[-1]] if begun else -1
    entered = set(pool.stimulus[begun].tolist()) - {-1, last}
    open_items = [
        item
        for item in np.flatnonzero(pool.operational)
        if item not in begun and pool.stimulus[item] not in entered
    ]
    for length in range(stopping.min_items, stopping.max_items + 1):
        for more in combinations(open_items, max(length - len(begun), 0)):
            test = np.array([*begun, *more], dtype=int)
            if len(test) == length and keeps(pool, blueprint, test):
                yield test


def keeps(pool, blueprint, test):
    chosen = np.isin(np.arange(pool.n_items), test)
    for bound in blueprint.areas:
        count = (pool.categories[bound.category] & chosen).sum()
        if count < bound.minimum or (bound.maximum is not None and count > bound.maximum):
            return False
    stimuli, counts = np.unique(pool.stimulus[test], return_counts=True)
    for stimulus, count in zip(stimuli, counts, strict=True):
        for bound in blueprint.sets:
            if stimulus >= 0 and not bound.minimum <= count <= (bound.maximum or np.inf):
                return False
    if pool.enemies is not None and pool.enemies[np.ix_(test, test)].any():
        return False
    if blueprint.max_words is not None and pool.words[test].sum() > blueprint.max_words:
        return False
    return blueprint.max_seconds is None or pool.seconds[test].sum() <= blueprint.max_seconds
