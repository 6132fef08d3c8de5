"""Adaptive tests of simulated examinees, and what they say about the test."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from irt.constraints.feasibility import blueprint_faults
from irt.faults import ImpossibleValue
from irt.library.faults import InputError, naming_items, told
from irt.library.fit import Fit
from irt.library.item_bank import ItemBank
from irt.library.response_table import ResponseTable, labels_of_persons
from irt.library.tables import Column, Columns, PlainTable, Table, table_lines, texts
from irt.policy.policy import Estimation, ExposureMethod, Policy
from irt.policy.stopping_rules import StandardError, Stopping, StopReason
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.simulation.sequential import simulate_in_sequence
from irt.simulation.sessions import Sessions, simulate_sessions
from irt.simulation.study import Study, study
from irt.stopping.faults import stopping_faults

_LONGEST = 30


@dataclass(frozen=True, eq=False, repr=False)
class AdaptiveTest(Table):
    """N simulated sessions of an adaptive test of J items.

    items, persons  labels
    study           bias, error, length, exposure: everything that the numerics tell
    warnings        what in the policy no examinee could bring right
    """

    items: tuple[str, ...]
    persons: Column
    study: Study
    warnings: tuple[str, ...]

    @property
    def sessions(self) -> Sessions:
        """What was given and answered, in order; items are places in `items`."""
        return self.study.sessions

    @property
    def policy(self) -> Policy:
        return self.study.policy

    @property
    def responses(self) -> ResponseTable:
        """The answers that count, to fit or score again."""
        return ResponseTable(self.sessions.responses, self.items, self.persons)

    def to_columns(self) -> Columns:
        """person, true_theta, theta, standard_error, n_items and why the test stopped."""
        own = self.sessions
        return {
            "person": self.persons,
            "true_theta": own.true_theta,
            "theta": own.theta,
            "standard_error": own.standard_error,
            "n_items": own.length,
            "stop": _stop_words(own.stop.tolist()),
        }

    def by_theta(self) -> PlainTable:
        """Recovery and length in bands of true theta."""
        own = self.study.conditional
        columns: Columns = {
            "theta": own.theta,
            "n_persons": own.n,
            "bias": own.bias,
            "rmse": own.rmse,
            "standard_error": own.standard_error,
            "coverage": own.coverage,
            "mean_items": own.mean_length,
        }
        return PlainTable({name: values[own.n > 0] for name, values in columns.items()})

    def item_use(self) -> PlainTable:
        """The share of the sessions that gave each item, the most used first."""
        rates = self.study.exposure.rates
        order = np.argsort(-rates, kind="stable")
        columns: Columns = {"item": texts(self.items)[order], "exposure": rates[order]}
        return PlainTable(columns, "Use of the items")

    def session(self, person: object) -> PlainTable:
        """One examinee's test: position, item, score, and theta after each answer.

        Raises `InputError` for an unknown label.
        """
        rows = np.flatnonzero(self.persons == person)
        if not rows.size:
            raise InputError(f"no examinee {person!r}")
        own, row = self.sessions, int(rows[0])
        given = own.items[row] >= 0
        after = np.append(own.theta_at[row, given][1:], own.theta[row])
        error = np.append(own.standard_error_at[row, given][1:], own.standard_error[row])
        columns: Columns = {
            "position": np.arange(1, int(given.sum()) + 1),
            "item": texts(self.items)[own.items[row, given]],
            "score": own.scores[row, given],
            "theta": after,
            "standard_error": error,
        }
        title = f"Examinee {person}, true theta {own.true_theta[row]:.3f}"
        return PlainTable(columns, f"{title}; {_stop_words([int(own.stop[row])])[0]}")

    def heading(self) -> list[str]:
        own, use = self.study.overall, self.study.exposure
        reasons = [
            f"{own.stop[0, reason]:.0%} {reason.name.lower().replace('_', ' ')}"
            for reason in StopReason
            if own.stop[0, reason] > 0
        ]
        return [
            f"{own.n[0]} adaptive tests of {len(self.items)} items, D = 1",
            "",
            f"items    {own.mean_length[0]:.1f} on average, {own.least_length[0]:.0f} to "
            f"{own.greatest_length[0]:.0f}",
            f"bias     {own.bias[0]:.3f} (Monte Carlo error {own.bias_error[0]:.3f})",
            f"RMSE     {own.rmse[0]:.3f}, mean standard error {own.standard_error[0]:.3f}, "
            f"95% intervals cover {own.coverage[0]:.1%}",
            f"use      an item in {use.maximum:.1%} of the tests at most, {use.n_unused} items "
            f"never; two tests share {use.overlap:.1%}",
            f"stopped  {', '.join(reasons)}",
        ]

    def notes(self) -> tuple[str, ...]:
        return self.warnings

    def __str__(self) -> str:
        notes = [f"! {note}" for note in self.warnings]
        lines = [*self.heading(), "", *table_lines(self.by_theta().columns, self.rows_shown)]
        return "\n".join([*lines, "", *notes] if notes else lines)


def simulate_adaptive_test(
    bank: Fit | ItemBank,
    theta: ArrayLike,
    *,
    seed: int,
    standard_error: float | None = None,
    min_items: int = 1,
    max_items: int | None = None,
    policy: Policy | None = None,
    attributes: Attributes | None = None,
    persons: Iterable[Any] | None = None,
    limits: tuple[float, ...] | None = (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5),
) -> AdaptiveTest:
    """Adaptive tests of examinees with abilities theta (N,), by the engine that delivers tests.

    By default the next item is the most informative one at EAP with prior N(0, 1), or at that of
    the fit's reference group; the test ends when the standard error is at most `standard_error`,
    and at `max_items`, by default 30. A `policy` says all of this, and estimators, criteria,
    content, exposure and stopping rules besides; `attributes` are content areas, enemies, words and
    seconds of the items, in the order of the bank. With control of exposure by eligibility the
    examinees come one after the other, in the order of theta. `limits` are those of the bands of
    true theta in the printed table.

    Each session is a function of the seed, its place and its ability. Raises `InputError`.
    """
    own = bank.bank if isinstance(bank, Fit) else bank
    if policy is not None and not (standard_error is None and min_items == 1 and max_items is None):
        raise InputError("give a policy, or standard_error, min_items and max_items, not both")
    try:
        chosen = policy or _simple_policy(
            bank, standard_error, min_items, _LONGEST if max_items is None else max_items
        )
        labels = labels_of_persons(persons, np.size(np.asarray(theta, dtype=float)))
        with naming_items(own.items):
            pool = build_pool(
                np.arange(own.n_items), own.parameters, normal_grid(), attributes=attributes
            )
        in_turn = chosen.exposure.method == ExposureMethod.ELIGIBILITY
        run = simulate_in_sequence if in_turn else simulate_sessions
        sessions = run(pool, chosen, theta, seed)
    except InputError:
        raise
    except ImpossibleValue as error:
        raise InputError(told(error.fault)) from error
    except ValueError as error:
        raise InputError(str(error)) from error
    faults = [*stopping_faults(pool, chosen), *blueprint_faults(pool, chosen)]
    doubts = tuple(told(fault) for fault in faults)
    return AdaptiveTest(own.items, labels, study(chosen, sessions, limits), doubts)


def _simple_policy(
    bank: Fit | ItemBank, standard_error: float | None, min_items: int, max_items: int
) -> Policy:
    if standard_error is not None and not standard_error > 0:
        raise InputError(f"standard_error must be a positive number, not {standard_error}")
    mean, sd = (0.0, 1.0)
    if isinstance(bank, Fit):
        own = bank.calibration
        mean, sd = float(own.group_mean[0]), float(own.group_variance[0]) ** 0.5
    rule = None if standard_error is None else StandardError(standard_error)
    return Policy(
        estimation=Estimation(prior_mean=mean, prior_sd=sd),
        stopping=Stopping(min_items=min_items, max_items=max_items, rule=rule),
    )


def _stop_words(codes: list[int]) -> Column:
    return np.array([StopReason(code).name.lower().replace("_", " ") for code in codes])
