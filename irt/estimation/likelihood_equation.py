"""Solving a likelihood equation g(theta) = 0 for each person, when it may have several roots.

Maximum likelihood, MAP and Warm's estimate are all the root of an estimating function at which
its integral is largest. The function is tabulated on nodes that lie densest where the items bend;
of the falling sign changes found there, the one with the highest integral is refined by
Chandrupatla's method (`scipy.optimize.elementwise`). Two roots between neighbouring nodes (about
0.05 apart in an ordinary bank) cancel out and are not seen.
"""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from irt.arrays import FloatArray, IntArray
from irt.estimation.answers import Answers, Sums, answer_counts, answers, sums_on_grid
from irt.estimation.result import AbilityStatus, Estimates
from irt.models.parameters import ItemParameters
from irt.responses import PERSONS_PER_BLOCK, ResponseError, Responses

_CORE_NODES = 201
_TAIL_NODES = 60

# Where each curve bends: the theta at which its logistic has these values.
_BENDS = logit((np.arange(15) + 0.5) / 15)

# On this logit a curve is flat to within double precision.
_FLAT_LOGIT = 37.0

# A root is found when its bracket is this narrow, or g this small beside g at the first bracket.
_PRECISION = 1e-10

# A mode that is no higher than this above the end of the scale is rounding, or flat.
_HIGHER = 1e-9


class LikelihoodEquation(Protocol):
    """An estimating function and its integral, which the estimate maximises."""

    @property
    def points(self) -> tuple[float, ...]:
        """Values of theta that the search must include, beyond the items' own range."""

    def function(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """g at theta (N,), or (N, Q) at nodes (Q,); sums have that shape."""

    def integral(self, nodes: FloatArray, log_likelihood: FloatArray, sums: Sums) -> FloatArray:
        """(N, Q) the integral of g over theta up to each node, but for a constant a person."""

    def information(self, block: Answers, theta: FloatArray, *, observed: bool) -> FloatArray:
        """(N,) the information at each person's theta (N,), expected or observed."""


def solve(
    responses: Responses, parameters: ItemParameters, equation: LikelihoodEquation
) -> tuple[FloatArray, NDArray[np.int8]]:
    """theta (N,), -inf or inf where the integral is highest at an end, and status (N,).

    Raises `ResponseError` where responses and parameters have different items or categories.
    """
    if not np.array_equal(responses.n_categories, parameters.n_categories):
        raise ResponseError("responses and parameters differ in items or categories")
    nodes = search_nodes(parameters, equation.points)
    parts = list(_solve_blocks(responses, parameters, equation, nodes))
    theta, status = (np.concatenate(part) for part in zip(*parts, strict=True))
    return theta, status


def attach_errors(
    responses: Responses,
    parameters: ItemParameters,
    equation: LikelihoodEquation,
    theta: FloatArray,
    status: NDArray[np.int8],
    *,
    observed: bool,
) -> Estimates:
    """theta and status (N,) with 1 / sqrt(information); persons without responses are marked.

    The error is inf where theta is infinite or the information not positive.
    """
    parts = [
        equation.information(answers(block, parameters), at, observed=observed)
        for block, at in zip(
            responses.chunks(PERSONS_PER_BLOCK),
            np.split(
                np.where(np.isfinite(theta), theta, 0.0),
                range(PERSONS_PER_BLOCK, len(theta), PERSONS_PER_BLOCK),
            ),
            strict=True,
        )
    ]
    information = np.concatenate(parts)
    error = np.full(len(theta), np.inf)
    known = np.isfinite(theta) & (information > 0)
    error[known] = 1.0 / np.sqrt(information[known])
    error[np.isnan(theta)] = np.nan
    silent = answer_counts(responses) == 0
    status = np.where(silent, AbilityStatus.NO_RESPONSES, status).astype(np.int8)
    return Estimates(theta, error, status)


def search_nodes(parameters: ItemParameters, points: tuple[float, ...] = ()) -> FloatArray:
    """Nodes at quantiles of where the items bend, and geometric tails to where they are flat."""
    difficulty = parameters.difficulty
    width = 1.0 / np.abs(parameters.discrimination[:, None])
    bends = (difficulty[:, :, None] + width[:, :, None] * _BENDS).ravel()
    bends = bends[np.isfinite(bends)]
    center = np.median(bends)
    flat = [
        np.nanmin(difficulty - _FLAT_LOGIT * width),
        np.nanmax(difficulty + _FLAT_LOGIT * width),
    ]
    reach = np.abs(np.array([*flat, *points]) - center).max()
    tail = 2.0 * reach * np.logspace(-5, 0, _TAIL_NODES)
    core = np.quantile(bends, np.linspace(0, 1, _CORE_NODES))
    return np.unique(np.concatenate([core, points, center - tail, center + tail]))


def _solve_blocks(
    responses: Responses,
    parameters: ItemParameters,
    equation: LikelihoodEquation,
    nodes: FloatArray,
) -> Iterator[tuple[FloatArray, NDArray[np.int8]]]:
    for (log_likelihood, sums), block in zip(
        sums_on_grid(responses, parameters, nodes),
        responses.chunks(PERSONS_PER_BLOCK),
        strict=True,
    ):
        function = equation.function(nodes, sums)
        integral = equation.integral(nodes, log_likelihood, sums)
        persons, left, peak = highest_peaks(nodes, function, integral)
        ends = integral[:, [0, -1]]
        theta = np.where(ends[:, 0] > ends[:, 1], -np.inf, np.inf)
        status = np.full(len(theta), AbilityStatus.INFINITE, dtype=np.int8)
        inside = peak > ends[persons].max(axis=1) + _HIGHER
        persons, left = persons[inside], left[inside]
        theta[persons], found = _refine(
            equation, answers(block, parameters), persons, nodes[left], nodes[left + 1]
        )
        status[persons] = np.where(found, AbilityStatus.OK, AbilityStatus.UNDETERMINED)
        yield theta, status


def highest_peaks(
    nodes: FloatArray, function: FloatArray, integral: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Persons (E,) with a falling sign change, the node (E,) left of the best, its height (E,).

    function and integral (N, Q). The height of a peak is the mean of what linear interpolation of
    the function gives from either side.
    """
    person, left = np.nonzero((function[:, :-1] > 0) & (function[:, 1:] <= 0))
    above, below = function[person, left], function[person, left + 1]
    width = (nodes[left + 1] - nodes[left]) / (above - below)
    climbed = 0.5 * width * (above * above + below * below)
    peak = 0.5 * (integral[person, left] + integral[person, left + 1] + climbed)
    order = np.lexsort((peak, person))
    best = order[np.flatnonzero(np.diff(person[order], append=-1))]
    return person[best], left[best], peak[best]


def _refine(
    equation: LikelihoodEquation,
    block: Answers,
    persons: IntArray,
    lower: FloatArray,
    upper: FloatArray,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The root (E,) between lower and upper (E,), NaN where it was not found, and success (E,)."""
    from scipy.optimize import elementwise  # takes long to import, and EAP has no use for it

    def function(theta: FloatArray, index: IntArray) -> FloatArray:
        return equation.function(theta, block.take(persons[index]).sums(theta))

    # A root on a node may lie a rounding error outside: the margin keeps the bracket valid.
    margin = 1e-6 * (upper - lower)
    roots = elementwise.find_root(
        function,
        (lower - margin, upper + margin),
        args=(np.arange(len(persons)),),
        tolerances={"xatol": _PRECISION, "frtol": _PRECISION},
    )
    is_found = np.asarray(roots.success)
    return np.where(is_found, roots.x, np.nan), is_found
