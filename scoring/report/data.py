"""What a report is about: responses, parameters and the ability of those who answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError
from irt.arrays import BoolArray, FloatArray
from irt.calibration.calibrate import calibrate
from irt.calibration.population import Population, standard_population
from irt.estimation.expected_a_posteriori import normal_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.result import Estimates
from irt.fit.fitted_model import FittedModel, fitted_model
from irt.fit.rmsd import Rmsd, rmsd
from irt.models.parameters import ItemParameters
from irt.quadrature import Grid
from irt.responses import ResponseError, Responses
from scoring.files.parameter_files import (
    OWN,
    ParameterReading,
    ParameterTable,
    match_items,
    read_parameters,
)
from scoring.files.reading import PLAIN, Reading
from scoring.files.response_files import read_responses
from scoring.files.response_table import ResponseTable
from scoring.files.suspicions import about_categories

_WIDE_SD = 3.0

# A group so far beyond the outermost items, or beyond this, is not determined by the responses.
_BEYOND_ITEMS, _LEAST_LIMIT = 3.0, 6.0


@dataclass(frozen=True, eq=False)
class ReportData:
    """N persons who answered at least one of J items with known parameters.

    estimated (J,) items whose parameters came from these responses; left_out names items without
    parameters, unanswered ones that the responses do not hold; n_silent persons without a response.
    """

    table: ResponseTable
    known: ParameterTable
    responses: Responses
    population: Population
    is_population_estimated: bool
    estimated: BoolArray
    left_out: Sequence[str]
    unanswered: Sequence[str]
    n_silent: int

    @property
    def items(self) -> list[str]:
        return self.known.items

    @property
    def persons(self) -> list[str]:
        return self.table.persons

    @property
    def parameters(self) -> ItemParameters:
        return self.known.parameters

    @property
    def mean(self) -> float:
        return float(self.population.mean[0])

    @property
    def sd(self) -> float:
        return float(self.population.variance[0] ** 0.5)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was left out of the responses or looks wrong in them."""
        source = filter(None, [self.known.source])
        return (
            *source,
            *self.table.notes,
            *about_categories(self.table, self.parameters, self.grid),
        )

    @cached_property
    def grid(self) -> Grid:
        """Ability in the population, on nodes that show what these items tell of it."""
        return self.model.ability

    @cached_property
    def theta(self) -> Estimates:
        """EAP of the persons."""
        return normal_a_posteriori(self.responses, self.parameters, mean=self.mean, sd=self.sd)

    @cached_property
    def modal_theta(self) -> Estimates:
        """MAP of the persons: the correction of l_z needs an estimate that solves an equation."""
        return maximum_a_posteriori(self.responses, self.parameters, mean=self.mean, sd=self.sd)

    @cached_property
    def model(self) -> FittedModel:
        """The model whose fit is judged, and what it took from these responses."""
        return fitted_model(
            self.parameters,
            mean=self.mean,
            variance=self.sd**2,
            estimated=self.estimated,
            free_mean=bool(self.population.free_mean[0]),
            free_variance=bool(self.population.free_variance[0]),
        )

    @cached_property
    def rmsd(self) -> Rmsd:
        """Curves against what was observed, with the points to draw."""
        return rmsd(self.responses, self.model)

    @property
    def share_complete(self) -> float:
        """Of the persons who answered every item."""
        answers = np.bincount(self.table.person, minlength=len(self.persons))
        return float((answers == len(self.items)).mean())

    @property
    def share_answered(self) -> float:
        return len(self.table.score) / (len(self.persons) * len(self.items))


def read_report_data(
    responses: Path,
    parameters: Path,
    *,
    normal: tuple[float, float] | None = None,
    is_known: bool = False,
    wanted: ParameterReading = OWN,
    reading: Reading = PLAIN,
) -> ReportData:
    """Read the files; the population is N(mean, sd^2) as `normal` says, or estimated.

    With `is_known` the parameters came from elsewhere. Raises `DataError`.
    """
    known = read_parameters(parameters, wanted)
    whole = read_responses(responses, {*known.items, *known.without}, reading)
    answered, used = match_items(whole, known)
    silent = np.bincount(answered.person, minlength=len(answered.persons)) == 0
    if silent.all():
        raise DataError(f"{responses} holds no response to an item of {parameters}")
    table = answered.drop_persons(silent)
    coded = table.to_responses(used.parameters.n_categories)
    with_parameters, present = set(used.items), set(whole.items)
    return ReportData(
        table=table,
        known=used,
        responses=coded,
        population=_population(coded, used, normal, is_known),
        is_population_estimated=normal is None,
        estimated=_estimated(used, is_known),
        left_out=[name for name in whole.items if name not in with_parameters],
        unanswered=[name for name in known.items if name not in present],
        n_silent=int(silent.sum()),
    )


def _estimated(known: ParameterTable, is_known: bool) -> BoolArray:
    """(J,) items with a standard error or a reason for having none, or all where none has any."""
    if is_known or known.errors is None:
        return np.full(len(known.items), not is_known)
    told = np.array([bool(status) for status in known.status])
    errors = known.errors
    slopes = np.isfinite(errors.discrimination)
    return np.asarray(np.isfinite(errors.difficulty).any(axis=1) | slopes | told)


def _start(responses: Responses, known: ParameterTable) -> tuple[FloatArray, FloatArray]:
    """Mean and variance (1,) by EAP with a wide prior.

    The search may not find a group far away when it starts from N(0, 1).
    """
    wide = normal_a_posteriori(responses, known.parameters, sd=_WIDE_SD)
    variance = wide.theta.var() + np.square(wide.standard_error).mean()
    return np.array([wide.theta.mean()]), np.array([variance])


def _population(
    responses: Responses,
    known: ParameterTable,
    normal: tuple[float, float] | None,
    is_known: bool,
) -> Population:
    """Its moments, and which of them cost a degree of freedom.

    Estimated with the items fixed: at parameters that were calibrated from the same responses this
    gives back the population of that calibration.
    """
    models = known.parameters.model.tolist()
    if normal is not None:
        fixed = np.zeros(1, dtype=np.bool_)
        return Population(np.array([normal[0]]), np.array([normal[1] ** 2]), fixed, fixed)
    free = standard_population(models, free=True, anchored=True)
    mean, variance = _start(responses, known)
    try:
        found = calibrate(
            responses,
            models,
            population=replace(free, mean=mean, variance=variance),
            anchors=known.parameters,
            with_standard_errors=False,
        )
    except ResponseError as error:
        raise DataError(f"the ability of the group cannot be estimated: {error.reason}") from error
    farthest = float(np.nanmax(np.abs(known.parameters.difficulty)))
    limit = max(np.ceil(farthest + _BEYOND_ITEMS), _LEAST_LIMIT)
    if not found.converged or abs(found.group_mean[0]) > limit:
        raise DataError(
            f"the ability of the group cannot be estimated: it lies beyond {-limit:g} to "
            f"{limit:g} on the scale of the items, or the responses do not determine it; "
            "give --population"
        )
    paid = free if is_known else standard_population(models)
    return Population(found.group_mean, found.group_variance, paid.free_mean, paid.free_variance)
