"""The one place where an error becomes a response.

Every API error has the shape {"code": …, "message": …, "detail": {…}}.
"""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from common.errors import DomainError, NotFound

API = "/api/"
RETRY_AFTER_SECONDS = "2"
AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


def body(code: str, message: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "detail": detail or {}}


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Translate domain, framework and database errors for Django REST framework."""
    if isinstance(exc, DomainError):
        set_rollback()
        response = Response(body(exc.code, exc.message, exc.detail), status=exc.status)
        return add_retry_after(response)
    if isinstance(exc, OperationalError | InterfaceError):
        set_rollback()
        message = _("The database is not answering. Nothing was lost: try again in a moment.")
        return add_retry_after(Response(body("database_unavailable", message), status=503))
    return _framework_error(exc, context)


def _framework_error(exc: Exception, context: dict[str, Any]) -> Response | None:
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        message = _("The request has fields that cannot be accepted.")
        response.data = body("invalid", message, {"fields": response.data})
    elif isinstance(exc, Http404):
        response.data = body("not_found", _("There is no such object."))
    elif isinstance(exc, PermissionDenied):
        response.data = body("permission_denied", _("You may not do this."))
    elif isinstance(exc, exceptions.APIException):
        response.data = body(str(exc.get_codes()), str(exc.detail))
    return response


def add_retry_after(response: AnyResponse) -> AnyResponse:
    if response.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: unknown addresses below /api/ answer in JSON, others with a page."""
    if not request.path.startswith(API):
        return defaults.page_not_found(request, exception)
    return error_response(request, NotFound("not_found", _("There is nothing at this address.")))


def error_response(request: HttpRequest, exc: DomainError) -> HttpResponse:
    """A page (or JSON, when that was asked for) that carries the error's sentence."""
    if request.path.startswith(API):
        return add_retry_after(
            JsonResponse(body(exc.code, exc.message, exc.detail), status=exc.status)
        )
    page = render(request, "error.html", {"error": exc}, status=exc.status)
    return add_retry_after(page)


def database_unavailable(request: HttpRequest) -> HttpResponse:
    """A page that asks nothing of the database; "busy" comes here too, after a lock timeout."""
    return add_retry_after(render(request, "503.html", status=503))
