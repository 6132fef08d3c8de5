"""Who is calling the API: a session's token (header or cookie), a personal token, or a login."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import (
    BaseAuthentication,
    SessionAuthentication,
    get_authorization_header,
)
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from common.api.authentication import PersonalTokenAuthentication
from sessions.delivery.access import Caller
from sessions.people.tickets import token_bearer

COOKIE = "irtcat_ticket"
SCHEME = "Bearer"


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """Stands in `request.user` for the bearer of a session's token; may nothing else."""

    caller: Caller
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        return False


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`; also tells callers without credentials how to authenticate."""

    def authenticate(self, request: Request) -> tuple[TicketHolder, str] | None:
        scheme, _space, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        bearer = token_bearer(token.strip())
        if bearer is None:
            raise AuthenticationFailed(_("The token is not valid, or no longer."))
        return TicketHolder(bearer), token

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class CookieAuthentication(SessionAuthentication):
    """The HttpOnly cookie that the ticket page sets; like any cookie it needs CSRF protection.

    It counts for the session that it names only, and only while nobody is signed in.
    """

    def authenticate(self, request: Request) -> tuple[TicketHolder, str] | None:
        bearer = cookie_bearer(request._request, request.parser_context.get("kwargs", {}))
        if bearer is None:
            return None
        self.enforce_csrf(request)
        return TicketHolder(bearer), request.COOKIES[COOKIE]


# Of every API that a bearer may come to, also where only staff may do something: the token of a
# session is known there, and allowed nothing.
AUTHENTICATION: list[type[BaseAuthentication]] = [
    BearerAuthentication,
    PersonalTokenAuthentication,
    CookieAuthentication,
    SessionAuthentication,
]


def browser_caller(request: HttpRequest) -> Caller:
    """Who sits at this browser: whoever is signed in, else the bearer of the ticket cookie.

    A ticket signs everybody out where it is used, so that a login beside it is the later one.
    """
    if request.user.is_authenticated:
        return Caller(user=request.user)
    return token_bearer(request.COOKIES.get(COOKIE, "")) or Caller(user=request.user)


def cookie_bearer(request: HttpRequest, kwargs: dict[str, Any]) -> Caller | None:
    """Whom the ticket cookie names, where the address is that of the cookie's session."""
    caller = browser_caller(request)
    return caller if caller.is_bearer and caller.session_id == kwargs.get("session_id") else None


def caller_of(request: Request) -> Caller:
    """The caller of an API view."""
    if isinstance(request.user, TicketHolder):
        return request.user.caller
    return Caller(user=request.user)


def page_caller(request: HttpRequest, session_id: Any) -> Caller:
    """The caller of a page about a session: whoever is signed in, else the ticket's bearer."""
    bearer = cookie_bearer(request, {"session_id": session_id})
    return bearer or Caller(user=request.user)
