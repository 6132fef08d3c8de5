"""Who is tested: examinees and the groups that teachers look after."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.fields import is_nfc
from common.names import Named, NameField

USER = settings.AUTH_USER_MODEL


class ExamineeGroup(Named):
    SCOPE = ""

    code = models.SlugField(_("code"), unique=True)
    name = NameField(_("name"), max_length=200)
    teachers: "models.ManyToManyField[Any, Any]" = models.ManyToManyField(
        USER, blank=True, related_name="examinee_groups", verbose_name=_("teachers")
    )

    class Meta:
        # The context keeps them apart from the groups of permissions, which Django names so.
        verbose_name = pgettext_lazy("of examinees", "group")
        verbose_name_plural = pgettext_lazy("of examinees", "groups")
        constraints = [
            models.CheckConstraint(condition=is_nfc("code"), name="sessions_group_code_nfc"),
            models.CheckConstraint(condition=is_nfc("name"), name="sessions_group_name_nfc"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class ExamineeQuerySet(models.QuerySet["Examinee"]):
    def visible_to(self, user: Any) -> Self:
        """All of them for staff who may view examinees, else those of the groups one teaches."""
        if user.has_perm("cat_sessions.view_examinee"):
            return self
        taught = ExamineeGroup.objects.filter(teachers=user)
        return self.filter(groups__in=taught).distinct()


class Examinee(Named):
    """Who answers; kept apart from the user account so that identity can be erased."""

    NAME, SCOPE = "external_id", ""

    external_id = NameField(_("external id"), max_length=100, unique=True)
    display_name = models.CharField(_("name shown"), max_length=200, blank=True)
    user = models.OneToOneField(
        USER,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="examinee",
        verbose_name=_("user"),
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    time_multiplier = models.FloatField(_("time multiplier"), default=1.0)
    groups = models.ManyToManyField(
        ExamineeGroup,
        blank=True,
        related_name="examinees",
        verbose_name=pgettext_lazy("of examinees", "groups"),
    )

    objects = ExamineeQuerySet.as_manager()

    class Meta:
        verbose_name = _("examinee")
        verbose_name_plural = _("examinees")
        constraints = [
            models.CheckConstraint(
                condition=Q(time_multiplier__gte=1, time_multiplier__lte=10),
                name="sessions_time_multiplier_range",
            ),
            models.CheckConstraint(
                condition=is_nfc("external_id"), name="sessions_external_id_nfc"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.external_id
