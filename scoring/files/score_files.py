"""Abilities from responses as the SCORES files of the commands hold them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from common.files.csv_files import write_table
from irt.arrays import IntArray
from irt.estimation.expected_a_posteriori import normal_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.reliability import empirical_reliability
from irt.estimation.result import AbilityStatus, Estimates
from irt.estimation.summed_scores import SummedScores
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.parameters import ItemParameters
from irt.quadrature import LIMIT, Grid, covering_grid, normal_grid
from irt.responses import Responses

ESTIMATORS = ("eap", "map", "ml", "wle")

# Scores use a finer grid than calibration: they are cheap.
SCORING_NODES = 121

# A normal prior needs nodes out to this many standard deviations from its mean.
_WIDE = 3.0

_PERSONS_PER_PART = 50_000


@dataclass(frozen=True)
class Scoring:
    """How abilities are estimated: the normal prior of EAP and MAP, EAP's grid, ML's fences.

    Without nodes and limit the grid suits the prior.
    """

    prior_mean: float = 0.0
    prior_sd: float = 1.0
    nodes: int | None = None
    limit: float | None = None
    fences: tuple[float, float] | None = None
    observed_errors: bool = False

    @property
    def grid(self) -> Grid:
        mean, sd = self.prior_mean, self.prior_sd
        if self.nodes is None and self.limit is None:
            return covering_grid(mean, sd, SCORING_NODES)
        return normal_grid(self.nodes or SCORING_NODES, self.limit or LIMIT, mean, sd)

    @property
    def cuts_off(self) -> bool:
        """Whether the prior goes on beyond the grid that was asked for."""
        farthest = abs(self.prior_mean) + _WIDE * self.prior_sd
        return farthest > float(self.grid.nodes[-1])


@dataclass(frozen=True, eq=False)
class AbilityTable:
    """The estimates of N persons by `ESTIMATORS`."""

    eap: Estimates
    map: Estimates
    ml: Estimates
    wle: Estimates

    def take(self, persons: IntArray) -> "AbilityTable":
        """The persons at `persons`, in that order."""
        return AbilityTable(*(getattr(self, estimator).take(persons) for estimator in ESTIMATORS))

    @property
    def empirical_reliability(self) -> float:
        """Of EAP, over the persons who answered something; NaN for fewer than two."""
        answered = self.eap.status != AbilityStatus.NO_RESPONSES
        return empirical_reliability(self.eap.take(np.flatnonzero(answered)))


def score(
    responses: Responses,
    parameters: ItemParameters,
    scoring: Scoring,
    progress: Callable[[int, int], None] | None = None,
) -> AbilityTable:
    """Estimate N persons by every estimator; progress(done, N) is called after each part.

    A person without responses has the prior's EAP and MAP, and NaN for ML and WLE. Raises
    `ResponseError` where responses and parameters have different items or categories.
    """
    parts: list[AbilityTable] = []
    done = 0
    for part in responses.chunks(_PERSONS_PER_PART):
        parts.append(_score_part(part, parameters, scoring))
        done += part.n_persons
        if progress:
            progress(done, responses.n_persons)
    return join_tables(parts)


def join_tables(parts: Sequence[AbilityTable]) -> AbilityTable:
    """The persons of all parts, in order."""
    return AbilityTable(
        *(_join_estimates([getattr(part, estimator) for part in parts]) for estimator in ESTIMATORS)
    )


def write_scores(file: TextIO, persons: Sequence[str], scores: AbilityTable) -> None:
    """SCORES.csv: person, then theta and standard error of each estimator.

    A theta is `inf` or `-inf` where the likelihood has no highest point, and empty where nothing
    was answered; an error that is not finite is empty.
    """
    header = [name for estimator in ESTIMATORS for name in (estimator, f"{estimator}_se")]
    columns: list[list[float]] = []
    for estimator in ESTIMATORS:
        estimates = getattr(scores, estimator)
        error = estimates.standard_error
        columns += [estimates.theta.tolist(), np.where(np.isfinite(error), error, np.nan).tolist()]
    write_table(file, ["person", *header], zip(persons, *columns, strict=True))


def write_summed_scores(file: TextIO, table: SummedScores, observed: IntArray) -> None:
    """score, eap, eap_se, observed, expected: a row a summed score.

    observed (S + 1,) counts examinees; expected is how many the parameters and prior foretell.
    """
    header = ["score", "eap", "eap_se", "observed", "expected"]
    columns = (
        range(len(observed)),
        table.ability.theta.tolist(),
        table.ability.standard_error.tolist(),
        observed.tolist(),
        (table.probability * observed.sum()).tolist(),
    )
    write_table(file, header, zip(*columns, strict=True))


def _score_part(responses: Responses, parameters: ItemParameters, scoring: Scoring) -> AbilityTable:
    mean, sd, observed = scoring.prior_mean, scoring.prior_sd, scoring.observed_errors
    return AbilityTable(
        normal_a_posteriori(responses, parameters, mean=mean, sd=sd, nodes=scoring.grid.nodes),
        maximum_a_posteriori(responses, parameters, mean=mean, sd=sd, observed_errors=observed),
        maximum_likelihood(responses, parameters, fences=scoring.fences, observed_errors=observed),
        weighted_likelihood(responses, parameters, observed_errors=observed),
    )


def _join_estimates(parts: Sequence[Estimates]) -> Estimates:
    return Estimates(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.standard_error for part in parts]),
        np.concatenate([part.status for part in parts]),
    )
