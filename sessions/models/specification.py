"""With which test: a test and its immutable versions, and the tickets that invite to it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from items.fields import finite, is_object, localized_text
from items.models import Bank, in_language
from sessions.models.people import Examinee

USER = settings.AUTH_USER_MODEL


class TestQuerySet(models.QuerySet["Test"]):
    def not_over(self, now: datetime) -> Self:
        """Tests whose newest version may still be taken, now or later."""
        newest = TestVersion.objects.filter(test=models.OuterRef("pk")).order_by("-number")
        closing = self.annotate(closes=models.Subquery(newest.values("window_end")[:1]))
        return closing.filter(Q(closes__isnull=True) | Q(closes__gt=now))


class Test(models.Model):
    """A delivery specification through all its versions."""

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
        ]

    def __str__(self) -> str:
        return in_language(self.title, "en") or self.slug

    @property
    def current_version(self) -> "TestVersion | None":
        return self.versions.order_by("-number").first()

    @property
    def newest_versions(self) -> "models.QuerySet[TestVersion]":
        """Newest first, with who wrote them."""
        return self.versions.select_related("created_by").order_by("-number")


class TestVersion(models.Model):
    """How a test is delivered; immutable once a session used it (trigger in migration 0002)."""

    class Estimator(models.TextChoices):
        EAP = "eap", "EAP"

    class Selection(models.TextChoices):
        MAXIMUM_INFORMATION = "maximum_information", _("maximum information")

    class OmitPolicy(models.TextChoices):
        REFUSED = "refused", _("may not be omitted")
        SCORED_ZERO = "scored_zero", _("omitted counts as 0")
        LEFT_OUT = "left_out", _("omitted is left out")

    test = models.ForeignKey(Test, models.PROTECT, related_name="versions", verbose_name=_("test"))
    number = models.PositiveIntegerField(_("version"))
    estimator = models.CharField(
        _("ability estimator"), max_length=8, choices=Estimator.choices, default=Estimator.EAP
    )
    prior_mean = models.FloatField(_("prior mean"), default=0.0)
    prior_sd = models.FloatField(_("prior SD"), default=1.0)
    selection = models.CharField(
        _("item selection"),
        max_length=24,
        choices=Selection.choices,
        default=Selection.MAXIMUM_INFORMATION,
    )
    randomesque = models.PositiveSmallIntegerField(
        _("draw among the best"),
        default=5,
        help_text=_(
            "The next item is drawn from this many of the most informative ones; 1 = the best."
        ),
    )
    min_items = models.PositiveSmallIntegerField(_("fewest items"), default=5)
    max_items = models.PositiveSmallIntegerField(_("most items"), default=30)
    target_standard_error = models.FloatField(
        _("stop at standard error"),
        null=True,
        blank=True,
        help_text=_("Standard error of θ at which the test ends; empty = length alone decides."),
    )
    time_limit = models.PositiveIntegerField(_("time limit in seconds"), null=True, blank=True)
    window_start = models.DateTimeField(_("opens"), null=True, blank=True)
    window_end = models.DateTimeField(_("closes"), null=True, blank=True)
    omit_policy = models.CharField(
        _("omitting"), max_length=12, choices=OmitPolicy.choices, default=OmitPolicy.REFUSED
    )
    scale_mean = models.FloatField(_("reporting scale mean"), default=500.0)
    scale_sd = models.FloatField(_("reporting scale SD"), default=100.0)
    created_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("test version")
        verbose_name_plural = _("test versions")
        constraints = [
            models.UniqueConstraint(fields=["test", "number"], name="sessions_test_version_once"),
            models.CheckConstraint(
                condition=Q(min_items__gte=1, min_items__lte=F("max_items"), max_items__lte=500),
                name="sessions_lengths_ordered",
            ),
            models.CheckConstraint(
                condition=Q(randomesque__gte=1), name="sessions_randomesque_from_one"
            ),
            models.CheckConstraint(
                condition=Q(prior_sd__gt=0, prior_sd__lt=float("inf")),
                name="sessions_prior_sd_positive",
            ),
            models.CheckConstraint(
                condition=finite("prior_mean"), name="sessions_prior_mean_finite"
            ),
            models.CheckConstraint(
                condition=Q(target_standard_error__isnull=True)
                | Q(target_standard_error__gt=0, target_standard_error__lt=float("inf")),
                name="sessions_target_se_positive",
            ),
            models.CheckConstraint(
                condition=Q(scale_sd__gt=0, scale_sd__lt=float("inf")) & finite("scale_mean"),
                name="sessions_scale_finite",
            ),
            models.CheckConstraint(
                condition=Q(time_limit__isnull=True) | Q(time_limit__gte=30),
                name="sessions_time_limit_at_least_30_s",
            ),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True)
                | Q(window_end__isnull=True)
                | Q(window_start__lt=F("window_end")),
                name="sessions_window_ordered",
            ),
            models.CheckConstraint(
                condition=Q(
                    estimator__in=["eap"],
                    selection__in=["maximum_information"],
                    omit_policy__in=["refused", "scored_zero", "left_out"],
                ),
                name="sessions_rules_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.test.slug} v{self.number}"

    def is_open_at(self, moment: datetime) -> bool:
        """Within the window in which sessions may start."""
        has_begun = self.window_start is None or moment >= self.window_start
        return has_begun and (self.window_end is None or moment < self.window_end)


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
