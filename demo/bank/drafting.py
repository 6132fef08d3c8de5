"""How an item model states one item: the key, and what each mistake would have given."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TypeVar

from demo.bank import tex
from demo.bank.content import ResponseKind, Text

Value = TypeVar("Value", bound=Hashable)
Pair = tuple[str, str]
"""The same text in English and Korean."""


class Redraw(Exception):
    """These numbers make no sound item; the generator draws others."""


@dataclass(frozen=True)
class Choice:
    text: Text
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """An item before it gets its code, order of options and parameters."""

    response_kind: ResponseKind
    stem: Text
    rationale: Text
    keys: tuple[Choice, ...] = ()
    distractors: tuple[Choice, ...] = ()
    answer: Fraction | None = None


@dataclass(frozen=True)
class ItemModel:
    """A family of items that differ in their numbers, at three levels of difficulty."""

    name: str
    levels: tuple[Callable[[Random], Draft], Callable[[Random], Draft], Callable[[Random], Draft]]

    def draft(self, level: int, rng: Random) -> Draft:
        """One item of level 1, 2 or 3. Raises Redraw where the numbers drawn do not suit."""
        return self.levels[level - 1](rng)


def require(condition: bool) -> None:
    if not condition:
        raise Redraw


def whole_number(value: Fraction | int) -> str:
    require(Fraction(value).denominator == 1)
    return tex.inline(str(value))


def fraction(value: Fraction | int) -> str:
    return tex.inline(tex.fraction(value))


def decimal(value: Fraction | int) -> str:
    return tex.inline(tex.decimal(value))


def single_choice(
    stem: Pair,
    key: Value,
    mistakes: Sequence[tuple[Value, str]],
    rationale: Pair,
    show: Callable[[Value], str | Pair],
) -> Draft:
    """One key among distractors; `mistakes` pairs each wrong result with the mistake's name.

    Values must be equal exactly when they mean the same, whatever their notation. Raises Redraw
    where two options would mean the same.
    """
    return _choice_item("single_choice", stem, [key], mistakes, rationale, show)


def multiple_response(
    stem: Pair,
    keys: Sequence[Value],
    mistakes: Sequence[tuple[Value, str]],
    rationale: Pair,
    show: Callable[[Value], str | Pair],
) -> Draft:
    """Several keys, all of which must be found. Raises Redraw like `single_choice`."""
    return _choice_item("multiple_response", stem, keys, mistakes, rationale, show)


def numeric(stem: Pair, answer: Fraction | int, rationale: Pair) -> Draft:
    """A number to type. Raises Redraw where it would be too long to type without rounding."""
    answer = Fraction(answer)
    require((answer * 100).denominator == 1)
    return Draft("numeric", _text(stem), _text(rationale), answer=answer)


def _choice_item(
    response_kind: ResponseKind,
    stem: Pair,
    keys: Sequence[Value],
    mistakes: Sequence[tuple[Value, str]],
    rationale: Pair,
    show: Callable[[Value], str | Pair],
) -> Draft:
    values = [*keys, *(value for value, _ in mistakes)]
    require(len(set(values)) == len(values))
    return Draft(
        response_kind,
        _text(stem),
        _text(rationale),
        keys=tuple(Choice(_text(show(value))) for value in keys),
        distractors=tuple(Choice(_text(show(value)), note) for value, note in mistakes),
    )


def _text(shown: str | Pair) -> Text:
    en, ko = (shown, shown) if isinstance(shown, str) else shown
    return {"en": en, "ko": ko}


def value_of(expression: str) -> Pair:
    return f"What is the value of ${expression}$?", f"${expression}$의 값은?"
