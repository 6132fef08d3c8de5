"""What the admin pages of all kinds of runs share: the list, starting one, following it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin.base import KeptAdmin, column, tell
from common.runs.run import Run

STATUS_COLOURS = {
    "queued": "default",
    "running": "info",
    "succeeded": "success",
    "failed": "danger",
    "cancelled": "warning",
}


class RunAdmin(KeptAdmin):
    """Runs are added by a form, then looked at: the page of a run is the kind's own."""

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        response: HttpResponse = super().add_view(request, *args, extra_context=only_save)
        return response

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        messages.success(request, _("The run is queued: a worker takes it up."))
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", obj.pk)

    @column(gettext_lazy("run"), ordering="pk")
    def name(self, run: Run) -> str:
        return str(run)

    @column(gettext_lazy("status"), label=STATUS_COLOURS, ordering="status")
    def state(self, run: Run) -> tuple[str, str]:
        return run.status, run.get_status_display()

    @column(gettext_lazy("progress"))
    def bar(self, run: Run) -> SafeString:
        return format_html(
            '<progress class="run-progress run-small" max="1" value="{}" aria-label="{}">{}%'
            "</progress>",
            *(run.progress, _("progress"), round(100 * run.progress)),
        )

    @column(gettext_lazy("requested (UTC)"), ordering="requested_at")
    def requested(self, run: Run) -> str:
        return f"{run.requested_at:%Y-%m-%d %H:%M}"

    @column(gettext_lazy("took"))
    def took(self, run: Run) -> str:
        return run.took


def progress_of(run: Any) -> dict[str, Any]:
    """What the page of a run asks for every two seconds."""
    return {
        "status": run.get_status_display(),
        "is_over": run.is_over,
        "progress": run.progress,
        "phase": run.get_phase_display(),
    }


def cancel_by_post(
    request: HttpRequest, run: Run, cancel: Callable[[Any, Any], Run], done: str
) -> HttpResponse:
    """POST cancels the run and goes back to its page; say `done`."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    tell(request, lambda: cancel(run, request.user), done)
    return redirect(f"admin:{run._meta.app_label}_{run._meta.model_name}_change", run.pk)
