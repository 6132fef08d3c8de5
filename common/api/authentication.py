"""Who is calling: a personal token; whoever has a login is known by Django's own session."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class PersonalTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox is untyped
    """`Authorization: Token …` of staff and programs (knox)."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isalnum():
            raise AuthenticationFailed(_("The token is not valid, or no longer."))
        return super().authenticate_credentials(token)
