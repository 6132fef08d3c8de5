"""Django finds models here; each kind lives in its own module."""

from sessions.models.people import Examinee, ExamineeGroup
from sessions.models.record import Response, Session, SessionQuerySet
from sessions.models.specification import Test, TestVersion, Ticket

__all__ = [
    "Examinee",
    "ExamineeGroup",
    "Response",
    "Session",
    "SessionQuerySet",
    "Test",
    "TestVersion",
    "Ticket",
]
