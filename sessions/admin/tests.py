"""Tests: title and opening are edited in place, settings only by writing the next version."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import BASE_INPUT_CLASSES

from items.admin.base import KeptAdmin, column, errors_on, posted, render_page, require, tell
from items.admin.localized import LocalizedTextField
from sessions.gate import close_test, gate_fault, open_test
from sessions.models import Simulation, Test, TestVersion
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


SIMULATIONS_SHOWN = 5


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


def open_by_post(request: HttpRequest, test_id: int) -> HttpResponse:
    """POST opens the test to students, or says what is missing."""
    return _move(request, test_id, open_test, _("The test is open to students."))


def close_by_post(request: HttpRequest, test_id: int) -> HttpResponse:
    """POST closes the test to students."""
    return _move(request, test_id, close_test, _("The test is closed. Sessions under way go on."))


def _move(
    request: HttpRequest, test_id: int, act: Callable[[Test, Any], None], done: str
) -> HttpResponse:
    require(request, "cat_sessions.view_test", "cat_sessions.change_test")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    test = get_object_or_404(Test.objects.select_related("bank"), pk=test_id)
    tell(request, lambda: act(test, request.user), done)
    return redirect("admin:cat_sessions_test_change", test.pk)


def opening_of(test: Test) -> dict[str, Any]:
    """What the page of a test says about its opening: versions, gate, latest simulations."""
    version, release = test.current_version, test.bank.current_release
    simulations = Simulation.objects.filter(test_version__test=test).defer("results")
    related = simulations.select_related("test_version__test", "release__bank")
    return {
        "current": version,
        "deliverable": test.deliverable_version,
        "fault": gate_fault(version, release) if version and release else None,
        "can_open": bool(version and release),
        "simulations": related.order_by("-requested_at")[:SIMULATIONS_SHOWN],
    }


@admin.register(Test)
class TestAdmin(KeptAdmin):
    form = TestForm
    list_display = ("name", "slug", "bank", "is_open")
    list_filter = (("bank", RelatedDropdownFilter), "is_open")
    list_select_related = ("bank",)
    search_fields = ("slug",)
    ordering = ("slug",)
    fields = ("slug", "bank", "title", "instructions")
    change_form_outer_after_template = "sessions/admin/test_page.html"
    pages = (
        ("<int:test_id>/settings/", "settings", settings_page),
        ("<int:test_id>/open/", "open", open_by_post),
        ("<int:test_id>/close/", "close", close_by_post),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "bank") if obj else ()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        test = self.get_object(request, object_id)
        about = {"opening": opening_of(test)} if test else {}
        page: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), **about}
        )
        return page

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
