"""What the admin pages of all kinds of runs share: the list, starting one, following it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.admin.base import KeptAdmin, Page, column, tell
from common.permissions import require_all
from common.runs.queue import cancel, find_run
from common.runs.run import Run

STATUS_COLOURS = {
    "queued": "default",
    "running": "info",
    "succeeded": "success",
    "failed": "danger",
    "cancelled": "warning",
}


class RunAdmin(KeptAdmin):
    """Runs are added by a form, then followed on a page of their own; each kind says what it shows.

    `cancelled` is what is said after a cancellation, `heavy` the column that lists do without.
    """

    cancelled: Any
    heavy: str

    def show_run(self, request: HttpRequest, run: Any) -> HttpResponse:
        """The page of one run: its progress while it goes on, then what came of it."""
        raise NotImplementedError

    def progress_of(self, run: Any) -> dict[str, Any]:
        """What the page of a run asks for every two seconds."""
        return {
            "status": run.get_status_display(),
            "is_over": run.is_over,
            "progress": run.progress,
            "phase": run.get_phase_display(),
        }

    def get_pages(self) -> tuple[Page, ...]:
        return (
            ("<int:run_id>/progress/", "progress", self.progress_view),
            ("<int:run_id>/cancel/", "cancel", self.cancel_view),
            *super().get_pages(),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        runs: QuerySet[Any] = super().get_queryset(request)
        return runs.defer(self.heavy)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        return self.show_run(request, self.find_run(request, "view", object_id))

    def progress_view(self, request: HttpRequest, run_id: int) -> JsonResponse:
        return JsonResponse(self.progress_of(self.find_run(request, "view", run_id)))

    def cancel_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """POST cancels the run and goes back to its page."""
        run = self.find_run(request, "change", run_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        tell(request, lambda: cancel(run, request.user), str(self.cancelled))
        return self._redirect_to(run)

    def find_run(self, request: HttpRequest, verb: str, run_id: Any) -> Any:
        """The run. PermissionDenied where the user may not `verb` such runs, Http404 without it."""
        require_all(request.user, self._permission(verb))
        run = find_run(self.model, run_id)
        if run is None:
            raise Http404
        return run

    def may_cancel(self, request: HttpRequest, run: Run) -> bool:
        return not run.is_over and request.user.has_perm(self._permission("change"))

    def _permission(self, verb: str) -> str:
        return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"

    def _redirect_to(self, run: Run) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", run.pk)

    def add_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        response: HttpResponse = super().add_view(request, *args, extra_context=only_save)
        return response

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        messages.success(request, _("The run is queued: a worker takes it up."))
        return self._redirect_to(obj)

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
