"""When a test ends: rules that combine by AND and OR, between a shortest and a longest length."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


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


@dataclass(frozen=True)
class StandardErrorGain:
    """The last answer lowered the standard error by less than `below`."""

    below: float


@dataclass(frozen=True)
class ThetaChange:
    """The last answer moved theta by less than `below`."""

    below: float


@dataclass(frozen=True)
class InformationLeft:
    """No item that may still be selected has information `below` or more at theta."""

    below: float


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


@dataclass(frozen=True)
class TimeSpent:
    """The examinee has worked for `seconds` or longer."""

    seconds: float


@dataclass(frozen=True)
class AnyOf:
    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class AllOf:
    rules: tuple["Rule", ...]


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
