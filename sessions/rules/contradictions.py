"""Settings that a bank's release cannot fulfil, found before anybody takes the test."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _

from irt.constraints.feasibility import blueprint_faults
from irt.faults import Fault
from irt.policy.policy import Policy
from irt.pool import Pool
from irt.stopping.faults import stopping_faults
from items.models import BankRelease
from sessions.models import TestVersion
from sessions.rules.policies import policy_of, stimulus_ids
from sessions.rules.settings.content import untimed_items
from sessions.rules.settings.declaration import Case, SettingFault
from sessions.rules.settings.groups import FAULTS, SETTINGS
from sessions.snapshot import load_snapshot, withdrawn_items


def contradictions(version: TestVersion, release: BankRelease) -> list[SettingFault]:
    """Why the release cannot give this test; the version may be unsaved, its forms are in order.

    Withdrawn items do not count. What the engine finds comes first, then the rest in the order of
    the settings.
    """
    case = Case(version, policy_of(version), pool_in_use(release))
    if not case.pool.operational.any():
        return [_no_operational_item(release)]
    codes = {pk: code for code, pk in stimulus_ids(release.bank_id).items()}
    policy = _without_unknown_times(case.pool, case.policy)
    found = [*stopping_faults(case.pool, policy), *blueprint_faults(case.pool, policy)]
    return [
        *(describe_fault(fault, codes) for fault in found),
        *(
            SettingFault(name, sentence)
            for name, setting in SETTINGS.items()
            if setting.find_contradictions
            for sentence in setting.find_contradictions(case)
        ),
    ]


def pool_in_use(release: BankRelease) -> Pool:
    """The items of a published release, without the withdrawn ones."""
    pool = load_snapshot(release.pk).pool
    withdrawn = pool.mask(withdrawn_items(release))
    return pool.take(np.flatnonzero(~withdrawn)) if withdrawn.any() else pool


def _no_operational_item(release: BankRelease) -> SettingFault:
    message = _(
        "%(release)s has no operational item: calibrate its pretest items and publish a release "
        "in which some are operational."
    )
    return SettingFault("min_items", message % {"release": release})


def _without_unknown_times(pool: Pool, policy: Policy) -> Policy:
    """Without the times there is no judging of the limit; the rest is judged all the same."""
    if not untimed_items(pool, policy).size:
        return policy
    return replace(policy, blueprint=replace(policy.blueprint, max_seconds=None))


def describe_fault(fault: Fault, stimuli: Mapping[int, str]) -> SettingFault:
    """What `irt` found, in words; stimuli: {id in the pool: code}.

    A fault that is not known here is told as code and values.
    """
    if fault.code not in FAULTS:
        return SettingFault("blueprint", str(fault))
    name, sentence = FAULTS[fault.code]
    return SettingFault(name, str(sentence) % _values_in_words(fault, stimuli))


def _values_in_words(fault: Fault, stimuli: Mapping[int, str]) -> dict[str, object]:
    values = dict(fault.values)
    if "stimulus" in values:
        values["stimulus"] = stimuli.get(int(str(values["stimulus"])), values["stimulus"])
    for name in ("share", "total"):
        if name in values:
            values["percent"] = f"{100 * float(str(values[name])):g}%"
    if "known" in values:
        values["known"] = values["known"] or _("none")
    if "constraints" in values:
        values["constraints"] = _translate_constraints(str(values["constraints"]))
    return values


def _translate_constraints(constraints: str) -> str:
    """ "length <= 8, algebra >= 5" in the language of the page."""
    known = {"length": _("length"), "words": _("words"), "seconds": _("seconds")}
    parts = []
    for constraint in constraints.split(", "):
        name, _space, bound = constraint.partition(" ")
        parts.append(f"{known.get(name, name)} {bound.replace('<=', '≤').replace('>=', '≥')}")
    return ", ".join(parts)
