"""What θ is called in a report."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from items.models import Bank
from sessions.models import NormGroup, TestVersion
from sessions.rules.settings.declaration import Group, Rule, Setting


def norm_groups(bank: Bank) -> QuerySet[NormGroup]:
    return bank.norm_groups.order_by("code")


def _find_norms_of_another_bank(version: TestVersion) -> Iterator[str]:
    bank = version.test.bank
    if version.norm_group and version.norm_group.bank_id != bank.pk:
        message = _("The norm group %(norms)s belongs to another bank: choose one of %(bank)s.")
        yield message % {"norms": version.norm_group.code, "bank": bank}


def _find_unnamed_levels(version: TestVersion) -> Iterator[str]:
    message = _("The names of the levels are wrong at “%(path)s”: %(reason)s.")
    names = version.level_names if isinstance(version.level_names, list) else []
    for index, texts in enumerate(names):
        for path, reason in _check_names(texts, version.test.bank.languages):
            yield message % {"path": f"level_names[{index}]{path}", "reason": reason}


def _check_names(texts: Any, languages: list[str]) -> Iterator[tuple[str, str]]:
    """Path and reason of what is wrong."""
    if not isinstance(texts, dict):
        yield "", _("an object is needed")
        return
    for language in languages:
        text = texts.get(language)
        if not isinstance(text, str) or not text.strip():
            yield f".{language}", _("every language of the bank needs a name")


REPORTING = Group(
    "reporting",
    gettext_lazy("Reporting"),
    gettext_lazy("What θ is called in a report: a score, a level, a percentile."),
    (
        Setting(name="scale_mean", help=gettext_lazy("The score at θ = 0.")),
        Setting(
            name="scale_sd",
            help=gettext_lazy("The score of one unit of θ."),
            rules=(
                Rule(
                    "sessions_scale_finite",
                    gettext_lazy(
                        "The reporting scale needs a finite mean and a positive, finite SD."
                    ),
                ),
            ),
        ),
        Setting(
            name="scale_decimals",
            help=gettext_lazy("Empty = not rounded."),
            rules=(
                Rule(
                    "sessions_scale_decimals_range",
                    gettext_lazy(
                        "Scores have at most 6 decimals; leave it empty where nothing is rounded."
                    ),
                ),
            ),
        ),
        Setting(
            name="scale_floor",
            help=gettext_lazy("Scores below are reported as this one; empty = no limit."),
            rules=(
                Rule(
                    "sessions_scale_limits_ordered",
                    gettext_lazy("The lowest score must be finite and below the highest score."),
                ),
            ),
        ),
        Setting(
            name="scale_ceiling",
            help=gettext_lazy("Scores above are reported as this one; empty = no limit."),
        ),
        Setting(
            name="norm_group",
            help=gettext_lazy("Whom the percentile compares with; empty = no percentile."),
            rows=norm_groups,
            find_faults=_find_norms_of_another_bank,
        ),
        Setting(
            name="cut_scores",
            part="sessions/admin/parts/levels.html",
            rules=(
                Rule(
                    "sessions_cut_scores_rise",
                    gettext_lazy("The cut scores must be finite numbers that rise."),
                ),
            ),
            faults={
                "cuts_not_rising": gettext_lazy(
                    "The cut scores must be finite and rise, not %(cuts)s."
                ),
                "classification_without_cuts": gettext_lazy(
                    "A test that ends when the level is certain needs a cut score: add one or "
                    "choose another rule."
                ),
            },
            documentation="θ from which each level but the lowest is reached.",
        ),
        Setting(
            name="level_names",
            part="sessions/admin/parts/levels.html",
            rules=(
                Rule(
                    "sessions_levels_match_cut_scores",
                    gettext_lazy(
                        "Name one level more than there are cut scores, and none without them."
                    ),
                ),
            ),
            find_faults=_find_unnamed_levels,
            documentation=(
                "From the lowest level up, as JSON: for each an object with its name in every "
                "language of the bank."
            ),
        ),
    ),
)
