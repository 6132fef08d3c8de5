"""The rest of a test as a binary program."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scoring.irt.arrays import BoolArray, FloatArray, IntArray
from scoring.irt.constraints.compiled import Constraints
from scoring.irt.constraints.enemy_cliques import enemy_cliques
from scoring.irt.constraints.integer_program import Program

# A limit may be met exactly by a sum of decimal fractions.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Rest:
    """What may follow in one session.

    lower, upper (A,) counts of the areas; shortest, longest number of items; left (M,) words or
    seconds; current set or -1, of which `taken` items were given.
    """

    lower: IntArray
    upper: IntArray
    shortest: int
    longest: int
    left: FloatArray
    current: int
    taken: int


@dataclass(frozen=True, eq=False)
class _Rows:
    """Linear constraints: lower <= matrix @ x <= upper, an area of the table of a program."""

    matrix: sparse.csr_array
    lower: FloatArray
    upper: FloatArray


def rest_program(
    constraints: Constraints, rest: Rest, items: IntArray, worth: FloatArray
) -> Program:
    """Choose among items (n,) worth (n,); the variables after theirs say which sets are entered."""
    set_of = constraints.set_of[items]
    fresh = np.unique(set_of[(set_of >= 0) & (set_of != rest.current)])
    rows = [
        *_counts(constraints, rest, items),
        _current_set(constraints, rest, set_of),
        *_fresh_sets(constraints, fresh, set_of),
    ]
    width = len(items) + len(fresh)
    return Program(
        worth=np.concatenate([worth, np.zeros(len(fresh))]),
        matrix=sparse.vstack([_widened(block.matrix, width) for block in rows], format="csr"),
        lower=np.concatenate([block.lower for block in rows]),
        upper=np.concatenate([block.upper for block in rows]),
    )


def _counts(constraints: Constraints, rest: Rest, items: IntArray) -> list[_Rows]:
    cliques = enemy_cliques(constraints)[:, items]
    cliques = cliques[cliques.sum(axis=1) > 1]
    table = np.concatenate(
        [
            np.ones((1, len(items))),
            constraints.members[:, items],
            constraints.loads[:, items],
            cliques,
        ]
    )
    unlimited = np.full(len(rest.left) + len(cliques), -np.inf)
    lower = np.concatenate([[rest.shortest], rest.lower, unlimited])
    most = rest.left * (1 + ROUNDING)
    at_most = np.append(rest.longest, rest.upper).astype(float)
    at_most[at_most >= len(items)] = np.inf
    upper = np.concatenate([at_most, most, np.ones(len(cliques))])
    return [_Rows(sparse.csr_array(table), lower, upper)]


def _current_set(constraints: Constraints, rest: Rest, set_of: IntArray) -> _Rows:
    if rest.current < 0:
        return _Rows(sparse.csr_array((0, len(set_of))), np.empty(0), np.empty(0))
    least = constraints.set_lower[rest.current] - rest.taken
    most = max(constraints.set_upper[rest.current] - rest.taken, 0)
    within = (set_of == rest.current).astype(float)[None, :]
    return _Rows(sparse.csr_array(within), np.array([float(least)]), np.array([float(most)]))


def _fresh_sets(constraints: Constraints, fresh: IntArray, set_of: IntArray) -> list[_Rows]:
    """Each item only with its set, each set with at least and at most so many of its items."""
    within = sparse.csr_array((set_of == fresh[:, None]).astype(float))
    members = np.flatnonzero(np.isin(set_of, fresh))
    which = np.searchsorted(fresh, set_of[members])
    n, width = len(members), len(set_of) + len(fresh)
    each = sparse.csr_array(
        (
            np.repeat([1.0, -1.0], n),
            (np.tile(np.arange(n), 2), np.concatenate([members, len(set_of) + which])),
        ),
        shape=(n, width),
    )
    least = constraints.set_lower[fresh].astype(float)
    most = np.minimum(constraints.set_upper[fresh], within.sum(axis=1)).astype(float)
    infinite, zero = np.full(len(fresh), np.inf), np.zeros(len(fresh))
    return [
        _Rows(each, np.full(n, -np.inf), np.zeros(n)),
        _Rows(_beside(within, -most), -infinite, zero),
        _Rows(_beside(within, -least), zero, infinite),
    ]


def _beside(matrix: sparse.csr_array, diagonal: FloatArray) -> sparse.csr_array:
    """The matrix with a diagonal one to its right."""
    return sparse.csr_array(sparse.hstack([matrix, sparse.csr_array(np.diag(diagonal))]))


def _widened(matrix: sparse.csr_array, width: int) -> sparse.csr_array:
    """The matrix with columns of zeros appended."""
    return sparse.csr_array(
        (matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], width)
    )


def possible_items(constraints: Constraints, rest: Rest, free: BoolArray) -> BoolArray:
    """(J,) the free items of sets that can still be given as a whole, and those of none."""
    counts = np.bincount(constraints.set_of[free] + 1, minlength=constraints.n_sets + 1)[1:]
    enough = counts >= constraints.set_lower
    if rest.current >= 0:
        enough[rest.current] = True
    possible: BoolArray = free & (np.append(enough, True)[constraints.set_of])
    return possible
