"""A fitted model: what was estimated, how well, and everything that follows from it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from irt.arrays import BoolArray, FloatArray, IntArray
from irt.calibration.result import Calibration, ItemStatus
from irt.fit.fitted_model import FittedModel, fitted_model
from irt.library.faults import InputError
from irt.library.fit_statistics import (
    ItemFit,
    LocalDependence,
    ModelFit,
    PersonFit,
    item_fit,
    local_dependence,
    model_fit,
    person_fit_of,
)
from irt.library.information import Information
from irt.library.item_bank import ItemBank, parameter_table
from irt.library.reading import read_responses
from irt.library.response_table import ResponseTable
from irt.library.scores import Scores, joined, method_of, score_responses
from irt.library.tables import Columns, PlainTable, Table, number, texts


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Table):
    """J items fitted to the responses of N persons in G groups, D = 1. `fit_model` makes it.

    responses    what was fitted to
    calibration  estimates, errors and the course of the search, as the numerics return them
    groups       names of the groups, the reference first; member (N,) each person's
    free_mean, free_variance  (G,) which moments of ability were estimated
    has_given_nodes  whether `nodes` is the grid that was asked for, on which scores stay as well
    warnings     what makes the result doubtful
    """

    responses: ResponseTable
    calibration: Calibration
    groups: tuple[str, ...]
    member: IntArray
    free_mean: BoolArray
    free_variance: BoolArray
    has_given_nodes: bool
    warnings: tuple[str, ...]

    @property
    def items(self) -> tuple[str, ...]:
        return self.responses.items

    @property
    def converged(self) -> bool:
        return self.calibration.converged

    @property
    def nodes(self) -> FloatArray:
        """(Q,) the grid of abilities."""
        return self.calibration.nodes

    @property
    def log_likelihood(self) -> float:
        return self.calibration.log_likelihood

    @property
    def n_parameters(self) -> int:
        return self.calibration.n_parameters

    @property
    def aic(self) -> float:
        return self.calibration.aic

    @property
    def bic(self) -> float:
        return self.calibration.bic

    @cached_property
    def estimated_items(self) -> IntArray:
        """Places of the items that have parameters, estimated or anchored."""
        return np.flatnonzero(self.calibration.status != ItemStatus.EMPTY_CATEGORY)

    @cached_property
    def bank(self) -> ItemBank:
        """The items that have parameters, with their errors: to score others, link, simulate."""
        whole = ItemBank(
            self.items,
            self.calibration.parameters,
            self.calibration.standard_errors,
            self.calibration.covariance,
        )
        return whole.take(self.estimated_items)

    @property
    def population(self) -> PlainTable:
        """Mean and variance of ability in each group; errors are NaN where fixed."""
        own = self.calibration
        columns: Columns = {
            "group": texts(self.groups),
            "n_persons": np.bincount(self.member, minlength=len(self.groups)),
            "mean": own.group_mean,
            "mean_se": own.group_mean_se,
            "variance": own.group_variance,
            "variance_se": own.group_variance_se,
        }
        return PlainTable(columns, "Ability by group")

    def score(
        self,
        responses: Any = None,
        *,
        method: str = "eap",
        group: str | None = None,
        fences: tuple[float, float] | None = None,
    ) -> Scores:
        """Ability of each person of the fit, or of those of other `responses`.

        method is "eap" (posterior mean and SD), "map", "ml" or "wle" (Warm 1989). EAP and MAP take
        the estimated distribution of the person's group as prior; for other responses that of
        `group`, which must be named where there are several. ML is infinite for those who have
        everything right or wrong, unless `fences` (lower, upper) hold it (Han 2016).
        """
        method_of(method)
        if responses is not None:
            table = self.bank.aligned(read_responses(responses))
            return self._scores(table, self._group(group), method, fences)
        own = self._own_responses()
        parts = []
        for number_of_group in range(len(self.groups)):
            persons = np.flatnonzero(self.member == number_of_group)
            table = own if len(self.groups) == 1 else own.take(persons)
            parts.append((persons, self._scores(table, number_of_group, method, fences)))
        return parts[0][1] if len(parts) == 1 else joined(parts)

    def information(self, theta: ArrayLike | None = None) -> Information:
        """Information of the items and of the test at theta (Q,), by default -4, -3.75, ..., 4."""
        return self.bank.information(theta)

    def reliability(self, group: str | None = None) -> float:
        """Marginal reliability of a test of all items in a group."""
        mean, sd = self._moments(self._group(group))
        return self.bank.reliability(mean=mean, sd=sd)

    def item_fit(self, group: str | None = None) -> ItemFit:
        """S-X2, infit and outfit, and RMSD of each item, in one group."""
        return item_fit(*self._judged(group))

    def model_fit(self, group: str | None = None) -> ModelFit:
        """M2 (M2* of polytomous items) with RMSEA, SRMSR, CFI and TLI, in one group."""
        return model_fit(*self._judged(group))

    def local_dependence(self, group: str | None = None) -> LocalDependence:
        """Q3 of all pairs of items, the most dependent first, in one group."""
        return local_dependence(*self._judged(group))

    def person_fit(self, method: str = "map", group: str | None = None) -> PersonFit:
        """l_z, l_z*, infit and outfit of each person of one group, at ability by `method`."""
        table, _ = self._judged(group)
        mean, sd = self._moments(self._group(group))
        scores = self._scores(table, self._group(group), method)
        return person_fit_of(table, self.bank.parameters, scores, mean=mean, sd=sd)

    def to_columns(self) -> Columns:
        """item, n_responses, model, parameters with their `_se`, and status of each item."""
        own = self.calibration
        return {
            "item": texts(self.items),
            "n_responses": self.responses.n_responses,
            **parameter_table(own.parameters, own.standard_errors),
            "status": own.status,
        }

    def heading(self) -> list[str]:
        own = self.calibration
        models = ", ".join(dict.fromkeys(own.parameters.model.tolist()))
        ended = "yes" if own.converged else "NO"
        lines = [
            f"{models} fit of {len(self.items)} items to {own.n_persons} persons, D = 1",
            "",
            f"converged       {ended}, {own.iterations} iterations, largest gradient "
            f"{own.max_gradient:.1e}",
            f"log-likelihood  {own.log_likelihood:.3f} with {own.n_parameters} parameters, "
            f"AIC {own.aic:.2f}, BIC {own.bic:.2f}",
        ]
        if own.log_posterior != own.log_likelihood:
            lines.append(f"log-posterior   {own.log_posterior:.3f}: priors count")
        for place, name in enumerate(self.groups):
            label = "ability" if len(self.groups) == 1 else f"ability, {name}"
            lines.append(f"{label:<15} {self._distribution(place)}")
        lines.append(f"grid            {len(self.nodes)} nodes on +-{self.nodes[-1]:g}")
        return lines

    def notes(self) -> tuple[str, ...]:
        return self.warnings

    def _distribution(self, group: int) -> str:
        own = self.calibration
        mean, variance = own.group_mean[group], own.group_variance[group]
        free = [
            f"{name} estimated, se {number(float(error[group]))}"
            for name, is_free, error in (
                ("mean", self.free_mean, own.group_mean_se),
                ("variance", self.free_variance, own.group_variance_se),
            )
            if is_free[group]
        ]
        return f"mean {mean:.3f}, variance {variance:.3f} ({'; '.join(free) or 'fixed'})"

    def _own_responses(self) -> ResponseTable:
        return self.responses.among(self.bank.items, self.bank.parameters.n_categories)

    def _scores(
        self,
        table: ResponseTable,
        group: int,
        method: str,
        fences: tuple[float, float] | None = None,
    ) -> Scores:
        mean, sd = self._moments(group)
        return score_responses(
            table,
            self.bank.parameters,
            method,
            mean=mean,
            sd=sd,
            nodes=self.nodes if self.has_given_nodes else None,
            fences=fences,
        )

    def _moments(self, group: int) -> tuple[float, float]:
        """Mean and SD of ability."""
        own = self.calibration
        return float(own.group_mean[group]), float(own.group_variance[group]) ** 0.5

    def _group(self, name: str | None) -> int:
        if name is None and len(self.groups) == 1:
            return 0
        if name not in self.groups:
            raise InputError(f"name the group: one of {', '.join(self.groups)}, not {name!r}")
        return self.groups.index(str(name))

    def _judged(self, group: str | None) -> tuple[ResponseTable, FittedModel]:
        """The responses of a group, and the model whose fit to them is judged."""
        place = self._group(group)
        own, table = self.calibration, self._own_responses()
        if len(self.groups) > 1:
            table = table.take(np.flatnonzero(self.member == place))
        return table, fitted_model(
            self.bank.parameters,
            mean=float(own.group_mean[place]),
            variance=float(own.group_variance[place]),
            nodes=self.nodes,
            estimated=own.status[self.estimated_items] != ItemStatus.ANCHORED,
            free_mean=bool(self.free_mean[place]),
            free_variance=bool(self.free_variance[place]),
        )
