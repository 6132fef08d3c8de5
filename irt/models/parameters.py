"""Response models and the parameters of items, on the logistic metric (D = 1).

`Model` is the registry: each model's line names the family whose file holds its formulas. Code
elsewhere asks a model or a family what it is like, never which one it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import Enum, StrEnum, auto
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import FloatArray, IntArray
from irt.models.coordinates import CoordinateSystem
from irt.models.dichotomous import Dichotomous
from irt.models.family import Family
from irt.models.graded import Graded
from irt.models.partial_credit import PartialCredit

NORMAL_OGIVE_SCALE = 1.7

_DICHOTOMOUS, _GRADED, _PARTIAL_CREDIT = Dichotomous(), Graded(), PartialCredit()


class Slope(Enum):
    """How calibration finds the slope of an item; UNIT is 1, COMMON shared by the model's items.

    A change of scale may give such items another slope, so that a is free to be any positive number
    in `ItemParameters`. At most one model has a common slope: `irt.calibration.result.Covariance`
    has one name for it.
    """

    FREE = auto()
    UNIT = auto()
    COMMON = auto()


class Model(StrEnum):
    """Item response models: value, label, family, number of asymptotes (c, then d), slope.

    Dichotomous: Rasch (1960), 1PL to 3PL (Birnbaum 1968), 4PL (Barton & Lord 1981). Polytomous:
    graded response (Samejima 1969), partial credit (Masters 1982), generalized partial credit
    (Muraki 1992). Where several models serve, the first is the usual one.
    """

    RASCH = "rasch", "Rasch", _DICHOTOMOUS, 0, Slope.UNIT
    ONE_PL = "1pl", "1PL", _DICHOTOMOUS, 0, Slope.COMMON
    TWO_PL = "2pl", "2PL", _DICHOTOMOUS
    THREE_PL = "3pl", "3PL", _DICHOTOMOUS, 1
    FOUR_PL = "4pl", "4PL", _DICHOTOMOUS, 2
    GRADED = "grm", "GRM", _GRADED
    PCM = "pcm", "PCM", _PARTIAL_CREDIT, 0, Slope.UNIT
    GPCM = "gpcm", "GPCM", _PARTIAL_CREDIT

    _value_: str
    label: str
    family: Family
    n_asymptotes: int
    slope: Slope

    def __new__(
        cls,
        value: str,
        label: str = "",
        family: Family = _DICHOTOMOUS,
        n_asymptotes: int = 0,
        slope: Slope = Slope.FREE,
    ) -> Self:
        """From a line of the enumeration; `Model(value)` finds the model of that name."""
        # Each line gives label and family: their defaults let a type checker see `Model(value)`.
        model = str.__new__(cls, value)
        model._value_ = value
        model.label, model.family = label, family
        model.n_asymptotes, model.slope = n_asymptotes, slope
        return model

    @classmethod
    def _missing_(cls, value: object) -> Self:
        raise ValueError(_unknown(str(value)))

    @property
    def is_polytomous(self) -> bool:
        return self.family.is_polytomous

    @property
    def steps_must_rise(self) -> bool:
        return self.family.steps_must_rise

    @property
    def has_lower_asymptote(self) -> bool:
        return self.n_asymptotes > 0

    @property
    def has_upper_asymptote(self) -> bool:
        return self.n_asymptotes > 1

    def coordinates(self, n_categories: int) -> CoordinateSystem:
        """In which items of so many categories are estimated."""
        return self.family.coordinates(n_categories, self.n_asymptotes)


# `np.isin(parameters.model, POLYTOMOUS)` asks of many items what the property asks of one model.
POLYTOMOUS = tuple(model for model in Model if model.is_polytomous)
WITH_LOWER_ASYMPTOTE = tuple(model for model in Model if model.has_lower_asymptote)
WITH_UPPER_ASYMPTOTE = tuple(model for model in Model if model.has_upper_asymptote)
UNIT_SLOPE = tuple(model for model in Model if model.slope is Slope.UNIT)
COMMON_SLOPE = tuple(model for model in Model if model.slope is Slope.COMMON)

FAMILIES = tuple(dict.fromkeys(model.family for model in Model))
_FAMILY_NUMBER = {model.value: FAMILIES.index(model.family) for model in Model}
# Of an array that has room for any model's name.
MODEL_DTYPE = f"U{max(map(len, Model))}"


def usual_model(n_steps: int = 1, n_asymptotes: int = 0, slope: Slope = Slope.FREE) -> Model:
    """The first model of items with so many steps and asymptotes and such a slope.

    Raises StopIteration where there is none: only items of one step have asymptotes.
    """
    return next(
        model
        for model in Model
        if model.is_polytomous == (n_steps > 1)
        and (model.n_asymptotes, model.slope) == (n_asymptotes, slope)
    )


class ParameterError(ValueError):
    """An item's parameters are outside its model. `item` is its index, `reason` a sentence."""

    def __init__(self, item: int, reason: str) -> None:
        super().__init__(f"item {item}: {reason}")
        self.item = item
        self.reason = reason


