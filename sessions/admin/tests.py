"""Tests: title and opening are edited in place, settings only by writing the next version."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import BASE_INPUT_CLASSES

from items.admin.base import KeptAdmin, column, errors_on, posted, render_page, require
from items.admin.localized import LocalizedTextField
from sessions.models import Test, TestVersion
from sessions.specification import create_test_version

# The settings page, in groups that are read together.
GROUPS = (
    (gettext_lazy("Length"), ("min_items", "max_items", "stopping_rule")),
    (gettext_lazy("Time (UTC)"), ("time_limit", "window_start", "window_end")),
    (gettext_lazy("Choice of items"), ("selection", "randomesque", "omit_policy")),
    (gettext_lazy("Ability"), ("estimator", "prior_mean", "prior_sd")),
    (gettext_lazy("Reporting scale"), ("scale_mean", "scale_sd")),
)
SETTINGS = [name for _title, names in GROUPS for name in names]


class TestForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    title = LocalizedTextField(label=gettext_lazy("Title"), rows=1)
    instructions = LocalizedTextField(
        label=gettext_lazy("Instructions"),
        rows=4,
        required=False,
        help_text=gettext_lazy("Markdown."),
    )

    def clean_instructions(self) -> dict[str, str]:
        return self.cleaned_data["instructions"] or {}


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Fields only: `create_test_version` holds the rules."""

    def _post_clean(self) -> None:
        """Nothing is built from these fields here, so there is no instance to check."""


def settings_page(request: HttpRequest, test_id: int) -> HttpResponse:
    """The newest version's settings in a form; saving writes the next version."""
    require(request, "cat_sessions.view_test", "cat_sessions.add_testversion")
    test = get_object_or_404(Test, pk=test_id)
    current = test.current_version or TestVersion(test=test)
    form = _settings_form(request)(posted(request), instance=current)
    if form.is_valid():
        with errors_on(form):
            version = create_test_version(test, request.user, **form.cleaned_data)
            messages.success(request, _("Saved: %(version)s.") % {"version": version})
            return redirect("admin:cat_sessions_test_change", test.pk)
    return render_page(
        request,
        "sessions/admin/settings.html",
        _("Settings of %(test)s") % {"test": test},
        about=test,
        form=form,
        groups=[(title, [form[name] for name in names]) for title, names in GROUPS],
        back=reverse("admin:cat_sessions_test_change", args=[test.pk]),
    )


def _settings_form(request: HttpRequest) -> type[Any]:
    """The form with the admin's widgets; times as one input, which one label names."""
    own_admin = admin.site.get_model_admin(Test)
    moment = partial(forms.DateTimeInput, format="%Y-%m-%dT%H:%M")

    def formfield(field: Any, **options: Any) -> Any:
        if field.get_internal_type() != "DateTimeField":
            return own_admin.formfield_for_dbfield(field, request, **options)
        looks = {"type": "datetime-local", "class": " ".join(BASE_INPUT_CLASSES)}
        return field.formfield(widget=moment(looks))

    return forms.modelform_factory(
        TestVersion, SettingsForm, fields=SETTINGS, formfield_callback=formfield
    )


@admin.register(Test)
class TestAdmin(KeptAdmin):
    form = TestForm
    list_display = ("name", "slug", "bank", "is_open")
    list_filter = (("bank", RelatedDropdownFilter), "is_open")
    list_select_related = ("bank",)
    search_fields = ("slug",)
    ordering = ("slug",)
    fields = ("slug", "bank", "title", "instructions", "is_open")
    change_form_outer_after_template = "sessions/admin/test_versions.html"
    pages = (("<int:test_id>/settings/", "settings", settings_page),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "bank") if obj else ()

    def save_model(self, request: HttpRequest, obj: Test, form: Any, change: bool) -> None:
        """A new test gets its first version, with the default settings."""
        super().save_model(request, obj, form, change)
        if not change:
            create_test_version(obj, request.user)

    def response_add(self, request: HttpRequest, obj: Test, *args: Any) -> HttpResponse:
        messages.success(request, _("Created. Now check its settings."))
        return redirect("admin:cat_sessions_test_settings", obj.pk)

    @column(gettext_lazy("title"))
    def name(self, test: Test) -> str:
        return str(test)
