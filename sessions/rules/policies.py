"""A test version as the engine's policy: columns and JSON become values of `irt.policy.policy`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from common.files.json_reader import JsonFault, Member
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
    try:
        return _blueprint(Member(data), stimuli, method)
    except JsonFault as fault:
        path = fault.path or "blueprint"
        message = _("The blueprint is wrong at “%(path)s”: %(reason)s.") % {
            "path": path,
            "reason": fault.reason,
        }
        raise InvalidInput("invalid_blueprint", message, path=path) from fault


def _stimuli(version: TestVersion) -> dict[str, int]:
    sets = version.blueprint.get("sets") if isinstance(version.blueprint, dict) else None
    return stimulus_ids(version.test.bank_id) if sets else {}


def _blueprint(document: Member, stimuli: Mapping[str, int], method: Method) -> Blueprint:
    given = document.as_object({"areas", "sets", "max_words", "max_seconds"})
    areas, sets = given.member("areas"), given.member("sets")
    _refuse_repeated(areas, "area")
    _refuse_repeated(sets, "stimulus")
    return Blueprint(
        method=method,
        areas=tuple(map(_area, areas.entries())),
        sets=tuple(_set(entry, stimuli) for entry in sets.entries()),
        max_words=given.optional("max_words", Member.count_from_one),
        max_seconds=given.optional("max_seconds", Member.positive),
    )


def _area(entry: Member) -> AreaBound:
    given = entry.as_object({"area", "min", "max", "share"})
    area = given.member("area")
    if not isinstance(area.value, str) or not area.value:
        raise area.fault(_("the code of a content area is needed"))
    minimum = given.optional("min", Member.count) or 0
    return AreaBound(
        category=area.value,
        minimum=minimum,
        maximum=_maximum(given, minimum, area.value),
        share=given.optional("share", Member.share),
    )


def _set(entry: Member, stimuli: Mapping[str, int]) -> SetBound:
    given = entry.as_object({"stimulus", "min", "max"})
    stimulus = given.member("stimulus")
    code = stimulus.value
    if code is not None and not (isinstance(code, str) and code in stimuli):
        raise stimulus.fault(_("the bank has no stimulus %(code)r") % {"code": code})
    minimum = given.optional("min", Member.count_from_one) or 1
    return SetBound(
        stimulus=None if code is None else stimuli[code],
        minimum=minimum,
        maximum=_maximum(given, minimum, _("any set") if code is None else code),
    )


def _maximum(given: Member, minimum: int, name: str) -> int | None:
    maximum = given.optional("max", Member.count)
    if maximum is not None and maximum < minimum:
        reason = _("the minimum %(minimum)d of %(name)s is above its maximum %(maximum)d")
        values = {"minimum": minimum, "name": name, "maximum": maximum}
        raise given.member("max").fault(reason % values)
    return maximum


def _refuse_repeated(bounds: Member, key: str) -> None:
    known = []
    for entry in bounds.entries():
        named = entry.member(key)
        if isinstance(entry.value, dict) and named.value in known:
            reason = _("%(name)s is bounded twice")
            raise named.fault(reason % {"name": named.value or _("any set")})
        known.append(named.value)
