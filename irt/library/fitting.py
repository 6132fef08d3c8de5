"""Item parameters from responses: marginal maximum likelihood, in one call."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from irt.arrays import FloatArray, IntArray
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population, PopulationError, standard_population
from irt.calibration.priors import Priors
from irt.calibration.result import Calibration
from irt.common_scale.held_population import held_population
from irt.common_scale.link_errors import judge_links
from irt.common_scale.ties import untied_groups
from irt.library.faults import FitWarning, InputError, listed, naming_items
from irt.library.fit import Fit
from irt.library.item_bank import ItemBank, models_of
from irt.library.reading import Categories, read_responses
from irt.library.response_table import ResponseTable
from irt.library.tables import label_array
from irt.library.warnings_of_fit import warnings_of, warnings_of_held_groups, warnings_of_links
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import LIMIT, NODES, symmetric_nodes


def fit_model(
    responses: Any,
    model: str | Iterable[str] | Mapping[str, str] | None = None,
    *,
    groups: Iterable[Any] | None = None,
    anchors: ItemBank | None = None,
    free_population: bool | None = None,
    priors: Priors | None = None,
    n_categories: Categories = None,
    nodes: int | None = None,
    limit: float | None = None,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
) -> Fit:
    """Fit items to responses by marginal maximum likelihood (Bock & Aitkin 1981), D = 1.

    responses is whatever `read_responses` takes, or a table that it or `read_long` made. Missing
    responses are ignored in the likelihood, which is right when they are missing at random, as in
    adaptive tests and booklets.

    model is a name of `Model`: one for all items, one an item, or by label. Ability is N(0, 1);
    where the model fixes the slopes at 1 its variance is estimated.

    groups (N,) names each person's group. The first group that occurs is the reference, N(0, 1);
    mean and variance of the others are estimated.
    anchors are items with known parameters, found by label, which stay as they are; an item's
    anchor decides its model. They hold the scale, so that mean and variance of all groups are
    estimated, unless free_population is False. With all items anchored nothing else is estimated.
    priors default to weak ones on the asymptotes, and on the slopes of items that have any; the
    result says where they count.
    Ability is integrated on 61 nodes over -6..6, or on as many and as far out as the abilities turn
    out to need; `nodes` points on -limit..limit where one of them is given, and then a grid that
    does not show the abilities ends the fit as not converged. The search ends when the gradient of
    the log-posterior, divided by the number of persons, is below the tolerance.

    Raises `InputError`. Issues a `FitWarning` for what makes the result doubtful: the search did
    not converge, items without an estimate, few responses; `Fit.warnings` keeps them.
    """
    table = _with_categories(read_responses(responses, n_categories=n_categories), anchors)
    _check_lowest_scores(table)
    models = _models(model, table.items, anchors)
    names, member = _groups(groups, table.n_persons)
    is_free = anchors is not None if free_population is None else free_population
    population = _population(models, member, len(names), is_free, anchors)
    known = None if anchors is None else _anchor_parameters(table, anchors)
    if len(names) > 1:
        _check_ties(table, names, member, known, is_free=is_free)
    has_given_nodes = nodes is not None or limit is not None
    points = symmetric_nodes(nodes or NODES, limit or LIMIT) if has_given_nodes else None
    with naming_items(table.items):
        calibration = calibrate(
            table.responses,
            models,
            nodes=points,
            population=population,
            priors=priors,
            anchors=known,
            tolerance=tolerance,
            max_iterations=max_iterations,
            with_covariance=True,
        )
    doubts = warnings_of(calibration, table, names) + _doubts_of_scale(
        table, models, calibration, known, population, points
    )
    for doubt in doubts:
        warnings.warn(doubt, FitWarning, stacklevel=2)
    return Fit(
        responses=table,
        calibration=calibration,
        groups=names,
        member=member,
        free_mean=population.free_mean,
        free_variance=population.free_variance,
        has_given_nodes=has_given_nodes,
        warnings=doubts,
    )


def _doubts_of_scale(
    table: ResponseTable,
    models: list[Model],
    calibration: Calibration,
    anchors: ItemParameters | None,
    population: Population,
    nodes: FloatArray | None,
) -> tuple[str, ...]:
    """Whether the responses, or the anchors, put all items on one scale."""
    anchored = np.zeros(table.n_items, dtype=bool)
    if anchors is not None:
        anchored = np.isfinite(anchors.discrimination)
    moments = calibration.group_mean, calibration.group_variance
    links = judge_links(table.responses, calibration.parameters, anchored, *moments)
    doubts = warnings_of_links(links, table.items)
    if anchors is None or population.free_mean.all():
        return doubts
    held = held_population(table.responses, models, anchors, population, nodes)
    return doubts + warnings_of_held_groups(held)


def _with_categories(table: ResponseTable, anchors: ItemBank | None) -> ResponseTable:
    """Anchored items have the categories of their anchors, whether somebody chose them or not."""
    if anchors is None:
        return table
    known = dict(zip(anchors.items, anchors.parameters.n_categories.tolist(), strict=True))
    own = zip(table.items, table.responses.n_categories.tolist(), strict=True)
    counts = np.array([known.get(label, observed) for label, observed in own], dtype=np.int64)
    return table.among(table.items, counts)


def _check_lowest_scores(table: ResponseTable) -> None:
    """Responses whose scores begin at 1 everywhere are coded in another way than ours."""
    answered = [counts for counts in table.category_counts if counts.any()]
    if not answered:
        raise InputError("there are no responses; is everything coded as missing?")
    if not any(counts[0] for counts in answered):
        raise InputError(
            "no item has a score of 0, but scores count from 0: subtract the lowest score of the "
            "scale, such as 1 from answers coded 1 to 5"
        )


def _models(
    model: str | Iterable[str] | Mapping[str, str] | None,
    items: tuple[str, ...],
    anchors: ItemBank | None,
) -> list[Model]:
    """The model of each item, of an anchored one that of its anchor."""
    known: dict[str, str] = {}
    if anchors is not None:
        known = dict(zip(anchors.items, anchors.parameters.model.tolist(), strict=True))
    unknown = [item for item in items if item not in known]
    if model is None:
        if unknown:
            raise InputError(
                f"name a model for {listed(unknown)}: one of {', '.join(Model)}, as the second "
                "argument"
            )
        return models_of([known[item] for item in items], items)
    if isinstance(model, Mapping):
        return models_of({**model, **known}, items)
    named = models_of(model, items)
    return [
        Model(known[item]) if item in known else own for own, item in zip(named, items, strict=True)
    ]


def _groups(groups: Iterable[Any] | None, n_persons: int) -> tuple[tuple[str, ...], IntArray]:
    """The names of the groups as they first occur, and (N,) the place of each person's."""
    if groups is None:
        return ("all",), np.zeros(n_persons, dtype=np.int64)
    labels = [str(label) for label in label_array(groups).tolist()]
    if len(labels) != n_persons:
        raise InputError(f"{len(labels)} groups for {n_persons} persons; give one a person")
    names = tuple(dict.fromkeys(labels))
    place = {name: index for index, name in enumerate(names)}
    return names, np.array([place[label] for label in labels], dtype=np.int64)


