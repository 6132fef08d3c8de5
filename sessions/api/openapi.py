"""How bearers authenticate, for the OpenAPI schema; drf-spectacular finds these by import."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from sessions.people.authentication import COOKIE


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # their hook
    target_class = "sessions.people.authentication.BearerAuthentication"
    name = "sessionToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # their hook
    target_class = "sessions.people.authentication.CookieAuthentication"
    name = "sessionTokenCookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": COOKIE}