@dataclass(frozen=True, eq=False)
class ItemParameters:
    """Parameters of J items, metric D = 1. Treat the arrays as read-only.

    model            (J,) `Model` values
    discrimination   (J,) a
    difficulty       (J, M) b in column 0, or the steps b_1, ..., b_m of a polytomous item (rising
                     for graded items, in any order for partial credit); NaN beyond its steps
    lower_asymptote  (J,) c, 0 where the model has none
    upper_asymptote  (J,) d, 1 where the model has none
    """

    model: NDArray[np.str_]
    discrimination: FloatArray
    difficulty: FloatArray
    lower_asymptote: FloatArray
    upper_asymptote: FloatArray

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[Model, float, ArrayLike, float, float]]) -> Self:
        """Build from one `(model, a, b or [b_1, ..., b_m], c, d)` an item."""
        listed = list(rows)
        steps = [np.atleast_1d(np.asarray(row[2], dtype=float)) for row in listed]
        difficulty = np.full((len(listed), max(map(len, steps), default=1)), np.nan)
        for row, values in zip(difficulty, steps, strict=True):
            row[: len(values)] = values
        return cls(
            model=np.array([row[0] for row in listed], dtype=MODEL_DTYPE),
            discrimination=np.array([row[1] for row in listed], dtype=float),
            difficulty=difficulty,
            lower_asymptote=np.array([row[3] for row in listed], dtype=float),
            upper_asymptote=np.array([row[4] for row in listed], dtype=float),
        )

    @property
    def n_items(self) -> int:
        return len(self.model)

    @cached_property
    def n_categories(self) -> IntArray:
        """(J,) response categories, 2 for a dichotomous item; scores run from 0."""
        return np.asarray(np.isfinite(self.difficulty).sum(axis=1) + 1, dtype=np.int64)

    @cached_property
    def _family(self) -> IntArray:
        """(J,) which of the families holds the item; numbers compare faster than names."""
        try:
            return np.array([_FAMILY_NUMBER[name] for name in self.model.tolist()], dtype=np.int64)
        except KeyError as error:
            item = self.model.tolist().index(error.args[0])
            raise ParameterError(item, _unknown(error.args[0])) from None

    @property
    def parts(self) -> tuple["Part", ...]:
        """The items of each family that has any. Raises `ParameterError` for an unknown model."""
        present = self._present
        if len(present) == 1:  # not kept: a reference to itself would outlive its use
            return (Part(FAMILIES[present[0]], slice(None), self),)
        return self._parts

    @cached_property
    def _present(self) -> list[int]:
        return np.flatnonzero(np.bincount(self._family)).tolist()

    @cached_property
    def _parts(self) -> tuple["Part", ...]:
        indices = ((number, np.flatnonzero(self._family == number)) for number in self._present)
        return tuple(Part(FAMILIES[number], items, self.take(items)) for number, items in indices)

    def take(self, index: ArrayLike) -> Self:
        """The items at `index`, in that order."""
        chosen = np.asarray(index)
        taken = type(self)(
            self.model[chosen],
            self.discrimination[chosen],
            self.difficulty[chosen],
            self.lower_asymptote[chosen],
            self.upper_asymptote[chosen],
        )
        taken.__dict__["_family"] = self._family[chosen]
        return taken


