"""The rest of a test as a binary program."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.constraints.compiled import Constraints
from irt.constraints.enemy_cliques import enemy_cliques
from irt.constraints.integer_program import Program

# A limit may be met exactly by a sum of decimal fractions.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Rest:
    """What may follow in one session.

    lower, upper (A,) counts of the areas; shortest, longest number of items; left (M,) words or
    seconds; current set or -1, of which `taken` items were given, and of whose minimum `waived` are
    not asked for.
    """

    lower: IntArray
    upper: IntArray
    shortest: int
    longest: int
    left: FloatArray
    current: int
    taken: int
    waived: int = 0


class _Rows(NamedTuple):
    """Linear constraints, lower <= matrix @ x <= upper."""

    matrix: FloatArray
    lower: FloatArray
    upper: FloatArray


def rest_program(
    constraints: Constraints, rest: Rest, items: IntArray, worth: FloatArray
) -> Program:
    """Choose among items (n,) worth (n,); the variables after theirs say which sets are entered."""
    set_of = constraints.set_of[items]
    fresh = np.unique(set_of[(set_of >= 0) & (set_of != rest.current)])
    blocks = [_counts(constraints, rest, items), _current_set(constraints, rest, set_of)]
    table = np.concatenate([block.matrix for block in blocks])
    without_sets = np.zeros((len(table), len(fresh)))
    blocks.append(_fresh_sets(constraints, fresh, set_of))
    return Program(
        worth=np.concatenate([worth, np.zeros(len(fresh))]),
        matrix=sparse.csr_array(
            np.concatenate([np.hstack([table, without_sets]), blocks[-1].matrix])
        ),
        lower=np.concatenate([block.lower for block in blocks]),
        upper=np.concatenate([block.upper for block in blocks]),
    )


def _counts(constraints: Constraints, rest: Rest, items: IntArray) -> _Rows:
    cliques = enemy_cliques(constraints)[:, items]
    cliques = cliques[cliques.sum(axis=1) > 1]
    table = [
        np.ones((1, len(items))),
        constraints.members[:, items],
        constraints.loads[:, items],
        cliques,
    ]
    at_most = np.append(rest.longest, rest.upper).astype(float)
    at_most[at_most >= len(items)] = np.inf
    unlimited = np.full(len(rest.left) + len(cliques), -np.inf)
    return _Rows(
        np.concatenate(table),
        np.concatenate([[rest.shortest], rest.lower, unlimited]),
        np.concatenate([at_most, rest.left * (1 + ROUNDING), np.ones(len(cliques))]),
    )


def _current_set(constraints: Constraints, rest: Rest, set_of: IntArray) -> _Rows:
    if rest.current < 0:
        return _Rows(np.empty((0, len(set_of))), np.empty(0), np.empty(0))
    least = constraints.set_lower[rest.current] - rest.taken - rest.waived
    most = max(constraints.set_upper[rest.current] - rest.taken, 0)
    within = (set_of == rest.current).astype(float)[None, :]
    return _Rows(within, np.array([float(least)]), np.array([float(most)]))


def _fresh_sets(constraints: Constraints, fresh: IntArray, set_of: IntArray) -> _Rows:
    """Each item only with its set, each set with at least and at most so many of its items.

    The columns are those of the items, then those of the sets.
    """
    within = (set_of == fresh[:, None]).astype(float)
    members = np.flatnonzero(np.isin(set_of, fresh))
    each = np.eye(len(set_of))[members]
    least = constraints.set_lower[fresh].astype(float)
    most = np.minimum(constraints.set_upper[fresh], within.sum(axis=1))
    matrix = np.block(
        [
            [each, -within[:, members].T],
            [within, -np.diag(most)],
            [-within, np.diag(least)],
        ]
    )
    return _Rows(matrix, np.full(len(matrix), -np.inf), np.zeros(len(matrix)))


def possible_items(constraints: Constraints, rest: Rest, free: BoolArray) -> BoolArray:
    """(J,) the free items of sets that can still be given as a whole, and those of none."""
    counts = np.bincount(constraints.set_of[free] + 1, minlength=constraints.n_sets + 1)[1:]
    enough = counts >= constraints.set_lower
    if rest.current >= 0:
        enough[rest.current] = True
    possible: BoolArray = free & (np.append(enough, True)[constraints.set_of])
    return possible
