"""Django finds models here; each kind lives in its own module."""

from sessions.models.exposure import ExposureTable, ItemCount, SessionCount
from sessions.models.norms import NormGroup
from sessions.models.people import Examinee, ExamineeGroup
from sessions.models.record import Response, Session, SessionQuerySet
from sessions.models.simulation import Simulation
from sessions.models.specification import Test, Ticket
from sessions.models.test_version import FEWEST_SIMULATED, TestVersion

__all__ = [
    "FEWEST_SIMULATED",
    "Examinee",
    "ExamineeGroup",
    "ExposureTable",
    "ItemCount",
    "NormGroup",
    "Response",
    "Session",
    "SessionCount",
    "SessionQuerySet",
    "Simulation",
    "Test",
    "TestVersion",
    "Ticket",
]
