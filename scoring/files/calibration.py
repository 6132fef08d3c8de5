"""Calibration from files: what they say, the estimation of it, and what is written."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.acceleration import Acceleration
from irt.calibration.calibrate import calibrate
from irt.calibration.em import Callback
from irt.calibration.population import Population, standard_population
from irt.calibration.priors import Priors
from irt.calibration.result import Calibration
from irt.common_scale.link_errors import Links, judge_links
from irt.models.parameters import Model
from irt.quadrature import LIMIT, NODES, symmetric_nodes
from irt.responses import ResponseError, Responses
from scoring.files.calibration_inputs import (
    Anchors,
    Groups,
    count_categories,
    decide_models,
    one_group,
    read_anchors,
    read_groups,
    read_models,
)
from scoring.files.linkage import refuse_unlinked
from scoring.files.parameter_files import OWN, ParameterReading
from scoring.files.score_files import AbilityTable, Scoring, join_tables, score
from scoring.files.unusable import Unusable, find_unusable
from scoring.responses.reader import read_responses
from scoring.responses.reading import PLAIN, Reading
from scoring.responses.table import ResponseTable


@dataclass(frozen=True)
class Settings:
    """How to estimate, beside what the files say; without nodes and limit they adapt."""

    nodes: int | None
    limit: float | None
    tolerance: float
    max_iterations: int
    acceleration: Acceleration
    priors: Priors
    free_group: bool | None  # None: free where there are anchors
    with_standard_errors: bool
    with_covariance: bool

    @property
    def given_nodes(self) -> FloatArray | None:
        """(Q,) the nodes that were asked for."""
        if self.nodes is None and self.limit is None:
            return None
        return symmetric_nodes(self.nodes or NODES, self.limit or LIMIT)


@dataclass(frozen=True, eq=False)
class CalibrationData:
    """What the files say. models and n_categories (J,) are those of the items of the table."""

    table: ResponseTable
    models: list[Model]
    n_categories: IntArray
    anchors: Anchors | None
    groups: Groups
    unusable: Unusable

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was left out or looks wrong in the files."""
        anchors = self.anchors.notes if self.anchors else ()
        return (*self.table.notes, *anchors, *self.groups.notes)

    @property
    def n_anchored(self) -> int:
        return len(self.anchors.stated) if self.anchors else 0

    @property
    def anchored(self) -> BoolArray:
        """(J,) the items with fixed parameters."""
        return self.anchors.marks if self.anchors else np.zeros(len(self.models), dtype=np.bool_)

    def responses(self) -> Responses:
        """Those of the usable persons. Raises `ResponseError`."""
        return self.table.drop_persons(self.unusable.persons).to_responses(self.n_categories)

    def is_free(self, wanted: bool | None) -> bool:
        """Whether the moments of all groups are free: as wanted, else where anchors hold them."""
        return self.n_anchored > 0 if wanted is None else wanted

    def population(self, wanted: bool | None) -> Population:
        """Of the usable persons, all groups free or not as `is_free` says.

        Raises `PopulationError`, and `DataError` for a group that is empty or tied to nothing.
        """
        free = self.is_free(wanted)
        member = self.groups.member[~self.unusable.persons]
        n_persons = np.bincount(member, minlength=len(self.groups.names))
        for empty in np.flatnonzero(n_persons == 0).tolist():
            raise DataError(f"group {self.groups.names[empty]} has no person with a response")
        population = standard_population(
            self.models, group=member, free=free, anchored=self.n_anchored > 0
        )
        if len(self.groups.names) > 1:
            refuse_unlinked(self.table, self.groups, self.anchored, free_group=free)
        return population

    def priors_used(self, priors: Priors) -> list[str]:
        """The priors that have a parameter to hold, as `a ~ lognormal:0,0.5`."""
        models = {
            model
            for name, model in zip(self.table.items, self.models, strict=True)
            if not (self.anchors and name in self.anchors.stated)
        }
        used = {name: prior for model in models for name, prior in priors.of_model(model)}
        return [f"{name} ~ {prior}" for name, prior in sorted(used.items())]

    def population_used(self, wanted: bool | None) -> str:
        """The distribution of each group, as `N(0, free)`."""
        used = self.population(wanted)
        moments = (
            np.where(used.free_mean, "free", "0"),
            np.where(used.free_variance, "free", "1"),
        )
        normals = [f"N({mean}, {variance})" for mean, variance in zip(*moments, strict=True)]
        if len(normals) == 1:
            return normals[0]
        return ", ".join(map(" ".join, zip(self.groups.names, normals, strict=True)))

    def models_used(self) -> list[str]:
        """Each model, with its number of items where there are several."""
        counts = Counter(self.models)
        if len(counts) == 1:
            return [str(model) for model in counts]
        return [f"{model} ({n_items})" for model, n_items in counts.items()]


