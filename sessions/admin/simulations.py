"""Simulations in the admin: starting one, following it, reading what came of it."""

import io
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from common.admin.base import Page, column, render_page
from common.errors import DomainError
from common.files.csv_files import write_table
from common.runs.admin import STATUS_COLOURS, RunAdmin
from sessions.models import Simulation, TestVersion
from sessions.simulation.gate import gate_fault
from sessions.simulation.report.sections import facts_of, sections_of, tables_of, verdict_of
from sessions.simulation.requests import (
    SimulationSettings,
    request_simulation,
    unsaved_simulation,
)

OPEN = "cat_sessions.change_test"


class SimulationForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Who takes the test; the domain says what is possible."""

    def clean(self) -> dict[str, Any]:
        wish: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                unsaved_simulation(wish["test_version"], None, None, settings_of(wish))
            except DomainError as error:
                field = error.detail.get("field")
                self.add_error(field if field in self.fields else None, error.message)
        return wish


def settings_of(wish: dict[str, Any]) -> SimulationSettings:
    names = ("examinees", "seed", "theta_mean", "theta_sd", "comparison")
    return SimulationSettings(**{name: wish[name] for name in names})


@admin.register(Simulation)
class SimulationAdmin(RunAdmin):
    form = SimulationForm
    list_display = ("name", "state", "bar", "verdict", "size", "requested", "requested_by", "took")
    list_filter = (
        ("test_version__test", RelatedDropdownFilter),
        ("status", ChoicesDropdownFilter),
    )
    list_select_related = ("test_version__test", "requested_by")
    fieldsets = (
        (None, {"fields": ("test_version", "comparison")}),
        (
            gettext_lazy("Examinees"),
            {
                "fields": ("examinees", "seed", ("theta_mean", "theta_sd")),
                "description": gettext_lazy(
                    "Their abilities are drawn from a normal distribution, by default the prior of "
                    "the test version. The same seed gives the same result."
                ),
            },
        ),
    )
    cancelled = gettext_lazy("The simulation is cancelled, or will be in a moment.")
    heavy = "results"

    def get_pages(self) -> tuple[Page, ...]:
        return (
            *super().get_pages(),
            ("<int:run_id>/files/<str:name>", "file", self.table_file),
        )

    def show_run(self, request: HttpRequest, run: Simulation) -> HttpResponse:
        has_results = run.status == Simulation.Status.SUCCEEDED
        sections = sections_of(run) if has_results else []
        test = run.test_version.test
        may_open = (
            has_results
            and not test.is_open
            and run.test_version == test.current_version
            and request.user.has_perm(OPEN)
            and gate_fault(run.test_version, test.bank.current_release or run.release) is None
        )
        return render_page(
            request,
            "sessions/admin/simulation.html",
            str(run),
            about=run,
            run=run,
            test=test,
            colour=STATUS_COLOURS[run.status],
            facts=facts_of(run),
            verdict=verdict_of(run) if has_results else None,
            sections=sections,
            files=[table for section in sections for table in section.files],
            may_cancel=self.may_cancel(request, run),
            may_open=may_open,
        )

    def table_file(self, request: HttpRequest, run_id: int, name: str) -> HttpResponse:
        """A table of the page as a CSV file."""
        run = self.find_run(request, "view", run_id)
        table = tables_of(run).get(name) if run.status == Simulation.Status.SUCCEEDED else None
        if table is None:
            raise Http404
        text = io.StringIO()
        write_table(text, table.header, table.rows)
        disposition = f'attachment; filename="simulation-{run.pk}-{name}"'
        return HttpResponse(
            text.getvalue(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": disposition},
        )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Versions by test, the newest first; no links beside them to write others."""
        versions = TestVersion.objects.select_related("test").order_by("test__slug", "-number")
        if db_field.name in ("test_version", "comparison"):
            options["queryset"] = versions
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        for name in ("test_version", "comparison"):
            widget = form.base_fields[name].widget
            widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        for name in ("theta_mean", "theta_sd"):
            form.base_fields[name].required = False
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only ever called to add: a simulation that exists is not edited."""
        wish = form.cleaned_data
        run = request_simulation(wish["test_version"], None, request.user, settings_of(wish))
        obj.pk = run.pk

    @column(gettext_lazy("violations"), ordering="violations")
    def verdict(self, run: Simulation) -> str:
        return "" if run.violations is None else str(run.violations)

    @column(gettext_lazy("examinees"), ordering="examinees")
    def size(self, run: Simulation) -> str:
        return f"{run.examinees:,}"
