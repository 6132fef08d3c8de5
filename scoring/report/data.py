"""What a report is about: responses, parameters and the ability of those who answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from common.files.csv_files import DataError
from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.population import Population
from irt.estimation.expected_a_posteriori import normal_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.result import Estimates
from irt.fit.duplicates import Duplicates, duplicates
from irt.fit.fitted_groups import Fitted, FittedGroups
from irt.fit.fitted_model import FittedModel, fitted_model, integration_nodes
from irt.fit.rmsd import Rmsd, rmsd
from irt.models.parameters import ItemParameters
from irt.quadrature import MOST_NODES, Grid, normal_weights
from irt.responses import Responses
from scoring.files.calibration_inputs import Groups, one_group, read_groups
from scoring.files.parameter_files import (
    OWN,
    ParameterReading,
    ParameterTable,
    match_items,
    read_parameters,
)
from scoring.report.population import estimated_population, given_population
from scoring.report.strata import Stratum, find_strata, fitted_strata
from scoring.responses.reader import read_responses
from scoring.responses.reading import PLAIN, Reading
from scoring.responses.suspicions import about_categories
from scoring.responses.table import ResponseTable


@dataclass(frozen=True, eq=False)
class ReportData:
    """N persons in G groups who answered at least one of J items with known parameters.

    whole is the file as it stands, with the items and persons that the other tables lack; groups is
    one group of all where none are given, population their distributions, borrowed those whose own
    cannot be told. estimated (J,) items whose parameters came from these responses; left_out names
    items without parameters, unanswered ones that the responses do not hold; n_silent persons
    without a response.
    """

    whole: ResponseTable
    table: ResponseTable
    known: ParameterTable
    responses: Responses
    groups: Groups
    population: Population
    is_population_estimated: bool
    borrowed: Sequence[str]
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
    def has_groups(self) -> bool:
        return len(self.groups.names) > 1

    @cached_property
    def group_shares(self) -> FloatArray:
        """(G,) of the persons."""
        counts = np.bincount(self.groups.member, minlength=len(self.groups.names))
        return np.asarray(counts / counts.sum())

    @property
    def mean(self) -> float:
        """Of all groups together."""
        return float(self.group_shares @ self.population.mean)

    @property
    def sd(self) -> float:
        """Of all groups together."""
        spread = self.population.variance + (self.population.mean - self.mean) ** 2
        return float(np.sqrt(self.group_shares @ spread))

    @cached_property
    def moments(self) -> list[tuple[float, float]]:
        """Mean and SD of ability in each group."""
        own = self.population
        return list(zip(own.mean.tolist(), (own.variance**0.5).tolist(), strict=True))

    @cached_property
    def nodes(self) -> FloatArray:
        """(Q,) the same for all groups: as far out and as close as any of them asks for."""
        own = [integration_nodes(self.parameters, mean, sd) for mean, sd in self.moments]
        if len(own) == 1:
            return own[0]
        low, high = min(nodes[0] for nodes in own), max(nodes[-1] for nodes in own)
        n_steps = np.ceil((high - low) / min(nodes[1] - nodes[0] for nodes in own) - 1e-6)
        return np.linspace(low, high, int(min(n_steps, MOST_NODES - 1)) + 1)

    @cached_property
    def grids(self) -> list[Grid]:
        """Ability in each group."""
        nodes = self.nodes
        return [Grid(nodes, normal_weights(nodes, mean, sd)) for mean, sd in self.moments]

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
        """Ability of all groups together, each by its persons."""
        weights = self.group_shares @ np.array([grid.weights for grid in self.grids])
        return Grid(self.nodes, weights) if self.has_groups else self.grids[0]

    def persons_of(self, group: int) -> IntArray:
        """The places of its persons."""
        return np.flatnonzero(self.groups.member == group)

    @cached_property
    def theta(self) -> Estimates:
        """EAP of the persons, by the distribution of their own group."""
        return self._by_group(
            lambda own, mean, sd: normal_a_posteriori(own, self.parameters, mean=mean, sd=sd)
        )

    @cached_property
    def modal_theta(self) -> Estimates:
        """MAP of the persons: the correction of l_z needs an estimate that solves an equation."""
        return self._by_group(
            lambda own, mean, sd: maximum_a_posteriori(own, self.parameters, mean=mean, sd=sd)
        )

    def _by_group(self, estimate: Callable[[Responses, float, float], Estimates]) -> Estimates:
        if not self.has_groups:
            return estimate(self.responses, *self.moments[0])
        n = len(self.persons)
        theta, error, status = np.empty(n), np.empty(n), np.empty(n, dtype=np.int8)
        for group in np.flatnonzero(self.group_shares).tolist():
            persons = self.persons_of(group)
            own = estimate(self.responses.take(persons), *self.moments[group])
            theta[persons], error[persons] = own.theta, own.standard_error
            status[persons] = own.status
        return Estimates(theta, error, status)

    @cached_property
    def models(self) -> list[FittedModel]:
        """Of each group, and what of it was taken from these responses."""
        own = self.population
        free = zip(own.free_mean.tolist(), own.free_variance.tolist(), strict=True)
        return [
            fitted_model(
                self.parameters,
                mean=mean,
                variance=sd**2,
                nodes=self.nodes,
                estimated=self.estimated,
                free_mean=free_mean,
                free_variance=free_variance,
            )
            for (mean, sd), (free_mean, free_variance) in zip(self.moments, free, strict=True)
        ]

    @cached_property
    def model(self) -> Fitted:
        """The model whose fit is judged, each group within its own distribution."""
        if self.has_groups:
            return FittedGroups(self.models, self.groups.member)
        return self.models[0]

    @cached_property
    def strata(self) -> list[Stratum]:
        """The persons whose sums can be compared: those of one group who answered one form.

        Groups whose distribution is borrowed have nothing to be compared with.
        """
        names = [name not in self.borrowed for name in self.groups.names]
        return find_strata(
            self.responses,
            self.models,
            np.where(np.array(names)[self.groups.member], self.groups.member, -1),
            has_given_moments=not self.is_population_estimated,
        )

    @cached_property
    def model_of_sums(self) -> Fitted | None:
        """The same model for what needs sums; None where nobody's sums can be compared."""
        if len(self.strata) == 1 and not self.has_groups and self.strata[0].is_complete:
            return self.models[0]
        return fitted_strata(self.strata, len(self.persons)) if self.strata else None

    @cached_property
    def copies(self) -> Duplicates:
        """Pairs of items that are one item twice."""
        return duplicates(self.responses)

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
    groups: Path | None = None,
    normal: tuple[float, float] | None = None,
    is_known: bool = False,
    wanted: ParameterReading = OWN,
    reading: Reading = PLAIN,
) -> ReportData:
    """Read the files; ability is N(mean, sd^2) as `normal` says, or estimated in each group.

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
    members = _groups(groups, table) if groups else one_group(table)
    if normal is None:
        population, borrowed = estimated_population(
            coded, used.parameters, members.member, is_known=is_known
        )
    else:
        population = given_population(normal, members.member)
        borrowed = np.zeros(population.n_groups, dtype=np.bool_)
    with_parameters, present = set(used.items), set(whole.items)
    return ReportData(
        whole=whole,
        table=table,
        known=used,
        responses=coded,
        groups=members,
        population=population,
        is_population_estimated=normal is None,
        borrowed=[members.names[group] for group in np.flatnonzero(borrowed)],
        estimated=_estimated(used, is_known),
        left_out=[name for name in whole.items if name not in with_parameters],
        unanswered=[name for name in known.items if name not in present],
        n_silent=int(silent.sum()),
    )


def _groups(path: Path, table: ResponseTable) -> Groups:
    """Of the persons who answered something."""
    groups = read_groups(path, table)
    if len(groups.names) < 2:
        raise DataError(f"{path} names one group; to compare, it needs two or more")
    return groups


def _estimated(known: ParameterTable, is_known: bool) -> BoolArray:
    """(J,) items with a standard error or a reason for having none, or all where none has any."""
    if is_known or known.errors is None:
        return np.full(len(known.items), not is_known)
    told = np.array([bool(status) for status in known.status])
    errors = known.errors
    slopes = np.isfinite(errors.discrimination)
    return np.asarray(np.isfinite(errors.difficulty).any(axis=1) | slopes | told)
