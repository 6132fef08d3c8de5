"""What a person's answers add to the score, the gradient of the complete-data log-likelihood."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.calibration.blocks import FIXED
from irt.calibration.problem import Coordinates, Problem

# Nodes that hold less of a person's posterior than this add nothing that could be seen.
NEGLIGIBLE = 1e-8


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """What each of the C stacked categories adds to the score.

    index   (C, p) which of the P free parameters it belongs to; P itself stands for none
    values  (C, p, Q) how much, at each node
    n_free  P
    """

    index: IntArray
    values: FloatArray
    n_free: int


def score_table(problem: Problem, x: Coordinates) -> ScoreTable:
    """The scores of all categories, groups among them, at x."""
    n_categories = len(problem.fixed_rows)
    width = max(values.shape[1] for values in x)
    n_free = sum(block.n_free for block in problem.blocks)
    index = np.full((n_categories, width), n_free)
    table = np.zeros((n_categories, width, len(problem.nodes)))
    start = 0
    for block, values in zip(problem.blocks, x, strict=True):
        size = values.shape[1]
        scores = block.coordinates.scores(values, problem.nodes)
        places = np.where(block.index == FIXED, n_free, start + block.index)
        index[block.rows, :size] = places[:, None]
        table[block.rows, :size] = scores.transpose(0, 2, 1, 3)
        start += block.n_free
    return ScoreTable(index, table, n_free)
