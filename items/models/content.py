"""What is asked: areas, stimuli, items and their write-once versions.

Text is a JSON object per field ({"en": …, "ko": …}). An edit writes the next version; a trigger
(migration 0002) refuses to change one that exists.
"""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from common.fields import finite, is_nfc, is_object, localized_text
from common.names import Named, NameField
from items.models.banks import Bank

USER = settings.AUTH_USER_MODEL
LONGEST_SECONDS = 3600


def in_language(text: dict[str, str], language: str) -> str:
    """`text` in `language`, else in English, else in whatever language there is."""
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


class ContentAreaQuerySet(models.QuerySet["ContentArea"]):
    def subtrees(self) -> dict[int, set[int]]:
        """{area id: ids of the area and of all that lie below it}. One query, or none where these
        areas are read already."""
        parents = {area.pk: area.parent_id for area in self}
        below: dict[int, set[int]] = {pk: set() for pk in parents}
        for pk in parents:
            ancestor: int | None = pk
            while ancestor in below and pk not in below[ancestor]:
                below[ancestor].add(pk)
                ancestor = parents[ancestor]
        return below


class ContentArea(Named):
    """A place in the blueprint; areas form a tree.

    One that a published release uses keeps its code and its parent (trigger in migration 0011):
    the blueprint of a running session must not change under it.
    """

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="areas", verbose_name=_("bank"))
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    code = models.SlugField(_("code"))
    name = localized_text(verbose_name=_("name"))

    objects = ContentAreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("content area")
        verbose_name_plural = _("content areas")
        constraints = [
            models.UniqueConstraint(fields=["bank", "code"], name="items_area_code_once_per_bank"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="items_area_not_own_parent",
            ),
            models.CheckConstraint(condition=is_object("name"), name="items_area_name_is_object"),
            models.CheckConstraint(condition=is_nfc("code"), name="items_area_code_nfc"),
        ]

    def __str__(self) -> str:
        return in_language(self.name, "en") or self.code

    def clean(self) -> None:
        """Raises ValidationError for a parent in another bank or below this area, and for a new
        code or parent of an area that a published release uses, and as `Named`."""
        super().clean()
        self._require_same_place()
        ancestor = self.parent
        if ancestor and ancestor.bank_id != self.bank_id:
            raise ValidationError({"parent": _("It belongs to another bank.")})
        while ancestor:
            if ancestor == self:
                raise ValidationError({"parent": _("An area cannot lie below itself.")})
            ancestor = ancestor.parent

    def _require_same_place(self) -> None:
        stored = ContentArea.objects.filter(pk=self.pk).values("code", "parent_id").first()
        moved = {name for name, value in (stored or {}).items() if getattr(self, name) != value}
        if not moved or not self.is_released:
            return
        reasons = {
            "code": _(
                "A published release uses this area: tests name it by its code, which stays."
            ),
            "parent_id": _(
                "A published release uses this area or one below it: it cannot move, because "
                "running sessions count its items where they are. Make a new area instead."
            ),
        }
        raise ValidationError({name.removesuffix("_id"): reasons[name] for name in sorted(moved)})

    @property
    def is_released(self) -> bool:
        """A published release holds an item of this area or of one below it."""
        below = ContentArea.objects.filter(bank__areas=self.pk).subtrees()[self.pk]
        versions = ItemVersion.objects.filter(area__in=below)
        return versions.filter(released__release__number__isnull=False).exists()


class Stimulus(Named):
    """A shared passage. Write-once like an item version: a correction is the next number."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="stimuli", verbose_name=_("bank"))
    code = models.SlugField(_("code"))
    number = models.PositiveIntegerField(_("version"), default=1)
    body = localized_text(verbose_name=_("body"))

    class Meta:
        verbose_name = _("stimulus")
        verbose_name_plural = _("stimuli")
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "code", "number"], name="items_stimulus_version_once"
            ),
            models.CheckConstraint(
                condition=is_object("body"), name="items_stimulus_body_is_object"
            ),
            models.CheckConstraint(condition=is_nfc("code"), name="items_stimulus_code_nfc"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"


class ItemQuerySet(models.QuerySet["Item"]):
    def with_newest_id(self) -> Self:
        """Annotate `newest_id`, the key of each item's newest version."""
        versions = ItemVersion.objects.filter(item=OuterRef("pk")).order_by("-number")
        return self.annotate(newest_id=Subquery(versions.values("pk")[:1]))

    def where_newest(self, *lookups: Q, **fields: Any) -> Self:
        """Items whose newest version meets `fields`; `lookups` reach it as `versions__…`."""
        named = {f"versions__{name}": value for name, value in fields.items()}
        return self.with_newest_id().filter(*lookups, versions__pk=F("newest_id"), **named)


class Item(Named):
    """A question through all its versions."""

    bank = models.ForeignKey(Bank, models.PROTECT, related_name="items", verbose_name=_("bank"))
    code = NameField(_("code"), max_length=64)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        permissions = [
            ("retire_item", "Can retire items"),
            ("withdraw_item", "Can withdraw items at once"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["bank", "code"], name="items_item_code_once_per_bank"),
            models.CheckConstraint(condition=is_nfc("code"), name="items_item_code_nfc"),
        ]

    def __str__(self) -> str:
        return str(self.code)

    @property
    def newest_version(self) -> "ItemVersion":
        return self.versions.order_by("-number")[0]


