"""Section: bias, error and length at each ability, two versions on the same axes."""

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_share, decimals, two_decimals
from sessions.models import Simulation
from sessions.simulation.report.limits import JUDGED_SDS, WORST_RMSE
from sessions.simulation.results import PolicyResults


def precision(run: Simulation) -> Section:
    """Curves over theta of the examinees at the points."""
    policies: list[PolicyResults] = run.results["policies"]
    return Section(
        name="precision",
        title=_("By ability"),
        shows=_(
            "Groups of examinees of the same ability θ take the test. Bias says whether their "
            "estimates are too high or too low, the standard error how much they scatter, RMSE "
            "both together."
        ),
        verdict=_verdict(policies[0], run.theta_mean, run.theta_sd),
        small_figures=_figures(policies),
        tables=[_table(policies)],
    )


def _verdict(policy: PolicyResults, mean: float, sd: float) -> Verdict:
    judged = [p for p in policy["by_theta"] if abs(p["theta"] - mean) <= JUDGED_SDS * sd]
    overall = policy["overall"]["rmse"]
    if not judged:
        return Verdict(
            Level.NONE,
            _("None of the points lies where the examinees are."),
            _("Choose points around the mean of the population."),
        )
    worst = max(judged, key=lambda point: point["rmse"])
    told = {
        "theta": two_decimals(worst["theta"]),
        "rmse": two_decimals(worst["rmse"]),
        "overall": two_decimals(overall),
    }
    if worst["rmse"] <= WORST_RMSE * overall:
        return Verdict(
            Level.GOOD,
            _("The test is about as exact everywhere: RMSE is at most %(rmse)s.") % told,
            _("Judged within two SDs of the population's mean."),
        )
    return Verdict(
        Level.LOOK,
        _("The test is less exact at θ = %(theta)s: RMSE is %(rmse)s there, %(overall)s overall.")
        % told,
        _("Items that inform there are rare, or the test ends too soon. Write items for it."),
    )


def _figures(policies: Sequence[PolicyResults]) -> list[Figure]:
    return [
        _figure(policies, "bias", _("Bias"), _("Mean error of the estimates; 0 is best.")),
        _figure(
            policies,
            "spread",
            _("Standard error"),
            _("How much estimates of the same ability scatter; lower is better."),
        ),
        _figure(policies, "rmse", _("RMSE"), _("Bias and scatter together; lower is better.")),
        _figure(policies, "length", _("Number of items"), _("Mean length of the tests.")),
        _figure(
            policies,
            "overlap",
            _("Overlap"),
            _("Share of a test that two examinees of this ability have in common."),
        ),
        _figure(
            policies,
            "largest_rate",
            _("Largest exposure rate"),
            _("Share of the examinees of this ability that get the item used most there."),
        ),
    ]


def _figure(policies: Sequence[PolicyResults], key: str, title: str, description: str) -> Figure:
    curves = [_curve(policy, key) for policy in policies]
    theta = np.concatenate([x for x, _y in curves])
    values = np.concatenate([y for _x, y in curves])
    low, high = _limits(values)
    plot = Plot.of((theta.min(), theta.max(), "θ"), (low, high, title), width=320, height=230)
    marks = [
        *([plot.level("", 0.0)] if key == "bias" else []),
        *(
            mark
            for number, (x, y) in enumerate(curves)
            for mark in (
                plot.curve(f"series-{number}", x, y),
                plot.dots(f"series-{number}", x, y, radius=2.5),
            )
        ),
    ]
    return Figure(
        name=f"by-theta-{key.replace('_', '-')}",
        title=title,
        description=description,
        drawing=plot.drawing(*marks),
        width=plot.width,
        height=plot.height,
        legend=[(f"series-{n}", policy["name"]) for n, policy in enumerate(policies)]
        if len(policies) > 1
        else [],
        is_small=True,
    )


def _curve(policy: PolicyResults, key: str) -> tuple[np.ndarray, np.ndarray]:
    """The points where the quantity is known."""
    known = [(p["theta"], p[key]) for p in policy["by_theta"] if p[key] is not None]  # type: ignore[literal-required]  # keys of AtPoint
    theta, values = np.array(known, dtype=float).reshape(-1, 2).T
    return theta, values


def _limits(values: np.ndarray) -> tuple[float, float]:
    """From 0, or around it where values lie below; some room above."""
    top, bottom = max(values.max(initial=0.0), 0.0), min(values.min(initial=0.0), 0.0)
    room = 0.08 * max(top - bottom, 0.1)
    return (bottom - room if bottom < 0 else 0.0), top + room


def _table(policies: Sequence[PolicyResults]) -> Table:
    names = _headings()
    return Table(
        name="by_theta",
        caption=_("By ability, in numbers"),
        columns=[
            Column("version", _("version") if len(policies) > 1 else None),
            Column("theta", "θ", two_decimals),
            *names,
        ],
        rows=[
            (policy["name"], point["theta"], *(point[column.name] for column in names))  # type: ignore[literal-required]  # keys of AtPoint
            for policy in policies
            for point in policy["by_theta"]
        ],
    )


def _headings() -> list[Column]:
    return [
        Column("examinees", _("examinees"), as_count),
        Column("bias", _("bias"), decimals(3)),
        Column("bias_error", None),
        Column("spread", _("SE (scatter)"), decimals(3)),
        Column("standard_error", _("SE (reported)"), decimals(3)),
        Column("rmse", _("RMSE"), decimals(3)),
        Column("coverage", _("coverage"), as_share),
        Column("length", _("items"), decimals(1)),
        Column("overlap", _("overlap"), as_share),
        Column("largest_rate", _("largest exposure rate"), as_share),
        Column("violations", _("violations"), as_count),
    ]
