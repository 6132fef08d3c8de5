"""Tests: title and opening are edited in place, settings only by writing the next version."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter

from common.admin.base import KeptAdmin, column, tell
from common.admin.localized import LANGUAGE_NAMES, LocalizedTextField
from common.permissions import require_all
from items.admin.bank_texts import BankTextsForm
from items.written import writing_faults
from sessions.admin.settings.pages import preview_page, settings_page
from sessions.models import Simulation, Test
from sessions.simulation.gate import close_test, gate_fault, open_test

SIMULATIONS_SHOWN = 5


class TestForm(BankTextsForm):
    texts = ("title", "instructions")
    title = LocalizedTextField(label=gettext_lazy("Title"), rows=1)
    instructions = LocalizedTextField(
        label=gettext_lazy("Instructions"),
        rows=4,
        required=False,
        help_text=gettext_lazy("Markdown."),
    )

    def clean_instructions(self) -> dict[str, str]:
        written: dict[str, str] = self.cleaned_data["instructions"] or {}
        for language, words in written.items():
            for reason in writing_faults(words):
                self.add_error(
                    "instructions", f"{LANGUAGE_NAMES.get(language, language)}: {reason}"
                )
        return written


def open_by_post(request: HttpRequest, test_id: int) -> HttpResponse:
    """POST opens the test to students, or says what is missing."""
    return _move(request, test_id, open_test, _("The test is open to students."))


def close_by_post(request: HttpRequest, test_id: int) -> HttpResponse:
    """POST closes the test to students."""
    return _move(request, test_id, close_test, _("The test is closed. Sessions under way go on."))


def _move(
    request: HttpRequest, test_id: int, act: Callable[[Test, Any], None], done: str
) -> HttpResponse:
    require_all(request.user, "cat_sessions.view_test", "cat_sessions.change_test")
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
        ("<int:test_id>/settings/preview/", "preview", preview_page),
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

    def response_add(self, request: HttpRequest, obj: Test, *args: Any) -> HttpResponse:
        messages.success(
            request,
            _("Created. Now write its settings: save them once to have a version to deliver."),
        )
        return redirect("admin:cat_sessions_test_settings", obj.pk)

    @column(gettext_lazy("title"))
    def name(self, test: Test) -> str:
        return str(test)
