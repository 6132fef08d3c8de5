"""What the views of all APIs share: authentication, strict input, pages, the moment of arrival."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from common.api.authentication import PersonalTokenAuthentication
from common.api.parsers import StrictJSONParser
from common.api.serializers import ErrorOutput


def outcomes(success: Any, *refusals: int) -> dict[int, Any]:
    """The responses of an operation, for the schema; `success` a serializer or {status: one}."""
    answers = success if isinstance(success, dict) else {200: success}
    return {**answers, **dict.fromkeys((*refusals, 401, 503), ErrorOutput)}


class ApiView(APIView):
    """Strict about what comes in; what goes out is kept by no browser and no proxy."""

    authentication_classes = [PersonalTokenAuthentication, SessionAuthentication]
    parser_classes = [StrictJSONParser]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The moment of arrival, before anything can make the request wait.
        self.received_at = timezone.now()
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers["Cache-Control"] = "no-store"
        return final


def validate(serializer: type[BaseSerializer[Any]], data: Any) -> dict[str, Any]:
    """The accepted fields. Raises ValidationError, and InvalidInput for unknown ones."""
    bound = serializer(data=data)
    bound.is_valid(raise_exception=True)
    return dict(bound.validated_data)


class Pages(LimitOffsetPagination):
    default_limit = 100
    max_limit = 500
