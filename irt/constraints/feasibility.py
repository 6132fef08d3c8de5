"""Whether a pool can fill a blueprint, and why not, before anybody takes the test."""

from collections.abc import Iterator

import numpy as np

from irt.constraints.area_tree import crossing_areas, scattered_sets
from irt.constraints.compiled import Constraints, compiled
from irt.constraints.conflicts import (
    conflict,
    fewest_items,
    greatest_count,
    greatest_length,
    least_load,
)
from irt.faults import Fault
from irt.policy.blueprint import Blueprint, Method
from irt.policy.policy import Policy
from irt.pool import Pool


def blueprint_faults(pool: Pool, policy: Policy) -> list[Fault]:
    """Why no test can keep the constraints; empty where the pool has one that does.

    The simplest reasons are looked for first: names, single areas and sets, shares. Only where
    these hold are areas judged together, then words and seconds, and at last everything, where an
    irreducible group of constraints is named that no test can keep. The shadow test method needs
    a test of the greatest length with the target shares, the priority method one of any allowed
    length. Too few operational items for the shortest test are a matter of `stopping_faults`.
    """
    faults = [*_unknown_names(pool, policy.blueprint)]
    if faults:
        return faults
    constraints = compiled(pool, policy)
    shadow = policy.blueprint.method == Method.SHADOW_TEST
    if pool.operational.sum() < (constraints.max_items if shadow else constraints.min_items):
        return [*_too_short_for_shadow_tests(pool, constraints)] if shadow else []
    faults = [
        *_areas(constraints, shadow),
        *_shares(constraints),
        *_sets(pool, policy.blueprint, constraints),
    ]
    if not shadow:
        faults += _what_counting_cannot(constraints)
    faults = faults or [*_nested(constraints)]
    faults = faults or [*_lengths(constraints, shadow)]
    faults = faults or [*_limits(policy.blueprint, constraints, shadow)]
    return faults or [*_together(policy.blueprint, constraints, shadow)]


def _unknown_names(pool: Pool, blueprint: Blueprint) -> Iterator[Fault]:
    known = ", ".join(sorted(pool.categories))
    for bound in blueprint.areas:
        if bound.category not in pool.categories:
            yield Fault.of("unknown_area", area=bound.category, known=known)
    stimuli = set(pool.stimulus[pool.operational].tolist())
    for limit in blueprint.sets:
        if limit.stimulus is not None and limit.stimulus not in stimuli:
            yield Fault.of("unknown_set", stimulus=limit.stimulus)


def _too_short_for_shadow_tests(pool: Pool, constraints: Constraints) -> Iterator[Fault]:
    yield Fault.of(
        "shadow_test_too_few_items",
        needed=constraints.max_items,
        available=int(pool.operational.sum()),
    )


def _areas(constraints: Constraints, shadow: bool) -> Iterator[Fault]:
    needed = constraints.target_lower if shadow else constraints.lower
    for area, name in enumerate(constraints.names):
        available = int(constraints.members[area].sum())
        if available < needed[area]:
            yield Fault.of(
                "area_too_few_items", area=name, needed=int(needed[area]), available=available
            )
            continue
        together = greatest_count(constraints, constraints.members[area], int(needed[area]))
        if together < needed[area]:
            yield Fault.of(
                "area_too_few_together",
                area=name,
                needed=int(needed[area]),
                available=available,
                together=together,
            )


def _shares(constraints: Constraints) -> Iterator[Fault]:
    for area, name in enumerate(constraints.names):
        wanted = constraints.share[area] * constraints.max_items
        low, high = constraints.lower[area], constraints.upper[area]
        if np.ceil(wanted - 1e-9) < low or np.floor(wanted + 1e-9) > high:
            yield Fault.of(
                "share_outside_bounds",
                area=name,
                share=float(constraints.share[area]),
                length=constraints.max_items,
                wanted=round(float(wanted), 2),
            )
    shared = np.flatnonzero(~np.isnan(constraints.share))
    members = constraints.members[shared]
    if len(shared) and not crossing_areas(members) and members.sum(axis=0).max() == 1:
        total = float(constraints.share[shared].sum())
        if total > 1 + 1e-9:
            yield Fault.of("shares_above_one", total=round(total, 4))


def _sets(pool: Pool, blueprint: Blueprint, constraints: Constraints) -> Iterator[Fault]:
    sizes = (constraints.counting[:-1, constraints.n_areas : -1]).sum(axis=0)
    for index, stimulus in enumerate(constraints.set_ids.tolist()):
        least = int(constraints.set_lower[index])
        if sizes[index] < least:
            yield Fault.of(
                "set_too_small", stimulus=stimulus, available=int(sizes[index]), needed=least
            )
        elif least > constraints.max_items:
            yield Fault.of(
                "set_longer_than_test",
                stimulus=stimulus,
                needed=least,
                length=constraints.max_items,
            )


def _what_counting_cannot(constraints: Constraints) -> Iterator[Fault]:
    for first, second in crossing_areas(constraints.members):
        yield Fault.of(
            "areas_cross", first=constraints.names[first], second=constraints.names[second]
        )
    for index in scattered_sets(constraints).tolist():
        yield Fault.of("set_across_areas", stimulus=int(constraints.set_ids[index]))


def _nested(constraints: Constraints) -> Iterator[Fault]:
    """An area against the areas within it."""
    for area, name in enumerate(constraints.names):
        own = constraints.members[area]
        within = ~(constraints.members & ~own).any(axis=1) & constraints.members.any(axis=1)
        within[area] = False
        if not within.any():
            continue
        needed = fewest_items(constraints, within)
        if needed > constraints.upper[area]:
            yield Fault.of(
                "nested_minimums_above_maximum",
                area=name,
                maximum=int(constraints.upper[area]),
                needed=needed,
            )
        allowed = greatest_length(constraints, within, own)
        if allowed < constraints.lower[area]:
            yield Fault.of(
                "nested_maximums_below_minimum",
                area=name,
                minimum=int(constraints.lower[area]),
                allowed=allowed,
            )


def _lengths(constraints: Constraints, shadow: bool) -> Iterator[Fault]:
    every = np.ones(constraints.n_areas, dtype=bool)
    needed = fewest_items(constraints, every)
    if needed > constraints.max_items:
        yield Fault.of("minimums_above_length", needed=needed, length=constraints.max_items)
        return
    length = constraints.max_items if shadow else constraints.min_items
    allowed = greatest_length(constraints, every, constraints.operational)
    if allowed < length:
        yield Fault.of("maximums_below_length", allowed=allowed, length=length)


def _limits(blueprint: Blueprint, constraints: Constraints, shadow: bool) -> Iterator[Fault]:
    for row, (kind, limit) in enumerate(limits(blueprint)):
        found = least_load(constraints, row, shadow)
        if found is None or found[1] <= limit * (1 + 1e-9):
            continue
        count, load = found
        yield Fault.of(f"too_many_{kind}", count=count, load=round(load, 2), limit=limit)


def limits(blueprint: Blueprint) -> list[tuple[str, float]]:
    """Kind and amount of each limit, in the order of `Constraints.limits`."""
    pairs = (("words", blueprint.max_words), ("seconds", blueprint.max_seconds))
    return [(kind, float(limit)) for kind, limit in pairs if limit is not None]


def _together(blueprint: Blueprint, constraints: Constraints, shadow: bool) -> Iterator[Fault]:
    parts = conflict(constraints, [kind for kind, _ in limits(blueprint)], shadow)
    if parts:
        yield Fault.of("cannot_hold_together", constraints=", ".join(parts))
