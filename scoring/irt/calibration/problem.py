"""The function that calibration maximises: the marginal log-posterior of the item parameters."""

from dataclasses import dataclass

import numpy as np

from scoring.irt.arrays import FloatArray
from scoring.irt.calibration.blocks import ItemBlock
from scoring.irt.calibration.expectation import Expectation, expectation
from scoring.irt.calibration.maximization import maximize
from scoring.irt.quadrature import Grid
from scoring.irt.responses import Responses

# Coordinates of all items: one (n, p) array an item block.
Coordinates = list[FloatArray]


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the search with its E-step; gradient is that of the log-posterior."""

    x: Coordinates
    expected: Expectation
    log_posterior: float
    gradient: Coordinates


@dataclass(frozen=True, eq=False)
class Problem:
    """Responses, the blocks of items to estimate and the population."""

    responses: Responses
    blocks: tuple[ItemBlock, ...]
    grid: Grid

    def log_probabilities(self, x: Coordinates) -> FloatArray:
        """(C, Q); rows of items that are not estimated are 0 and so drop out."""
        rows = np.zeros((int(self.responses.n_categories.sum()), self.grid.n_nodes))
        for block, values in zip(self.blocks, x, strict=True):
            rows[block.rows] = block.family.log_probabilities(values, self.grid.nodes)
        return rows

    def evaluate(self, x: Coordinates) -> Point:
        """E-step at x."""
        expected = expectation(self.responses, self.log_probabilities(x), self.grid)
        pairs = list(zip(self.blocks, x, strict=True))
        prior = sum(float(block.log_prior(values).sum()) for block, values in pairs)
        gradient = [
            block.gradient(values, expected.counts[block.rows], self.grid.nodes)
            for block, values in pairs
        ]
        return Point(x, expected, expected.log_likelihood + prior, gradient)

    def maximize(self, point: Point) -> Coordinates:
        """M-step from a point."""
        return [
            maximize(block, values, point.expected.counts[block.rows], self.grid.nodes)
            for block, values in zip(self.blocks, point.x, strict=True)
        ]

    def admissible(self, x: Coordinates) -> bool:
        """Whether x lies in the parameter space and has a prior density."""
        return all(
            bool(
                block.family.admissible(values).all() and np.isfinite(block.log_prior(values)).all()
            )
            for block, values in zip(self.blocks, x, strict=True)
        )

    def max_gradient(self, point: Point) -> float:
        """Largest absolute component of the gradient, divided by the number of persons."""
        largest = max((float(np.abs(part).max()) for part in point.gradient), default=0.0)
        return largest / max(self.responses.n_persons, 1)


def flatten(x: Coordinates) -> FloatArray:
    """(P,) all coordinates."""
    return np.concatenate([values.ravel() for values in x]) if x else np.zeros(0)


def unflatten(flat: FloatArray, like: Coordinates) -> Coordinates:
    """The coordinates `flat` (P,) in the shapes of `like`."""
    ends = np.cumsum([values.size for values in like])[:-1]
    parts = np.split(flat, ends)
    return [part.reshape(values.shape) for part, values in zip(parts, like, strict=True)]
