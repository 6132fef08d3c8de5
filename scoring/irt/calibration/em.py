"""Marginal maximum likelihood (or a posteriori) by accelerated EM.

Bock & Aitkin (1981). Converges on the gradient of the marginal log-posterior, never on the change
of the parameters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from scoring.irt.arrays import BoolArray, FloatArray
from scoring.irt.calibration.acceleration import Acceleration, Accelerator, accelerator
from scoring.irt.calibration.assembly import (
    assemble_errors,
    assemble_parameters,
    irt_covariance,
    irt_standard_errors,
    item_status,
)
from scoring.irt.calibration.blocks import Block, group_block, item_blocks
from scoring.irt.calibration.covariance import covariance
from scoring.irt.calibration.observed_information import observed_information
from scoring.irt.calibration.population import Normal, Population, standard_population
from scoring.irt.calibration.priors import Priors
from scoring.irt.calibration.problem import Coordinates, Point, Problem
from scoring.irt.calibration.result import Calibration
from scoring.irt.parameters import ItemParameters
from scoring.irt.quadrature import normal_grid
from scoring.irt.responses import ResponseError, Responses, stacked_log_probabilities

# Called after each E-step, and while the standard errors are computed, with iteration,
# log-posterior and max_gradient; raise in it to cancel.
Callback = Callable[[int, float, float], None]

# A log-posterior lower by more than rounding means that an extrapolation went too far.
_ROUNDING = 1e-10


@dataclass
class History:
    """Log-posterior and max_gradient at each E-step, reported as they come."""

    callback: Callback | None
    log_posterior: list[float] = field(default_factory=list)
    max_gradient: list[float] = field(default_factory=list)

    def add(self, point: Point) -> None:
        self.log_posterior.append(point.log_posterior)
        self.max_gradient.append(point.max_gradient)
        self.report()

    def report(self) -> None:
        if self.callback:
            self.callback(len(self), self.log_posterior[-1], self.max_gradient[-1])

    def __len__(self) -> int:
        return len(self.log_posterior)


def calibrate(
    responses: Responses,
    models: Sequence[str],
    *,
    nodes: FloatArray | None = None,
    population: Population | None = None,
    priors: Priors | None = None,
    anchors: ItemParameters | None = None,
    start: ItemParameters | None = None,
    acceleration: Acceleration = Acceleration.ANDERSON,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
    with_standard_errors: bool = True,
    with_covariance: bool = False,
    callback: Callback | None = None,
) -> Calibration:
    """Estimate the items of `models` (J,) and the free moments of the population.

    nodes (Q,) equally spaced, default 61 over -6..6; population defaults to
    `standard_population(models)`, priors to `Priors()`. `anchors` fixes those of the J items for
    which it has a discrimination (NaN for the others); `start` gives starting values likewise, and
    what is unusable in it is replaced by a guess. Items with a category that nobody chose are left
    out and reported in `status`. Missing responses are ignored in the likelihood, which is right
    when they are missing at random, as in adaptive tests.

    Raises `ResponseError` when models, anchors and responses do not fit together or no item can be
    estimated, and whatever `callback` raises.
    """
    if len(models) != responses.n_items:
        raise ResponseError(f"{len(models)} models for {responses.n_items} items")
    anchored = _anchored(responses, anchors)
    left_out = ~_all_categories_seen(responses) & ~anchored
    if (left_out | anchored).all():
        raise ResponseError("no item has a response in each of its categories")
    blocks = item_blocks(models, responses.n_categories, ~left_out & ~anchored, priors or Priors())
    population = population or standard_population(models)
    problem = _problem(responses, blocks, population, nodes, anchors)
    history = History(callback)
    point = _search(
        problem,
        [*_starting_values(responses, blocks, start), _starting_moments(population)],
        tolerance,
        max_iterations,
        accelerator(acceleration),
        history,
    )
    return _result(
        problem,
        point,
        history,
        models,
        anchors,
        left_out,
        tolerance,
        with_standard_errors or with_covariance,
        with_covariance,
    )


def _problem(
    responses: Responses,
    blocks: Sequence[Block],
    population: Population,
    nodes: FloatArray | None,
    anchors: ItemParameters | None,
) -> Problem:
    points = normal_grid().nodes if nodes is None else nodes
    groups = group_block(population, responses.n_categories)
    with_groups = responses.with_groups(
        population.membership(responses.n_persons), population.n_groups
    )
    fixed_rows = np.zeros((int(with_groups.n_categories.sum()), len(points)))
    if anchors is not None:
        items = np.flatnonzero(np.isfinite(anchors.discrimination))
        offsets = responses.offsets
        rows = np.concatenate([np.arange(offsets[j], offsets[j + 1]) for j in items.tolist()])
        fixed_rows[rows] = stacked_log_probabilities(anchors.take(items), points)
    return Problem(with_groups, (*blocks, groups), points, fixed_rows)


def _search(
    problem: Problem,
    x: Coordinates,
    tolerance: float,
    max_iterations: int,
    acceleration: Accelerator,
    history: History,
) -> Point:
    """The first point whose gradient is within tolerance, or the best within max_iterations."""
    best = None
    image = x
    while True:
        point = problem.evaluate(x)
        history.add(point)
        if point.max_gradient < tolerance:
            return point
        if best is not None and _worse(point, best):
            acceleration.restart()
            x = image  # the EM step from the best point, which never descends
        else:
            best = point
            image = problem.maximize(point)
            x = _accelerate(problem, acceleration, point.x, image)
        if len(history) >= max_iterations:
            return best


def _worse(point: Point, best: Point) -> bool:
    slack = _ROUNDING * abs(best.log_posterior)
    return not point.log_posterior >= best.log_posterior - slack


def _accelerate(
    problem: Problem, acceleration: Accelerator, x: Coordinates, image: Coordinates
) -> Coordinates:
    proposal = problem.unpack(acceleration.propose(problem.pack(x), problem.pack(image)), image)
    if problem.admissible(proposal):
        return proposal
    acceleration.restart()
    return image


def _anchored(responses: Responses, anchors: ItemParameters | None) -> BoolArray:
    """(J,) items with fixed parameters. Raises `ResponseError` where they do not fit the data."""
    if anchors is None:
        return np.zeros(responses.n_items, dtype=bool)
    if anchors.n_items != responses.n_items:
        raise ResponseError(f"{anchors.n_items} anchors for {responses.n_items} items")
    anchored = np.isfinite(anchors.discrimination)
    wrong = anchored & (anchors.n_categories != responses.n_categories)
    for item in np.flatnonzero(wrong).tolist():
        raise ResponseError(
            f"anchored with {anchors.n_categories[item]} categories, but the responses have "
            f"{responses.n_categories[item]}",
            item,
        )
    return anchored


def _all_categories_seen(responses: Responses) -> BoolArray:
    """(J,) items with at least one response in every category."""
    seen = responses.category_counts() > 0.5
    return np.asarray(np.logical_and.reduceat(seen, responses.offsets[:-1]))


def _starting_values(
    responses: Responses, blocks: Sequence[Block], given: ItemParameters | None
) -> Coordinates:
    """The given parameters where they are usable, else a guess from the response proportions."""
    counts = responses.category_counts()
    values = []
    for block in blocks:
        observed = counts[block.rows]
        guess = block.family.start(observed / observed.sum(axis=1, keepdims=True))
        values.append(guess if given is None else _usable(block, given, guess))
    return values


def _usable(block: Block, given: ItemParameters, guess: FloatArray) -> FloatArray:
    """The given starting values where they lie in the block's parameter space."""
    own = given.take(block.items)
    n_steps = block.family.n_categories - 1
    if own.difficulty.shape[1] < n_steps:
        return guess
    asymptotes = (own.lower_asymptote, own.upper_asymptote)[: block.family.n_asymptotes]
    irt = np.column_stack([own.discrimination, own.difficulty[:, :n_steps], *asymptotes])
    with np.errstate(divide="ignore"):  # c = 0 has no logit and is replaced below
        x = block.family.from_irt(irt)
    sound = block.family.admissible(x) & (x[:, 0] > 0)
    usable = np.where(sound[:, None], x, guess)
    if not block.free[:, 0].all() or block.has_common_slope:
        usable[:, 0] = guess[:, 0]
    return usable


