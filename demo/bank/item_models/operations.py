"""Arithmetic: order of operations, decimals, negative numbers."""

from fractions import Fraction
from random import Random

from demo.bank import tex
from demo.bank.drafting import (
    Draft,
    ItemModel,
    decimal,
    require,
    single_choice,
    value_of,
    whole_number,
)


def product_in_a_sum(rng: Random) -> Draft:
    a, b, c = rng.randint(2, 19), rng.randint(2, 9), rng.randint(2, 9)
    return single_choice(
        stem=value_of(rf"{a} + {b} \times {c}"),
        key=a + b * c,
        mistakes=[
            ((a + b) * c, "worked from left to right and added first"),
            (a * b + c, "exchanged the addition and the multiplication"),
            (a + b + c, "added all three numbers"),
        ],
        rationale=(
            rf"Multiply before adding: ${a} + {b * c} = {a + b * c}$.",
            rf"덧셈보다 곱셈을 먼저 계산한다. ${a} + {b * c} = {a + b * c}$",
        ),
        show=whole_number,
    )


def bracket_in_a_difference(rng: Random) -> Draft:
    b, d, difference = rng.randint(2, 6), rng.randint(2, 9), rng.randint(2, 6)
    c, a = d + difference, b * difference + rng.randint(3, 40)
    key = a - b * difference
    return single_choice(
        stem=value_of(rf"{a} - {b} \times ({c} - {d})"),
        key=key,
        mistakes=[
            ((a - b) * difference, "subtracted before multiplying"),
            (a - b * c - d, "left the brackets out"),
            (a - b * c + d, "multiplied only the first number in the brackets"),
        ],
        rationale=(
            rf"Brackets first, then the product: "
            rf"${a} - {b} \times {difference} = {a} - {b * difference} = {key}$.",
            "괄호 안을 먼저 계산하고 곱셈, 뺄셈의 순서로 계산한다. "
            rf"${a} - {b} \times {difference} = {a} - {b * difference} = {key}$",
        ),
        show=whole_number,
    )


def powers_and_negative_numbers(rng: Random) -> Draft:
    p, r, s, k = rng.randint(2, 7), rng.randint(2, 5), rng.randint(2, 4), rng.randint(1, 4)
    q = r * s * k
    key = p**2 + s * s * k
    return single_choice(
        stem=value_of(rf"(-{p})^2 - {q} \div (-{r}) \times {s}"),
        key=key,
        mistakes=[
            (-(p**2) + s * s * k, "took the square of a negative number as negative"),
            (p**2 - s * s * k, "took a quotient of unlike signs as positive"),
            (p**2 + k, "multiplied before dividing instead of working from left to right"),
            (-2 * p + s * s * k, "doubled instead of squaring"),
        ],
        rationale=(
            rf"The power first, then division and multiplication from left to right: "
            rf"${p**2} - ({-s * k}) \times {s} = {p**2} - ({-s * s * k}) = {key}$.",
            "거듭제곱을 먼저 계산하고, 나눗셈과 곱셈은 앞에서부터 차례로 계산한다. "
            rf"${p**2} - ({-s * k}) \times {s} = {p**2} - ({-s * s * k}) = {key}$",
        ),
        show=whole_number,
    )


