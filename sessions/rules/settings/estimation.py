"""How ability is estimated, and what is assumed about it before."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.files.json_reader import is_number
from sessions.models import ExamineeGroup, TestVersion
from sessions.models.test_version import LARGEST_PRIOR_MEAN, LEAST_PRIOR_SD
from sessions.rules.settings.declaration import Group, Rule, Setting


def _find_wrong_priors(version: TestVersion) -> Iterator[str]:
    message = _("The priors of groups are wrong at “%(path)s”: %(reason)s.")
    for path, reason in _check_priors(version.group_priors):
        yield message % {"path": path, "reason": reason}


def _check_priors(priors: Any) -> Iterator[tuple[str, str]]:
    """Path and reason of what is wrong."""
    if not priors or not isinstance(priors, dict):
        return
    named = ExamineeGroup.objects.filter(code__in=list(priors))
    groups = set(named.values_list("code", flat=True))
    for code, prior in priors.items():
        if code not in groups:
            yield code, _("there is no examinee group with this code")
        if not isinstance(prior, dict) or set(prior) != {"mean", "sd"}:
            yield code, _("an object with “mean” and “sd” is needed")
            continue
        if not (is_number(prior["mean"]) and abs(prior["mean"]) <= LARGEST_PRIOR_MEAN):
            yield f"{code}.mean", _("a number within ±4 is needed")
        if not (is_number(prior["sd"]) and prior["sd"] >= LEAST_PRIOR_SD):
            yield f"{code}.sd", _("a number of 0.2 or more is needed")


ABILITY = Group(
    "ability",
    gettext_lazy("Ability"),
    gettext_lazy(
        "How θ is estimated during the test and for the report, and what is assumed before."
    ),
    (
        Setting(
            name="estimator",
            help=gettext_lazy("Steers the test."),
            rules=(
                Rule(
                    "sessions_rules_known",
                    gettext_lazy("The estimator, selection, control or omitting is not known."),
                ),
            ),
            documentation="[Estimators](adaptive-testing.md#estimators).",
        ),
        Setting(name="final_estimator", help=gettext_lazy("Is reported; it may differ.")),
        Setting(
            name="fence",
            help=gettext_lazy("For ML, MAP and WLE."),
            # A label begins with a capital, and Θ is not θ.
            label=gettext_lazy("Fences of θ: ±"),
            rules=(
                Rule(
                    "sessions_fence_range",
                    gettext_lazy("The fences of θ must lie above 0 and be at most 20."),
                ),
            ),
        ),
        Setting(
            name="prior_mean",
            help=gettext_lazy("The mean of θ that is assumed before the first answer."),
            rules=(
                Rule(
                    "sessions_prior_mean_on_grid",
                    gettext_lazy("The prior mean must lie within ±4."),
                ),
            ),
        ),
        Setting(
            name="prior_sd",
            help=gettext_lazy("And its standard deviation."),
            rules=(
                Rule(
                    "sessions_prior_sd_on_grid",
                    gettext_lazy("The prior SD must be a finite number of 0.2 or more."),
                ),
            ),
        ),
        Setting(
            name="group_priors",
            part="sessions/admin/parts/priors.html",
            find_faults=_find_wrong_priors,
            documentation=(
                "The prior of the examinees of a group, where it is another one: as JSON "
                '`{group code: {"mean", "sd"}}`. Who is in several of these groups gets the prior '
                "of the one whose code comes first."
            ),
        ),
    ),
)
