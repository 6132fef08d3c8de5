"""Reading JSON that people wrote: every fault says where it is and what is needed there."""

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

Read = TypeVar("Read")


class JsonFault(ValueError):
    """JSON that cannot be used: `path` such as "areas[1].min", "" at its root; what is needed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class Member:
    """A value within a document and the path to it. What it should be is asked of it by name.

    Each question raises `JsonFault` where the value is something else.
    """

    value: Any
    path: str = ""

    def fault(self, reason: str) -> JsonFault:
        return JsonFault(self.path, reason)

    def as_object(self, known: Collection[str]) -> "Member":
        """Itself, an object without any member but the `known`."""
        if not isinstance(self.value, dict):
            raise self.fault(_("an object is needed"))
        unknown = sorted(set(self.value) - set(known))
        if unknown:
            reason = _("there is no such setting; known are: %(known)s")
            raise self.member(unknown[0]).fault(reason % {"known": ", ".join(sorted(known))})
        return self

    def member(self, name: str) -> "Member":
        """The member of an object; of nothing where there is none."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Member(value, f"{self.path}.{name}" if self.path else name)

    def entries(self) -> Iterator["Member"]:
        """Of a list, which may be missing."""
        if self.value is not None and not isinstance(self.value, list):
            raise self.fault(_("a list is needed"))
        for place, entry in enumerate(self.value or []):
            yield Member(entry, f"{self.path}[{place}]")

    def optional(self, name: str, read: Callable[["Member"], Read]) -> Read | None:
        """What `read` makes of the member of that name; None where it is missing or null."""
        member = self.member(name)
        return None if member.value is None else read(member)

    def count(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.fault(_("a whole number from 0 is needed"))
        return self.value

    def count_from_one(self) -> int:
        if self.count() < 1:
            raise self.fault(_("a whole number from 1 is needed"))
        return self.count()

    def positive(self) -> float:
        if not is_number(self.value) or not self.value > 0:
            raise self.fault(_("a positive number is needed"))
        return float(self.value)

    def share(self) -> float:
        if not is_number(self.value) or not 0 <= self.value <= 1:
            raise self.fault(_("a number from 0 to 1 is needed"))
        return float(self.value)


def is_number(value: Any) -> bool:
    """A finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
