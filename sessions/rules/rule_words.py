"""Rules in the words of the pages: when a test stops, and a whole version in one line."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from irt.policy.stopping_json import RuleError, rule_from_json
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    InformationLeft,
    Rule,
    StandardError,
    StandardErrorGain,
    ThetaChange,
    TimeSpent,
)
from sessions.models import TestVersion


def rule_in_words(rule: Rule) -> str:
    """ "SE ≤ 0.33 or (θ change < 0.02 and time ≥ 600 s)" in the language of the page."""
    match rule:
        case StandardError(at_most):
            return _("SE ≤ %(value)g") % {"value": at_most}
        case StandardErrorGain(below):
            return _("change of SE < %(value)g") % {"value": below}
        case ThetaChange(below):
            return _("change of θ < %(value)g") % {"value": below}
        case InformationLeft(below):
            return _("information left < %(value)g") % {"value": below}
        case TimeSpent(seconds):
            return _("time ≥ %(value)g s") % {"value": seconds}
        case Classified(method):
            return _("level certain (%(method)s)") % {"method": method.value.upper()}
        case AnyOf(rules):
            return _(" or ").join(_bracketed(part) for part in rules)
        case AllOf(rules):
            return _(" and ").join(_bracketed(part) for part in rules)


def _bracketed(rule: Rule) -> str:
    words = rule_in_words(rule)
    return f"({words})" if isinstance(rule, AnyOf | AllOf) and len(rule.rules) > 1 else words


def summary(version: TestVersion) -> str:
    """A version in one line: length, stopping, content, exposure, pretest items."""
    parts = [_length(version), *_content(version), *_exposure(version)]
    if version.selection != TestVersion.Selection.MAXIMUM_INFORMATION:
        parts.append(version.get_selection_display())
    if version.pretest_items:
        count = version.pretest_items
        parts.append(
            ngettext("%(count)d pretest item", "%(count)d pretest items", count) % {"count": count}
        )
    return "; ".join(parts)


def _length(version: TestVersion) -> str:
    lengths = {"fewest": version.min_items, "most": version.max_items}
    if version.min_items == version.max_items:
        return _("%(most)d items") % lengths
    length = _("%(fewest)d–%(most)d items") % lengths  # noqa: RUF001 - a range
    if not version.stopping_rule:
        return length
    try:
        words = rule_in_words(rule_from_json(version.stopping_rule))
    except RuleError:  # a row that older code wrote
        words = "?"
    return _("%(length)s, stops at %(rule)s") % {"length": length, "rule": words}


def _content(version: TestVersion) -> list[str]:
    areas = [_area(bound) for bound in version.blueprint.get("areas") or []]
    parts = [", ".join(filter(None, areas))] if any(areas) else []
    if version.content_method == TestVersion.ContentMethod.SHADOW_TEST:
        parts.append(_("shadow test"))
    return parts


def _area(bound: dict[str, object]) -> str:
    if bound.get("share") is not None:
        return f"{bound['area']} {100 * float(str(bound['share'])):g}%"
    least, most = bound.get("min"), bound.get("max")
    if least and most is not None:
        return f"{bound['area']} {least}–{most}"  # noqa: RUF001 - a range
    if least:
        return f"{bound['area']} ≥ {least}"
    return "" if most is None else f"{bound['area']} ≤ {most}"


def _exposure(version: TestVersion) -> list[str]:
    parts = []
    if version.exposure_method != TestVersion.ExposureMethod.NONE:
        values = {"method": version.get_exposure_method_display(), "rate": version.exposure_rate}
        parts.append(_("%(method)s ≤ %(rate)g") % values)
    if version.cap_rate is not None:
        parts.append(_("cap %(rate)g") % {"rate": version.cap_rate})
    return parts
