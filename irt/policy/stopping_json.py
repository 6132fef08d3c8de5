"""Stopping rules as JSON and back.

A rule is an object with one key, the rule's name. Its value is an object with the rule's numbers,
or a list of rules for a combination:

    {"any": [
        {"standard_error": {"at_most": 0.3}},
        {"all": [{"theta_change": {"below": 0.02}}, {"time": {"seconds": 1200}}]},
        {"classified": {"method": "sprt", "alpha": 0.05, "beta": 0.05, "indifference": 0.2}}]}

Names: standard_error, standard_error_gain, theta_change, information_left, classified, time, any,
all. What has a default may be left out.
"""

from dataclasses import MISSING, Field, fields
from typing import Any

from irt.faults import Fault, ImpossibleValue
from irt.policy.stopping_rules import (
    AllOf,
    AnyOf,
    Classified,
    Classifier,
    InformationLeft,
    Rule,
    StandardError,
    StandardErrorGain,
    ThetaChange,
    TimeSpent,
)

# A rule that people can read is never nested like this.
MAX_DEPTH = 8

_Simple = StandardError | StandardErrorGain | ThetaChange | InformationLeft | Classified | TimeSpent
_SIMPLE: dict[str, type[_Simple]] = {
    "standard_error": StandardError,
    "standard_error_gain": StandardErrorGain,
    "theta_change": ThetaChange,
    "information_left": InformationLeft,
    "classified": Classified,
    "time": TimeSpent,
}
_COMBINED: dict[str, type[AnyOf | AllOf]] = {"any": AnyOf, "all": AllOf}
_NAMES: dict[type, str] = {kind: name for name, kind in [*_SIMPLE.items(), *_COMBINED.items()]}


class RuleError(ValueError):
    """JSON that is no stopping rule: `path` such as "any[1].standard_error", and what is wrong."""

    def __init__(self, path: str, fault: Fault) -> None:
        super().__init__(f"{path}: {fault}" if path else str(fault))
        self.path = path
        self.fault = fault


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """The rule as JSON, with everything that it has a default for."""
    if isinstance(rule, AnyOf | AllOf):
        return {_NAMES[type(rule)]: [rule_to_json(part) for part in rule.rules]}
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    if isinstance(rule, Classified):
        values["method"] = rule.method.value
    return {_NAMES[type(rule)]: values}


def rule_from_json(data: object) -> Rule:
    """The rule that the JSON says. Raises `RuleError`."""
    return _rule(data, "", MAX_DEPTH)


def _rule(data: object, path: str, depth: int) -> Rule:
    if not isinstance(data, dict) or len(data) != 1:
        raise RuleError(path, Fault.of("no_single_rule"))
    [(name, value)] = data.items()
    here = f"{path}.{name}" if path else str(name)
    if name in _SIMPLE:
        return _simple(_SIMPLE[name], value, here)
    if name not in _COMBINED:
        known = ", ".join([*_SIMPLE, *_COMBINED])
        raise RuleError(path, Fault.of("unknown_rule", name=name, known=known))
    if not isinstance(value, list) or not value:
        raise RuleError(here, Fault.of("empty_combination"))
    if depth == 0:
        raise RuleError(here, Fault.of("nested_too_deep", most=MAX_DEPTH))
    return _COMBINED[name](
        tuple(_rule(part, f"{here}[{place}]", depth - 1) for place, part in enumerate(value))
    )


def _simple(kind: type[_Simple], data: object, path: str) -> Rule:
    if not isinstance(data, dict):
        raise RuleError(path, Fault.of("values_no_object"))
    known = {field.name: field for field in fields(kind)}
    for name in data:
        if name not in known:
            fault = Fault.of("unknown_value", name=name, known=", ".join(known))
            raise RuleError(path, fault)
    for name, field in known.items():
        if name not in data and field.default is MISSING:
            raise RuleError(path, Fault.of("missing_value", name=name))
    values: dict[str, Any] = {
        name: _value(known[name], value, path) for name, value in data.items()
    }
    try:
        return kind(**values)
    except ImpossibleValue as error:
        fault = Fault.of(error.fault.code, rule=_NAMES[kind], **dict(error.fault.values))
        raise RuleError(path, fault) from error


def _value(field: Field[Any], value: object, path: str) -> float | Classifier:
    if field.type is Classifier:
        if not isinstance(value, str) or value not in set(Classifier):
            fault = Fault.of("unknown_choice", name=field.name, known=", ".join(Classifier))
            raise RuleError(path, fault)
        return Classifier(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError(path, Fault.of("no_number", name=field.name))
    try:
        return float(value)
    except OverflowError as error:
        raise RuleError(path, Fault.of("too_large", name=field.name)) from error
