"""Reading the forms of the examinees' page, which work without JavaScript."""

from typing import Any, Protocol

from django.utils.translation import gettext as _

from common.errors import InvalidInput

_DIGITS = 9


class FormData(Protocol):
    """As Django's QueryDict has it."""

    def get(self, key: str, default: str) -> Any: ...

    def getlist(self, key: str) -> list[Any]: ...


def whole_number(text: Any) -> int:
    """Raises InvalidInput `malformed_answer` for what no form of ours sends."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise InvalidInput("malformed_answer", _("The form was damaged on its way. Try again."))
    return int(text)


def whole_numbers(data: FormData, name: str, incomplete: str) -> list[int] | None:
    """The numbers of the selects called `name`; None where no one has chosen anything.

    Raises InvalidInput `no_answer` with the sentence `incomplete` where some are empty.
    """
    given = data.getlist(name)
    if not any(given):
        return None
    if not all(given):
        raise InvalidInput("no_answer", incomplete)
    return [whole_number(text) for text in given]
