"""Groups of items of which a test holds at most one."""

from functools import lru_cache

import numpy as np

from irt.arrays import BoolArray
from irt.constraints.compiled import Constraints


@lru_cache(maxsize=32)
def enemy_cliques(constraints: Constraints) -> BoolArray:
    """(C, J) cliques of the graph of operational enemies that cover each pair of enemies.

    Greedy: each pair that is not covered yet grows to a maximal clique, lowest items first. One
    row for a clique says more to a program's relaxation than a row for each of its pairs.
    """
    hostile = constraints.hostile[constraints.operational[constraints.hostile]]
    among = constraints.hostility > 0
    among = among[np.ix_(*[constraints.operational[constraints.hostile]] * 2)]
    open_pairs = np.triu(among)
    cliques = []
    for first in range(len(hostile)):
        while open_pairs[first].any():
            second = int(open_pairs[first].argmax())
            clique = [first, second]
            common = among[first] & among[second]
            while common.any():
                clique.append(int(common.argmax()))
                common &= among[clique[-1]]
            open_pairs[np.ix_(clique, clique)] = False
            cliques.append(hostile[clique])
    rows = np.zeros((len(cliques), len(constraints.operational)), dtype=bool)
    for row, clique_items in zip(rows, cliques, strict=True):
        row[clique_items] = True
    return rows
