"""Settings that a bank's release cannot fulfil, found before anybody takes the test."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from irt.arrays import IntArray
from irt.constraints.feasibility import blueprint_faults
from irt.policy.policy import Criterion, ExposureMethod, FirstItem, Policy
from irt.pool import Pool
from irt.stopping.faults import stopping_faults
from items.models import BankRelease, Item
from sessions.models import TestVersion
from sessions.rules.policies import policy_of, stimulus_ids
from sessions.rules.setting_faults import SettingFault, setting_fault
from sessions.snapshot import load_snapshot, withdrawn_items

# How many codes a sentence names before it only counts them.
NAMED = 5


def contradictions(version: TestVersion, release: BankRelease) -> list[SettingFault]:
    """Why the release cannot give this test; the version may be unsaved, its forms are in order.

    Withdrawn items do not count.
    """
    policy, pool = policy_of(version), pool_in_use(release)
    if not pool.operational.any():
        return [_no_operational_item(release)]
    codes = {pk: code for code, pk in stimulus_ids(release.bank_id).items()}
    untimed = [*_untimed(pool, policy)]
    if untimed:
        # Without the times there is no judging of the limit; the rest is judged all the same.
        policy = replace(policy, blueprint=replace(policy.blueprint, max_seconds=None))
    found = [*stopping_faults(pool, policy), *blueprint_faults(pool, policy)]
    return [
        *(setting_fault(fault, codes) for fault in found),
        *untimed,
        *_first_item(version, pool, policy),
        *_strata(pool, policy),
        *_too_scarce(version, pool, policy),
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


def _untimed(pool: Pool, policy: Policy) -> Iterator[SettingFault]:
    """A limit of seconds where nobody knows how long an item takes."""
    untimed = pool.item_ids[pool.operational & ~np.isfinite(pool.seconds)]
    if policy.blueprint.max_seconds is None or not untimed.size:
        return
    message = ngettext(
        "%(count)d item has no expected time: %(codes)s. Write it on the item's page and publish, "
        "or take the limit of seconds out of the blueprint.",
        "%(count)d items have no expected time: %(codes)s. Write it on their pages and publish, "
        "or take the limit of seconds out of the blueprint.",
        len(untimed),
    )
    yield SettingFault("blueprint", message % {"count": len(untimed), "codes": _codes(untimed)})


def _codes(item_ids: IntArray) -> str:
    codes = Item.objects.filter(pk__in=item_ids.tolist()).order_by("code")
    named = list(codes.values_list("code", flat=True)[:NAMED])
    return ", ".join([*named, "…"] if len(item_ids) > NAMED else named)


def _first_item(version: TestVersion, pool: Pool, policy: Policy) -> Iterator[SettingFault]:
    chosen = policy.selection.first_item
    if policy.selection.first != FirstItem.FIXED or chosen is None:
        return
    if not pool.operational[pool.mask([chosen])].any():
        message = _(
            "The first item, %(item)s, is not operational in the bank's current release: choose "
            "an operational one, or another rule for the first item."
        )
        yield SettingFault("first_item", message % {"item": version.first_item})
    if version.cap_rate is not None and version.cap_rate < 1:
        message = _(
            "The first item is always %(item)s, but the hard cap allows it in a share of %(cap)g "
            "of the sessions only: choose another rule for the first item, or no cap."
        )
        values = {"item": version.first_item, "cap": version.cap_rate}
        yield SettingFault("first_item", message % values)


def _strata(pool: Pool, policy: Policy) -> Iterator[SettingFault]:
    strata = policy.selection.strata
    if policy.selection.criterion != Criterion.A_STRATIFIED:
        return
    available, longest = int(pool.operational.sum()), policy.stopping.max_items
    if strata > min(available, longest):
        message = _(
            "%(strata)d strata are too many for a test of at most %(longest)d items from a bank "
            "with %(available)d operational ones: choose %(limit)d or fewer."
        )
        values = {"strata": strata, "longest": longest, "available": available}
        yield SettingFault("strata", message % (values | {"limit": min(available, longest)}))


def _too_scarce(version: TestVersion, pool: Pool, policy: Policy) -> Iterator[SettingFault]:
    """Rates that add up to less than a test: no control can keep them and fill it."""
    available = int(pool.operational.sum())
    needed = min(policy.stopping.max_items, available)
    # Rounded up to what people enter; 1e-9 takes away what a quotient has too much.
    smallest = math.ceil(1000 * needed / available - 1e-9) / 1000
    values = {"items": available, "needed": needed, "smallest": smallest}
    if policy.exposure.method != ExposureMethod.NONE and policy.exposure.rate < smallest:
        message = _(
            "An exposure rate of %(rate)g leaves no item: %(items)d operational items cannot fill "
            "tests of %(needed)d items at that rate. The smallest rate that works is %(smallest)g."
        )
        rate = {"rate": policy.exposure.rate}
        yield SettingFault("exposure_rate", message % (values | rate))
    if version.cap_rate is not None and version.cap_rate < smallest:
        message = _(
            "A hard cap of %(rate)g leaves no item: %(items)d operational items cannot fill tests "
            "of %(needed)d items at that rate. The smallest rate that works is %(smallest)g."
        )
        yield SettingFault("cap_rate", message % (values | {"rate": version.cap_rate}))
