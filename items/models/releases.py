"""Bank releases: which item versions are eligible, in which role, with which parameters.

Parameters live here only, and a published release never changes (trigger in migration 0002).
"""

from collections.abc import Sequence
from typing import Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from common.fields import all_finite, all_finite_from_zero, strictly_increasing
from irt.models.parameters import POLYTOMOUS, WITH_LOWER_ASYMPTOTE, WITH_UPPER_ASYMPTOTE, Model
from items.models.banks import BankRelease
from items.models.content import EnemyGroup, Item, ItemVersion


class Role(models.TextChoices):
    OPERATIONAL = "operational", _("operational")
    PRETEST = "pretest", _("pretest")


def _is_one_of(some: Sequence[Model]) -> Q:
    """One model is compared by =, as the database has it."""
    names = [model.value for model in some]
    return Q(model__in=names) if len(names) > 1 else Q(model=names[0])


_RISING = [model for model in Model if model.steps_must_rise]


class ReleasedItemQuerySet(models.QuerySet["ReleasedItem"]):
    def with_enemies(self) -> Self:
        """Annotate `enemies`, the codes of each item's enemy groups: as they were when the release
        was published, as they are now for a draft."""
        of_draft = When(release__number__isnull=True, then=self._groups_now())
        return self.annotate(enemies=Case(of_draft, default=F("enemy_groups")))

    def freeze_enemies(self) -> None:
        """Keep the enemy groups of this moment. Call it on the rows of a draft, to publish it."""
        self.update(enemy_groups=self._groups_now())

    @staticmethod
    def _groups_now() -> ArraySubquery:
        groups = EnemyGroup.objects.filter(items=OuterRef("item_id"))
        return ArraySubquery(groups.order_by("code").values("code"))


class ReleasedItem(models.Model):
    """One item version in one release; parameters on the logistic metric (D = 1).

    `difficulty` is [b] for dichotomous models and [b_1, …, b_m] for polytomous ones, rising where
    the model says so.
    """

    class Provenance(models.TextChoices):
        INHERITED = "inherited", _("inherited")
        MANUAL = "manual", _("manual")
        IMPORT = "import", _("import")
        CALIBRATION = "calibration", _("calibration")

    release = models.ForeignKey(BankRelease, models.CASCADE, related_name="released_items")
    item = models.ForeignKey(Item, models.PROTECT, related_name="released")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="released")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    model = models.CharField(
        _("model"), max_length=8, choices=[(model.value, model.label) for model in Model]
    )
    discrimination = models.FloatField("a", null=True, blank=True)
    difficulty = ArrayField(models.FloatField(), null=True, blank=True, verbose_name="b")
    lower_asymptote = models.FloatField("c", default=0.0)
    upper_asymptote = models.FloatField("d", default=1.0)
    discrimination_se = models.FloatField("SE(a)", null=True, blank=True)
    difficulty_se = ArrayField(models.FloatField(), null=True, blank=True, verbose_name="SE(b)")
    lower_asymptote_se = models.FloatField("SE(c)", null=True, blank=True)
    upper_asymptote_se = models.FloatField("SE(d)", null=True, blank=True)
    provenance = models.CharField(
        _("provenance"), max_length=12, choices=Provenance.choices, default=Provenance.MANUAL
    )

    # Codes of the item's enemy groups when the release was published; empty in a draft.
    enemy_groups = ArrayField(
        models.SlugField(), default=list, blank=True, verbose_name=_("enemy groups")
    )

    objects = ReleasedItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("released item")
        verbose_name_plural = _("released items")
        permissions = [("edit_parameters", "Can edit item parameters")]
        constraints = [
            models.UniqueConstraint(fields=["release", "item"], name="items_released_item_once"),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="items_released_role_known"
            ),
            models.CheckConstraint(
                condition=_is_one_of(list(Model)), name="items_released_model_known"
            ),
            models.CheckConstraint(
                condition=Q(provenance__in=["inherited", "manual", "import", "calibration"]),
                name="items_released_provenance_known",
            ),
            models.CheckConstraint(
                condition=Q(discrimination__isnull=True)
                | Q(discrimination__gt=0, discrimination__lt=float("inf")),
                name="items_discrimination_positive",
            ),
            models.CheckConstraint(
                condition=Q(difficulty__isnull=True) | all_finite("difficulty"),
                name="items_difficulty_finite",
            ),
            models.CheckConstraint(
                condition=Q(difficulty__isnull=True)
                | ~_is_one_of(_RISING)
                | Q(strictly_increasing("difficulty")),
                name="items_thresholds_rise",
            ),
            models.CheckConstraint(
                condition=Q(difficulty__isnull=True)
                | (Q(difficulty__len__gte=1) & _is_one_of(POLYTOMOUS))
                | Q(difficulty__len=1),
                name="items_difficulty_length_fits_model",
            ),
            models.CheckConstraint(
                condition=Q(
                    lower_asymptote__gte=0,
                    lower_asymptote__lt=F("upper_asymptote"),
                    upper_asymptote__lte=1,
                ),
                name="items_asymptotes_ordered",
            ),
            models.CheckConstraint(
                condition=_is_one_of(WITH_LOWER_ASYMPTOTE) | Q(lower_asymptote=0),
                name="items_lower_asymptote_fits_model",
            ),
            models.CheckConstraint(
                condition=_is_one_of(WITH_UPPER_ASYMPTOTE) | Q(upper_asymptote=1),
                name="items_upper_asymptote_fits_model",
            ),
            models.CheckConstraint(
                condition=Q(discrimination_se__isnull=True)
                | Q(discrimination_se__gte=0, discrimination_se__lt=float("inf")),
                name="items_discrimination_se_finite",
            ),
            models.CheckConstraint(
                condition=Q(difficulty_se__isnull=True) | all_finite_from_zero("difficulty_se"),
                name="items_difficulty_se_finite",
            ),
            models.CheckConstraint(
                condition=Q(lower_asymptote_se__isnull=True)
                | Q(lower_asymptote_se__gte=0, lower_asymptote_se__lt=float("inf")),
                name="items_lower_asymptote_se_finite",
            ),
            models.CheckConstraint(
                condition=Q(upper_asymptote_se__isnull=True)
                | Q(upper_asymptote_se__gte=0, upper_asymptote_se__lt=float("inf")),
                name="items_upper_asymptote_se_finite",
            ),
            models.CheckConstraint(
                condition=~Q(role="operational")
                | Q(discrimination__isnull=False, difficulty__isnull=False),
                name="items_operational_has_parameters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_version} in {self.release}"

    @property
    def has_lower_asymptote(self) -> bool:
        return bool(self.difficulty) and Model(self.model).has_lower_asymptote

    @property
    def has_upper_asymptote(self) -> bool:
        return bool(self.difficulty) and Model(self.model).has_upper_asymptote

    @property
    def steps(self) -> list[tuple[float, float | None]]:
        """(b, its standard error) of each step; empty while it has no parameters."""
        difficulties = self.difficulty or []
        errors: Sequence[float | None] = self.difficulty_se or [None] * len(difficulties)
        return list(zip(difficulties, errors, strict=True))
