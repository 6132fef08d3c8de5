"""A test version as the engine's policy: columns and JSON become values of `irt.policy.policy`."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from irt.policy.blueprint import AreaBound, Blueprint, Method, SetBound
from irt.policy.policy import (
    Criterion,
    Draw,
    Estimation,
    Estimator,
    Exposure,
    ExposureMethod,
    FirstItem,
    Policy,
    PretestSlots,
    Selection,
)
from irt.policy.stopping_json import rule_from_json
from irt.policy.stopping_rules import Stopping
from items.models import Stimulus
from sessions.models import TestVersion

Value = TypeVar("Value")


def policy_of(version: TestVersion) -> Policy:
    """The whole policy. One query where the blueprint names a stimulus, else none.

    Raises InvalidInput for a blueprint, RuleError for a stopping rule and ValueError for values
    that contradict each other; none of them for a version that was saved through
    `create_test_version`.
    """
    return Policy(
        estimation=Estimation(
            interim=Estimator(version.estimator),
            final=Estimator(version.final_estimator),
            prior_mean=version.prior_mean,
            prior_sd=version.prior_sd,
            fence=version.fence,
        ),
        selection=Selection(
            criterion=Criterion(version.selection),
            draw=Draw(version.draw),
            among=version.randomesque,
            power=version.draw_power,
            strata=version.strata,
            b_blocking=version.b_blocking,
            first=FirstItem(version.first_item_rule),
            spread=version.first_item_spread,
            first_item=version.first_item_id,
        ),
        stopping=Stopping(
            min_items=version.min_items,
            max_items=version.max_items,
            rule=rule_from_json(version.stopping_rule) if version.stopping_rule else None,
        ),
        blueprint=blueprint_of(version),
        exposure=Exposure(
            method=ExposureMethod(version.exposure_method),
            rate=version.exposure_rate,
            bands=tuple(version.exposure_bands),
        ),
        pretest=PretestSlots(version.pretest_items, tuple(version.pretest_positions)),
        cuts=tuple(version.cut_scores),
    )


def blueprint_of(version: TestVersion) -> Blueprint:
    """The blueprint of a version. Raises as `blueprint_from_json`."""
    return blueprint_from_json(version.blueprint, _stimuli(version), Method(version.content_method))


def stimulus_ids(bank_id: int) -> dict[str, int]:
    """{code: id by which a pool knows the stimulus through all its versions: that of the first}."""
    first = Stimulus.objects.filter(bank=bank_id).order_by("code", "number").distinct("code")
    return dict(first.values_list("code", "pk"))


def blueprint_from_json(
    data: Any, stimuli: Mapping[str, int], method: Method = Method.PRIORITY
) -> Blueprint:
    """The blueprint as `TestVersion.blueprint` holds it; stimuli as `stimulus_ids` gives them.

    {"areas": [{"area", "min", "max", "share"}], "sets": [{"stimulus", "min", "max"}],
    "max_words", "max_seconds"}; all but "area" may be left out or null. Raises InvalidInput
    `invalid_blueprint` with the `path` of what is wrong.
    """
    given = _object(data, "", {"areas", "sets", "max_words", "max_seconds"})
    _refuse_repeated(given, "areas", "area")
    _refuse_repeated(given, "sets", "stimulus")
    return Blueprint(
        method=method,
        areas=tuple(_area(entry, path) for path, entry in _entries(given, "areas")),
        sets=tuple(_set(entry, path, stimuli) for path, entry in _entries(given, "sets")),
        max_words=_optional(given, "max_words", "", _count_from_one),
        max_seconds=_optional(given, "max_seconds", "", _positive),
    )


def _stimuli(version: TestVersion) -> dict[str, int]:
    sets = version.blueprint.get("sets") if isinstance(version.blueprint, dict) else None
    return stimulus_ids(version.test.bank_id) if sets else {}


def _area(entry: Any, path: str) -> AreaBound:
    given = _object(entry, path, {"area", "min", "max", "share"})
    area = given.get("area")
    if not isinstance(area, str) or not area:
        raise _fault(f"{path}.area", _("the code of a content area is needed"))
    minimum = _optional(given, "min", path, _count) or 0
    return AreaBound(
        category=area,
        minimum=minimum,
        maximum=_maximum(given, path, minimum, area),
        share=_optional(given, "share", path, _share),
    )


def _set(entry: Any, path: str, stimuli: Mapping[str, int]) -> SetBound:
    given = _object(entry, path, {"stimulus", "min", "max"})
    code = given.get("stimulus")
    if code is not None and not (isinstance(code, str) and code in stimuli):
        raise _fault(f"{path}.stimulus", _("the bank has no stimulus %(code)r") % {"code": code})
    minimum = _optional(given, "min", path, _count_from_one) or 1
    return SetBound(
        stimulus=None if code is None else stimuli[code],
        minimum=minimum,
        maximum=_maximum(given, path, minimum, _("any set") if code is None else code),
    )


def _maximum(given: dict[str, Any], path: str, minimum: int, name: str) -> int | None:
    maximum: int | None = _optional(given, "max", path, _count)
    if maximum is not None and maximum < minimum:
        reason = _("the minimum %(minimum)d of %(name)s is above its maximum %(maximum)d")
        values = {"minimum": minimum, "name": name, "maximum": maximum}
        raise _fault(f"{path}.max", reason % values)
    return maximum


def _refuse_repeated(given: dict[str, Any], name: str, key: str) -> None:
    known = []
    for path, entry in _entries(given, name):
        value = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(entry, dict) and value in known:
            reason = _("%(name)s is bounded twice")
            raise _fault(f"{path}.{key}", reason % {"name": value or _("any set")})
        known.append(value)


def _object(data: Any, path: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _fault(path, _("an object is needed"))
    unknown = sorted(set(data) - known)
    if unknown:
        message = _("there is no such setting; known are: %(known)s")
        raise _fault(_joined(path, unknown[0]), message % {"known": ", ".join(sorted(known))})
    return data


def _entries(data: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    entries = data.get(name)
    if entries is not None and not isinstance(entries, list):
        raise _fault(name, _("a list is needed"))
    for index, entry in enumerate(entries or []):
        yield f"{name}[{index}]", entry


def _optional(
    data: dict[str, Any], name: str, path: str, convert: Callable[[Any, str], Value]
) -> Value | None:
    value = data.get(name)
    return None if value is None else convert(value, _joined(path, name))


def _count(value: Any, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _fault(path, _("a whole number from 0 is needed"))
    return value


def _count_from_one(value: Any, path: str) -> int:
    if _count(value, path) < 1:
        raise _fault(path, _("a whole number from 1 is needed"))
    return int(value)


def _positive(value: Any, path: str) -> float:
    if not _is_number(value) or not value > 0:
        raise _fault(path, _("a positive number is needed"))
    return float(value)


def _share(value: Any, path: str) -> float:
    if not _is_number(value) or not 0 <= value <= 1:
        raise _fault(path, _("a number from 0 to 1 is needed"))
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _fault(path: str, reason: str) -> InvalidInput:
    message = _("The blueprint is wrong at “%(path)s”: %(reason)s.") % {
        "path": path or "blueprint",
        "reason": reason,
    }
    return InvalidInput("invalid_blueprint", message, path=path or "blueprint")
