"""A calibration run: a row first, a Celery task second."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from items.models import Bank, BankRelease

USER = settings.AUTH_USER_MODEL


class CalibrationRunQuerySet(models.QuerySet["CalibrationRun"]):
    def claimable(self, now: datetime) -> Self:
        """Runs that nobody works on: queued ones, and those whose worker let the lease expire."""
        return self.filter(
            Q(status=CalibrationRun.Status.QUEUED)
            | Q(status=CalibrationRun.Status.RUNNING, lease_until__lt=now)
        )


class CalibrationRun(models.Model):
    """One MML-EM estimation of a bank: what to estimate, how far it is, how it ended.

    A worker holds a lease while it computes; the pair (`attempt`, `status`) guards every write,
    so that a second delivery of the task or a revived worker changes nothing.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Phase(models.TextChoices):
        """What a worker is doing; `phase` holds one of these while the run is running."""

        COLLECTING = "collecting", _("collecting responses")
        ESTIMATING = "estimating", _("estimating (EM)")
        STANDARD_ERRORS = "standard_errors", _("computing standard errors")
        LINKING = "linking", _("linking and judging")

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="runs", verbose_name=_("bank"))
    standing = models.ForeignKey(
        BankRelease,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("standing release"),
    )
    window_start = models.DateTimeField(_("responses from"), null=True, blank=True)
    window_end = models.DateTimeField(_("responses until"), null=True, blank=True)
    nodes = models.PositiveSmallIntegerField(_("quadrature nodes"), default=61)
    node_range = models.FloatField(_("quadrature range ±θ"), default=6.0)
    tolerance = models.FloatField(_("tolerance"), default=1e-6)
    min_responses = models.PositiveIntegerField(_("fewest responses per item"), default=100)
    note = models.TextField(_("note"), blank=True)
    requested_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    # One run for one slot of a schedule, however many schedulers there are.
    slot = models.CharField(
        _("schedule slot"), max_length=100, null=True, unique=True, editable=False
    )

    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    progress = models.FloatField(_("progress"), default=0.0)
    phase = models.CharField(_("phase"), max_length=200, choices=Phase.choices, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    error = models.TextField(_("error"), blank=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    draft = models.OneToOneField(
        BankRelease, models.SET_NULL, null=True, related_name="run", verbose_name=_("draft release")
    )

    objects = CalibrationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("calibration run")
        verbose_name_plural = _("calibration runs")
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "succeeded", "failed", "cancelled"]),
                name="scoring_run_status_known",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="scoring_run_progress_share"
            ),
            models.CheckConstraint(
                condition=Q(nodes__gte=11, nodes__lte=501, node_range__gt=0, node_range__lte=20),
                name="scoring_run_grid_sane",
                violation_error_message=_(
                    "The quadrature takes 11 to 501 nodes on a range of at most ±20."
                ),
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gt=0, tolerance__lte=0.01),
                name="scoring_run_tolerance_sane",
                violation_error_message=_("The tolerance must lie above 0 and be at most 0.01."),
            ),
            models.CheckConstraint(
                condition=Q(min_responses__gte=1),
                name="scoring_run_min_responses_from_one",
                violation_error_message=_("An item needs at least 1 response."),
            ),
            models.CheckConstraint(
                condition=Q(window_start__isnull=True)
                | Q(window_end__isnull=True)
                | Q(window_start__lt=F("window_end")),
                name="scoring_run_window_ordered",
                violation_error_message=_("The window must start before it ends."),
            ),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(lease_until__isnull=False),
                name="scoring_run_running_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
                | Q(status__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
                name="scoring_run_over_has_end",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error=""), name="scoring_run_failure_has_reason"
            ),
            models.UniqueConstraint(
                fields=["bank"], condition=Q(status="running"), name="scoring_one_running_per_bank"
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(bank)s run %(number)s") % {"bank": self.bank.slug, "number": self.pk}

    @property
    def is_over(self) -> bool:
        return self.status in {self.Status.SUCCEEDED, self.Status.FAILED, self.Status.CANCELLED}
