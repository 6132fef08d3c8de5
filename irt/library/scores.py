"""Ability of persons by any of four estimators."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from irt.ability import Ability
from irt.arrays import FloatArray, IntArray
from irt.estimation.expected_a_posteriori import expected_a_posteriori, normal_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.reliability import empirical_reliability
from irt.estimation.result import AbilityStatus, Estimates
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.library.faults import InputError
from irt.library.response_table import ResponseTable
from irt.library.tables import Column, Columns, Table
from irt.models.parameters import ItemParameters
from irt.policy.policy import Estimator
from irt.quadrature import Grid, normal_weights


@dataclass(frozen=True, eq=False, repr=False)
class Scores(Table):
    """Ability of N persons, D = 1.

    persons                (N,) labels
    theta, standard_error  (N,) the posterior SD for EAP
    status                 (N,) "ok", or why theta is infinite, missing or held by a bound
    n_responses            (N,) answered items
    sum_score              (N,) sum of their scores
    """

    rows_shown: ClassVar[int] = 10

    method: Estimator
    persons: Column
    theta: FloatArray
    standard_error: FloatArray
    status: Column
    n_responses: IntArray
    sum_score: IntArray

    @property
    def reliability(self) -> float:
        """Empirical reliability of EAP as in mirt, Var(theta) / (Var(theta) + mean SE^2).

        NaN for other estimators.
        """
        if self.method != Estimator.EAP:
            return float("nan")
        answered = np.flatnonzero(self.n_responses > 0)
        return empirical_reliability(Ability(self.theta[answered], self.standard_error[answered]))

    def to_columns(self) -> Columns:
        """person, theta, standard_error, n_responses, sum_score, status."""
        return {
            "person": self.persons,
            "theta": self.theta,
            "standard_error": self.standard_error,
            "n_responses": self.n_responses,
            "sum_score": self.sum_score,
            "status": self.status,
        }

    def heading(self) -> list[str]:
        lines = [f"{self.method.upper()} of {len(self.theta)} persons, D = 1"]
        finite = np.isfinite(self.theta)
        if finite.any():
            own = self.theta[finite]
            lines.append(f"theta: mean {own.mean():.3f}, SD {own.std():.3f}")
        if np.isfinite(self.reliability):
            lines.append(f"empirical reliability {self.reliability:.3f}")
        return lines

    def notes(self) -> list[str]:
        words, counts = np.unique(self.status, return_counts=True)
        return [
            f"{count} persons: {word}"
            for word, count in zip(words.tolist(), counts.tolist(), strict=True)
            if word != str(AbilityStatus.OK)
        ]


def score_responses(
    table: ResponseTable,
    parameters: ItemParameters,
    method: str,
    *,
    mean: float,
    sd: float,
    nodes: FloatArray | None = None,
    fences: tuple[float, float] | None = None,
) -> Scores:
    """Scores of responses that have the items and categories of the parameters.

    Prior N(mean, sd^2), for EAP on nodes (Q,), by default on as many as show each posterior.
    """
    chosen = method_of(method)
    if fences is not None and chosen != Estimator.ML:
        raise InputError(f"fences hold method 'ml', not {str(chosen)!r}; leave them out")
    try:
        prior = None if nodes is None else Grid(nodes, normal_weights(nodes, mean, sd))
        estimates = _estimates(table, parameters, chosen, prior, (mean, sd), fences)
    except ValueError as error:
        raise InputError(str(error)) from error
    return Scores(
        method=chosen,
        persons=table.persons,
        theta=estimates.theta,
        standard_error=estimates.standard_error,
        status=np.array([str(AbilityStatus(code)) for code in estimates.status], dtype=str),
        n_responses=table.n_answers,
        sum_score=table.sum_score,
    )


def method_of(name: str) -> Estimator:
    """The estimator of that name. Raises `InputError`."""
    if str(name).lower() not in set(Estimator):
        raise InputError(f"no method {name!r}; there are {', '.join(Estimator)}")
    return Estimator(str(name).lower())


def joined(parts: list[tuple[IntArray, Scores]]) -> Scores:
    """The scores of all persons in their order, from (positions, scores) of groups of them."""
    order = np.argsort(np.concatenate([positions for positions, _ in parts]))
    together: dict[str, Any] = {
        name: np.concatenate([getattr(scores, name) for _, scores in parts])[order]
        for name in ("persons", "theta", "standard_error", "status", "n_responses", "sum_score")
    }
    return replace(parts[0][1], **together)


def _estimates(
    table: ResponseTable,
    parameters: ItemParameters,
    method: Estimator,
    prior: Grid | None,
    moments: tuple[float, float],
    fences: tuple[float, float] | None,
) -> Estimates:
    responses = table.responses
    if method == Estimator.EAP and prior is not None:
        return expected_a_posteriori(responses, parameters, prior)
    if method == Estimator.EAP:
        return normal_a_posteriori(responses, parameters, mean=moments[0], sd=moments[1])
    if method == Estimator.MAP:
        return maximum_a_posteriori(responses, parameters, mean=moments[0], sd=moments[1])
    if method == Estimator.ML:
        return maximum_likelihood(responses, parameters, fences=fences)
    return weighted_likelihood(responses, parameters)
