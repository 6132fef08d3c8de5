"""The examinee's pages. Each view authenticates, validates, calls one domain function, responds.

They work without JavaScript; static/js/test.js answers through the API and shows these same pages.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from common.errors import Conflict, InvalidInput
from items.models import in_language
from sessions.delivery import delivery
from sessions.delivery.access import Caller
from sessions.delivery.live_session import GRACE
from sessions.delivery.plan import load_plan
from sessions.delivery.state import Report, SessionState
from sessions.models import Examinee, Session, Test
from sessions.pages.charts import Z95, score_scale
from sessions.pages.forms import given_answer
from sessions.people.authentication import COOKIE, browser_caller, page_caller
from sessions.people.catalogue import TestEntry, entry_of, tests_for
from sessions.people.terms import Ending
from sessions.people.tickets import (
    TOKEN_LIFETIME,
    find_ticket,
    opened_session,
    redeem_ticket,
    startable,
)

Reason = Session.StopReason
REASONS = {
    Reason.STANDARD_ERROR: _("The test ended because your score was precise enough."),
    Reason.ERROR_GAIN: _(
        "The test ended because another question would hardly have made your score more precise."
    ),
    Reason.THETA_CHANGE: _("The test ended because your score did not change any more."),
    Reason.INFORMATION: _("The test ended because no question was left that could tell more."),
    Reason.CLASSIFIED: _("The test ended because your level was certain."),
    Reason.COMBINATION: _("The test ended because your score was certain enough."),
    Reason.MAX_ITEMS: _("The test ended because it had reached its full length."),
    Reason.NO_ITEMS: _("The test ended because no suitable question was left."),
    Reason.BY_EXAMINEE: _("You ended the test early."),
    Reason.BY_STAFF: _("The test was ended by staff."),
    Reason.TIME: _("The test ended because the time was up."),
    Reason.FIXED_FORM: _("The test ended with its last question."),
}
PAST_SESSIONS_SHOWN = 20
GRACE_SECONDS = int(GRACE.total_seconds())


@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The tests one can take or continue, and past results; the way to their work for others."""
    user: Any = request.user
    now = timezone.now()
    context: dict[str, Any] = {"name": user.get_full_name() or user.get_username()}
    examinee = Examinee.objects.filter(user=user).first()
    if examinee is not None:
        mine = Session.objects.filter(examinee=examinee)
        delivery.expire_overdue(now, mine)
        sessions = list(mine.select_related("test__bank", "test_version").order_by("-started_at"))
        still_open = [session for session in sessions if session.status == Session.Status.OPEN]
        standing = [s for s in still_open if not s.has_run_out(now)]
        context |= {
            "examinee": examinee,
            "name": str(examinee),
            "standing": standing,
            "offers": [
                (entry, Ending.of(entry.version, examinee, now))
                for entry in tests_for(user, now, _language())
                if entry.slug not in {session.test.slug for session in still_open}
            ],
            "past": [s for s in sessions if s not in standing][:PAST_SESSIONS_SHOWN],
        }
    return render(request, "sessions/home.html", context)


@method_decorator([login_required, never_cache], name="dispatch")
class StartPage(View):
    """What awaits the examinee, and the button that starts it."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        examinee = _require_examinee(request)
        standing = Session.objects.filter(
            examinee=examinee, test__slug=slug, status=Session.Status.OPEN
        ).first()
        if standing is not None:
            return redirect("session", standing.pk)
        offered = tests_for(request.user, timezone.now(), _language())
        entry = next((entry for entry in offered if entry.slug == slug), None)
        if entry is None:
            raise Http404
        terms = _terms(entry, examinee, timezone.now())
        return render(request, "sessions/start.html", terms)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        test = Test.objects.select_related("bank").filter(slug=slug).first()
        if test is None:
            raise Http404
        session_id, _new = delivery.start_session(
            _require_examinee(request), test, timezone.now(), _page_language(test)
        )
        return redirect("session", session_id)


def identify_caller(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the caller of the session's page; whoever is neither signed in nor holds the
    session's ticket signs in first."""

    @wraps(view)
    def wrapped(request: HttpRequest, session_id: UUID) -> HttpResponse:
        caller = page_caller(request, session_id)
        if not caller.is_bearer and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, session_id, caller)

    return never_cache(wrapped)


@identify_caller
def session(request: HttpRequest, session_id: UUID, caller: Caller) -> HttpResponse:
    """The item that is due. A form sent without JavaScript comes here too."""
    now = timezone.now()
    if request.method == "POST":
        return _act(request, session_id, caller, now)
    state = delivery.session_state(session_id, caller=caller, now=now)
    if state["status"] != Session.Status.OPEN:
        return redirect("result", session_id)
    if state["item"] is None:
        return redirect("session-detail", session_id)
    remaining = _remaining_seconds(state, now)
    about = Session.objects.values("deadline", "examinee__user", "test__bank__time_zone")
    session = about.get(pk=session_id)
    is_own = caller.is_bearer or session["examinee__user"] == caller.user.pk
    context = {
        "state": state,
        "remaining": remaining,
        "clock": _clock(remaining or 0),
        # Without JavaScript the page looks again when no answer counts any more.
        "over_after": None if remaining is None else remaining + GRACE_SECONDS + 2,
        "deadline": session["deadline"],
        "time_zone": session["test__bank__time_zone"],
        "helper": None if is_own else caller.user,
    }
    with translation.override(state["language"]):
        return render(request, "sessions/test.html", context)


