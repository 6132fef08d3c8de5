"""With which test: a test through all its versions, and the tickets that invite to it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import is_nfc, is_object, localized_text
from common.names import Named
from items.models import Bank, in_language
from sessions.models.people import Examinee
from sessions.models.test_version import TestVersion

USER = settings.AUTH_USER_MODEL


class TestQuerySet(models.QuerySet["Test"]):
    def not_over(self, now: datetime) -> Self:
        """Tests that may still be taken, now or later, by the version that is delivered."""
        versions = TestVersion.objects.deliverable().filter(test=models.OuterRef("pk"))
        newest = versions.order_by("-number")
        closing = self.annotate(closes=models.Subquery(newest.values("window_end")[:1]))
        return closing.filter(models.Exists(versions)).filter(
            Q(closes__isnull=True) | Q(closes__gt=now)
        )


class Test(Named):
    """A delivery specification through all its versions."""

    NAME, SCOPE = "slug", ""

    slug = models.SlugField(_("slug"), unique=True)
    bank = models.ForeignKey(Bank, models.PROTECT, related_name="tests", verbose_name=_("bank"))
    title = localized_text(verbose_name=_("title"))
    instructions = localized_text(blank=True, verbose_name=_("instructions"))
    is_open = models.BooleanField(_("open to students"), default=False)

    objects = TestQuerySet.as_manager()

    class Meta:
        verbose_name = _("test")
        verbose_name_plural = _("tests")
        constraints = [
            models.CheckConstraint(condition=is_object("title"), name="sessions_title_is_object"),
            models.CheckConstraint(
                condition=is_object("instructions"), name="sessions_instructions_is_object"
            ),
            models.CheckConstraint(condition=is_nfc("slug"), name="sessions_test_slug_nfc"),
        ]

    def __str__(self) -> str:
        return in_language(self.title, "en") or self.slug

    @property
    def current_version(self) -> "TestVersion | None":
        """The newest: what authors work on."""
        return self.versions.order_by("-number").first()

    @property
    def deliverable_version(self) -> "TestVersion | None":
        """The newest that was simulated: what new sessions use."""
        return self.versions.deliverable().order_by("-number").first()

    @property
    def newest_versions(self) -> "models.QuerySet[TestVersion]":
        """Newest first, with who wrote them."""
        return self.versions.select_related("created_by").order_by("-number")


class Ticket(models.Model):
    """A single-use invitation to one test; only a digest of its secret is stored."""

    digest = models.CharField(max_length=64, unique=True)
    examinee = models.ForeignKey(
        Examinee, models.CASCADE, related_name="tickets", verbose_name=_("examinee")
    )
    test = models.ForeignKey(Test, models.CASCADE, related_name="tickets", verbose_name=_("test"))
    created_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True)

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")

    def __str__(self) -> str:
        return f"{self.test.slug} → {self.examinee}"
