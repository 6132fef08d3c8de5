"""The function that calibration maximises: the marginal log-posterior of the parameters."""

from dataclasses import dataclass

import numpy as np

from irt.arrays import FloatArray
from irt.calibration.blocks import Block
from irt.calibration.expansion import expand
from irt.calibration.expectation import expectation
from irt.calibration.maximization import LONGEST_STEP, maximize
from irt.models.coordinates import NewtonTerms
from irt.responses import Responses

_TINY = np.finfo(float).tiny

# Coordinates of everything: one (n, p) array a block.
Coordinates = list[FloatArray]


@dataclass(frozen=True, eq=False)
class Point:
    """A point of the search with its E-step: counts (C, Q) and each block's terms there."""

    x: Coordinates
    log_likelihood: float
    log_posterior: float
    counts: FloatArray
    terms: list[NewtonTerms]
    max_gradient: float
    predicted_gain: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Responses (the groups as their last item), the blocks to estimate and the nodes (Q,).

    fixed_rows (C, Q) are the log-probabilities of anchored items, 0 elsewhere: rows that no block
    fills, such as those of items left out, add nothing to any likelihood.
    """

    responses: Responses
    blocks: tuple[Block, ...]
    nodes: FloatArray
    fixed_rows: FloatArray
    is_expandable: bool

    def log_probabilities(self, x: Coordinates) -> FloatArray:
        """(C, Q)."""
        rows = self.fixed_rows.copy()
        for block, values in zip(self.blocks, x, strict=True):
            rows[block.rows] = block.coordinates.log_probabilities(values, self.nodes)
        return rows

    def evaluate(self, x: Coordinates) -> Point:
        """E-step at x."""
        expected = expectation(self.responses, self.log_probabilities(x))
        pairs = list(zip(self.blocks, x, strict=True))
        prior = sum(float(block.log_prior(values).sum()) for block, values in pairs)
        terms = [
            block.newton_terms(values, expected.counts[block.rows], self.nodes)
            for block, values in pairs
        ]
        return Point(
            x=x,
            log_likelihood=expected.log_likelihood,
            log_posterior=expected.log_likelihood + prior,
            counts=expected.counts,
            terms=terms,
            max_gradient=self._max_gradient(terms),
            predicted_gain=self._predicted_gain(terms),
        )

    def maximize(self, point: Point) -> Coordinates:
        """M-step from a point."""
        return [
            maximize(block, values, terms, point.counts[block.rows], self.nodes)
            for block, values, terms in zip(self.blocks, point.x, point.terms, strict=True)
        ]

    def expand(self, point: Point, image: Coordinates) -> Coordinates:
        """The M-step's image, its scale moved where the population alone holds the scale."""
        if not self.is_expandable:
            return image
        items, n_persons = self.blocks[:-1], self.responses.n_persons
        moved = expand(items, image[:-1], point.x[:-1], point.terms[:-1], n_persons)
        return [*moved, image[-1]]

    def admissible(self, x: Coordinates) -> bool:
        """Whether x lies in the parameter space and has a prior density."""
        return all(
            bool(
                block.coordinates.admissible(values).all()
                and np.isfinite(block.log_prior(values)).all()
            )
            for block, values in zip(self.blocks, x, strict=True)
        )

    def pack(self, x: Coordinates) -> FloatArray:
        """(P,) the free parameters, block by block."""
        parts = [block.pack(values) for block, values in zip(self.blocks, x, strict=True)]
        return np.concatenate([*parts, np.zeros(0)])

    def unpack(self, flat: FloatArray, x: Coordinates) -> Coordinates:
        """x with the free parameters `flat` (P,)."""
        parts = np.split(flat, np.cumsum([block.n_free for block in self.blocks])[:-1])
        return [
            block.unpack(part, values)
            for block, part, values in zip(self.blocks, parts, x, strict=True)
        ]

    def _max_gradient(self, terms: list[NewtonTerms]) -> float:
        """Largest absolute component of the gradient, divided by the number of persons."""
        gradients = [
            block.pack_gradient(part.gradient)
            for block, part in zip(self.blocks, terms, strict=True)
        ]
        largest = max((float(np.abs(part).max()) for part in gradients if part.size), default=0.0)
        return largest / max(self.responses.n_persons, 1)

    def _predicted_gain(self, terms: list[NewtonTerms]) -> float:
        """What one Newton step would add to the log-posterior, with the diagonal of its Hessian."""
        gain = 0.0
        for block, part in zip(self.blocks, terms, strict=True):
            diagonal = np.diagonal(part.information, axis1=1, axis2=2)
            curvature = np.maximum(block.pack_gradient(diagonal), _TINY)
            gradient = np.abs(block.pack_gradient(part.gradient))
            step = gradient / np.maximum(curvature, gradient / LONGEST_STEP)
            gain += 0.5 * float((gradient * step).sum())
        return gain
