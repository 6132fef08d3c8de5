"""Numbers and expressions as TeX (without the dollar signs) and the option text made of them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def inline(tex: str) -> str:
    return f"${tex}$"


def fraction(value: Fraction | int) -> str:
    r"""`5`, `\frac{3}{4}`, `-\frac{3}{4}`."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def mixed(value: Fraction) -> str:
    r"""A positive number with its whole part in front: `2\frac{3}{4}`."""
    whole, rest = divmod(value, 1)
    if not rest:
        return str(whole)
    return (str(whole) if whole else "") + fraction(rest)


def exact_decimal(value: Fraction | int) -> Decimal:
    """The finite decimal expansion. Raises ValueError where there is none."""
    value = Fraction(value)
    result = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(result) != value:
        raise ValueError(f"{value} has no finite decimal expansion")
    return result


def decimal(value: Fraction | int) -> str:
    return f"{exact_decimal(value):f}"


def in_brackets(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def polynomial(coefficients: Sequence[Fraction | int], variable: str = "x") -> str:
    """Terms by falling power, as written by hand: no 1 before a variable, no zero terms."""
    terms = ""
    for power, coefficient in zip(range(len(coefficients) - 1, -1, -1), coefficients, strict=True):
        if coefficient:
            sign = "-" if coefficient < 0 else "+" if terms else ""
            terms += sign + _monomial(abs(Fraction(coefficient)), variable, power)
    return terms or "0"


def _monomial(coefficient: Fraction, variable: str, power: int) -> str:
    if power == 0:
        return fraction(coefficient)
    front = "" if coefficient == 1 else fraction(coefficient)
    return front + raised(variable, power)


def raised(base: str, power: int) -> str:
    return base if power == 1 else f"{base}^{{{power}}}"


def root(square: int) -> str:
    r"""The square root of a positive whole number in simplest form: `5`, `2\sqrt{3}`."""
    outside = max(k for k in range(1, int(square**0.5) + 2) if square % (k * k) == 0)
    inside = square // (outside * outside)
    if inside == 1:
        return str(outside)
    return ("" if outside == 1 else str(outside)) + rf"\sqrt{{{inside}}}"


def times_pi(coefficient: int) -> str:
    return ("" if coefficient == 1 else str(coefficient)) + r"\pi"


def with_unit(tex: str, unit: str) -> str:
    r"""`12\,\mathrm{cm}^{2}` for the unit `cm2`."""
    power = unit[-1] if unit[-1].isdigit() else ""
    name = unit.removesuffix(power)
    return rf"{tex}\,\mathrm{{{name}}}" + (f"^{{{power}}}" if power else "")


def listed(values: Sequence[int]) -> str:
    return ", ".join(str(value) for value in values)