class Part(NamedTuple):
    """The items of one family: where they are among all items, and their parameters."""

    family: Family
    items: IntArray | slice
    parameters: ItemParameters

    def theta(self, theta: FloatArray) -> FloatArray:
        """theta of these items: the common (Q,), or their rows of (J, Q)."""
        return theta if theta.ndim == 1 else theta[self.items]


def validate(parameters: ItemParameters, *, allow_negative_slopes: bool = False) -> None:
    """Raise `ParameterError` for the first item that its model does not allow.

    A bank needs items on which more able persons do better; who looks at what a calibration found
    takes negative slopes, too. Thresholds of such a graded item fall.
    """
    for item in range(parameters.n_items):
        reason = _fault(
            str(parameters.model[item]),
            float(parameters.discrimination[item]),
            parameters.difficulty[item],
            float(parameters.lower_asymptote[item]),
            float(parameters.upper_asymptote[item]),
            allow_negative_slopes,
        )
        if reason:
            raise ParameterError(item, reason)


def _fault(
    name: str, a: float, steps: FloatArray, c: float, d: float, allow_negative: bool
) -> str | None:
    if name not in _FAMILY_NUMBER:
        return _unknown(name)
    model = Model(name)
    given = steps[~np.isnan(steps)]
    if not np.isfinite([a, c, d, *given]).all():
        return "every parameter must be a finite number"
    if a == 0 and allow_negative:
        return "the discrimination is 0: the item says nothing about ability; leave it out"
    if a <= 0 and not allow_negative:
        return (
            f"the discrimination must be positive, not {a:g}; is the key right? Mend it and "
            "calibrate again, or leave the item out"
        )
    if given.size == 0 or not np.array_equal(given, steps[: given.size]):
        return "the difficulty is missing"
    if not model.has_lower_asymptote and (c, d) != (0, 1):
        return f"model {model} has no asymptotes: c must be 0 and d 1"
    if not model.has_upper_asymptote and d != 1:
        others = ", ".join(WITH_UPPER_ASYMPTOTE)
        return f"model {model} has no upper asymptote: d must be 1 ({others} has one)"
    if not 0 <= c < d <= 1:
        return f"the asymptotes must satisfy 0 <= c < d <= 1, not c = {c:g} and d = {d:g}"
    if not model.is_polytomous and given.size != 1:
        return f"model {model} has one difficulty, not {given.size}"
    if model.steps_must_rise and (np.sign(a) * np.diff(given) <= 0).any():
        verb = "rise" if a > 0 else "fall"
        listed = ", ".join(f"{b:g}" for b in given)
        return f"thresholds must {verb} strictly, not {listed}"
    return None


def _unknown(name: str) -> str:
    return f"unknown model {name!r}; known are {', '.join(Model)}"


def to_logistic_metric(discrimination: ArrayLike) -> FloatArray:
    """Discriminations stated for D = 1.7 as discriminations for D = 1; b, c and d do not change."""
    return NORMAL_OGIVE_SCALE * np.asarray(discrimination, dtype=float)


def to_normal_metric(discrimination: ArrayLike) -> FloatArray:
    """Discriminations stated for D = 1 as discriminations for D = 1.7."""
    return np.asarray(discrimination, dtype=float) / NORMAL_OGIVE_SCALE


def concatenate(parts: Sequence[ItemParameters]) -> ItemParameters:
    """The items of all parts, in order."""
    width = max(part.difficulty.shape[1] for part in parts)
    joined: dict[str, Any] = {
        field.name: [getattr(part, field.name) for part in parts]
        for field in fields(ItemParameters)
    }
    joined["difficulty"] = [
        np.pad(steps, ((0, 0), (0, width - steps.shape[1])), constant_values=np.nan)
        for steps in joined["difficulty"]
    ]
    return ItemParameters(**{name: np.concatenate(values) for name, values in joined.items()})