def _starting_moments(population: Population) -> FloatArray:
    return Normal().from_irt(np.column_stack([population.mean, population.variance]))


def _result(
    problem: Problem,
    point: Point,
    history: History,
    models: Sequence[str],
    anchors: ItemParameters | None,
    left_out: BoolArray,
    tolerance: float,
    with_standard_errors: bool,
    with_covariance: bool,
) -> Calibration:
    n_categories = problem.responses.n_categories[:-1]
    parameters = assemble_parameters(models, n_categories, problem.blocks, point.x, anchors)
    sampling = np.full((0, 0), np.nan)
    errors = [np.full_like(values, np.nan) for values in point.x]
    if with_standard_errors:
        sampling = covariance(observed_information(problem, point, history.report))
        errors = irt_standard_errors(problem.blocks, point.x, sampling)
    item_errors = assemble_errors(n_categories, problem.blocks, errors)
    moments = Normal().to_irt(point.x[-1])
    return Calibration(
        parameters=parameters,
        standard_errors=item_errors,
        status=item_status(
            parameters,
            left_out,
            anchors,
            item_errors if with_standard_errors else None,
            problem.nodes,
        ),
        group_mean=moments[:, 0],
        group_variance=moments[:, 1],
        group_mean_se=errors[-1][:, 0],
        group_variance_se=errors[-1][:, 1],
        covariance=(
            irt_covariance(problem.blocks, point.x, sampling, len(models))
            if with_covariance
            else None
        ),
        log_likelihood=point.log_likelihood,
        log_posterior=point.log_posterior,
        converged=point.max_gradient < tolerance,
        iterations=len(history),
        max_gradient=point.max_gradient,
        n_persons=problem.responses.n_persons,
        n_parameters=sum(block.n_free for block in problem.blocks),
        history=np.array(history.log_posterior),
        gradient_history=np.array(history.max_gradient),
    )
