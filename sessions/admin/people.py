"""Examinees and their groups."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from common.admin.base import KeptAdmin, column
from common.names import find_twin
from common.roles import TEACHER
from sessions.models import Examinee, ExamineeGroup


class ExamineeForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )


@admin.register(Examinee)
class ExamineeAdmin(KeptAdmin):
    form = ExamineeForm
    list_display = ("external_id", "display_name", "language", "time_multiplier", "of_groups")
    list_filter = (("groups", RelatedDropdownFilter),)
    search_fields = ("external_id", "display_name")
    ordering = ("external_id",)
    raw_id_fields = ("user",)
    fields = ("external_id", "display_name", "user", "language", "time_multiplier", "groups")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whoever may not see user accounts does not link them either."""
        sees_users = request.user.has_perm("auth.view_user")
        return [name for name in self.fields if name != "user" or sees_users]

    @column(pgettext_lazy("of examinees", "groups"))
    def of_groups(self, examinee: Examinee) -> str:
        return ", ".join(group.name for group in examinee.groups.all())


@admin.register(ExamineeGroup)
class ExamineeGroupAdmin(KeptAdmin):
    list_display = ("name", "code", "of_teachers", "size")
    search_fields = ("name", "code")
    ordering = ("name",)
    fields = ("name", "code", "teachers")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A choice among those who teach; autocompletion has inputs without a name."""
        teaches = Q(groups__name=TEACHER) | Q(examinee_groups__isnull=False)
        options["queryset"] = User.objects.filter(teaches).distinct().order_by("username")
        return super().formfield_for_manytomany(db_field, request, **options)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExamineeGroup]:
        groups: QuerySet[ExamineeGroup] = super().get_queryset(request)
        return groups.annotate(n_examinees=Count("examinees")).prefetch_related("teachers")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        sees_users = request.user.has_perm("auth.view_user")
        return [name for name in self.fields if name != "teachers" or sees_users]

    def save_model(self, request: HttpRequest, obj: ExamineeGroup, form: Any, change: bool) -> None:
        """Two schools may each have a class of one name; whoever makes the second is told."""
        super().save_model(request, obj, form, change)
        others = ExamineeGroup.objects.exclude(pk=obj.pk).values_list("name", flat=True)
        twin = obj.name if obj.name in others else find_twin(obj.name, others)
        if twin is not None and "name" in form.changed_data:
            told = _("There is a group “%s” already: tell them apart by their codes.")
            messages.warning(request, told % twin)

    @column(_("teachers"))
    def of_teachers(self, group: ExamineeGroup) -> str:
        return ", ".join(teacher.get_username() for teacher in group.teachers.all())

    @column(_("examinees"), ordering="n_examinees")
    def size(self, group: Any) -> int:
        count: int = group.n_examinees
        return count
