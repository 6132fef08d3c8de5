"""How often items are given: what was derived before delivery, and what is counted in it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from items.models import BankRelease, Item
from sessions.models.specification import Test
from sessions.models.test_version import TestVersion


class ExposureTable(models.Model):
    """Sympson-Hetter parameters of a test version on a release; write-once (migration 0007).

    `probabilities` holds one row an item of `item_ids`, one entry a theta band.
    """

    test_version = models.ForeignKey(
        TestVersion, models.PROTECT, related_name="exposure_tables", verbose_name=_("test version")
    )
    release = models.ForeignKey(
        BankRelease, models.PROTECT, related_name="+", verbose_name=_("bank release")
    )
    item_ids = ArrayField(models.BigIntegerField())
    probabilities = ArrayField(ArrayField(models.FloatField()))
    largest_rate = models.FloatField(_("largest exposure rate"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exposure table")
        verbose_name_plural = _("exposure tables")

    def __str__(self) -> str:
        return f"{self.test_version} / {self.release}"


class SessionCount(models.Model):
    """How many sessions of a test have started, where its exposure is counted."""

    test = models.OneToOneField(Test, models.CASCADE, related_name="session_count")
    sessions = models.PositiveIntegerField(_("sessions"), default=0)

    def __str__(self) -> str:
        return f"{self.test}: {self.sessions}"


class ItemCount(models.Model):
    """How often an item was issued in a test, and in how many sessions it was not eligible.

    The answer's own statement counts, so that a hard cap holds however many sessions run at once
    (sessions.delivery.exposure_counts).
    """

    test = models.ForeignKey(Test, models.CASCADE, related_name="item_counts")
    item = models.ForeignKey(Item, models.CASCADE, related_name="+")
    issued = models.PositiveIntegerField(_("issued"), default=0)
    withheld = models.PositiveIntegerField(_("not eligible"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["test", "item"], name="sessions_item_count_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.issued}"
