"""How long a test is, and when it may end earlier."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.policy.stopping_json import RuleError, rule_from_json
from sessions.models import TestVersion
from sessions.rules.settings.declaration import Group, Rule, Setting
from sessions.rules.stopping_words import describe_rule, describe_rule_fault


def _find_wrong_rule(version: TestVersion) -> Iterator[str]:
    rule = version.stopping_rule
    if not rule or not isinstance(rule, dict):
        return
    try:
        rule_from_json(rule)
    except RuleError as error:
        message = _("The stopping rule is wrong at “%(path)s”: %(reason)s.")
        yield message % {"path": error.path or "rule", "reason": describe_rule_fault(error.fault)}


def _summarize(version: TestVersion) -> Iterator[str]:
    lengths = {"fewest": version.min_items, "most": version.max_items}
    if version.min_items == version.max_items:
        yield _("%(most)d items") % lengths
        return
    length = _("%(fewest)d–%(most)d items") % lengths  # noqa: RUF001 - a range
    if not version.stopping_rule:
        yield length
        return
    try:
        words = describe_rule(rule_from_json(version.stopping_rule))
    except RuleError:  # a row that older code wrote
        words = "?"
    yield _("%(length)s, stops at %(rule)s") % {"length": length, "rule": words}


LENGTH = Group(
    "stopping",
    gettext_lazy("Length and stopping"),
    gettext_lazy(
        "A test ends at the most items, and from the fewest items on as soon as the rules "
        "below say so. Without rules, everybody gets the most items."
    ),
    (
        Setting(
            name="min_items",
            help=gettext_lazy("No rule ends a test before so many scored items."),
            rules=(
                Rule(
                    "sessions_lengths_ordered",
                    gettext_lazy("The lengths must satisfy 1 ≤ fewest items ≤ most items ≤ 500."),
                ),
            ),
            faults={
                "too_few_items": gettext_lazy(
                    "A test of at least %(needed)d items needs as many operational items, the bank "
                    "has %(available)d: release more of them or lower the fewest items."
                ),
            },
            summarize=_summarize,
        ),
        Setting(
            name="max_items",
            help=gettext_lazy("Scored items after which every test ends."),
            faults={
                "shadow_test_too_few_items": gettext_lazy(
                    "A shadow test always holds the most items, %(needed)d, and the bank has "
                    "%(available)d operational ones: lower the most items or release more."
                ),
            },
        ),
        Setting(
            name="stopping_rule",
            part="sessions/admin/parts/rules.html",
            rules=(
                Rule(
                    "sessions_rules_have_their_form",
                    gettext_lazy(
                        "Group priors, blueprint and stopping rule are JSON objects, the names of "
                        "the levels a JSON list."
                    ),
                ),
            ),
            faults={
                "unreachable_standard_error": gettext_lazy(
                    "A standard error of %(at_most)g is out of reach: it needs information "
                    "%(needed).1f, and the %(count)d most informative items give at most "
                    "%(given).1f, at θ = %(theta).1f. Allow a larger error or a longer test, or "
                    "release more informative items."
                ),
                "information_never_left": gettext_lazy(
                    "No item has information %(below)g at any θ, the most is %(given).2f at θ = "
                    "%(theta).1f, so that every test would end at once: lower the limit of the "
                    "information left."
                ),
                "indifference_overlaps": gettext_lazy(
                    "The cut scores are only %(apart)g apart, so that their indifference regions "
                    "of ±%(indifference)g overlap: make the indifference %(limit)g at most."
                ),
            },
            find_faults=_find_wrong_rule,
            documentation=(
                "When a test may end between the fewest and the most items: "
                "[the rules](adaptive-testing.md#when-a-test-ends) and "
                "[their JSON](adaptive-testing.md#as-json)."
            ),
        ),
    ),
)
