"""The highest point of each person's log-likelihood over a bounded range of theta.

It is found on equally spaced nodes and then between two of them on the quintic Hermite polynomial
through value, slope and curvature at both. With nodes 0.05 apart it is off by the sixth derivative
times 3e-13.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.models.derivatives import theta_derivatives
from irt.models.parameters import ItemParameters
from irt.responses import Responses

_SPACING = 0.05
_NEWTON_STEPS = 6


@dataclass(frozen=True, eq=False)
class Curve:
    """Log-likelihood with slope and curvature, each (N, Q) at nodes (Q,)."""

    nodes: FloatArray
    value: FloatArray
    slope: FloatArray
    curvature: FloatArray

    def __add__(self, other: "Curve") -> "Curve":
        return Curve(
            self.nodes,
            self.value + other.value,
            self.slope + other.slope,
            self.curvature + other.curvature,
        )

    def maximum(self) -> tuple[FloatArray, FloatArray]:
        """theta (N,) and the log-likelihood (N,) there; the lowest node among equals."""
        person, best = np.arange(len(self.value)), self.value.argmax(axis=1)
        left = np.where(self.slope[person, best] > 0, best, best - 1)
        left = np.clip(left, 0, len(self.nodes) - 2)
        width = self.nodes[1] - self.nodes[0]
        ends = [
            [scale * table[person, place] for place in (left, left + 1)]
            for table, scale in (
                (self.value, 1.0),
                (self.slope, width),
                (self.curvature, width**2),
            )
        ]
        place, height = _highest_within(quintic_hermite(*ends[0], *ends[1], *ends[2]), *ends[1])
        on_node = self.value[person, best]
        inside = height > on_node
        theta = np.where(inside, self.nodes[left] + width * place, self.nodes[best])
        return theta, np.where(inside, height, on_node)


def likelihood_curves(
    responses: Responses, parameters: ItemParameters, subsets: Sequence[BoolArray], limit: float
) -> Iterator[list[Curve]]:
    """For each block of persons one curve a subset (J,) of the items, over -limit..limit."""
    nodes = np.linspace(-limit, limit, int(np.ceil(2 * limit / _SPACING)) + 1)
    found = theta_derivatives(parameters, nodes)
    exists = np.arange(found.score.shape[1]) < parameters.n_categories[:, None]
    tables = [table[exists] for table in (found.log_probability, found.score, found.curvature)]
    rows = np.concatenate(tables, axis=1)
    kept = [np.repeat(subset, parameters.n_categories)[:, None] for subset in subsets]
    blocks = (responses.log_likelihoods(np.where(keep, rows, 0.0)) for keep in kept)
    for parts in zip(*blocks, strict=True):
        yield [Curve(nodes, *np.split(part, 3, axis=1)) for _, part in parts]


def quintic_hermite(
    value_0: FloatArray,
    value_1: FloatArray,
    slope_0: FloatArray,
    slope_1: FloatArray,
    curvature_0: FloatArray,
    curvature_1: FloatArray,
) -> list[FloatArray]:
    """Coefficients of 1, t, ..., t^5 on 0 <= t <= 1; slopes and curvatures with respect to t."""
    rise = value_1 - value_0
    return [
        value_0,
        slope_0,
        0.5 * curvature_0,
        10 * rise - 6 * slope_0 - 4 * slope_1 - 1.5 * curvature_0 + 0.5 * curvature_1,
        -15 * rise + 8 * slope_0 + 7 * slope_1 + 1.5 * curvature_0 - curvature_1,
        6 * rise - 3 * slope_0 - 3 * slope_1 - 0.5 * curvature_0 + 0.5 * curvature_1,
    ]


def _highest_within(
    coefficients: list[FloatArray], slope_0: FloatArray, slope_1: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """t and height of the maximum in 0..1, by Newton from where the secant of the slopes is 0."""
    fall = slope_0 - slope_1
    t = np.clip(np.where(fall > 0, slope_0 / np.where(fall > 0, fall, 1.0), 0.5), 0.0, 1.0)
    first = [k * c for k, c in enumerate(coefficients)][1:]
    second = [k * c for k, c in enumerate(first)][1:]
    for _ in range(_NEWTON_STEPS):
        bend = _polynomial(second, t)
        step = np.where(bend < 0, _polynomial(first, t) / np.where(bend < 0, bend, 1.0), 0.0)
        t = np.clip(t - step, 0.0, 1.0)
    return t, _polynomial(coefficients, t)


def _polynomial(coefficients: list[FloatArray], t: FloatArray) -> FloatArray:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * t + coefficient
    return total
