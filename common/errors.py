"""The one family of domain errors; `irtcat_site.errors` turns each into a response."""

from typing import Any


class DomainError(Exception):
    """A refusal with a machine-readable `code` and a sentence for people.

    `status` is the HTTP status that the API and the pages answer with; `detail` holds
    whatever helps to mend the request (row numbers, the current state).
    """

    status = 400

    def __init__(self, code: str, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = str(message)
        self.detail = detail


class InvalidInput(DomainError):
    """What was sent cannot be accepted as it is."""


class NotPermitted(DomainError):
    """The caller is known but may not do this."""

    status = 403


class NotFound(DomainError):
    """There is no such object, or it is somebody else's."""

    status = 404


class Conflict(DomainError):
    """The state moved on, or the move is not allowed from here."""

    status = 409


class TryAgain(DomainError):
    """Nothing was written; the same request may succeed in a moment."""

    status = 503
