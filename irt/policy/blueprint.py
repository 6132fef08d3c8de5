"""What a test must contain: content areas, stimulus sets, words and time."""

from collections.abc import Iterable
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
    Raises ValueError for bounds that contradict themselves.
    """

    category: str
    minimum: int = 0
    maximum: int | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.minimum < 0:
            raise ValueError(f"{self.category}: the minimum must not be negative")
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(
                f"{self.category}: the minimum {self.minimum} is above the maximum {self.maximum}"
            )
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError(f"{self.category}: the share {self.share} must lie between 0 and 1")


@dataclass(frozen=True)
class SetBound:
    """How many items of a stimulus set are given, once one of them is; `stimulus` None: any set.

    A bound that names a stimulus comes before the one for any set; a set without bound gives all
    its items that it can. Raises ValueError for bounds that contradict themselves.
    """

    stimulus: int | None = None
    minimum: int = 1
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.minimum < 1:
            raise ValueError("a stimulus set that is entered gives at least 1 item")
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(
                f"stimulus sets: the minimum {self.minimum} is above the maximum {self.maximum}"
            )


@dataclass(frozen=True)
class Blueprint:
    """The constraints of a test. Enemy items and stimulus sets are facts of the pool.

    `max_words` and `max_seconds` limit the sums of the scored items' words and expected seconds.
    Raises ValueError for an area or a set that is bounded twice and for limits that are not
    positive.
    """

    method: Method = Method.PRIORITY
    areas: tuple[AreaBound, ...] = ()
    sets: tuple[SetBound, ...] = ()
    max_words: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        repeated = _first_repeated(bound.category for bound in self.areas)
        if repeated is not None:
            raise ValueError(f"the blueprint bounds the area {repeated} twice; keep one bound")
        if _first_repeated(bound.stimulus for bound in self.sets) is not None or (
            sum(bound.stimulus is None for bound in self.sets) > 1
        ):
            raise ValueError("the blueprint bounds a stimulus set twice; keep one bound")
        if self.max_words is not None and self.max_words <= 0:
            raise ValueError("the limit of words must be positive")
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise ValueError("the limit of seconds must be positive")


def _first_repeated(values: Iterable[str | int | None]) -> str | int | None:
    known: set[str | int | None] = set()
    for value in values:
        if value in known:
            return value
        known.add(value)
    return None
