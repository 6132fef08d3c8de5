"""A JSON parser that refuses what JSON.parse would refuse, and more than a client has to say."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.parsers import JSONParser

from common.errors import InvalidInput

MAX_BYTES = 64 * 1024


class BodyTooLarge(InvalidInput):
    status = 413


class StrictJSONParser(JSONParser):
    """Objects only, UTF-8, at most MAX_BYTES, no NaN or Infinity. Raises InvalidInput."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            message = _("The body is larger than %(limit)s bytes.") % {"limit": MAX_BYTES}
            raise BodyTooLarge("body_too_large", message)
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            message = _("The body is not JSON. Send an object, encoded in UTF-8.")
            raise InvalidInput("not_json", message) from error
        if not isinstance(value, dict):
            raise InvalidInput("not_json", _("The body must be a JSON object."))
        return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
