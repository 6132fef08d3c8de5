"""ETag and If-Match (RFC 9110, sections 8.8.3 and 13.1.1): the tokens of `common.edits` in HTTP."""

import re
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from common.edits import Values, token_of
from common.errors import InvalidInput

_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
_TAGS = re.compile(rf"{_TAG}(?:\s*,\s*{_TAG})*")
IF_MATCH = OpenApiParameter(
    "If-Match",
    location=OpenApiParameter.HEADER,
    description="The ETag of what was read: 412 where it is not so any more.",
)


def seen_by(request: Request) -> str | None:
    """The tokens in If-Match as `require_seen` takes them; None without the header, or for `*`.

    A weak tag fits nothing, as the standard has it. Raises InvalidInput `invalid_if_match`.
    """
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        return None
    if not _TAGS.fullmatch(given):
        message = _('If-Match holds the ETag as it was sent, in quotes: If-Match: "…".')
        raise InvalidInput("invalid_if_match", message)
    return ",".join(tag.strip('"') for tag in re.findall(_TAG, given))


def etag_of(values: Values) -> dict[str, Any]:
    """The header that hands out the token."""
    return {"ETag": f'"{token_of(values)}"'}
