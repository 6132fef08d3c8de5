"""Small middlewares: health, request log, tickets after a sign-in, content policy of the admin,
domain errors."""

import time
from collections.abc import Callable

import structlog
from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.contrib.auth import SESSION_KEY
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_only_middleware

from common.errors import DomainError
from irtcat_site.errors import database_unavailable, error_response
from sessions.people.authentication import COOKIE

Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("irtcat.request")
HEALTH_PATH = "/healthz"
QUIET_PATH = "/static/"
TICKETS = "/t/"


@sync_only_middleware
def health(get_response: Handler) -> Handler:
    """Alive, whatever the database does. Balancers ask by address and without TLS, so it comes
    before hosts are checked and before the redirect to HTTPS.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == HEALTH_PATH:
            return HttpResponse("ok", content_type="text/plain")
        return get_response(request)

    return middleware


@sync_only_middleware
def request_log(get_response: Handler) -> Handler:
    """One line a request: method, path, status, milliseconds.

    Never bodies, query strings or the secrets of ticket links.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = get_response(request)
        if not request.path.startswith(QUIET_PATH):
            log.info(
                "request",
                method=request.method,
                path=TICKETS + "…" if request.path.startswith(TICKETS) else request.path,
                status=response.status_code,
                ms=round(1000 * (time.perf_counter() - start), 1),
            )
        return response

    return middleware


@sync_only_middleware
def sign_in_ends_ticket(get_response: Handler) -> Handler:
    """Whoever signs in, on whichever page, takes the browser over from the ticket that was used in
    it: it must not come back to life when they sign out or their login runs out.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_left = COOKIE in request.COOKIES and COOKIE not in response.cookies
        # Not request.user: where the API knows the ticket's bearer, that is the bearer. Not after a
        # failure either: to ask who is signed in may need the database that is down.
        if is_left and response.status_code < 500 and SESSION_KEY in request.session:
            response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return middleware


@sync_only_middleware
def admin_content_policy(get_response: Handler) -> Handler:
    """Unfold evaluates Alpine expressions; only /admin/ gets a policy that lets it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]  # django-csp's documented hook
                "script-src": [UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response

    return middleware


@sync_only_middleware
def domain_errors(get_response: Handler) -> Handler:
    """A domain error, or a database that is silent, becomes a page that says what is wrong."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return error_response(request, exception)
        if isinstance(exception, OperationalError | InterfaceError):
            return database_unavailable(request)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]  # Django's hook
    return middleware