def read_calibration_data(
    responses: Path,
    model: Model,
    *,
    models: Path | None = None,
    anchors: Path | None = None,
    groups: Path | None = None,
    reading: Reading = PLAIN,
    wanted: ParameterReading = OWN,
) -> CalibrationData:
    """Read and check the files against each other; `wanted` is how the anchors are to be read.

    Raises `DataError` naming file and line.
    """
    table = read_responses(responses, reading=reading)
    others = reading.dialect.for_other_files
    fixed = read_anchors(anchors, table, wanted) if anchors else None
    stated = read_models(models, table, others) if models else {}
    decided = decide_models(model, table.items, stated, fixed)
    return CalibrationData(
        table=table,
        models=decided,
        n_categories=count_categories(table, decided, fixed),
        anchors=fixed,
        groups=read_groups(groups, table, others) if groups else one_group(table),
        unusable=find_unusable(table, fixed.marks if fixed else np.zeros(len(decided), np.bool_)),
    )


def estimate(
    data: CalibrationData, settings: Settings, callback: Callback | None = None
) -> Calibration:
    """Calibrate the usable persons.

    Raises `DataError`, `PopulationError` and whatever `callback` raises.
    """
    population = data.population(settings.free_group)
    if data.n_anchored == len(data.models) and not population.is_free:
        raise DataError(
            "every item is anchored, and the group is not free: nothing is left to estimate. Leave "
            "out --fixed-group, or score the responses by score_csv"
        )
    try:
        return calibrate(
            data.responses(),
            data.models,
            nodes=settings.given_nodes,
            population=population,
            priors=settings.priors,
            anchors=data.anchors.parameters if data.anchors else None,
            acceleration=settings.acceleration,
            tolerance=settings.tolerance,
            max_iterations=settings.max_iterations,
            with_standard_errors=settings.with_standard_errors,
            with_covariance=settings.with_covariance,
            callback=callback,
        )
    except ResponseError as error:
        item = "" if error.item is None else f", item {data.table.items[error.item]}"
        raise DataError(f"{data.table.path}{item}: {error.reason}") from error


def judge_calibration_links(data: CalibrationData, result: Calibration) -> Links:
    """Whether the usable responses hold the items together."""
    return judge_links(
        data.responses(),
        result.parameters,
        data.anchored,
        result.group_mean,
        result.group_variance,
    )


def estimate_abilities(
    data: CalibrationData, result: Calibration, limit: float | None = None
) -> AbilityTable:
    """All persons at the estimates, with the estimated distribution of their group as prior."""
    usable = np.flatnonzero(np.isfinite(result.parameters.discrimination))
    kept = result.parameters.take(usable)
    answered = data.table.take_items([data.table.items[item] for item in usable])
    responses = answered.to_responses(kept.n_categories)
    moments = zip(result.group_mean.tolist(), result.group_variance.tolist(), strict=True)
    groups = [
        np.flatnonzero(data.groups.member == group) for group in range(result.group_mean.size)
    ]
    tables = [
        score(responses.take(members), kept, Scoring(mean, variance**0.5, limit=limit))
        for members, (mean, variance) in zip(groups, moments, strict=True)
    ]
    return join_tables(tables).take(np.argsort(np.concatenate(groups)))
