"""Whether finished and running tests keep their constraints, counted anew from their items."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.compiled import Constraints, compiled
from irt.constraints.progress import Answered, progress, still_open
from irt.policy.policy import Policy
from irt.pool import Pool


@dataclass(frozen=True)
class Constraint:
    """One constraint: its kind and what it is about, an area, a stimulus id or nothing.

    Kinds: area_minimum, area_maximum, set_minimum, set_maximum, set_together, enemies, repeated,
    longest, words, seconds.
    """

    kind: str
    subject: str | int | None = None

    def __str__(self) -> str:
        name = self.kind.replace("_", " ")
        return name if self.subject is None else f"{name} of {self.subject}"


@dataclass(frozen=True, eq=False)
class Violations:
    """Which of C constraints which of N sessions break: broken (N, C)."""

    constraints: tuple[Constraint, ...]
    broken: BoolArray

    @property
    def sessions(self) -> IntArray:
        """(C,) number of sessions that break each constraint."""
        counts: IntArray = self.broken.sum(axis=0)
        return counts

    @property
    def total(self) -> int:
        """Number of pairs of a session and a constraint that it breaks."""
        return int(self.broken.sum())


def minimums_met(
    pool: Pool, policy: Policy, state: Answered, left: BoolArray | None = None
) -> BoolArray:
    """(N,) whether the test may end: the minima of areas and of the entered sets are reached.

    left (N, J): the items that are left where some were taken away from outside. A minimum counts
    as reached once it is served by none of these that enemies and sets that were left allow.
    """
    constraints = compiled(pool, policy)
    if not (constraints.n_areas or constraints.n_sets):
        return np.ones(len(state.items), dtype=bool)
    used = progress(constraints, state)
    short = np.concatenate(
        [
            used.areas < constraints.lower,
            (used.sets > 0) & (used.sets < constraints.set_lower),
        ],
        axis=1,
    )
    if left is not None and short.any():
        is_open = still_open(constraints, used, state, left)
        short &= is_open @ constraints.counting[:-1, :-1] > 0
    return np.asarray(~short.any(axis=1))


@dataclass(frozen=True, eq=False)
class _Items:
    items: IntArray
    administered: BoolArray


def violations(pool: Pool, policy: Policy, items: IntArray) -> Violations:
    """Check the administered items (N, L), in order and padded with -1, of finished tests.

    Shares are targets and not checked.
    """
    constraints = compiled(pool, policy)
    given = np.asarray(items, dtype=np.int64)
    counts = _counts(pool, given)
    used = progress(constraints, _Items(given, counts > 0))
    found: list[tuple[Constraint, BoolArray]] = [
        (Constraint("repeated"), counts.max(axis=1, initial=0) > 1),
        (Constraint("longest"), used.length > constraints.max_items),
    ]
    for area, name in enumerate(constraints.names):
        count = used.areas[:, area]
        found.append((Constraint("area_minimum", name), count < constraints.lower[area]))
        found.append((Constraint("area_maximum", name), count > constraints.upper[area]))
    together = _together(constraints, given)
    for index, stimulus in enumerate(constraints.set_ids.tolist()):
        count = used.sets[:, index]
        short = (count > 0) & (count < constraints.set_lower[index])
        found.append((Constraint("set_minimum", stimulus), short))
        found.append((Constraint("set_maximum", stimulus), count > constraints.set_upper[index]))
        found.append((Constraint("set_together", stimulus), ~together[:, index]))
    if len(constraints.hostile):
        among = counts[:, constraints.hostile].astype(np.float32)
        meetings = (among @ constraints.hostility * among).sum(axis=1)
        found.append((Constraint("enemies"), meetings > 0))
    found.extend(_spent_too_much(policy, constraints, used.spent))
    return Violations(
        tuple(constraint for constraint, _ in found),
        np.stack([broken for _, broken in found], axis=1),
    )


def _counts(pool: Pool, items: IntArray) -> IntArray:
    """(N, J) how often each item was given."""
    counts = np.zeros((len(items), pool.n_items + 1), dtype=np.int64)
    np.add.at(counts, (np.arange(len(items))[:, None], items), 1)
    return counts[:, :-1]


def _together(constraints: Constraints, items: IntArray) -> BoolArray:
    """(N, S) whether the items of a set follow each other without another item between."""
    set_of = np.append(constraints.set_of, -1)[items]
    before = np.concatenate([np.full((len(items), 1), -1), set_of[:, :-1]], axis=1)
    begins = set_of != before
    runs = np.zeros((len(items), constraints.n_sets + 1), dtype=np.int64)
    np.add.at(runs, (np.arange(len(items))[:, None], set_of), begins)
    once: BoolArray = runs[:, :-1] <= 1
    return once


def _spent_too_much(
    policy: Policy, constraints: Constraints, spent: FloatArray
) -> list[tuple[Constraint, BoolArray]]:
    blueprint = policy.blueprint
    kinds = [
        kind
        for kind, limit in (("words", blueprint.max_words), ("seconds", blueprint.max_seconds))
        if limit is not None
    ]
    # seconds are sums of decimal fractions
    over = spent > constraints.limits * (1 + 1e-9)
    return [(Constraint(kind), over[:, index]) for index, kind in enumerate(kinds)]
