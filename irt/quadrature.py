"""Equally spaced grids over theta with normal weights (rectangular rule)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray

# The default nodes, 0.2 apart: enough for abilities that are N(0, 1) and tests of usual length.
NODES, LIMIT = 61, 6.0
# No integral over ability is given more nodes than this without being asked for.
MOST_NODES = 2001

# SDs of ability that nodes must hold on both sides of the mean, and that new nodes are given.
_LEAST_REACH, _REACH = 5.0, 6.0
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Grid:
    """Q nodes (ascending theta) and their weights, which sum to 1."""

    nodes: FloatArray
    weights: FloatArray

    @property
    def n_nodes(self) -> int:
        return len(self.nodes)

    @property
    def log_weights(self) -> FloatArray:
        with np.errstate(divide="ignore"):  # weights far out may underflow to 0
            return np.log(self.weights)


def normal_grid(
    nodes: int = NODES, limit: float = LIMIT, mean: float = 0.0, sd: float = 1.0
) -> Grid:
    """`nodes` equally spaced points on -limit..limit, weighted by the N(mean, sd^2) density.

    Raises ValueError for fewer than 2 nodes, or a limit or sd that is not positive and finite.
    """
    points = symmetric_nodes(nodes, limit)
    return Grid(points, normal_weights(points, mean, sd))


def covering_grid(mean: float, sd: float, nodes: int = NODES) -> Grid:
    """The `covering_nodes` of N(mean, sd^2) with its weights."""
    points = covering_nodes(mean, sd, nodes)
    return Grid(points, normal_weights(points, mean, sd))


def symmetric_nodes(nodes: int = NODES, limit: float = LIMIT) -> FloatArray:
    """(nodes,) equally spaced on -limit..limit. Raises ValueError as `normal_grid` does."""
    if nodes < 2:
        raise ValueError(f"a grid needs at least 2 nodes, not {nodes}")
    if not (np.isfinite(limit) and limit > 0):
        raise ValueError(f"the range must be positive and finite, not {limit}")
    return np.linspace(-limit, limit, nodes)


def covering_nodes(mean: float, sd: float, nodes: int = NODES) -> FloatArray:
    """(Q,) the nodes on which N(mean, sd^2) loses nothing that could be seen.

    `nodes` on -6..6 where those hold 5 SDs on both sides and are no farther apart than one SD,
    which leaves the rectangular rule an error of 1e-7 in the variance. Else out to 6 SDs, as close
    to each other or, for a narrower density, one SD apart; a density that would take too many nodes
    has its own around its mean.
    """
    _check_normal(mean, sd)
    step = 2.0 * LIMIT / (nodes - 1)
    if abs(mean) + _LEAST_REACH * sd <= LIMIT and sd >= step:
        return symmetric_nodes(nodes)
    limit = float(np.ceil(max(abs(mean) + _REACH * sd, LIMIT)))
    n_steps = np.ceil(2.0 * limit / min(step, sd) - _ROUNDING)
    if n_steps < MOST_NODES:
        return symmetric_nodes(int(n_steps) + 1, limit)
    return mean + sd * symmetric_nodes(nodes, _REACH)


def cumulative_trapezoids(values: FloatArray, nodes: FloatArray) -> FloatArray:
    """(..., Q) integral of `values` (..., Q) from the first of the nodes (Q,) to each of them.

    SciPy's `cumulative_trapezoid`, to the last bit, without `scipy.integrate`, which takes longer
    to import than most calibrations run.
    """
    areas = np.diff(nodes) * (values[..., 1:] + values[..., :-1]) / 2.0
    start = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([start, np.cumsum(areas, axis=-1)], axis=-1)


def normal_weights(nodes: FloatArray, mean: float, sd: float) -> FloatArray:
    """(Q,) N(mean, sd^2) density at the nodes, normalised to sum 1."""
    _check_normal(mean, sd)
    exponent = -0.5 * ((nodes - mean) / sd) ** 2
    density = np.exp(exponent - exponent.max())
    return np.asarray(density / density.sum())


def _check_normal(mean: float, sd: float) -> None:
    if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0):
        raise ValueError(f"a normal prior needs a finite mean and sd > 0, not {mean} and {sd}")
