"""What awaits whoever starts a test now: until when, and which end comes first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sessions.delivery.opening import deadline_of
from sessions.models import Examinee, TestVersion


@dataclass(frozen=True, slots=True)
class Ending:
    """The ends of a session, each None where there is none; moments are told in `time_zone`.

    minutes: the limit with the examinee's accommodation, a whole number where it is one.
    closes: the end of the window. closes_first: a session that starts now, or as soon as the
    window opens, ends with it.
    """

    minutes: float | None
    closes: datetime | None
    closes_first: bool
    time_zone: str

    @property
    def grammatical_number(self) -> int:
        """1 for one minute, else 2: gettext counts whole numbers, and 0.5 minutes are several."""
        return 1 if self.minutes == 1 else 2

    @classmethod
    def of(cls, version: TestVersion, examinee: Examinee, now: datetime) -> Self:
        """`version` with its test and bank at hand."""
        multiplier, closes = examinee.time_multiplier, version.window_end
        start = max(now, version.window_start or now)
        return cls(
            minutes=_minutes(version.time_limit, multiplier),
            closes=closes,
            closes_first=closes is not None and deadline_of(version, multiplier, start) == closes,
            time_zone=version.test.bank.time_zone,
        )


def _minutes(limit: int | None, multiplier: float) -> float | None:
    if limit is None:
        return None
    minutes = round(limit * multiplier / 60, 1)
    return int(minutes) if minutes == int(minutes) else minutes
