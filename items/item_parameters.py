"""Parameters of one item as a plain value, and the rules that they must keep."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InvalidInput
from common.report.words import join_by_and
from irt.models.parameters import WITH_LOWER_ASYMPTOTE, WITH_UPPER_ASYMPTOTE, Model, usual_model
from items.kinds.registry import kind_of
from items.models import ItemVersion, ReleasedItem

STANDARD_ERRORS = (
    "discrimination_se",
    "difficulty_se",
    "lower_asymptote_se",
    "upper_asymptote_se",
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of one item, logistic metric (D = 1), with standard errors where known."""

    model: str
    discrimination: float
    difficulty: tuple[float, ...]
    lower_asymptote: float = 0.0
    upper_asymptote: float = 1.0
    discrimination_se: float | None = None
    difficulty_se: tuple[float, ...] | None = None
    lower_asymptote_se: float | None = None
    upper_asymptote_se: float | None = None

    def __str__(self) -> str:
        numbers = {"a": (self.discrimination,), "b": self.difficulty}
        numbers |= {"c": (self.lower_asymptote,)} if self.lower_asymptote else {}
        numbers |= {"d": (self.upper_asymptote,)} if self.upper_asymptote != 1 else {}
        said = (f"{name} {', '.join(f'{x:.4g}' for x in xs)}" for name, xs in numbers.items())
        return f"{self.model} {'; '.join(said)}"

    def check(self, version: ItemVersion) -> None:
        """Raises InvalidInput `invalid_parameters` with the reason and `detail.item`."""
        fault = self.fault(version.max_score)
        if fault:
            code = version.item.code
            raise InvalidInput("invalid_parameters", f"{code}: {fault[1]}", item=code)

    def fault(self, max_score: int) -> tuple[str, str] | None:
        """(the parameter at fault, why) for an item scored 0…`max_score`; None when all is well.

        Says in sentences what the constraints of `ReleasedItem` hold.
        """
        try:
            model = Model(self.model)
        except ValueError:
            return "model", _("unknown model “%s”") % self.model
        return (
            self._number_fault()
            or self._difficulty_fault(model, max_score)
            or self._asymptote_fault(model)
        )

    def _number_fault(self) -> tuple[str, str] | None:
        steps = enumerate(self.difficulty, start=1)
        numbers = {"a": self.discrimination, **{f"b{step}": b for step, b in steps}}
        numbers |= {"c": self.lower_asymptote, "d": self.upper_asymptote}
        for name, value in numbers.items():
            if not math.isfinite(value):
                return name, _("%(name)s is a finite number, not %(value)s") % {
                    "name": name,
                    "value": value,
                }
        if self.discrimination <= 0:
            return "a", _("the discrimination is above 0, not %g") % self.discrimination
        steps = enumerate(self.difficulty_se or (), start=1)
        errors = {"se_a": self.discrimination_se}
        errors |= {f"se_b{step}": error for step, error in steps}
        errors |= {"se_c": self.lower_asymptote_se, "se_d": self.upper_asymptote_se}
        for name, error in errors.items():
            if error is not None and not 0 <= error < math.inf:
                return name, _("a standard error is a finite number from 0, not %s") % error
        return None

    def _difficulty_fault(self, model: Model, max_score: int) -> tuple[str, str] | None:
        if len(self.difficulty) != max_score:
            return f"b{min(len(self.difficulty), max_score) + 1}", _(
                "scores 0…%(top)s need %(top)s difficulties, not %(given)s"
            ) % {"top": max_score, "given": len(self.difficulty)}
        if model not in models_for(max_score):
            return "model", _("model %(model)s scores 0 and 1; this item scores 0…%(top)s") % {
                "model": self.model,
                "top": max_score,
            }
        for step, (lower, upper) in enumerate(pairwise(self.difficulty), start=2):
            if model.steps_must_rise and lower >= upper:
                reason = _("thresholds rise strictly; %(upper)g follows %(lower)g")
                return f"b{step}", reason % {"lower": lower, "upper": upper}
        if self.difficulty_se is not None and len(self.difficulty_se) != len(self.difficulty):
            return "se_b1", _("as many standard errors as difficulties are needed")
        return None

    def _asymptote_fault(self, model: Model) -> tuple[str, str] | None:
        c, d = self.lower_asymptote, self.upper_asymptote
        has_c, has_d = model.has_lower_asymptote, model.has_upper_asymptote
        if c != 0 and not has_c:
            reason = _("model %(model)s has no lower asymptote: c is 0 (%(others)s have one)")
            return "c", reason % {"model": model, "others": join_by_and(WITH_LOWER_ASYMPTOTE)}
        if d != 1 and not has_d:
            reason = _("model %(model)s has no upper asymptote: d is 1 (%(others)s has one)")
            return "d", reason % {"model": model, "others": join_by_and(WITH_UPPER_ASYMPTOTE)}
        errors = {"c": (has_c, self.lower_asymptote_se), "d": (has_d, self.upper_asymptote_se)}
        for name, (is_known, error) in errors.items():
            if error is not None and not is_known:
                reason = _("model %(model)s has no %(name)s: leave its standard error empty")
                return f"se_{name}", reason % {"model": self.model, "name": name}
        if not 0 <= c < d <= 1:
            reason = _("the asymptotes satisfy 0 ≤ c < d ≤ 1, not c = %(c)g and d = %(d)g")
            return "c", reason % {"c": c, "d": d}
        return None

    def says_the_same_as(self, other: "Parameters | None") -> bool:
        """Equal; standard errors count only when there are any here."""
        if other is None:
            return False
        names = self.fields()
        if not any(names[name] for name in STANDARD_ERRORS):
            names = {name: value for name, value in names.items() if name not in STANDARD_ERRORS}
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def fields(self) -> dict[str, Any]:
        """As columns of a released item."""
        return {
            "model": self.model,
            "discrimination": self.discrimination,
            "difficulty": list(self.difficulty),
            "lower_asymptote": self.lower_asymptote,
            "upper_asymptote": self.upper_asymptote,
            "discrimination_se": self.discrimination_se,
            "difficulty_se": None if self.difficulty_se is None else list(self.difficulty_se),
            "lower_asymptote_se": self.lower_asymptote_se,
            "upper_asymptote_se": self.upper_asymptote_se,
        }


def parameters_of(row: ReleasedItem) -> Parameters | None:
    """What a released item holds; None while it has no parameters."""
    if row.discrimination is None or row.difficulty is None:
        return None
    return Parameters(
        model=row.model,
        discrimination=row.discrimination,
        difficulty=tuple(row.difficulty),
        lower_asymptote=row.lower_asymptote,
        upper_asymptote=row.upper_asymptote,
        discrimination_se=row.discrimination_se,
        difficulty_se=None if row.difficulty_se is None else tuple(row.difficulty_se),
        lower_asymptote_se=row.lower_asymptote_se,
        upper_asymptote_se=row.upper_asymptote_se,
    )


def models_for(max_score: int) -> list[Model]:
    """The models of an item scored 0…`max_score`: all of them for 0 and 1."""
    return [model for model in Model if max_score == 1 or model.is_polytomous]


def default_model(version: ItemVersion) -> Model:
    """The usual one for its scores, with a lower asymptote where guessing can succeed."""
    if version.max_score > 1:
        return usual_model(version.max_score)
    return usual_model(n_asymptotes=1 if kind_of(version.response_kind).allows_guessing else 0)