def _population(
    models: list[Model], member: IntArray, n_groups: int, is_free: bool, anchors: ItemBank | None
) -> Population:
    try:
        return standard_population(
            models,
            group=member if n_groups > 1 else None,
            free=is_free,
            anchored=anchors is not None,
        )
    except PopulationError as error:
        raise InputError(str(error)) from error


def _check_ties(
    table: ResponseTable,
    names: tuple[str, ...],
    member: IntArray,
    anchors: ItemParameters | None,
    *,
    is_free: bool,
) -> None:
    """Groups that share no item, not even over others, are on scales of their own."""
    person, item, _ = table.responses.long()
    anchored = np.zeros(table.n_items, dtype=bool)
    if anchors is not None:
        anchored = np.isfinite(anchors.discrimination)
    untied = untied_groups(member[person], item, len(names), anchored, is_free=is_free)
    if untied.size:
        raise InputError(
            f"group {names[untied[0]]!r} has no items that tie it to the scale of the others: fit "
            "it by itself, or give anchors among its items"
        )


def _anchor_parameters(table: ResponseTable, anchors: ItemBank) -> ItemParameters:
    """Of all items of the table, NaN for those that are not anchored."""
    place = {label: index for index, label in enumerate(anchors.items)}
    common = [(at, place[label]) for at, label in enumerate(table.items) if label in place]
    if not common:
        raise InputError(
            "none of the anchors is among the items; the labels must be the same: "
            f"{listed(anchors.items)} and {listed(table.items)}"
        )
    here, there = np.array(common).T
    own, n_items = anchors.parameters.take(there), table.n_items
    steps = np.full((n_items, own.difficulty.shape[1]), np.nan)
    steps[here] = own.difficulty
    models = np.full(n_items, own.model[0])
    models[here] = own.model
    others = [np.full(n_items, np.nan) for _ in range(3)]
    values = (own.discrimination, own.lower_asymptote, own.upper_asymptote)
    for column, value in zip(others, values, strict=True):
        column[here] = value
    return ItemParameters(models, others[0], steps, others[1], others[2])
