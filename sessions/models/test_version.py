"""How a test is delivered: one version's rules, as `irt.policy.policy` names them."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from common.fields import finite, is_list, is_object, strictly_increasing
from irt.policy.blueprint import Method
from irt.policy.policy import Criterion, Draw, Estimator, ExposureMethod, FirstItem
from items.models import Item
from sessions.models.choices import choices_of
from sessions.models.norms import NormGroup
from sessions.models.reporting import Scale

USER = settings.AUTH_USER_MODEL
LEAST_PRIOR_SD, LARGEST_PRIOR_MEAN = 0.2, 4.0
# A simulation of fewer examinees opens no test: rare violations would go unseen.
FEWEST_SIMULATED = 500
# What a simulation must be for its version to be delivered.
PASSED = {"status": "succeeded", "violations": 0, "examinees__gte": FEWEST_SIMULATED}


class TestVersionQuerySet(models.QuerySet["TestVersion"]):
    def deliverable(self) -> Self:
        """Versions that passed a simulation, and those that a session used (before there were any).

        A newer release of the bank does not take it away: retiring an item must take effect at
        once, and queues a simulation on the new release.
        """
        same = self.model.objects.filter(pk=OuterRef("pk"))
        passed = same.filter(**{f"simulations__{name}": value for name, value in PASSED.items()})
        return self.filter(Exists(passed) | Exists(same.filter(sessions__isnull=False)))


def _known(**rules: type[StrEnum]) -> Q:
    """SQL condition: each column holds a value of its enumeration."""
    return Q(**{f"{name}__in": [rule.value for rule in known] for name, known in rules.items()})


def _one_level_more_than_cuts() -> Q:
    """SQL condition: no cut scores and no levels, or one level more than there are cut scores."""
    # A path, because the length of what is no list would be an error of SQL.
    n_levels = Func(
        F("level_names"),
        template="jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$[*]'))",
        output_field=models.IntegerField(),
    )
    n_cuts = Func(F("cut_scores"), function="cardinality", output_field=models.IntegerField())
    named = Q(cut_scores__len__gt=0) & Exact(n_levels, n_cuts + 1)
    return named | Q(cut_scores__len=0) & Exact(n_levels, 0)


class TestVersion(models.Model):
    """How a test is delivered; immutable once a session used it (trigger in migration 0002).

    Thetas are on the logistic metric (D = 1). JSON forms: `group_priors` {group code: {"mean",
    "sd"}}; `blueprint` as sessions.rules.policies reads it; `stopping_rule` as
    irt.policy.stopping_json does, {} where length alone decides; `level_names` a text per
    language for each level, one more than there are cut scores.
    """

    class OmitPolicy(models.TextChoices):
        REFUSED = "refused", _("may not be omitted")
        SCORED_ZERO = "scored_zero", _("omitted counts as 0")
        LEFT_OUT = "left_out", _("omitted is left out")

    test = models.ForeignKey(
        "cat_sessions.Test", models.PROTECT, related_name="versions", verbose_name=_("test")
    )
    number = models.PositiveIntegerField(_("version"))

    estimator = models.CharField(
        _("ability estimator"),
        max_length=8,
        choices=choices_of(Estimator),
        default=Estimator.EAP.value,
    )
    final_estimator = models.CharField(
        _("reported estimator"),
        max_length=8,
        choices=choices_of(Estimator),
        default=Estimator.EAP.value,
    )
    prior_mean = models.FloatField(_("prior mean"), default=0.0)
    prior_sd = models.FloatField(_("prior SD"), default=1.0)
    group_priors = models.JSONField(_("priors of groups"), default=dict, blank=True)
    fence = models.FloatField(_("θ stays within ±"), default=4.0)

    selection = models.CharField(
        _("item selection"),
        max_length=24,
        choices=choices_of(Criterion),
        default=Criterion.MAXIMUM_INFORMATION.value,
    )
    draw = models.CharField(
        _("chance"), max_length=16, choices=choices_of(Draw), default=Draw.RANDOMESQUE.value
    )
    randomesque = models.PositiveSmallIntegerField(_("draw among the best"), default=5)
    draw_power = models.FloatField(_("acceleration"), default=1.0)
    strata = models.PositiveSmallIntegerField(_("strata"), default=4)
    b_blocking = models.BooleanField(_("balance difficulty between the strata"), default=True)
    first_item_rule = models.CharField(
        _("first item"),
        max_length=16,
        choices=choices_of(FirstItem),
        default=FirstItem.PRIOR_MEAN.value,
    )
    first_item_spread = models.FloatField(_("± spread of the first item"), default=0.5)
    first_item = models.ForeignKey(
        Item, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("which item")
    )

    content_method = models.CharField(
        _("how content is balanced"),
        max_length=16,
        choices=choices_of(Method),
        default=Method.PRIORITY.value,
    )
    blueprint = models.JSONField(_("blueprint"), default=dict, blank=True)
    seen_within_days = models.PositiveSmallIntegerField(
        _("no item seen in the last … days"), null=True, blank=True
    )

    exposure_method = models.CharField(
        _("exposure control"),
        max_length=16,
        choices=choices_of(ExposureMethod),
        default=ExposureMethod.NONE.value,
    )
    exposure_rate = models.FloatField(_("largest exposure rate"), default=0.2)
    exposure_bands = ArrayField(
        models.FloatField(), default=list, blank=True, verbose_name=_("limits of θ bands")
    )
    cap_rate = models.FloatField(_("hard cap: share of sessions"), null=True, blank=True)
    cap_minimum = models.PositiveIntegerField(_("hard cap: sessions always allowed"), default=10)

    min_items = models.PositiveSmallIntegerField(_("fewest items"), default=5)
    max_items = models.PositiveSmallIntegerField(_("most items"), default=30)
    stopping_rule = models.JSONField(_("stopping rule"), default=dict, blank=True)
    cut_scores = ArrayField(
        models.FloatField(), default=list, blank=True, verbose_name=_("cut scores (θ)")
    )
    level_names = models.JSONField(_("names of the levels"), default=list, blank=True)

    pretest_items = models.PositiveSmallIntegerField(_("pretest items"), default=0)
    pretest_positions = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("positions of pretest items"),
    )

    time_limit = models.PositiveIntegerField(_("time limit in seconds"), null=True, blank=True)
    window_start = models.DateTimeField(_("opens"), null=True, blank=True)
    window_end = models.DateTimeField(_("closes"), null=True, blank=True)
    omit_policy = models.CharField(
        _("omitting"), max_length=12, choices=OmitPolicy.choices, default=OmitPolicy.REFUSED
    )

    scale_mean = models.FloatField(_("reporting scale mean"), default=500.0)
    scale_sd = models.FloatField(_("reporting scale SD"), default=100.0)
    scale_decimals = models.PositiveSmallIntegerField(
        _("decimals of the score"), null=True, blank=True
    )
    scale_floor = models.FloatField(_("lowest score"), null=True, blank=True)
    scale_ceiling = models.FloatField(_("highest score"), null=True, blank=True)
    norm_group = models.ForeignKey(
        NormGroup,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="test_versions",
        verbose_name=_("norm group"),
    )

    created_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = TestVersionQuerySet.as_manager()

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
                condition=Q(draw_power__gte=0, draw_power__lt=float("inf")),
                name="sessions_draw_power_finite",
            ),
            models.CheckConstraint(
                condition=Q(strata__gte=1, strata__lte=50), name="sessions_strata_from_one"
            ),
            models.CheckConstraint(
                condition=Q(first_item_spread__gte=0, first_item_spread__lte=6),
                name="sessions_first_item_spread_range",
            ),
            models.CheckConstraint(
                condition=Q(first_item_rule="fixed", first_item__isnull=False)
                | (~Q(first_item_rule="fixed") & Q(first_item__isnull=True)),
                name="sessions_fixed_first_item_named",
            ),
            # Sessions keep their likelihood on nodes 0.2 apart within ±6: a narrower or more
            # distant prior would fall between or beyond them.
            models.CheckConstraint(
                condition=Q(prior_sd__gte=LEAST_PRIOR_SD, prior_sd__lt=float("inf")),
                name="sessions_prior_sd_on_grid",
            ),
            models.CheckConstraint(
                condition=Q(
                    prior_mean__gte=-LARGEST_PRIOR_MEAN, prior_mean__lte=LARGEST_PRIOR_MEAN
                ),
                name="sessions_prior_mean_on_grid",
            ),
            models.CheckConstraint(
                condition=Q(fence__gt=0, fence__lte=20), name="sessions_fence_range"
            ),
            models.CheckConstraint(
                condition=is_object("group_priors")
                & is_object("blueprint")
                & is_object("stopping_rule")
                & is_list("level_names"),
                name="sessions_rules_have_their_form",
            ),
            models.CheckConstraint(
                condition=Q(cut_scores__len=0) | Q(strictly_increasing("cut_scores")),
                name="sessions_cut_scores_rise",
            ),
            models.CheckConstraint(
                condition=_one_level_more_than_cuts(), name="sessions_levels_match_cut_scores"
            ),
            models.CheckConstraint(
                condition=Q(exposure_bands__len=0) | Q(strictly_increasing("exposure_bands")),
                name="sessions_exposure_bands_rise",
            ),
            # Live counts of eligibility know no bands.
            models.CheckConstraint(
                condition=Q(exposure_bands__len=0) | ~Q(exposure_method="eligibility"),
                name="sessions_eligibility_without_bands",
            ),
            models.CheckConstraint(
                condition=Q(seen_within_days__isnull=True) | Q(seen_within_days__gte=1),
                name="sessions_seen_within_from_one_day",
            ),
            models.CheckConstraint(
                condition=Q(exposure_rate__gt=0, exposure_rate__lte=1),
                name="sessions_exposure_rate_share",
            ),
            models.CheckConstraint(
                condition=Q(cap_rate__isnull=True) | Q(cap_rate__gt=0, cap_rate__lte=1),
                name="sessions_cap_rate_share",
            ),
            models.CheckConstraint(
                condition=Q(pretest_items__lte=50)
                & (Q(pretest_positions__len=0) | Q(pretest_positions__len=F("pretest_items"))),
                name="sessions_pretest_positions_match",
            ),
            models.CheckConstraint(
                condition=Q(scale_sd__gt=0, scale_sd__lt=float("inf")) & finite("scale_mean"),
                name="sessions_scale_finite",
            ),
            models.CheckConstraint(
                condition=Q(scale_decimals__isnull=True) | Q(scale_decimals__lte=6),
                name="sessions_scale_decimals_range",
            ),
            models.CheckConstraint(
                condition=finite("scale_floor")
                & finite("scale_ceiling")
                & (
                    Q(scale_floor__isnull=True)
                    | Q(scale_ceiling__isnull=True)
                    | Q(scale_floor__lt=F("scale_ceiling"))
                ),
                name="sessions_scale_limits_ordered",
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
                condition=_known(
                    estimator=Estimator,
                    final_estimator=Estimator,
                    selection=Criterion,
                    draw=Draw,
                    first_item_rule=FirstItem,
                    content_method=Method,
                    exposure_method=ExposureMethod,
                )
                & Q(omit_policy__in=["refused", "scored_zero", "left_out"]),
                name="sessions_rules_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.test.slug} v{self.number}"

    @property
    def scale(self) -> Scale:
        return Scale(
            self.scale_mean,
            self.scale_sd,
            self.scale_decimals,
            self.scale_floor,
            self.scale_ceiling,
        )

    @property
    def shown_decimals(self) -> int:
        """With how many decimals pages show its scores."""
        return self.scale_decimals or 0

    def is_open_at(self, moment: datetime) -> bool:
        """Within the window in which sessions may start."""
        has_begun = self.window_start is None or moment >= self.window_start
        return has_begun and (self.window_end is None or moment < self.window_end)
