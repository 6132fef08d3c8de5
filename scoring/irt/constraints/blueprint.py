"""What a test must contain: content areas, stimulus sets, words and time."""

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How the constraints steer selection."""

    PRIORITY = "priority"
    SHADOW_TEST = "shadow_test"


@dataclass(frozen=True)
class AreaBound:
    """How many scored items come from a category of the pool (a content area and all below it).

    `share` of the items is a target, `minimum` and `maximum` are counts that are never violated.
    """

    category: str
    minimum: int = 0
    maximum: int | None = None
    share: float | None = None


@dataclass(frozen=True)
class SetBound:
    """How many items of a stimulus set are given, once one of them is; `stimulus` None: any set."""

    stimulus: int | None = None
    minimum: int = 1
    maximum: int | None = None


@dataclass(frozen=True)
class Blueprint:
    """The constraints of a test. Enemy items and stimulus sets are facts of the pool."""

    method: Method = Method.PRIORITY
    areas: tuple[AreaBound, ...] = ()
    sets: tuple[SetBound, ...] = ()
    max_words: int | None = None
    max_seconds: float | None = None
