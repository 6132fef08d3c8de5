"""Item parameters of dichotomous and polytomous items, on the logistic metric (D = 1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irt.arrays import FloatArray, IntArray

NORMAL_OGIVE_SCALE = 1.7


class Model(StrEnum):
    """Item response models.

    Dichotomous: Rasch (1960), 1PL to 3PL (Birnbaum 1968), 4PL (Barton & Lord 1981). Polytomous:
    graded response (Samejima 1969), partial credit (Masters 1982), generalized partial credit
    (Muraki 1992). When calibrated, Rasch and PCM items have slope 1 and 1PL items share one slope;
    a change of scale may give them another, so that a is free to be any positive number here.
    """

    RASCH = "rasch"
    ONE_PL = "1pl"
    TWO_PL = "2pl"
    THREE_PL = "3pl"
    FOUR_PL = "4pl"
    GRADED = "grm"
    PCM = "pcm"
    GPCM = "gpcm"


PARTIAL_CREDIT = (Model.PCM, Model.GPCM)
POLYTOMOUS = (Model.GRADED, *PARTIAL_CREDIT)
_DICHOTOMOUS, _GRADED, _PARTIAL_CREDIT = range(3)
WITH_LOWER_ASYMPTOTE = (Model.THREE_PL, Model.FOUR_PL)


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
            model=np.array([row[0] for row in listed], dtype="U5"),
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
    def dichotomous_items(self) -> IntArray:
        return np.flatnonzero(self._family == _DICHOTOMOUS)

    @cached_property
    def graded_items(self) -> IntArray:
        return np.flatnonzero(self._family == _GRADED)

    @cached_property
    def partial_credit_items(self) -> IntArray:
        return np.flatnonzero(self._family == _PARTIAL_CREDIT)

    @cached_property
    def _family(self) -> IntArray:
        """(J,) which formulas hold for the item; numbers compare faster than names."""
        partial_credit = np.isin(self.model, PARTIAL_CREDIT)
        family = np.where(partial_credit, _PARTIAL_CREDIT, _DICHOTOMOUS)
        return np.where(self.model == Model.GRADED, _GRADED, family)

    @cached_property
    def dichotomous(self) -> Self:
        """The dichotomous items alone, as `dichotomous_items` orders them."""
        return self._part(self.dichotomous_items)

    @cached_property
    def graded(self) -> Self:
        """The graded items alone, as `graded_items` orders them."""
        return self._part(self.graded_items)

    @cached_property
    def partial_credit(self) -> Self:
        """The partial credit items alone, as `partial_credit_items` orders them."""
        return self._part(self.partial_credit_items)

    def _part(self, items: IntArray) -> Self:
        return self if len(items) == self.n_items else self.take(items)

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


def validate(parameters: ItemParameters) -> None:
    """Raise `ParameterError` for the first item that its model does not allow."""
    for item in range(parameters.n_items):
        reason = _fault(
            parameters.model[item],
            float(parameters.discrimination[item]),
            parameters.difficulty[item],
            float(parameters.lower_asymptote[item]),
            float(parameters.upper_asymptote[item]),
        )
        if reason:
            raise ParameterError(item, reason)


def _fault(model: str, a: float, steps: FloatArray, c: float, d: float) -> str | None:
    if model not in set(Model):
        return f"unknown model {str(model)!r}; known are {', '.join(Model)}"
    given = steps[~np.isnan(steps)]
    if not np.isfinite([a, c, d, *given]).all():
        return "every parameter must be a finite number"
    if a <= 0:
        return (
            f"the discrimination must be positive, not {a:g}; is the key right? Mend it and "
            "calibrate again, or leave the item out"
        )
    if given.size == 0 or not np.array_equal(given, steps[: given.size]):
        return "the difficulty is missing"
    if (model not in WITH_LOWER_ASYMPTOTE and c != 0) or (model != Model.FOUR_PL and d != 1):
        return _ASYMPTOTES[Model(model)]
    if not 0 <= c < d <= 1:
        return f"the asymptotes must satisfy 0 <= c < d <= 1, not c = {c:g} and d = {d:g}"
    if model not in POLYTOMOUS and given.size != 1:
        return f"model {model} has one difficulty, not {given.size}"
    if model == Model.GRADED and (np.diff(given) <= 0).any():
        return f"thresholds must rise strictly, not {', '.join(f'{b:g}' for b in given)}"
    return None


_ASYMPTOTES = {
    model: f"model {model} has no asymptotes: c must be 0 and d 1"
    for model in Model
    if model not in WITH_LOWER_ASYMPTOTE
} | {Model.THREE_PL: "model 3pl has no upper asymptote: d must be 1 (4pl has one)"}


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
