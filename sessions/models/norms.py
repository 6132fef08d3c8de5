"""Whom a score is compared with."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import all_finite, is_nfc, localized_text
from common.names import Named
from items.models import Bank


class NormGroup(Named):
    """The distribution of theta in a reference group, as its 1st to 99th percentile.

    Write-once (trigger in migration 0007): a report must be the same tomorrow.
    """

    bank = models.ForeignKey(
        Bank, models.PROTECT, related_name="norm_groups", verbose_name=_("bank")
    )
    code = models.SlugField(_("code"))
    name = localized_text(verbose_name=_("name"))
    percentiles = ArrayField(models.FloatField(), size=99, verbose_name=_("θ at percentiles"))
    n_examinees = models.PositiveIntegerField(_("examinees"))
    note = models.TextField(_("where the norms come from"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("norm group")
        verbose_name_plural = _("norm groups")
        constraints = [
            models.UniqueConstraint(fields=["bank", "code"], name="sessions_norm_group_once"),
            models.CheckConstraint(condition=is_nfc("code"), name="sessions_norm_code_nfc"),
            models.CheckConstraint(
                condition=Q(percentiles__len=99) & all_finite("percentiles"),
                name="sessions_norms_have_99_percentiles",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank.slug}: {self.code}"
