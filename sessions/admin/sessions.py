"""Sessions, to be read: what was answered and how θ moved; staff may end an open one."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from common.admin.base import (
    ReadOnlyAdmin,
    ReasonForm,
    column,
    errors_on,
    find,
    posted,
    render_page,
)
from common.permissions import require_all
from items.models import in_language
from sessions.delivery.access import END, SEE_ALL, Caller
from sessions.delivery.delivery import finish_session
from sessions.delivery.explanation import explanation_of
from sessions.delivery.plan import load_plan
from sessions.models import Session
from sessions.pages.charts import trajectory
from sessions.pages.selection_picture import candidate_bars

STATUS_COLOURS = {
    Session.Status.OPEN: "info",
    Session.Status.FINISHED: "success",
    Session.Status.EXPIRED: "warning",
}


def session_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """What the session is pinned to, θ after each answer, and the answers."""
    require_all(request.user, SEE_ALL)
    session = _find(session_id)
    responses = list(
        session.responses.select_related("item", "item_version").defer("reply").order_by("position")
    )
    course = [(r.theta, r.standard_error) for r in responses]
    reporting = load_plan(session.test_version_id).reporting
    return render_page(
        request,
        "sessions/admin/session.html",
        _("Session of %(examinee)s") % {"examinee": session.examinee},
        about=session,
        session=session,
        responses=responses,
        level=reporting.level_name(session.level, get_language() or "en"),
        percentile=reporting.shown_percentile(session.theta),
        norm_group=in_language(reporting.norm_group, get_language() or "en"),
        picture=trajectory(*map(list, zip(*course, strict=True))) if course else None,
        may_end=session.status == Session.Status.OPEN and request.user.has_perm(END),
    )


def why_page(request: HttpRequest, session_id: UUID, position: int) -> HttpResponse:
    """Why the item at a position was given, also the one that is due."""
    require_all(request.user, SEE_ALL)
    session = _find(session_id)
    response = session.responses.select_related("item").filter(position=position).first()
    if response is not None:
        item, log = response.item, response.selection
    elif position == session.position and session.due_item_version is not None:
        item, log = session.due_item_version.item, session.due_selection
    else:
        raise Http404
    explanation = explanation_of(log, session.test_version, item.pk)
    return render_page(
        request,
        "sessions/admin/why.html",
        _("Why item %(item)s?") % {"item": item.code},
        about=session,
        session=session,
        item=item,
        position=position,
        explanation=explanation,
        picture=explanation
        and candidate_bars(explanation.candidates, session.test_version.get_selection_display()),
        back=reverse("admin:cat_sessions_session_change", args=[session.pk]),
    )


def end_page(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Asks for confirmation; POST ends the session with what was answered so far."""
    require_all(request.user, SEE_ALL, END)
    session = _find(session_id)
    form = ReasonForm(posted(request), needs_reason=False, confirm=True)
    if form.is_valid():
        with errors_on(form):
            finish_session(session.pk, caller=Caller(user=request.user), now=timezone.now())
            messages.success(request, _("The session has ended."))
            return redirect("admin:cat_sessions_session_change", session.pk)
    return render_page(
        request,
        "items/act.html",
        _("End the session of %(examinee)s") % {"examinee": session.examinee},
        about=session,
        form=form,
        label=_("End the session"),
        explanation=_("The examinee cannot go on; the result rests on the answers so far."),
        is_grave=True,
        back=reverse("admin:cat_sessions_session_change", args=[session.pk]),
    )


def _find(session_id: Any) -> Session:
    related = (
        *("examinee", "test", "test_version__test", "release__bank"),
        "due_item_version__item",
    )
    sessions = Session.objects.select_related(*related).defer("log_likelihood")
    return find(sessions, session_id)


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("examinee", "test", "state", "answered", "ability", "error", "started_at")
    list_filter = (
        ("test", RelatedDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
    )
    list_select_related = ("examinee", "test")
    search_fields = ("examinee__external_id", "examinee__display_name")
    search_help_text = gettext_lazy("Examinee")
    ordering = ("-started_at",)
    show_full_result_count = False
    pages = (
        ("<uuid:session_id>/end/", "end", end_page),
        ("<uuid:session_id>/items/<int:position>/", "why", why_page),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        sessions: QuerySet[Session] = super().get_queryset(request)
        return sessions.defer("log_likelihood")

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        return session_page(request, object_id)

    @column(gettext_lazy("status"), label=STATUS_COLOURS)
    def state(self, session: Session) -> tuple[str, str]:
        return session.status, session.get_status_display()

    @column(gettext_lazy("answered"))
    def answered(self, session: Session) -> int:
        return session.answered

    @column("θ", ordering="theta")
    def ability(self, session: Session) -> str:
        return f"{session.theta:.2f}"

    @column(gettext_lazy("SE"), ordering="standard_error")
    def error(self, session: Session) -> str:
        return f"{session.standard_error:.2f}"
