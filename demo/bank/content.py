"""What the demo bank is made of: areas, items and options as plain frozen values."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Text = dict[str, str]
"""One text in every language of the demo bank, keyed by language code."""

LANGUAGES = ("en", "ko")

ResponseKind = str
"""A value of `items.models.ResponseKind`; the import refuses any other."""
Model = Literal["3pl", "2pl", "grm"]
TrueParameters = tuple[float, tuple[float, ...], float]
"""(a, (b, …), c) on the logistic metric (D = 1): one b, or the ordered thresholds of the GRM."""


@dataclass(frozen=True)
class DemoArea:
    """A content area; `parent` is the code of the area above, None at the root."""

    code: str
    name: Text
    parent: str | None


@dataclass(frozen=True)
class DemoOption:
    """A choice; `note` names the mistake that leads to a distractor and is empty for the key.

    `term` is what it is the match of, in items that match.
    """

    text: Text
    score: int = 0
    note: str = ""
    term: Text = field(default_factory=dict)


@dataclass(frozen=True)
class DemoItem:
    """One item. Numeric items have `rules` (lower, upper, score), the others have `options`.

    A multiple-response item scores 1 when exactly the options of score 1 are chosen, else 0. An
    ordering item has its options in the right order; a matching one pairs them with their terms.
    `true_parameters` only drive the simulation; the bank's own come from calibration.
    """

    code: str
    area: str
    response_kind: ResponseKind
    stem: Text
    options: tuple[DemoOption, ...]
    rules: tuple[tuple[Decimal, Decimal, int], ...]
    rationale: Text
    model: Model
    true_parameters: TrueParameters
    level: int
    item_model: str


MATHEMATICS_AREAS = (
    DemoArea("mathematics", {"en": "Mathematics", "ko": "수학"}, None),
    DemoArea("arithmetic", {"en": "Arithmetic", "ko": "수와 연산"}, "mathematics"),
    DemoArea("fractions_ratio", {"en": "Fractions and ratio", "ko": "분수와 비"}, "mathematics"),
    DemoArea("algebra", {"en": "Algebra", "ko": "대수"}, "mathematics"),
    DemoArea("geometry", {"en": "Geometry", "ko": "기하"}, "mathematics"),
    DemoArea("data", {"en": "Data and chance", "ko": "자료와 가능성"}, "mathematics"),
)

WELLBEING_AREAS = (DemoArea("wellbeing", {"en": "Wellbeing", "ko": "마음 건강"}, None),)
