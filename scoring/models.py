"""A calibration run: a row first, a Celery task second."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.edits import Values
from common.runs.run import Run, RunQuerySet, run_constraints
from items.models import Bank, BankRelease
from items.releases import draft_values


class CalibrationRun(Run):
    """One MML-EM estimation of a bank: what to estimate, how far it is, how it ended."""

    class Phase(models.TextChoices):
        """What a worker is doing; `phase` holds one of these while the run is running."""

        COLLECTING = "collecting", _("collecting responses")
        ESTIMATING = "estimating", _("estimating (EM)")
        STANDARD_ERRORS = "standard_errors", _("computing standard errors")
        LINKING = "linking", _("linking and judging")

    TASK: ClassVar = "scoring.tasks.calibrate"
    CANCEL_ACT: ClassVar = "cancel_calibration"
    RELATED: ClassVar = ("bank", "standing", "draft", "requested_by")
    LOCK_SPACE: ClassVar = 1_984_001
    FRESH: ClassVar = {"phase": Phase.COLLECTING, "evidence": {}}

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
    # One run for one slot of a schedule, however many schedulers there are.
    slot = models.CharField(
        _("schedule slot"), max_length=100, null=True, unique=True, editable=False
    )

    phase = models.CharField(_("phase"), max_length=200, choices=Phase.choices, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    draft = models.OneToOneField(
        BankRelease, models.SET_NULL, null=True, related_name="run", verbose_name=_("draft release")
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("calibration run")
        verbose_name_plural = _("calibration runs")
        ordering = ["-requested_at"]
        constraints = [
            *run_constraints("scoring_run"),
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
            models.UniqueConstraint(
                fields=["bank"], condition=Q(status="running"), name="scoring_one_running_per_bank"
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(bank)s run %(number)s") % {"bank": self.bank.slug, "number": self.pk}

    def shown_values(self) -> Values:
        """With what the draft release holds. One query more."""
        draft = self.draft and {"number": self.draft.number, **draft_values(self.draft)}
        return {**super().shown_values(), "draft": draft}
