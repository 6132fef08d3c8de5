"""Django finds models here; each kind lives in its own module."""

from sessions.models.exposure import ExposureTable, ItemCount, SessionCount
from sessions.models.norms import NormGroup
from sessions.models.people import Examinee, ExamineeGroup
from sessions.models.record import Response, Session, SessionQuerySet
from sessions.models.specification import Test, Ticket
from sessions.models.test_version import TestVersion

__all__ = [
    "Examinee",
    "ExamineeGroup",
    "ExposureTable",
    "ItemCount",
    "NormGroup",
    "Response",
    "Session",
    "SessionCount",
    "SessionQuerySet",
    "Test",
    "TestVersion",
    "Ticket",
]
