"""What a new session is given: a prior, where to begin, what not to select. Pinned in its row."""

from datetime import datetime, timedelta
from random import Random

import numpy as np
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from irt.exposure.eligibility import eligibility, ineligible_items
from irt.policy.policy import ExposureMethod, FirstItem, Policy
from irt.pool import Pool
from irt.pretest import SHORTLIST
from items.models import BankRelease, ReleasedItem, Role
from sessions.delivery.exposure_counts import shares
from sessions.models import Examinee, Response, Session, TestVersion


def prior_of(version: TestVersion, examinee: Examinee) -> tuple[float, float]:
    """Mean and SD of the prior: of the examinee's first group, by code, that the version names,
    else of the version."""
    priors = version.group_priors
    if priors:
        codes = examinee.groups.filter(code__in=priors).order_by("code")
        first = codes.values_list("code", flat=True).first()
        if first is not None:
            return float(priors[first]["mean"]), float(priors[first]["sd"])
    return version.prior_mean, version.prior_sd


def carried_theta(version: TestVersion, examinee: Examinee, bank_id: int) -> float | None:
    """θ of the examinee's last ended session on the bank in which something was answered, where
    the first item is looked for there."""
    if version.first_item_rule != FirstItem.CARRIED:
        return None
    ended = Session.objects.filter(
        examinee=examinee, test__bank=bank_id, finished_at__isnull=False, scores__len__gt=0
    )
    return ended.order_by("-finished_at").values_list("theta", flat=True).first()


def seen_items(version: TestVersion, examinee: Examinee, bank_id: int, now: datetime) -> list[int]:
    """Items of the examinee's sessions on the bank that were going on in the last days."""
    if version.seen_within_days is None:
        return []
    since = now - timedelta(days=version.seen_within_days)
    recent = Session.objects.filter(examinee=examinee, test__bank=bank_id).filter(
        Q(finished_at__gte=since) | Q(finished_at__isnull=True)
    )
    seen: set[int | None] = set()
    for answered, due in recent.values_list("administered_items", "due_item_version__item_id"):
        seen |= {*answered, due}
    return sorted(item_id for item_id in seen if item_id is not None)


def withheld_items(version: TestVersion, pool: Pool, policy: Policy, seed: int) -> list[int]:
    """The items that chance withholds from the session, by item eligibility."""
    if policy.exposure.method != ExposureMethod.ELIGIBILITY:
        return []
    counted = shares(version.test_id)
    counts = np.array([counted.get(int(item_id), (0, 0)) for item_id in pool.item_ids])
    chances = eligibility(counts[:, 0], counts[:, 1], policy.exposure.rate)
    drawn = ineligible_items(pool, policy, np.array([seed], dtype=np.uint64), chances)
    return [int(item_id) for item_id in pool.item_ids[drawn[0]]]


def pretest_shortlist(
    version: TestVersion, release: BankRelease, seen: list[int], seed: int
) -> list[int]:
    """Pretest items with the fewest responses, ties in an order drawn from the seed; one query."""
    if not version.pretest_items:
        return []
    responses = Response.objects.filter(
        item_version=OuterRef("item_version"), score__isnull=False
    ).order_by()
    counted = responses.values("item_version").annotate(n=Count("pk")).values("n")
    candidates = (
        ReleasedItem.objects.filter(release=release, role=Role.PRETEST)
        .filter(item_version__withdrawn_at__isnull=True)
        .exclude(item__in=seen)
        .annotate(n_responses=Coalesce(Subquery(counted), 0))
        .order_by("item_id")
        .values_list("n_responses", "item_id")
    )
    chance = Random(seed)  # noqa: S311 - an order that replays, no secret
    ranked = sorted((count, chance.random(), item_id) for count, item_id in candidates)
    return [item_id for *_rank, item_id in ranked[: SHORTLIST * version.pretest_items]]


def exposure_table_id(version: TestVersion) -> int | None:
    """The newest table of the version, where its exposure control needs one."""
    if version.exposure_method != ExposureMethod.SYMPSON_HETTER:
        return None
    return version.exposure_tables.order_by("-pk").values_list("pk", flat=True).first()
