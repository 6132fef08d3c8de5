"""Marginal maximum likelihood (or a posteriori) by EM, accelerated by Anderson mixing.

Bock & Aitkin (1981). Converges on the gradient of the marginal log-posterior, never on the change
of the parameters.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray
from scoring.irt.calibration.anderson import Anderson
from scoring.irt.calibration.assembly import assemble_errors, assemble_parameters, item_status
from scoring.irt.calibration.blocks import ItemBlock, item_blocks
from scoring.irt.calibration.families import irt_rows
from scoring.irt.calibration.priors import Priors
from scoring.irt.calibration.problem import Coordinates, Point, Problem, flatten, unflatten
from scoring.irt.calibration.result import Calibration
from scoring.irt.calibration.standard_errors import (
    covariance,
    irt_standard_errors,
    observed_information,
)
from scoring.irt.parameters import ItemParameters
from scoring.irt.quadrature import Grid, normal_grid
from scoring.irt.responses import ResponseError, Responses

# Called after each E-step with iteration, log-posterior and max_gradient; raise in it to cancel.
Callback = Callable[[int, float, float], None]

# A log-posterior lower by more than rounding means that an extrapolation went too far.
_ROUNDING = 1e-10


def calibrate(
    responses: Responses,
    models: Sequence[str],
    *,
    grid: Grid | None = None,
    priors: Priors | None = None,
    start: ItemParameters | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
    with_standard_errors: bool = True,
    callback: Callback | None = None,
) -> Calibration:
    """Estimate the items of `models` (J,) in a population with the distribution of `grid`.

    grid defaults to N(0, 1) on 61 nodes over -6..6, priors to `Priors()`. `start` gives starting
    values for all J items; NaN, or anything else unusable, leaves an item to a guess. Items with a
    category that nobody chose are left out and reported in `status`. Missing responses are ignored
    in the likelihood, which is right when they are missing at random, as in adaptive tests.

    Raises `ResponseError` when models and responses do not fit together or no item can be
    estimated, and whatever `callback` raises.
    """
    if len(models) != responses.n_items:
        raise ResponseError(f"{len(models)} models for {responses.n_items} items")
    estimated = _all_categories_seen(responses)
    if not estimated.any():
        raise ResponseError("no item has a response in each of its categories")
    blocks = item_blocks(models, responses.n_categories, estimated, priors or Priors())
    problem = Problem(responses, blocks, grid or normal_grid())
    point, history = _search(
        problem, _starting_values(problem, start), tolerance, max_iterations, callback
    )
    parameters = assemble_parameters(models, responses.n_categories, blocks, point.x)
    errors = _standard_errors(problem, point) if with_standard_errors else []
    max_gradient = problem.max_gradient(point)
    return Calibration(
        parameters=parameters,
        standard_errors=assemble_errors(responses.n_categories, blocks, errors),
        status=item_status(parameters, estimated),
        log_likelihood=point.expected.log_likelihood,
        log_posterior=point.log_posterior,
        converged=max_gradient < tolerance,
        iterations=len(history),
        max_gradient=max_gradient,
        n_persons=responses.n_persons,
        history=np.array(history),
    )


def _search(
    problem: Problem,
    x: Coordinates,
    tolerance: float,
    max_iterations: int,
    callback: Callback | None,
) -> tuple[Point, list[float]]:
    """The first point whose gradient is within tolerance, or the best within max_iterations."""
    acceleration = Anderson()
    history: list[float] = []
    best = None
    image = x
    while True:
        point = problem.evaluate(x)
        max_gradient = problem.max_gradient(point)
        history.append(point.log_posterior)
        if callback:
            callback(len(history), point.log_posterior, max_gradient)
        if max_gradient < tolerance:
            return point, history
        if best is not None and _worse(point, best):
            acceleration.restart()
            x = image  # the EM step from the best point, which never descends
        else:
            best = point
            image = problem.maximize(point)
            x = _accelerate(problem, acceleration, point.x, image)
        if len(history) >= max_iterations:
            return best, history


def _worse(point: Point, best: Point) -> bool:
    slack = _ROUNDING * abs(best.log_posterior)
    return not point.log_posterior >= best.log_posterior - slack


def _accelerate(
    problem: Problem, acceleration: Anderson, x: Coordinates, image: Coordinates
) -> Coordinates:
    proposal = unflatten(acceleration.propose(flatten(x), flatten(image)), image)
    if problem.admissible(proposal):
        return proposal
    acceleration.restart()
    return image


def _all_categories_seen(responses: Responses) -> BoolArray:
    """(J,) items with at least one response in every category."""
    seen = responses.category_counts() > 0.5
    return np.asarray(np.logical_and.reduceat(seen, responses.offsets[:-1]))


def _starting_values(problem: Problem, given: ItemParameters | None) -> Coordinates:
    """The given parameters where they are usable, else a guess from the response proportions."""
    counts = problem.responses.category_counts()
    values = []
    for block in problem.blocks:
        observed = counts[block.rows]
        guess = block.family.start(observed / observed.sum(axis=1, keepdims=True))
        values.append(guess if given is None else _usable(block, given, guess))
    return values


def _usable(block: ItemBlock, given: ItemParameters, guess: FloatArray) -> FloatArray:
    own = given.take(block.items)
    if own.difficulty.shape[1] < block.family.n_categories - 1:
        return guess
    with np.errstate(divide="ignore"):  # c = 0 has no logit and is replaced below
        x = block.family.from_irt(irt_rows(own, block.family))
    sound = block.family.admissible(x) & (x[:, 0] > 0)
    return np.where(sound[:, None], x, guess)


def _standard_errors(problem: Problem, point: Point) -> Coordinates:
    information = observed_information(
        problem.responses,
        problem.blocks,
        point.x,
        point.expected.counts,
        problem.log_probabilities(point.x),
        problem.grid,
    )
    return irt_standard_errors(problem.blocks, point.x, covariance(information))
