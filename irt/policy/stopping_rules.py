"""When a test ends: rules that combine by AND and OR, between a shortest and a longest length.

Rules raise ImpossibleValue for values that cannot be meant. Sources and formulas are in
`decision.py` and `classification.py`.
"""

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from irt.faults import Fault, ImpossibleValue


class StopReason(IntEnum):
    """Why an examinee's test ended; CONTINUE while it has not."""

    CONTINUE = 0
    STANDARD_ERROR = 1
    MAXIMUM_LENGTH = 2
    NO_ITEM_LEFT = 3
    STANDARD_ERROR_GAIN = 4
    THETA_CHANGE = 5
    INFORMATION_LEFT = 6
    CLASSIFIED = 7
    TIME = 8
    COMBINATION = 9


class Classifier(StrEnum):
    """How a level is decided during the test."""

    SPRT = "sprt"
    GLR = "glr"
    INTERVAL = "interval"


@dataclass(frozen=True)
class StandardError:
    """The standard error of theta is `at_most` this."""

    at_most: float

    def __post_init__(self) -> None:
        _require_positive("at_most", self.at_most)


@dataclass(frozen=True)
class StandardErrorGain:
    """The last answer changed the standard error by less than `below`."""

    below: float

    def __post_init__(self) -> None:
        _require_positive("below", self.below)


@dataclass(frozen=True)
class ThetaChange:
    """The last answer moved theta by less than `below`."""

    below: float

    def __post_init__(self) -> None:
        _require_positive("below", self.below)


@dataclass(frozen=True)
class InformationLeft:
    """No item that may still be selected has information `below` or more at theta."""

    below: float

    def __post_init__(self) -> None:
        _require_positive("below", self.below)


@dataclass(frozen=True)
class Classified:
    """The level between the policy's cut scores is certain enough.

    SPRT and GLR: error rates alpha and beta, indifference region cut +- indifference (theta).
    Interval: the confidence interval of theta with this coverage holds no cut score.
    """

    method: Classifier
    alpha: float = 0.05
    beta: float = 0.05
    indifference: float = 0.2
    confidence: float = 0.95

    def __post_init__(self) -> None:
        for name, rate in (("alpha", self.alpha), ("beta", self.beta)):
            if not 0 < rate < 0.5:
                raise ImpossibleValue(Fault.of("no_error_rate", name=name, value=rate))
        _require_positive("indifference", self.indifference)
        if not 0 < self.confidence < 1:
            raise ImpossibleValue(Fault.of("no_confidence", value=self.confidence))


@dataclass(frozen=True)
class TimeSpent:
    """The examinee has worked for `seconds` or longer."""

    seconds: float

    def __post_init__(self) -> None:
        _require_positive("seconds", self.seconds)


@dataclass(frozen=True)
class AnyOf:
    """OR: the first rule that holds, in this order, is the reason."""

    rules: tuple["Rule", ...]

    def __post_init__(self) -> None:
        _require_some(self.rules)


@dataclass(frozen=True)
class AllOf:
    """AND: every rule holds at once."""

    rules: tuple["Rule", ...]

    def __post_init__(self) -> None:
        _require_some(self.rules)


Rule = (
    StandardError
    | StandardErrorGain
    | ThetaChange
    | InformationLeft
    | Classified
    | TimeSpent
    | AnyOf
    | AllOf
)


@dataclass(frozen=True)
class Stopping:
    """Between `min_items` and `max_items` scored items the rule decides; None: length alone."""

    min_items: int = 1
    max_items: int = 30
    rule: Rule | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.min_items <= self.max_items:
            raise ValueError("lengths must satisfy 1 <= min_items <= max_items")


def _require_positive(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ImpossibleValue(Fault.of("not_positive", name=name, value=value))


def _require_some(rules: tuple[Rule, ...]) -> None:
    if not rules:
        raise ImpossibleValue(Fault.of("empty_combination"))
