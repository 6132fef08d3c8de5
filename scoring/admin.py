"""Calibration runs in the admin: the list, starting one, following it, judging it."""

from statistics import fmean
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from common.admin.base import render_page
from common.errors import DomainError
from common.runs.admin import STATUS_COLOURS, RunAdmin
from irt.models.parameters import Model
from scoring.files.link_words import tie_told
from scoring.models import CalibrationRun
from scoring.recalibration import requests, schedule_admin
from scoring.recalibration.candidates import KeptOut
from scoring.recalibration.execution import current_release
from scoring.recalibration.pictures import difficulty_shift, em_history

__all__ = ["CalibrationRunAdmin", "schedule_admin"]

PUBLISH = ("items.view_bankrelease", "items.publish_bankrelease")


def _shift_summary(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """How far the difficulties of the common items moved; `rows` with the largest shift first."""
    shifts = [row["shift"] for row in rows if row["shift"] is not None]
    if not shifts:
        return None
    return {
        "mean": _signed(fmean(shifts)),
        "rms": f"{fmean(shift**2 for shift in shifts) ** 0.5:.3f}",
        "largest": _signed(shifts[0]),
        "code": rows[0]["code"],
    }


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    """An item of the evidence as the table shows it."""
    model = Model(item["model"])
    return item | {
        "model_label": model.label,
        "has_c": model.has_lower_asymptote,
        "has_d": model.has_upper_asymptote,
        "steps": list(zip(item["b"], item["se_b"], strict=True)),
        "signed_shift": None if item["shift"] is None else _signed(item["shift"]),
    }


def _signed(value: float) -> str:
    return f"{round(value, 3) + 0.0:+.3f}"  # + 0.0 turns -0.0 into 0.0


class RunForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """What a run needs to know before it is queued."""

    def clean_bank(self) -> Any:
        bank = self.cleaned_data["bank"]
        try:
            current_release(bank)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        return bank


@admin.register(CalibrationRun)
class CalibrationRunAdmin(RunAdmin):
    form = RunForm
    list_display = ("name", "state", "bar", "requested", "by", "took", "standing", "result")
    list_filter = (("bank", RelatedDropdownFilter), ("status", ChoicesDropdownFilter))
    list_select_related = ("bank", "requested_by", "standing__bank", "draft__bank")
    fieldsets = (
        (None, {"fields": ("bank",)}),
        (
            gettext_lazy("Responses"),
            {
                "fields": ("window_start", "window_end", "min_responses"),
                "description": gettext_lazy(
                    "Sessions that ended in this window, times in UTC. Without a start every "
                    "session counts, without an end those until now."
                ),
            },
        ),
        (gettext_lazy("Estimation"), {"fields": (("nodes", "node_range", "tolerance"),)}),
        (gettext_lazy("For the record"), {"fields": ("note",)}),
    )
    cancelled = gettext_lazy("The run is cancelled, or will be at its next EM iteration.")
    heavy = "evidence"

    def show_run(self, request: HttpRequest, run: CalibrationRun) -> HttpResponse:
        items = run.evidence.get("items", [])
        rows = sorted(items, key=lambda item: -abs(item["shift"] or 0.0))
        kept_out = run.evidence.get("kept_out", [])
        return render_page(
            request,
            "scoring/run.html",
            str(run),
            run=run,
            colour=STATUS_COLOURS[run.status],
            items=[_shown(item) for item in rows],
            has_upper_asymptotes=any(Model(item["model"]).has_upper_asymptote for item in rows),
            kept_out=[
                row | {"label": KeptOut(row["reason"]).label}
                for row in sorted(kept_out, key=lambda row: (row["reason"], row["code"]))
            ],
            ties=[tie_told(tie) for tie in run.evidence.get("ties", [])],
            shifts=_shift_summary(rows),
            shift_picture=difficulty_shift(items),
            em_picture=em_history(run.evidence.get("em", {}).get("history", [])),
            may_cancel=self.may_cancel(request, run),
            may_publish=run.draft and run.draft.is_draft and request.user.has_perms(PUBLISH),
        )

    def progress_of(self, run: CalibrationRun) -> dict[str, Any]:
        return super().progress_of(run) | {"em": run.evidence.get("em", {})}

    def get_form(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        form = super().get_form(request, obj, **options)
        bank = form.base_fields["bank"].widget
        bank.can_add_related = bank.can_change_related = bank.can_view_related = False
        form.base_fields["note"].widget.attrs["rows"] = 3
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only ever called to add: a run that exists is not edited."""
        wish = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "bank"}
        settings = requests.RunSettings(**wish)
        obj.pk = requests.request_run(obj.bank, request.user, settings).pk

    @admin.display(description=gettext_lazy("by"))
    def by(self, run: CalibrationRun) -> str:
        if run.slot:
            return _("schedule")
        return str(run.requested_by or "")

    @admin.display(description=gettext_lazy("result"))
    def result(self, run: CalibrationRun) -> str:
        return str(run.draft or "")
