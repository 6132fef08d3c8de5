"""Calibration: item parameters and the population's moments from responses."""

from collections.abc import Sequence

import numpy as np

from irt.arrays import BoolArray, FloatArray
from irt.calibration.acceleration import Acceleration
from irt.calibration.assembly import (
    SamplingErrors,
    assemble_errors,
    assemble_parameters,
    irt_covariance,
    item_status,
    sampling_errors,
    undetermined,
)
from irt.calibration.blocks import Block, group_block, item_blocks
from irt.calibration.covariance import covariance
from irt.calibration.determinacy import uninformed_asymptotes
from irt.calibration.em import Callback, History, has_converged
from irt.calibration.expansion import is_expandable
from irt.calibration.observed_information import observed_information
from irt.calibration.population import Normal, Population, standard_population
from irt.calibration.priors import Priors
from irt.calibration.problem import Coordinates, Problem
from irt.calibration.result import Calibration
from irt.calibration.search import Search
from irt.calibration.starting_values import starting_values
from irt.models.parameters import ItemParameters
from irt.responses import ResponseError, Responses, stacked_log_probabilities


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

    Marginal maximum likelihood, or a posteriori where there are priors (Bock & Aitkin 1981;
    Mislevy 1986). nodes (Q,) are equally spaced, the same on both sides of 0; by default 61 over
    -6..6, or as many and as far out as the abilities turn out to need. Nodes that were given and do
    not show the abilities end a calibration as not converged, and `Calibration.obstacle` says which
    would. population defaults to `standard_population(models)`, free where items are anchored,
    priors to `Priors()`. `anchors` fixes those of the J items for which it has a discrimination
    (NaN for the others); `start` gives starting values likewise, and what is unusable in it is
    replaced by a guess. Items with a category that nobody chose are left out and reported in
    `status`. Missing responses are ignored in the likelihood, which is right when they are missing
    at random, as in adaptive tests.

    Raises `ResponseError` when models, anchors and responses do not fit together or nothing can be
    estimated, and whatever `callback` raises.
    """
    anchored = _find_anchored(responses, models, anchors)
    if population is None:
        is_held = bool(anchored.any())
        population = standard_population(models, free=is_held, anchored=is_held)
    counts = responses.category_counts()
    left_out = _has_empty_category(responses, counts) & ~anchored
    estimated = ~left_out & ~anchored
    if not (estimated.any() or (anchored.any() and population.is_free)):
        raise ResponseError("no item has a response in each of its categories")
    blocks = item_blocks(models, responses.n_categories, estimated, priors or Priors())
    history = History(callback)

    def problem_on(points: FloatArray) -> Problem:
        return _problem(responses, blocks, population, points, anchors)

    def parameters_at(x: Coordinates) -> ItemParameters:
        return assemble_parameters(models, responses.n_categories, blocks, x[:-1], anchors)

    search = Search(problem_on, parameters_at, acceleration, tolerance, max_iterations, history)
    found = search.run(starting_values(counts, blocks, population, start), nodes)
    problem, point = found.problem, found.point
    errors: SamplingErrors | None = None
    if with_standard_errors or with_covariance:
        information = observed_information(problem, point, history.report)
        uninformed = uninformed_asymptotes(problem.blocks, information)
        errors = sampling_errors(
            problem.blocks, point.x, covariance(information, uninformed), problem.nodes
        )
    parameters = parameters_at(point.x)
    moments = Normal().to_irt(point.x[-1])
    unknown = np.full_like(moments, np.nan)
    moment_errors = errors.by_block[-1] if errors else unknown
    return Calibration(
        parameters=parameters,
        standard_errors=assemble_errors(responses.n_categories, problem.blocks, errors),
        status=item_status(parameters, left_out, anchored, errors, problem.blocks, problem.nodes),
        group_mean=moments[:, 0],
        group_variance=moments[:, 1],
        group_mean_se=moment_errors[:, 0],
        group_variance_se=moment_errors[:, 1],
        covariance=(
            irt_covariance(problem.blocks, point.x, errors, responses.n_items)
            if errors and with_covariance
            else None
        ),
        log_likelihood=point.log_likelihood,
        log_posterior=point.log_posterior,
        converged=has_converged(point, tolerance) and found.better_nodes is None,
        iterations=len(history),
        max_gradient=point.max_gradient,
        n_persons=responses.n_persons,
        n_parameters=sum(block.n_free for block in problem.blocks),
        history=np.array(history.log_posterior),
        gradient_history=np.array(history.max_gradient),
        nodes=problem.nodes,
        better_nodes=found.better_nodes,
        undetermined=(
            undetermined(problem.blocks, point.x, errors, responses.n_items) if errors else []
        ),
    )


def _problem(
    responses: Responses,
    blocks: Sequence[Block],
    population: Population,
    nodes: FloatArray,
    anchors: ItemParameters | None,
) -> Problem:
    groups = group_block(population, responses.n_categories, nodes)
    with_groups = responses.append_groups(
        population.membership(responses.n_persons), population.n_groups
    )
    fixed_rows = np.zeros((int(with_groups.n_categories.sum()), len(nodes)))
    if anchors is not None:
        items = np.isfinite(anchors.discrimination)
        rows = np.flatnonzero(np.repeat(items, responses.n_categories))
        fixed_rows[rows] = stacked_log_probabilities(anchors.take(np.flatnonzero(items)), nodes)
    expandable = is_expandable(tuple(blocks), groups, anchored=bool(fixed_rows.any()))
    return Problem(with_groups, (*blocks, groups), nodes, fixed_rows, expandable)


def _find_anchored(
    responses: Responses, models: Sequence[str], anchors: ItemParameters | None
) -> BoolArray:
    """(J,) items with fixed parameters. Raises `ResponseError` where something does not fit."""
    n_items = responses.n_items
    if len(models) != n_items:
        raise ResponseError(f"{len(models)} models for {n_items} items")
    if anchors is None:
        return np.zeros(n_items, dtype=bool)
    if anchors.n_items != n_items:
        raise ResponseError(f"{anchors.n_items} anchors for {n_items} items")
    anchored = np.isfinite(anchors.discrimination)
    wrong = anchored & (anchors.n_categories != responses.n_categories)
    for item in np.flatnonzero(wrong).tolist():
        raise ResponseError(
            f"anchored with {anchors.n_categories[item]} categories, but the responses have "
            f"{responses.n_categories[item]}",
            item,
        )
    return anchored


def _has_empty_category(responses: Responses, counts: FloatArray) -> BoolArray:
    """(J,) items with a category that nobody chose; counts (C,)."""
    return ~np.asarray(np.logical_and.reduceat(counts > 0.5, responses.offsets[:-1]))
