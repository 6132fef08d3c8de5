"""Norm groups: the distribution of θ in a reference group, written once."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.audit import record
from common.errors import InvalidInput
from common.names import require_new_name
from irt.arrays import FloatArray
from items.models import Bank
from sessions.models import ExamineeGroup, NormGroup, Session, Test

FEWEST_EXAMINEES = 100
PERCENTS = np.arange(1, 100)


@dataclass(frozen=True)
class FinishedSessions:
    """Whoever finished the test, with their last session; of one examinee group, or all."""

    test: Test
    group: ExamineeGroup | None = None


@dataclass(frozen=True)
class Normal:
    """A distribution known from elsewhere, of that many examinees (0 = not said)."""

    mean: float
    sd: float
    n_examinees: int = 0


@transaction.atomic
def create_norm_group(
    bank: Bank,
    code: str,
    name: dict[str, str],
    source: FinishedSessions | Normal,
    actor: Any,
    note: str = "",
) -> NormGroup:
    """The 1st to 99th percentile of θ in the source, on the scale of the bank.

    Percentiles of sessions are those of Hazen (1914): the i-th of n values is at 100 (i - 1/2) / n
    percent. Raises InvalidInput `too_few_examinees`, `wrong_bank`, `invalid_norm_group`,
    Conflict `looks_alike`.
    """
    if isinstance(source, Normal):
        percentiles, n_examinees = _normal_percentiles(source), source.n_examinees
    else:
        thetas = _thetas(bank, source)
        percentiles = np.percentile(thetas, PERCENTS, method="hazen")
        n_examinees = len(thetas)
    norms = NormGroup(
        bank=bank,
        code=code,
        name=name,
        percentiles=percentiles.tolist(),
        n_examinees=n_examinees,
        note=note or _origin(source),
    )
    if NormGroup.objects.filter(bank=bank, code=code).exists():
        message = _(
            "The bank already has a norm group %(code)s: norms never change, so choose "
            "another code."
        )
        raise InvalidInput(
            "invalid_norm_group",
            message % {"code": code},
            fields={"code": message % {"code": code}},
        )
    require_new_name(code, bank.norm_groups.values_list("code", flat=True))
    norms.save(force_insert=True)
    record(actor, "create", norms)
    return norms


def _normal_percentiles(source: Normal) -> FloatArray:
    if not (np.isfinite(source.mean) and np.isfinite(source.sd) and source.sd > 0):
        message = _("A normal distribution needs a finite mean and a positive, finite SD.")
        raise InvalidInput("invalid_norm_group", message, fields={"sd": message})
    normal = NormalDist(source.mean, source.sd)
    return np.array([normal.inv_cdf(percent / 100) for percent in PERCENTS])


def _thetas(bank: Bank, source: FinishedSessions) -> FloatArray:
    """θ of each examinee's last finished session in which something was answered."""
    if source.test.bank_id != bank.pk:
        message = _("The test %(test)s belongs to another bank, whose θ is on another scale.")
        raise InvalidInput("wrong_bank", message % {"test": source.test.slug})
    finished = Session.objects.filter(
        test=source.test,
        status=Session.Status.FINISHED,
        source=Session.Source.LIVE,
        scores__len__gt=0,
    )
    if source.group is not None:
        finished = finished.filter(examinee__groups=source.group)
    last = finished.order_by("examinee", "-finished_at").distinct("examinee")
    thetas = np.array(list(last.values_list("theta", flat=True)))
    if len(thetas) < FEWEST_EXAMINEES:
        message = ngettext(
            "Norms need at least %(fewest)d examinees who finished the test; %(count)d did. Wait "
            "for more, take a larger group, or enter a normal distribution known from elsewhere.",
            "Norms need at least %(fewest)d examinees who finished the test; %(count)d did. Wait "
            "for more, take a larger group, or enter a normal distribution known from elsewhere.",
            len(thetas),
        )
        values = {"fewest": FEWEST_EXAMINEES, "count": len(thetas)}
        raise InvalidInput(
            "too_few_examinees", message % values, fields={"test": message % values}, **values
        )
    return thetas


def _origin(source: FinishedSessions | Normal) -> str:
    if isinstance(source, Normal):
        values: dict[str, Any] = {"mean": source.mean, "sd": source.sd}
        return _("Normal distribution with mean %(mean)g and SD %(sd)g.") % values
    values = {"test": source.test.slug, "group": source.group and source.group.name}
    if source.group is None:
        return _("Finished sessions of %(test)s.") % values
    return _("Finished sessions of %(test)s, group %(group)s.") % values
