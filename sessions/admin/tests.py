"""Tests: title and opening are edited in place, settings only by writing the next version."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter

from items.admin.base import KeptAdmin, column
from items.admin.localized import LocalizedTextField
from sessions.admin.settings.pages import preview_page, settings_page
from sessions.models import Test


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
    pages = (
        ("<int:test_id>/settings/", "settings", settings_page),
        ("<int:test_id>/settings/preview/", "preview", preview_page),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "bank") if obj else ()

    def response_add(self, request: HttpRequest, obj: Test, *args: Any) -> HttpResponse:
        messages.success(
            request,
            _("Created. Now write its settings: save them once to have a version to deliver."),
        )
        return redirect("admin:cat_sessions_test_settings", obj.pk)

    @column(gettext_lazy("title"))
    def name(self, test: Test) -> str:
        return str(test)