def decimal_sum(rng: Random) -> Draft:
    tenths, hundredths = rng.randint(13, 98), rng.randint(13, 98)
    require(tenths % 10 != 0 and hundredths % 10 != 0)
    require(tenths % 10 + hundredths // 10 >= 10)
    x, y = Fraction(tenths, 10), Fraction(hundredths, 100)
    return single_choice(
        stem=value_of(f"{tex.decimal(x)} + {tex.decimal(y)}"),
        key=x + y,
        mistakes=[
            (x + y - 1, "did not carry ten tenths over to the ones"),
            (x + 10 * y, "read the hundredths as tenths"),
            (x / 10 + y, "lined up the last digits instead of the decimal points"),
        ],
        rationale=(
            f"Line up the decimal points: "
            f"${tex.exact_decimal(x):.2f} + {tex.decimal(y)} = {tex.decimal(x + y)}$.",
            "소수점의 자리를 맞추어 더한다. "
            f"${tex.exact_decimal(x):.2f} + {tex.decimal(y)} = {tex.decimal(x + y)}$",
        ),
        show=decimal,
    )


def decimal_product(rng: Random) -> Draft:
    m, n = rng.randint(2, 9), rng.choice([2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 15])
    x, y = Fraction(m, 10), Fraction(n, 100)
    return single_choice(
        stem=value_of(rf"{tex.decimal(x)} \times {tex.decimal(y)}"),
        key=x * y,
        mistakes=[
            (x * y * 10, "kept only the decimal places of the longer factor"),
            (x * y * 100, "kept only the decimal places of the shorter factor"),
            (x + y, "added instead of multiplying"),
        ],
        rationale=(
            rf"${m} \times {n} = {m * n}$, and the factors have three decimal places together: "
            rf"${tex.decimal(x * y)}$.",
            rf"${m} \times {n} = {m * n}$이고 두 수의 소수점 아래 자릿수의 합은 3이다. 따라서 "
            f"${tex.decimal(x * y)}$이다.",
        ),
        show=decimal,
    )


def decimal_quotient(rng: Random) -> Draft:
    thousandths = rng.choice([12, 14, 15, 16, 18, 24, 25, 32, 35, 36, 45])
    quotient = 100 * rng.randint(2, 9)
    divisor = Fraction(thousandths, 1000)
    dividend = divisor * quotient
    whole = int(dividend * 1000)
    digits = int(tex.decimal(dividend).replace(".", ""))
    return single_choice(
        stem=value_of(rf"{tex.decimal(dividend)} \div {tex.decimal(divisor)}"),
        key=Fraction(quotient),
        mistakes=[
            (Fraction(quotient, 10), "moved the point of the dividend one place too few"),
            (Fraction(quotient * 10), "moved the point of the dividend one place too many"),
            (Fraction(digits, thousandths), "ignored the decimal points"),
            (dividend * divisor, "multiplied instead of dividing"),
        ],
        rationale=(
            rf"Move both decimal points three places: ${whole} \div {thousandths} = {quotient}$.",
            rf"두 수의 소수점을 똑같이 세 자리씩 옮긴다. ${whole} \div {thousandths} = {quotient}$",
        ),
        show=decimal,
    )


def subtract_a_negative_number(rng: Random) -> Draft:
    a, b = rng.randint(2, 19), rng.randint(2, 19)
    return single_choice(
        stem=value_of(f"-{a} - (-{b})"),
        key=b - a,
        mistakes=[
            (-a - b, "subtracted the number without its sign"),
            (a - b, "gave the result the opposite sign"),
            (a + b, "ignored the sign of the first number"),
        ],
        rationale=(
            f"Subtracting $-{b}$ is adding ${b}$: $-{a} + {b} = {b - a}$.",
            f"음수를 빼는 것은 그 수의 부호를 바꾸어 더하는 것과 같다. $-{a} + {b} = {b - a}$",
        ),
        show=whole_number,
    )


def products_of_negative_numbers(rng: Random) -> Draft:
    a, b, c, d = (rng.randint(2, 9) for _ in range(4))
    key = a * b + c * d
    return single_choice(
        stem=value_of(rf"(-{a}) \times (-{b}) - {c} \times (-{d})"),
        key=key,
        mistakes=[
            (-a * b + c * d, "took the product of two negative numbers as negative"),
            (a * b - c * d, "subtracted the second product without its sign"),
            (-a * b - c * d, "made both of these sign errors"),
        ],
        rationale=(
            f"${a * b} - ({-c * d}) = {a * b} + {c * d} = {key}$.",
            f"${a * b} - ({-c * d}) = {a * b} + {c * d} = {key}$이다.",
        ),
        show=whole_number,
    )


def absolute_values(rng: Random) -> Draft:
    a, c, d = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 9)
    distance = rng.randint(2, 9)
    b, key = a + distance, distance + c * d
    return single_choice(
        stem=value_of(rf"\lvert {a} - {b} \rvert - \lvert -{c} \rvert \times (-{d})"),
        key=key,
        mistakes=[
            (-distance + c * d, "left the first absolute value negative"),
            (distance - c * d, "left the second absolute value negative"),
            (-distance - c * d, "ignored the absolute value signs"),
            ((distance - c) * -d, "subtracted before multiplying"),
        ],
        rationale=(
            rf"${distance} - {c} \times (-{d}) = {distance} + {c * d} = {key}$.",
            rf"${distance} - {c} \times (-{d}) = {distance} + {c * d} = {key}$이다.",
        ),
        show=whole_number,
    )


ITEM_MODELS = (
    ItemModel(
        "order_of_operations",
        (product_in_a_sum, bracket_in_a_difference, powers_and_negative_numbers),
    ),
    ItemModel("decimals", (decimal_sum, decimal_product, decimal_quotient)),
    ItemModel(
        "negative_numbers",
        (subtract_a_negative_number, products_of_negative_numbers, absolute_values),
    ),
)
