"""Section: the test as a whole, over the population."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from items.report.section import Column, Level, Section, Table, Verdict
from items.report.words import as_fact
from sessions.simulation.results import Overall, PolicyResults


def overall(policies: Sequence[PolicyResults]) -> Section:
    """One row a quantity, one column a version."""
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
        tables=[_table(policies)],
    )


def _table(policies: Sequence[PolicyResults]) -> Table:
    return Table(
        name="summary",
        caption=_("Results over the population"),
        columns=[
            Column("name", None),
            Column("what", _("what")),
            *(
                Column("value" if number == 0 else "compared_with", policy["name"], as_fact)
                for number, policy in enumerate(policies)
            ),
        ],
        rows=[
            (name, what, *(_value(policy["overall"], name) for policy in policies))
            for name, what in _names()
        ],
    )


def _names() -> list[tuple[str, str]]:
    return [
        ("examinees", _("examinees")),
        ("bias", _("bias (estimate minus ability)")),
        ("rmse", _("root mean square error (RMSE)")),
        ("standard_error", _("mean standard error, as reported")),
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
    value = results[name]  # type: ignore[literal-required]  # the names above are its keys
    return "\N{EN DASH}" if value is None else value
