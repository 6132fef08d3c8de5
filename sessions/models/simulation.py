"""A simulation of a test version on a bank release: what opens the test to students."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.fields import all_finite, finite
from common.runs.run import Run, RunQuerySet, run_constraints
from items.models import BankRelease
from sessions.models.test_version import PASSED, TestVersion


class SimulationQuerySet(RunQuerySet):
    def passed(self) -> Self:
        """Simulations that allow their test version to be delivered."""
        return self.filter(**PASSED)


class Simulation(Run):
    """Simulated examinees take a test version, and what came of it; kept for good.

    `examinees` draw their ability from N(theta_mean, theta_sd**2) and say how the test does as a
    whole; besides, `per_point` examinees of each ability in `points` say how it does by theta. The
    seed fixes everything. `results` as sessions.simulation.results writes them.
    """

    class Phase(models.TextChoices):
        """What a worker is doing; `phase` holds one of these while the run is running."""

        PREPARING = "preparing", _("reading the release")
        DERIVING = "deriving", _("deriving the exposure control")
        SIMULATING = "simulating", _("simulating examinees")
        COMPARING = "comparing", _("simulating the version to compare with")

    TASK: ClassVar = "sessions.tasks.simulate"
    CANCEL_ACT: ClassVar = "cancel_simulation"
    RELATED: ClassVar = (
        "test_version__test__bank",
        "release__bank",
        "comparison__test",
        "requested_by",
    )
    LOCK_SPACE: ClassVar = 1_984_002
    FRESH: ClassVar = {"phase": Phase.PREPARING, "results": {}, "violations": None}

    test_version = models.ForeignKey(
        TestVersion, models.PROTECT, related_name="simulations", verbose_name=_("test version")
    )
    release = models.ForeignKey(
        BankRelease, models.PROTECT, related_name="simulations", verbose_name=_("bank release")
    )
    comparison = models.ForeignKey(
        TestVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compared with"),
    )
    examinees = models.PositiveIntegerField(_("examinees"), default=1000)
    seed = models.PositiveBigIntegerField(_("seed"), default=1)
    theta_mean = models.FloatField(_("mean of θ"))
    theta_sd = models.FloatField(_("SD of θ"))
    points = ArrayField(models.FloatField(), verbose_name=_("points of θ"))
    per_point = models.PositiveIntegerField(_("examinees at each point"))

    phase = models.CharField(_("phase"), max_length=20, choices=Phase.choices, blank=True)
    violations = models.PositiveIntegerField(_("blueprint violations"), null=True)
    results = models.JSONField(_("results"), default=dict)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        ordering = ["-requested_at"]
        constraints = [
            *run_constraints("sessions_simulation"),
            models.CheckConstraint(
                condition=Q(examinees__gte=2, examinees__lte=100_000),
                name="sessions_simulation_size",
                violation_error_message=_("Simulate 2 to 100,000 examinees."),
            ),
            models.CheckConstraint(
                condition=Q(seed__gte=0), name="sessions_simulation_seed_not_negative"
            ),
            models.CheckConstraint(
                condition=finite("theta_mean")
                & Q(theta_mean__gte=-20, theta_mean__lte=20, theta_sd__gt=0, theta_sd__lte=20),
                name="sessions_simulation_population",
                violation_error_message=_(
                    "The population needs a mean between -20 and 20 and an SD above 0, at most 20."
                ),
            ),
            models.CheckConstraint(
                condition=Q(points__len__gte=2, points__len__lte=41) & all_finite("points"),
                name="sessions_simulation_points",
                violation_error_message=_("Name 2 to 41 points of θ."),
            ),
            models.CheckConstraint(
                condition=Q(per_point__gte=2, per_point__lte=10_000),
                name="sessions_simulation_per_point",
                violation_error_message=_("Simulate 2 to 10,000 examinees at each point."),
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded") | Q(violations__isnull=False),
                name="sessions_simulation_success_counts_violations",
            ),
        ]

    def __str__(self) -> str:
        return gettext("%(version)s simulation %(number)s") % {
            "version": self.test_version,
            "number": self.pk,
        }
