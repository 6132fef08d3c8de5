"""Equally spaced grids over theta with normal weights (rectangular rule)."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray


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


def normal_grid(nodes: int = 61, limit: float = 6.0, mean: float = 0.0, sd: float = 1.0) -> Grid:
    """`nodes` equally spaced points on -limit..limit, weighted by the N(mean, sd^2) density.

    Raises ValueError for fewer than 2 nodes, or a limit or sd that is not positive and finite.
    """
    if nodes < 2:
        raise ValueError(f"a grid needs at least 2 nodes, not {nodes}")
    if not (np.isfinite(limit) and limit > 0):
        raise ValueError(f"the range must be positive and finite, not {limit}")
    points = np.linspace(-limit, limit, nodes)
    return Grid(points, normal_weights(points, mean, sd))


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
    if not (np.isfinite(mean) and np.isfinite(sd) and sd > 0):
        raise ValueError(f"a normal prior needs a finite mean and sd > 0, not {mean} and {sd}")
    exponent = -0.5 * ((nodes - mean) / sd) ** 2
    density = np.exp(exponent - exponent.max())
    return np.asarray(density / density.sum())