@identify_caller
def result(request: HttpRequest, session_id: UUID, caller: Caller) -> HttpResponse:
    """The score as a picture, in words and as a table."""
    report = delivery.session_report(session_id, caller=caller, now=timezone.now())
    if report["status"] == Session.Status.OPEN:
        return redirect("session", session_id)
    session = Session.objects.select_related("test__bank", "test_version", "examinee").get(
        pk=session_id
    )
    ended = datetime.fromisoformat(report["finished_at"] or report["started_at"])
    context = {
        "title": in_language(session.test.title, _language()),
        "examinee": session.examinee,
        "is_bearer": caller.is_bearer,
        "report": report,
        "reason": REASONS.get(Reason(report["stop_reason"])) if report["stop_reason"] else None,
        "finished_at": ended,
        "time_zone": session.test.bank.time_zone,
        "duration": _clock(int((ended - session.started_at).total_seconds())),
        **_measurement(session, report),
    }
    return render(request, "sessions/result.html", context)


@never_cache
def ticket(request: HttpRequest, secret: str) -> HttpResponse:
    """A ticket's link. Looking does not use the ticket up: mail programs look, too."""
    now = timezone.now()
    opened = opened_session(secret, browser_caller(request))
    if opened is not None:
        return redirect("session", opened)
    ticket = find_ticket(secret, now)
    version, standing = startable(ticket, now)
    if request.method == "POST":
        return _redeem(request, secret, now)
    entry = entry_of(ticket.test, version, _language())
    is_early = version.window_start is not None and now < version.window_start
    context = {
        **_terms(entry, ticket.examinee, now),
        "standing": standing,
        "opens": version.window_start if is_early and standing is None else None,
        "start_by": min(filter(None, (ticket.expires_at, version.window_end))),
    }
    return render(request, "sessions/ticket.html", context)


class SignOut(LogoutView):
    """Whoever leaves a shared browser leaves no ticket in it either."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        response.delete_cookie(COOKIE, samesite="Lax")
        return response


def _redeem(request: HttpRequest, secret: str, now: datetime) -> HttpResponse:
    language = _page_language(find_ticket(secret, now).test)
    session_id, token = redeem_ticket(secret, now, language)
    # A launch replaces whoever was signed in here: one browser, one examinee.
    logout(request)
    response = redirect("session", session_id)
    response.set_cookie(
        COOKIE,
        token,
        max_age=TOKEN_LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _act(request: HttpRequest, session_id: UUID, caller: Caller, now: datetime) -> HttpResponse:
    """Answer, skip or end, then show where the session stands."""
    if request.POST.get("act") == "finish":
        delivery.finish_session(session_id, caller=caller, now=now)
        return redirect("result", session_id)
    try:
        given = given_answer(request.POST)
        delivery.record_response(session_id, **given, caller=caller, received_at=now)
    except Conflict as refusal:
        messages.warning(request, refusal.message)
    except InvalidInput as refusal:
        # Where the test is over there is nothing to mend any more; the result says why it ended.
        state = delivery.session_state(session_id, caller=caller, now=now)
        if state["status"] == Session.Status.OPEN:
            messages.warning(request, refusal.message)
    return redirect("session", session_id)


def _require_examinee(request: HttpRequest) -> Examinee:
    examinee = Examinee.objects.filter(user_id=request.user.pk or 0).first()
    if examinee is None:
        raise Http404
    return examinee


def _language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def _page_language(test: Test) -> str | None:
    """The language in which the examinee read what awaits them, where the bank has it."""
    return _language() if _language() in test.bank.languages else None


def _terms(entry: TestEntry, examinee: Examinee, now: datetime) -> dict[str, Any]:
    ending = Ending.of(entry.version, examinee, now)
    return {"entry": entry, "ending": ending, "examinee": examinee}


def _remaining_seconds(state: SessionState, now: datetime) -> int | None:
    if state["deadline"] is None:
        return None
    return max(0, int((datetime.fromisoformat(state["deadline"]) - now).total_seconds()))


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}"


def _measurement(session: Session, report: Report) -> dict[str, Any]:
    """What the result page tells of the measurement; nothing where nothing was answered."""
    score, error = report["scaled_score"], report["scaled_standard_error"]
    if not report["answered"] or score is None or error is None:
        return {}
    scale, decimals = session.test_version.scale, session.test_version.scale_decimals or None
    reporting = load_plan(session.test_version_id).reporting
    return {
        "picture": score_scale(score, error, scale.mean, scale.sd, reporting.scaled_norms),
        "score": round(score, decimals),
        "error": round(error, decimals),
        "lower": round(scale.within(score - Z95 * error), decimals),
        "upper": round(scale.within(score + Z95 * error), decimals),
        "level": reporting.level_name(session.level, _language()),
        "norm_group": in_language(reporting.norm_group, _language()),
        "percentile": reporting.shown_percentile(session.theta),
    }
