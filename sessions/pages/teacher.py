"""The pages of those who look after examinees: their sessions, one session, invitations."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from items.models import in_language
from sessions.delivery.access import INVITE, SEE_ALL
from sessions.delivery.plan import load_plan
from sessions.models import Examinee, ExamineeGroup, Session, Test
from sessions.pages.charts import trajectory
from sessions.pages.forms import InvitationForm, SessionFilterForm
from sessions.people.tickets import issue_ticket

SESSIONS_A_PAGE = 50
SUGGESTIONS = 500


@login_required
@permission_required(INVITE, raise_exception=True)
@never_cache
def session_list(request: HttpRequest) -> HttpResponse:
    """Sessions, newest first: those of the groups one teaches, or all for staff."""
    groups = _groups(request.user)
    form = SessionFilterForm(request.GET, groups=groups)
    sessions = (
        Session.objects.visible_to(request.user)
        .filter(source=Session.Source.LIVE, **form.lookups())
        .select_related("examinee", "test__bank", "test_version")
        .prefetch_related(Prefetch("examinee__groups", groups))
        .defer("log_likelihood")
        .order_by("-started_at", "pk")
    )
    page = Paginator(sessions, SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "sessions/session_list.html", {"filter": form, "page": page})


@login_required
@never_cache
def session_detail(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """How θ moved with each answer."""
    session = (
        Session.objects.visible_to(request.user)
        .select_related("examinee", "test__bank", "test_version")
        .filter(pk=session_id)
        .first()
    )
    if session is None:
        raise Http404
    responses = list(
        session.responses.select_related("item", "item_version")
        .defer("reply", "answer")
        .order_by("position")
    )
    reporting, language = load_plan(session.test_version_id).reporting, get_language() or "en"
    context: dict[str, Any] = {
        "session": session,
        "responses": responses,
        "level": reporting.level_name(session.level, language),
        "percentile": reporting.shown_percentile(session.theta),
        "norm_group": in_language(reporting.norm_group, language),
    }
    if responses:
        context["picture"] = trajectory(
            [response.theta for response in responses],
            [response.standard_error for response in responses],
        )
    return render(request, "sessions/session_detail.html", context)


@login_required
@permission_required(INVITE, raise_exception=True)
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """Make a ticket's link. It is shown in the answer to the form and nowhere else."""
    examinees = Examinee.objects.visible_to(request.user).order_by("external_id")
    tests = Test.objects.not_over(timezone.now()).order_by("slug")
    form = InvitationForm(request.POST or None, examinees=examinees, tests=tests)
    if request.method == "POST" and form.is_valid():
        return _invite_by_ticket(request, form)
    context = {"form": form, "examinees": examinees[:SUGGESTIONS]}
    return render(request, "sessions/invite.html", context)


def _invite_by_ticket(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    examinee, test, now = form.cleaned_data["examinee"], form.cleaned_data["test"], timezone.now()
    secret = issue_ticket(examinee, test, request.user, now, form.valid_for)
    version = test.deliverable_version
    closes = version and version.window_end
    context = {
        "link": request.build_absolute_uri(reverse("ticket", args=[secret])),
        "examinee": examinee,
        "test": test,
        "expires_at": min(filter(None, (now + form.valid_for, closes))),
    }
    return render(request, "sessions/invite.html", context)


def _groups(user: Any) -> QuerySet[ExamineeGroup]:
    """The groups one teaches, or all for staff."""
    groups = ExamineeGroup.objects.order_by("name")
    return groups if user.has_perm(SEE_ALL) else groups.filter(teachers=user)
