"""Numbers and names as the page shows them."""

import math
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

# So many names stand in a sentence.
_NAMED = 10


def as_text(value: object) -> str:
    return "" if value is None else str(value)


def as_count(value: object) -> str:
    """A whole number with thin groups of three."""
    return "" if _is_missing(value) else f"{round(_number(value)):,}"


def decimals(places: int) -> Callable[[object], str]:
    """A number with so many decimals, empty where there is none."""

    def as_decimal(value: object) -> str:
        return "" if _is_missing(value) else _with_minus(f"{_number(value):.{places}f}")

    return as_decimal


def as_fact(value: object) -> str:
    """Text as it is, whole numbers as counts, other numbers with three decimals."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return as_count(value)
    return "< 0.001" if 0 < _number(value) < 0.001 else three_decimals(value)


two_decimals = decimals(2)
three_decimals = decimals(3)


def as_share(value: object) -> str:
    """A share of 1 as per cent."""
    return "" if _is_missing(value) else _with_minus(f"{100 * _number(value):.1f}%")


def as_p(value: object) -> str:
    """A p-value; below .001 it is only said to be so."""
    if _is_missing(value):
        return ""
    return "< 0.001" if _number(value) < 0.001 else f"{_number(value):.3f}"


def shorten(name: str, longest: int) -> str:
    """The name, cut off with an ellipsis where it is longer."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def named(names: Sequence[str]) -> dict[str, object]:
    """How many there are, and the first of them, to be put into a sentence."""
    more = ["…"] if len(names) > _NAMED else []
    return {"count": len(names), "names": ", ".join([*names[:_NAMED], *more])}


def join_by_and(names: Sequence[str]) -> str:
    """All of them as part of a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = names
    if not first:
        return last
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last}


def _is_missing(value: object) -> bool:
    return value is None or not math.isfinite(_number(value))


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]  # columns of numbers hold nothing else


def _with_minus(text: str) -> str:
    """With the sign that is as wide as a plus; none before a zero."""
    if text.startswith("-") and not any(digit in text for digit in "123456789"):
        return text[1:]
    return text.replace("-", "\N{MINUS SIGN}")
