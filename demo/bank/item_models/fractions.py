"""Fractions: adding and subtracting, multiplying and dividing, other ways of writing them."""

from fractions import Fraction
from math import gcd, lcm
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, decimal, fraction, require, single_choice, value_of


def _proper(rng: Random, denominator: int) -> tuple[int, str]:
    """A numerator for a proper fraction in lowest terms, and the fraction in TeX."""
    numerator = rng.choice([n for n in range(1, denominator) if gcd(n, denominator) == 1])
    return numerator, rf"\frac{{{numerator}}}{{{denominator}}}"


def related_denominators(rng: Random) -> Draft:
    b = rng.randint(2, 6)
    d = b * rng.randint(2, 4)
    (a, first), (c, second) = _proper(rng, b), _proper(rng, d)
    key = Fraction(a, b) + Fraction(c, d)
    expanded = rf"\frac{{{a * d // b}}}{{{d}}}"
    return single_choice(
        stem=value_of(f"{first} + {second}"),
        key=key,
        mistakes=[
            (Fraction(a + c, b + d), "added the numerators and the denominators"),
            (Fraction(a + c, d), "changed the denominator of the first fraction only"),
            (Fraction(a * c, b * d), "multiplied instead of adding"),
        ],
        rationale=(
            f"Use the common denominator ${d}$: ${expanded} + {second} = {tex.fraction(key)}$.",
            f"분모를 통분하여 더한다. ${expanded} + {second} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def unrelated_denominators(rng: Random) -> Draft:
    b, d = rng.randint(3, 9), rng.randint(3, 9)
    require(gcd(b, d) == 1)
    (a, first), (c, second) = _proper(rng, b), _proper(rng, d)
    key = Fraction(a, b) - Fraction(c, d)
    require(key > 0 and a > c and a * d > c)
    expanded = rf"\frac{{{a * d}}}{{{b * d}}} - \frac{{{b * c}}}{{{b * d}}}"
    return single_choice(
        stem=value_of(f"{first} - {second}"),
        key=key,
        mistakes=[
            (Fraction(a - c, b * d), "subtracted the numerators without expanding"),
            (Fraction(a * d - c, b * d), "expanded the numerator of the first fraction only"),
            (Fraction(a, b) + Fraction(c, d), "added instead of subtracting"),
        ],
        rationale=(
            f"With a common denominator: ${expanded} = {tex.fraction(key)}$.",
            f"통분하여 계산한다. ${expanded} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def mixed_numbers(rng: Random) -> Draft:
    b, d = rng.randint(3, 9), rng.randint(3, 9)
    require(b != d)
    (a, first), (c, second) = _proper(rng, b), _proper(rng, d)
    small = rng.randint(1, 4)
    large = small + rng.randint(2, 5)
    x, y = Fraction(a, b), Fraction(c, d)
    require(x < y)
    key, wholes = large + x - small - y, Fraction(large - small)
    return single_choice(
        stem=value_of(f"{large}{first} - {small}{second}"),
        key=key,
        mistakes=[
            (wholes + y - x, "took the smaller fraction from the larger one"),
            (key + 1, "borrowed without reducing the whole number"),
            (wholes + x + y, "added the fractional parts"),
        ],
        rationale=(
            rf"Borrow 1 from the whole number: ${large - 1}\frac{{{a + b}}}{{{b}}} - "
            rf"{small}{second} = {tex.mixed(key)}$.",
            "자연수 부분에서 1을 받아내림한다. "
            rf"${large - 1}\frac{{{a + b}}}{{{b}}} - {small}{second} = {tex.mixed(key)}$",
        ),
        show=lambda value: tex.inline(tex.mixed(value)),
    )


def product_of_fractions(rng: Random) -> Draft:
    b, d = rng.randint(3, 9), rng.randint(3, 9)
    (a, first), (c, second) = _proper(rng, b), _proper(rng, d)
    key = Fraction(a * c, b * d)
    return single_choice(
        stem=value_of(rf"{first} \times {second}"),
        key=key,
        mistakes=[
            (Fraction(a * d, b * c), "multiplied crosswise"),
            (Fraction(a + c, b + d), "added the numerators and the denominators"),
            (Fraction(a * c, b + d), "multiplied the numerators but added the denominators"),
        ],
        rationale=(
            rf"Numerator times numerator, denominator times denominator: "
            rf"$\frac{{{a} \times {c}}}{{{b} \times {d}}} = {tex.fraction(key)}$.",
            "분자는 분자끼리, 분모는 분모끼리 곱한다. "
            rf"$\frac{{{a} \times {c}}}{{{b} \times {d}}} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def quotient_of_fractions(rng: Random) -> Draft:
    b, d = rng.randint(3, 9), rng.randint(3, 9)
    (a, first), (c, second) = _proper(rng, b), _proper(rng, d)
    key = Fraction(a * d, b * c)
    return single_choice(
        stem=value_of(rf"{first} \div {second}"),
        key=key,
        mistakes=[
            (Fraction(a * c, b * d), "multiplied without taking the reciprocal"),
            (Fraction(b * c, a * d), "took the reciprocal of the first fraction"),
            (Fraction(b * d, a * c), "took the reciprocal of both fractions"),
        ],
        rationale=(
            rf"Multiply by the reciprocal: "
            rf"${first} \times \frac{{{d}}}{{{c}}} = {tex.fraction(key)}$.",
            "나누는 수의 역수를 곱한다. "
            rf"${first} \times \frac{{{d}}}{{{c}}} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def quotient_by_a_difference(rng: Random) -> Draft:
    b, d, f = rng.randint(2, 6), rng.randint(2, 6), rng.randint(2, 6)
    require(d != f)
    (a, first), (c, second), (e, third) = _proper(rng, b), _proper(rng, d), _proper(rng, f)
    x, y, z = Fraction(a, b), Fraction(c, d), Fraction(e, f)
    require(y > z and c > e)
    key = x / (y - z)
    return single_choice(
        stem=value_of(rf"{first} \div \left( {second} - {third} \right)"),
        key=key,
        mistakes=[
            (x * (y - z), "multiplied instead of dividing"),
            ((y - z) / x, "divided the wrong way round"),
            (x / y - z, "left the brackets out"),
            (x / Fraction(c - e, lcm(d, f)), "subtracted the numerators without expanding"),
        ],
        rationale=(
            rf"Brackets first: ${first} \div {tex.fraction(y - z)} = {tex.fraction(key)}$.",
            rf"괄호 안을 먼저 계산한다. ${first} \div {tex.fraction(y - z)} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def fraction_as_percentage(rng: Random) -> Draft:
    d = rng.choice([4, 5, 8])
    n, shown = _proper(rng, d)
    key = Fraction(100 * n, d)
    return single_choice(
        stem=(
            f"Write the fraction ${shown}$ as a percentage.",
            f"다음 분수를 백분율로 나타내면? ${shown}$",
        ),
        key=key,
        mistakes=[
            (key / 100, "wrote the decimal with a percent sign"),
            (Fraction(10 * n + d), "wrote numerator and denominator side by side"),
            (100 - key, "gave what is missing to the whole"),
        ],
        rationale=(
            rf"${shown} \times 100 = {tex.decimal(key)}$.",
            rf"${shown} \times 100 = {tex.decimal(key)}$이다.",
        ),
        show=lambda value: tex.inline(rf"{tex.decimal(value)}\%"),
    )


def percentage_as_decimal(rng: Random) -> Draft:
    percentage = Fraction(rng.choice([*range(2, 10), *range(12, 100)]), 10)
    require(percentage.denominator > 1)
    key = percentage / 100
    return single_choice(
        stem=(
            rf"Write ${tex.decimal(percentage)}\%$ as a decimal.",
            rf"${tex.decimal(percentage)}\%$를 소수로 나타내면?",
        ),
        key=key,
        mistakes=[
            (percentage, "only removed the percent sign"),
            (percentage / 10, "moved the decimal point one place instead of two"),
            (percentage / 1000, "moved the decimal point three places instead of two"),
        ],
        rationale=(
            rf"Per cent means hundredths: ${tex.decimal(percentage)} \div 100 = "
            rf"{tex.decimal(key)}$.",
            rf"백분율을 100으로 나눈다. ${tex.decimal(percentage)} \div 100 = {tex.decimal(key)}$",
        ),
        show=decimal,
    )


def recurring_decimal(rng: Random) -> Draft:
    first, second = rng.randint(1, 8), rng.randint(1, 8)
    require(first != second)
    both = 10 * first + second
    key = Fraction(both - first, 90)
    return single_choice(
        stem=(
            rf"Which fraction equals the recurring decimal "
            rf"$0.{first}\overline{{{second}}} = 0.{first}{second}{second}{second}\ldots$?",
            "다음 순환소수를 기약분수로 나타내면? "
            rf"$0.{first}\dot{{{second}}} = 0.{first}{second}{second}{second}\cdots$",
        ),
        key=key,
        mistakes=[
            (Fraction(both, 99), "took both digits as recurring"),
            (Fraction(both, 90), "did not subtract the digit that does not recur"),
            (Fraction(both, 100), "ignored the recurring digits"),
            (Fraction(both - first, 99), "took 99 instead of 90 as the denominator"),
        ],
        rationale=(
            rf"With $x$ the number, $100x - 10x = {both} - {first}$, "
            rf"so $x = \frac{{{both - first}}}{{90}}$.",
            f"순환소수를 $x$라 하면 $100x - 10x = {both} - {first}$이므로 "
            rf"$x = \frac{{{both - first}}}{{90}}$이다.",
        ),
        show=fraction,
    )


ITEM_MODELS = (
    ItemModel("adding_fractions", (related_denominators, unrelated_denominators, mixed_numbers)),
    ItemModel(
        "multiplying_fractions",
        (product_of_fractions, quotient_of_fractions, quotient_by_a_difference),
    ),
    ItemModel(
        "writing_fractions",
        (fraction_as_percentage, percentage_as_decimal, recurring_decimal),
    ),
)
