"""Stopping rules in the words of the pages: what they say, and what is wrong with their JSON."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from irt.faults import Fault
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
from sessions.rules.settings.declaration import Text

# Code of a fault of `irt.policy.stopping_json` -> reason, within a sentence.
REASONS: dict[str, Text] = {
    "no_single_rule": gettext_lazy("a rule is an object with one key, the name of the rule"),
    "unknown_rule": gettext_lazy("%(name)r is no rule; there are %(known)s"),
    "empty_combination": gettext_lazy("a combination is a list of at least one rule"),
    "nested_too_deep": gettext_lazy("combinations nest at most %(most)d deep"),
    "values_no_object": gettext_lazy("the values of a rule are an object"),
    "unknown_value": gettext_lazy("%(name)r is no value of this rule; it has %(known)s"),
    "missing_value": gettext_lazy("%(name)s is missing"),
    "unknown_choice": gettext_lazy("%(name)s is one of %(known)s"),
    "no_number": gettext_lazy("%(name)s is a number"),
    "too_large": gettext_lazy("%(name)s is too large"),
    "no_error_rate": gettext_lazy("%(name)s is an error rate between 0 and 0.5, not %(value)s"),
    "no_confidence": gettext_lazy("the confidence must lie between 0 and 1, not %(value)s"),
    "not_positive": gettext_lazy("%(what)s must be a positive number, not %(value)s"),
}
# What the number of a rule is.
NUMBERS: dict[str, Text] = {
    "standard_error": gettext_lazy("a standard error to reach"),
    "standard_error_gain": gettext_lazy("a limit for the gain in standard error"),
    "theta_change": gettext_lazy("a limit for the change of theta"),
    "information_left": gettext_lazy("a limit for the information left"),
    "classified": gettext_lazy("the indifference around a cut score"),
    "time": gettext_lazy("the seconds of a time rule"),
}


def describe_rule_fault(fault: Fault) -> str:
    """Why JSON is no stopping rule, in the language of the page."""
    values = dict(fault.values)
    if "rule" in values:
        values["what"] = NUMBERS[str(values["rule"])]
    return str(REASONS[fault.code]) % values


def describe_rule(rule: Rule) -> str:
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
            return _(" or ").join(_describe_part(part) for part in rules)
        case AllOf(rules):
            return _(" and ").join(_describe_part(part) for part in rules)


def _describe_part(rule: Rule) -> str:
    words = describe_rule(rule)
    return f"({words})" if isinstance(rule, AnyOf | AllOf) and len(rule.rules) > 1 else words
