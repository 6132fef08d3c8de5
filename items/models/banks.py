"""Banks and the headers of their releases; what a release holds is in `items.models.releases`."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.fields import is_nfc
from common.names import Named

USER = settings.AUTH_USER_MODEL


class Bank(Named):
    NAME, SCOPE = "slug", ""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    languages = ArrayField(
        models.CharField(max_length=10), default=list, verbose_name=_("languages")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    class Meta:
        verbose_name = _("bank")
        verbose_name_plural = _("banks")
        constraints = [
            models.CheckConstraint(condition=is_nfc("slug"), name="items_bank_slug_nfc"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def current_release(self) -> "BankRelease | None":
        """The newest published release: what new sessions are pinned to."""
        return self.releases.filter(number__isnull=False).order_by("-number").first()


class BankReleaseQuerySet(models.QuerySet["BankRelease"]):
    def current(self) -> Self:
        """The newest published release of each bank: what new sessions are pinned to."""
        published = self.filter(number__isnull=False)
        return published.order_by("bank", "-number").distinct("bank")


class BankRelease(models.Model):
    """Which item versions are eligible, in which role, with which parameters.

    A draft has no number; publishing gives it the bank's next one and freezes it.
    """

    class Origin(models.TextChoices):
        AUTHORING = "authoring", _("authoring")
        CALIBRATION = "calibration", _("calibration")
        RETIREMENT = "retirement", _("retirement")

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="releases", verbose_name=_("bank"))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True)
    base = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts",
        verbose_name=_("based on"),
    )
    origin = models.CharField(
        _("origin"), max_length=12, choices=Origin.choices, default=Origin.AUTHORING
    )
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    published_by = models.ForeignKey(USER, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(_("published at"), null=True)

    objects = BankReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("bank release")
        verbose_name_plural = _("bank releases")
        permissions = [("publish_bankrelease", "Can publish releases")]
        constraints = [
            models.UniqueConstraint(fields=["bank", "number"], name="items_release_number_once"),
            models.UniqueConstraint(
                fields=["bank"],
                condition=Q(number__isnull=True, origin="authoring"),
                name="items_one_authoring_draft",
            ),
            models.CheckConstraint(
                condition=Q(number__isnull=True, published_at__isnull=True)
                # `number >= 1` alone is NULL without a number, and a CHECK lets NULL pass.
                | Q(number__isnull=False, number__gte=1, published_at__isnull=False),
                name="items_release_published_has_number",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["authoring", "calibration", "retirement"]),
                name="items_release_origin_known",
            ),
        ]

    def __str__(self) -> str:
        if self.number is None:
            return gettext("%(bank)s: %(origin)s draft %(number)s") % {
                "bank": self.bank.slug,
                "origin": self.get_origin_display(),
                "number": self.pk,
            }
        return gettext("%(bank)s release %(number)s") % {
            "bank": self.bank.slug,
            "number": self.number,
        }

    @property
    def is_draft(self) -> bool:
        return self.number is None
