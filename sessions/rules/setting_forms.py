"""Settings of a test version that have a form of their own: what is wrong, and at which path."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import InvalidInput
from common.files.json_reader import is_number
from irt.policy.stopping_json import RuleError, rule_from_json
from sessions.models import ExamineeGroup, TestVersion
from sessions.models.test_version import LARGEST_PRIOR_MEAN, LEAST_PRIOR_SD
from sessions.rules.policies import blueprint_of
from sessions.rules.setting_faults import SettingFault

NEEDS_OBJECT = gettext_lazy("an object is needed")


def form_faults(version: TestVersion) -> list[SettingFault]:
    """What is wrong within JSON and lists; that they are objects and lists is the database's."""
    return [
        *_blueprint(version),
        *_stopping_rule(version.stopping_rule),
        *_group_priors(version.group_priors),
        *_level_names(version.level_names, version.test.bank.languages),
        *_positions(version),
    ]


def _blueprint(version: TestVersion) -> Iterator[SettingFault]:
    if not isinstance(version.blueprint, dict):
        return
    try:
        blueprint_of(version)
    except InvalidInput as error:
        yield SettingFault("blueprint", error.message)


def _stopping_rule(rule: Any) -> Iterator[SettingFault]:
    if rule == {} or not isinstance(rule, dict):
        return
    try:
        rule_from_json(rule)
    except RuleError as error:
        yield _fault(
            "stopping_rule",
            _("The stopping rule is wrong at “%(path)s”: %(reason)s."),
            error.path or "rule",
            error.reason,
        )


def _group_priors(priors: Any) -> Iterator[SettingFault]:
    message = _("The priors of groups are wrong at “%(path)s”: %(reason)s.")
    if not isinstance(priors, dict) or not priors:
        return
    named = ExamineeGroup.objects.filter(code__in=list(priors))
    groups = set(named.values_list("code", flat=True))
    for code, prior in priors.items():
        if code not in groups:
            reason = _("there is no examinee group with this code")
            yield _fault("group_priors", message, code, reason)
        if not isinstance(prior, dict) or set(prior) != {"mean", "sd"}:
            reason = _("an object with “mean” and “sd” is needed")
            yield _fault("group_priors", message, code, reason)
            continue
        if not (is_number(prior["mean"]) and abs(prior["mean"]) <= LARGEST_PRIOR_MEAN):
            reason = _("a number within ±4 is needed")
            yield _fault("group_priors", message, f"{code}.mean", reason)
        if not (is_number(prior["sd"]) and prior["sd"] >= LEAST_PRIOR_SD):
            reason = _("a number of 0.2 or more is needed")
            yield _fault("group_priors", message, f"{code}.sd", reason)


def _level_names(names: Any, languages: Sequence[str]) -> Iterator[SettingFault]:
    message = _("The names of the levels are wrong at “%(path)s”: %(reason)s.")
    for index, texts in enumerate(names if isinstance(names, list) else []):
        path = f"level_names[{index}]"
        if not isinstance(texts, dict):
            yield _fault("level_names", message, path, NEEDS_OBJECT)
            continue
        for language in languages:
            text = texts.get(language)
            if not isinstance(text, str) or not text.strip():
                reason = _("every language of the bank needs a name")
                yield _fault("level_names", message, f"{path}.{language}", reason)


def _positions(version: TestVersion) -> Iterator[SettingFault]:
    """Distinct, from 1, and early enough that no stopping rule ends the test before them."""
    positions = version.pretest_positions
    if len(set(positions)) < len(positions) or min(positions, default=1) < 1:
        sentence = _("The positions of pretest items count from 1, and each is used once.")
        yield SettingFault("pretest_positions", sentence)
        return
    last = version.min_items + version.pretest_items - 1
    if positions and max(positions) > last:
        yield SettingFault(
            "pretest_positions",
            _(
                "Position %(position)d of a pretest item may never be reached: with at least "
                "%(fewest)d scored and %(count)d pretest items, use positions up to %(last)d, or "
                "raise the fewest items."
            )
            % {
                "position": max(positions),
                "fewest": version.min_items,
                "count": version.pretest_items,
                "last": last,
            },
        )


def _fault(field: str, message: str, path: str, reason: Any) -> SettingFault:
    return SettingFault(field, message % {"path": path, "reason": reason})
