"""People's accounts, roles and API tokens in the admin's dress."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm
from unfold.forms import UserChangeForm as UnfoldChangeForm
from unfold.forms import UserCreationForm as UnfoldCreationForm

from common.admin.base import EditAdmin
from common.names import blank_fault, find_twin, in_one_spelling, twin_fault

admin.site.unregister([User, Group, AuthToken])


def distinct(form: Any, column: str) -> str:
    """The cleaned name, refused where nobody could tell it from another one."""
    name, row = in_one_spelling(form.cleaned_data[column]), form.instance
    fault = blank_fault(name)
    others = type(row)._base_manager.exclude(pk=row.pk).values_list(column, flat=True)
    twin = find_twin(name, others) if column in form.changed_data else None
    if fault or twin is not None:
        raise forms.ValidationError(fault or twin_fault(name, str(twin)))
    return name


class UserChangeForm(UnfoldChangeForm):  # type: ignore[misc]  # Unfold ships no annotations
    def clean_username(self) -> str:
        return distinct(self, "username")


class UserCreationForm(UnfoldCreationForm):  # type: ignore[misc]  # Unfold ships no annotations
    def clean_username(self) -> str:
        """Before Django looks for the very same name, which ignores case already."""
        name: str = super().clean_username()
        return distinct(self, "username") if name else name


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    def clean_name(self) -> str:
        return distinct(self, "name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, EditAdmin):  # type: ignore[type-arg]  # not generic at run time
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ()
    # Roles say what people may do, so there are no permissions of one person here.
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            gettext_lazy("What they may do"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups")},
        ),
        (gettext_lazy("When"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, EditAdmin):
    form = RoleForm


@admin.register(AuthToken)
class AuthTokenAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no annotations
    """A personal token is shown when it is made, and never again; deleting one revokes it."""

    list_display = ("token_key", "user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    search_help_text = gettext_lazy("User")
    ordering = ("-created",)
    fields = ("user", "expiry")
    raw_id_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        written, token = AuthToken.objects.create(obj.user)
        written.expiry = obj.expiry
        written.save(update_fields=["expiry"])
        obj.__dict__.update(written.__dict__)
        shown = _("The token of %(user)s. Copy it now; it is not shown again:") % {"user": obj.user}
        messages.warning(request, format_html("{} <code>{}</code>", shown, token))
