"""How well items, the whole model, pairs of items and persons fit, as tables."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from irt.arrays import FloatArray
from irt.fit.fitted_model import FitStatus, FittedModel
from irt.fit.m2 import M2, m2
from irt.fit.mean_squares import MeanSquares, mean_squares
from irt.fit.q3 import Q3, q3
from irt.fit.rmsd import Rmsd, rmsd
from irt.fit.s_x2 import SX2, s_x2
from irt.library.faults import naming_items
from irt.library.response_table import ResponseTable
from irt.library.scores import Scores
from irt.library.tables import Column, Columns, Table, texts
from irt.models.parameters import ItemParameters
from irt.person_fit.person_fit import PersonFit as PersonStatistics
from irt.person_fit.person_fit import person_fit
from irt.person_fit.result import PersonStatus


@dataclass(frozen=True, eq=False, repr=False)
class ItemFit(Table):
    """Fit of J items: S-X2 with df, p and RMSEA, mean squares (1 is as expected), RMSD."""

    items: tuple[str, ...]
    s_x2: SX2
    mean_squares: MeanSquares
    rmsd: Rmsd

    def to_columns(self) -> Columns:
        """item, s_x2, df, p, rmsea, infit, outfit, rmsd and the status of S-X2."""
        return {
            "item": texts(self.items),
            "s_x2": self.s_x2.statistic,
            "df": self.s_x2.df,
            "p": self.s_x2.p,
            "rmsea": self.s_x2.rmsea,
            "infit": self.mean_squares.infit,
            "outfit": self.mean_squares.outfit,
            "rmsd": self.rmsd.rmsd,
            "status": self.s_x2.status,
        }

    def heading(self) -> list[str]:
        return [f"Fit of {len(self.items)} items", *_who_counts(self.s_x2.n_persons, "S-X2")]

    def notes(self) -> list[str]:
        return [
            "p is of one item at a time: of 100 items that fit, 5 are below 0.05",
            "infit and outfit are taken at EAP, which draws them below 1: compare items by them",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class ModelFit(Table):
    """Fit of the whole model: one row."""

    statistics: M2

    def to_columns(self) -> Columns:
        """m2, df, p, rmsea with its 90% interval, srmsr, cfi, tli, n_persons."""
        own = self.statistics
        values = {
            "m2": own.statistic,
            "df": own.df,
            "p": own.p,
            "rmsea": own.rmsea,
            "rmsea_lower": own.rmsea_lower,
            "rmsea_upper": own.rmsea_upper,
            "srmsr": own.srmsr,
            "cfi": own.cfi,
            "tli": own.tli,
            "n_persons": own.n_persons,
        }
        return {name: np.array([value]) for name, value in values.items()}

    def heading(self) -> list[str]:
        return [f"Fit of the model to the margins of {int(self.statistics.items.sum())} items"]


@dataclass(frozen=True, eq=False, repr=False)
class LocalDependence(Table):
    """Q3 of all pairs of items, the highest adjusted value first."""

    rows_shown: ClassVar[int] = 10

    items: tuple[str, ...]
    q3: Q3

    def to_columns(self) -> Columns:
        """item_1, item_2, q3, adjusted (q3 minus its mean), n_persons, flagged, status."""
        first, second = np.triu_indices(len(self.items), 1)
        adjusted = self.q3.adjusted[first, second]
        order = np.argsort(-np.nan_to_num(adjusted, nan=-np.inf), kind="stable")
        pairs = first[order], second[order]
        names = texts(self.items)
        return {
            "item_1": names[pairs[0]],
            "item_2": names[pairs[1]],
            "q3": self.q3.correlation[pairs],
            "adjusted": self.q3.adjusted[pairs],
            "n_persons": self.q3.n_persons[pairs],
            "flagged": self.q3.flagged[pairs],
            "status": self.q3.status[pairs],
        }

    def heading(self) -> list[str]:
        flagged = int(np.triu(self.q3.flagged, 1).sum())
        return [
            f"Q3 of the pairs of {len(self.items)} items, mean {self.q3.mean:.3f}",
            f"{flagged} pairs flagged: adjusted value above 0.2",
        ]


@dataclass(frozen=True, eq=False, repr=False)
class PersonFit(Table):
    """Fit of N persons at their estimated ability."""

    rows_shown: ClassVar[int] = 10

    persons: Column
    theta: FloatArray
    statistics: PersonStatistics

    def to_columns(self) -> Columns:
        """person, theta, n_responses, lz, lz_star, infit, outfit, and the status of l_z*."""
        own = self.statistics
        return {
            "person": self.persons,
            "theta": self.theta,
            "n_responses": own.n_answers,
            "lz": own.lz.value,
            "lz_star": own.lz_star.value,
            "infit": own.mean_squares.infit,
            "outfit": own.mean_squares.outfit,
            "status": own.lz_star.status,
        }

    def heading(self) -> list[str]:
        told = self.statistics.lz_star.ok
        low = int((self.statistics.lz_star.value[told] < -1.645).sum())
        return [
            f"Fit of {len(self.theta)} persons",
            f"{low} of {int(told.sum())} have l_z* below -1.645, as 5% do by chance in a test that "
            "is the same for all",
        ]

    def notes(self) -> list[str]:
        words, counts = np.unique(self.statistics.lz_star.status, return_counts=True)
        return [
            f"{count} persons: {word}"
            for word, count in zip(words.tolist(), counts.tolist(), strict=True)
            if word != PersonStatus.OK
        ]


def item_fit(table: ResponseTable, model: FittedModel) -> ItemFit:
    """Of the items of the table, which are those of the model."""
    with naming_items(table.items):
        return ItemFit(
            table.items,
            s_x2(table.responses, model),
            mean_squares(table.responses, model),
            rmsd(table.responses, model),
        )


def model_fit(table: ResponseTable, model: FittedModel) -> ModelFit:
    """M2 of all items. Raises `InputError` where it cannot be computed, and why."""
    with naming_items(table.items):
        return ModelFit(m2(table.responses, model))


def local_dependence(table: ResponseTable, model: FittedModel) -> LocalDependence:
    """Q3 at EAP."""
    with naming_items(table.items):
        return LocalDependence(table.items, q3(table.responses, model))


def person_fit_of(
    table: ResponseTable, parameters: ItemParameters, scores: Scores, *, mean: float, sd: float
) -> PersonFit:
    """At the scores of these persons, estimated with prior N(mean, sd^2)."""
    with naming_items(table.items):
        statistics = person_fit(
            table.responses,
            parameters,
            scores.theta,
            scores.method.value,
            prior_mean=mean,
            prior_sd=sd,
        )
    return PersonFit(table.persons, scores.theta, statistics)


def _who_counts(n_persons: int, statistic: str) -> list[str]:
    if n_persons:
        return [f"{statistic} of the {n_persons} persons who answered every item"]
    return [f"no {statistic}: nobody answered every item ({FitStatus.TOO_FEW_PERSONS})"]
