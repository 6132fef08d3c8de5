"""What long computations have in common: a row first, a Celery task second."""

from datetime import datetime
from typing import Any, ClassVar, Self, cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.edits import Values

USER = settings.AUTH_USER_MODEL


class RunQuerySet(models.QuerySet[Any]):
    def claimable(self, now: datetime) -> Self:
        """Runs that nobody works on: queued ones, and those whose worker let the lease expire."""
        return self.filter(
            Q(status=Run.Status.QUEUED) | Q(status=Run.Status.RUNNING, lease_until__lt=now)
        )

    def going(self) -> Self:
        """Runs that are not over."""
        return self.filter(status__in=[Run.Status.QUEUED, Run.Status.RUNNING])


class Run(models.Model):
    """What is to be computed, how far it is, how it ended.

    A worker holds a lease while it computes (common.runs.leases); the pair (`attempt`, `status`)
    guards every write, so that a second delivery of the task or a revived worker changes nothing.
    Each kind adds what it computes, its `phase`, the `run_constraints` and a manager made from a
    `RunQuerySet`.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    # The name of the Celery task that carries a run of this kind out, given its id.
    TASK: ClassVar[str]
    # What the audit trail calls its cancellation.
    CANCEL_ACT: ClassVar[str]
    # Rows that its pages name beside it.
    RELATED: ClassVar[tuple[str, ...]]
    # The first of the two keys of PostgreSQL's advisory locks; the second is the run's id.
    LOCK_SPACE: ClassVar[int]
    # What an attempt begins with: the first phase, and no trace of an attempt before.
    FRESH: ClassVar[dict[str, Any]]

    requested_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.QUEUED
    )
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    lease_until = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    progress = models.FloatField(_("progress"), default=0.0)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.status not in {self.Status.QUEUED, self.Status.RUNNING}

    def shown_values(self) -> Values:
        """What people decide by, which a later change makes old; not how far the run is."""
        return {"status": self.status, "is_cancelled": self.cancel_requested_at is not None}

    @property
    def took(self) -> str:
        """How long the last attempt computed, for people; empty until it is over."""
        if not (self.started_at and self.finished_at):
            return ""
        return f"{(self.finished_at - self.started_at).total_seconds():.1f} s"


def rows_of(kind: type[Run]) -> RunQuerySet:
    """All runs of the kind."""
    return cast(RunQuerySet, kind._default_manager.all())


def run_constraints(prefix: str) -> list[models.CheckConstraint]:
    """What the database holds of every run; the names begin with `prefix`."""
    return [
        models.CheckConstraint(
            condition=Q(status__in=["queued", "running", "succeeded", "failed", "cancelled"]),
            name=f"{prefix}_status_known",
        ),
        models.CheckConstraint(
            condition=Q(progress__gte=0, progress__lte=1), name=f"{prefix}_progress_share"
        ),
        models.CheckConstraint(
            condition=~Q(status="running") | Q(lease_until__isnull=False),
            name=f"{prefix}_running_has_lease",
        ),
        models.CheckConstraint(
            condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
            | Q(status__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
            name=f"{prefix}_over_has_end",
        ),
        models.CheckConstraint(
            condition=~Q(status="failed") | ~Q(error=""), name=f"{prefix}_failure_has_reason"
        ),
    ]
