"""Section: the test as a whole, over the population."""

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext as _

from common.report.plot import Plot
from common.report.section import Column, Figure, Level, Section, Table, Verdict
from common.report.words import as_count, as_fact, decimals, three_decimals
from sessions.models import Simulation
from sessions.simulation.results import Overall, PolicyResults, Results

_COURSE = ("answers", "examinees", "rmse", "standard_error")


def overall(run: Simulation) -> Section:
    """One row a quantity, one column a version."""
    results: Results = run.results
    policies = results["policies"]
    first = policies[0]["overall"]
    told = {
        "rmse": f"{first['rmse']:.2f}",
        "length": f"{first['length']:.1f}",
        "examinees": f"{first['examinees']:,}",
    }
    return Section(
        name="overall",
        title=_("The test as a whole"),
        shows=_(
            "What examinees drawn from the population get: how exactly they are measured, with how "
            "many items, and how much of their tests they share."
        ),
        verdict=Verdict(
            Level.GOOD,
            _("Ability is measured with an RMSE of %(rmse)s, on average by %(length)s items.")
            % told,
            _("Rests on %(examinees)s simulated examinees.") % told,
        ),
        figures=[_course(policies)],
        tables=[_table(results)],
        file_tables=[_course_table(policies)],
    )


def _course(policies: Sequence[PolicyResults]) -> Figure:
    longest = max(len(policy["course"]) for policy in policies)
    highest = max(point["rmse"] for policy in policies for point in policy["course"])
    plot = Plot.of((0, max(longest - 1, 1), _("answers")), (0, highest * 1.08, _("RMSE")))
    curves = [
        plot.curve(
            f"series-{number}",
            np.array([float(point["answers"]) for point in policy["course"]]),
            np.array([point["rmse"] for point in policy["course"]]),
        )
        for number, policy in enumerate(policies)
    ]
    return Figure(
        name="course",
        title=_("Error by the number of answers"),
        description=_(
            "The root mean square error of the estimates so far, of those who go on after that "
            "many answers."
        ),
        drawing=plot.drawing(*curves),
        width=plot.width,
        height=plot.height,
        legend=[(f"series-{number}", policy["name"]) for number, policy in enumerate(policies)],
        numbers=_course_table(policies),
    )


def _course_table(policies: Sequence[PolicyResults]) -> Table:
    return Table(
        name="course",
        caption=_("Error by the number of answers"),
        columns=[
            Column("version", _("version") if len(policies) > 1 else None),
            Column("answers", _("answers"), as_count),
            Column("examinees", _("examinees"), as_count),
            Column("rmse", _("RMSE"), three_decimals),
            Column("standard_error", _("SE (reported)"), three_decimals),
        ],
        rows=[
            (policy["name"], *(point[column] for column in _COURSE))  # type: ignore[literal-required]  # keys of AfterAnswers
            for policy in policies
            for point in policy["course"]
        ],
    )


def _table(results: Results) -> Table:
    policies, differences = results["policies"], results["differences"]
    return Table(
        name="summary",
        caption=_("Results over the population"),
        columns=[
            Column("name", None),
            Column("what", _("what")),
            *(
                Column("value" if number == 0 else "compared_with", policy["name"], _format)
                for number, policy in enumerate(policies)
            ),
            *(_difference_columns() if differences else ()),
        ],
        rows=[
            (
                name,
                what,
                *(_value(policy["overall"], name) for policy in policies),
                *(differences.get(name, (None, None)) if differences else ()),
            )
            for name, what in _names()
        ],
    )


def _difference_columns() -> list[Column]:
    return [
        Column("difference", _("difference"), decimals(3)),
        Column("difference_error", _("± simulation error"), decimals(3)),
    ]


def _names() -> list[tuple[str, str]]:
    return [
        ("examinees", _("examinees")),
        ("bias", _("bias (estimate minus ability)")),
        ("rmse", _("root mean square error (RMSE)")),
        ("standard_error", _("mean standard error, as reported")),
        ("coverage", _("coverage: share of intervals θ ± 1.96 SE that hold the ability")),
        ("reliability", _("reliability (squared correlation of estimate and ability)")),
        ("length", _("mean number of items")),
        ("shortest", _("fewest items")),
        ("longest", _("most items")),
        ("seconds", _("mean time in seconds, by the items' expected times")),
        ("overlap", _("overlap: share of a test that two examinees have in common")),
        ("largest_rate", _("largest exposure rate")),
        ("unused", _("operational items that nobody got")),
        ("operational", _("operational items")),
    ]


def _value(results: Overall, name: str) -> object:
    value: object = results[name]  # type: ignore[literal-required]  # the names above are its keys
    return value


def _format(value: object) -> str:
    return "\N{EN DASH}" if value is None else as_fact(value)