class EnemyGroup(Named):
    """Items that must not meet in one session, such as those of which one gives another away.

    Publishing writes the groups of that moment into the release (`ReleasedItem.enemy_groups`), so
    that what sessions are pinned to stays as it was.
    """

    bank = models.ForeignKey(
        Bank, models.PROTECT, related_name="enemy_groups", verbose_name=_("bank")
    )
    code = models.SlugField(_("code"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    items = models.ManyToManyField(
        Item, related_name="enemy_groups", blank=True, verbose_name=_("items")
    )

    class Meta:
        verbose_name = _("enemy group")
        verbose_name_plural = _("enemy groups")
        constraints = [
            models.UniqueConstraint(fields=["bank", "code"], name="items_enemies_code_once"),
            models.CheckConstraint(condition=is_nfc("code"), name="items_enemies_code_nfc"),
        ]

    def __str__(self) -> str:
        return self.code


class ResponseKind(models.TextChoices):
    SINGLE_CHOICE = "single_choice", _("single choice")
    MULTIPLE_RESPONSE = "multiple_response", _("multiple response")
    LIKERT = "likert", _("Likert")
    NUMERIC = "numeric", _("short numeric")
    ORDERING = "ordering", _("ordering")
    MATCHING = "matching", _("matching")


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PRETEST = "pretest", _("pretest")
    OPERATIONAL = "operational", _("operational")
    RETIRED = "retired", _("retired")


class ItemVersion(models.Model):
    """Content as examinees see it. Only `status` and `withdrawn_at` ever change."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions", verbose_name=_("item"))
    number = models.PositiveIntegerField(_("version"))
    status = models.CharField(
        _("status"), max_length=12, choices=Status.choices, default=Status.DRAFT
    )
    area = models.ForeignKey(
        ContentArea, models.PROTECT, related_name="item_versions", verbose_name=_("content area")
    )
    stimulus = models.ForeignKey(
        Stimulus,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="item_versions",
        verbose_name=_("stimulus"),
    )
    response_kind = models.CharField(_("kind"), max_length=20, choices=ResponseKind.choices)
    max_score = models.PositiveSmallIntegerField(_("highest score"), default=1)
    expected_seconds = models.PositiveSmallIntegerField(
        _("expected seconds"), null=True, blank=True
    )
    stem = localized_text(verbose_name=_("stem"))
    rationale = localized_text(blank=True, verbose_name=_("rationale"))
    change_note = models.CharField(_("what changed and why"), max_length=500, blank=True)
    created_by = models.ForeignKey(
        USER, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)

    class Meta:
        verbose_name = _("item version")
        verbose_name_plural = _("item versions")
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="items_version_number_once"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(status="operational"),
                name="items_one_operational_version",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(status__in=["draft", "review"]),
                name="items_one_version_in_preparation",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="items_version_number_from_one"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="items_version_status_known"
            ),
            models.CheckConstraint(
                condition=Q(response_kind__in=ResponseKind.values), name="items_version_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(max_score__gte=1, max_score__lte=20),
                name="items_version_max_score_range",
            ),
            models.CheckConstraint(
                condition=Q(expected_seconds__isnull=True)
                | Q(expected_seconds__gte=1, expected_seconds__lte=LONGEST_SECONDS),
                name="items_version_seconds_range",
            ),
            models.CheckConstraint(
                condition=is_object("stem"), name="items_version_stem_is_object"
            ),
            models.CheckConstraint(
                condition=is_object("rationale"), name="items_version_rationale_is_object"
            ),
        ]
        indexes = [
            # Read with every answer: what must not be selected any more. Few rows, ever.
            models.Index(
                fields=["item"],
                condition=Q(withdrawn_at__isnull=False),
                name="items_version_withdrawn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} v{self.number}"


class Option(models.Model):
    """A choice of an item version, write-once. `score` never leaves the server."""

    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="options")
    position = models.PositiveSmallIntegerField(_("position"))
    text = localized_text(verbose_name=_("text"))
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    # True only for the key of a dichotomous single-choice item: the index below counts on it.
    is_sole_key = models.BooleanField(default=False, editable=False)
    note = models.CharField(_("mistake behind it"), max_length=200, blank=True)
    # What the option is the match of, in kinds that match; {} in all others and for a distractor.
    term = localized_text(blank=True, verbose_name=_("term"))

    class Meta:
        ordering = ["position"]
        verbose_name = _("option")
        verbose_name_plural = _("options")
        constraints = [
            models.UniqueConstraint(
                fields=["item_version", "position"], name="items_option_position_once"
            ),
            models.UniqueConstraint(
                fields=["item_version"],
                condition=Q(is_sole_key=True),
                name="items_one_key_dichotomous",
            ),
            models.CheckConstraint(
                condition=Q(is_sole_key=False) | Q(score=1), name="items_key_scores_one"
            ),
            models.CheckConstraint(condition=Q(score__lte=20), name="items_option_score_range"),
            models.CheckConstraint(condition=is_object("text"), name="items_option_text_is_object"),
            models.CheckConstraint(condition=is_object("term"), name="items_option_term_is_object"),
        ]

    def __str__(self) -> str:
        return in_language(self.text, "en")


class NumericRule(models.Model):
    """Numeric answers in [lower, upper] earn `score`; write-once."""

    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="numeric_rules")
    lower = models.FloatField(_("from"))
    upper = models.FloatField(_("to"))
    score = models.PositiveSmallIntegerField(_("score"))

    class Meta:
        verbose_name = _("numeric rule")
        verbose_name_plural = _("numeric rules")
        constraints = [
            models.CheckConstraint(condition=finite("lower"), name="items_rule_lower_finite"),
            models.CheckConstraint(condition=finite("upper"), name="items_rule_upper_finite"),
            models.CheckConstraint(condition=Q(lower__lte=F("upper")), name="items_rule_ordered"),
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=20), name="items_rule_score_range"
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.lower:g}, {self.upper:g}] → {self.score}"
