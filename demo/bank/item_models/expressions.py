"""Algebra: evaluating, expanding and factorising expressions, laws of exponents."""

from math import gcd
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, require, single_choice, whole_number
from demo.bank.korean import particle

Coefficients = tuple[int, ...]
"""Of a polynomial in x, highest power first."""


def _polynomial(coefficients: Coefficients) -> str:
    return tex.inline(tex.polynomial(coefficients))


def linear_expression(rng: Random) -> Draft:
    a, b, x = rng.randint(2, 9), rng.randint(2, 15), rng.randint(2, 9)
    return single_choice(
        stem=(
            f"What is the value of ${a}x + {b}$ when $x = {x}$?",
            f"$x = {x}$일 때, ${a}x + {b}$의 값은?",
        ),
        key=a * x + b,
        mistakes=[
            (10 * a + x + b, "wrote the number beside the coefficient instead of multiplying"),
            (a + x + b, "added the coefficient and the number"),
            (a * (x + b), "multiplied the sum by the coefficient"),
        ],
        rationale=(
            rf"${a} \times {x} + {b} = {a * x + b}$.",
            rf"${a} \times {x} + {b} = {a * x + b}$이다.",
        ),
        show=whole_number,
    )


def quadratic_at_a_negative_number(rng: Random) -> Draft:
    n, a = rng.randint(2, 9), rng.randint(2, 9)
    return single_choice(
        stem=(
            f"What is the value of $x^2 - {a}x$ when $x = -{n}$?",
            f"$x = -{n}$일 때, $x^2 - {a}x$의 값은?",
        ),
        key=n * n + a * n,
        mistakes=[
            (-n * n + a * n, "took the square of a negative number as negative"),
            (n * n - a * n, "lost the sign of x in the product"),
            (-2 * n + a * n, "doubled instead of squaring"),
        ],
        rationale=(
            rf"$(-{n})^2 - {a} \times (-{n}) = {n * n} + {a * n} = {n * n + a * n}$.",
            rf"$(-{n})^2 - {a} \times (-{n}) = {n * n} + {a * n} = {n * n + a * n}$이다.",
        ),
        show=whole_number,
    )


def quadratic_in_two_variables(rng: Random) -> Draft:
    p, q, k = rng.randint(2, 7), rng.randint(3, 7), rng.randint(2, 5)
    key = p * p + k * p * q + q * q
    return single_choice(
        stem=(
            f"What is the value of $x^2 - {k}xy + y^2$ when $x = -{p}$ and $y = {q}$?",
            f"$x = -{p}$, $y = {q}$일 때, $x^2 - {k}xy + y^2$의 값은?",
        ),
        key=key,
        mistakes=[
            (p * p - k * p * q + q * q, "lost the sign of x in the product"),
            (-p * p + k * p * q + q * q, "took the square of a negative number as negative"),
            (-2 * p + k * p * q + 2 * q, "doubled instead of squaring"),
            (p * p + p * q + q * q, "left the coefficient of xy out"),
        ],
        rationale=(
            rf"${p * p} - {k} \times ({-p * q}) + {q * q} = {key}$.",
            rf"${p * p} - {k} \times ({-p * q}) + {q * q} = {key}$이다.",
        ),
        show=whole_number,
    )


def like_terms(rng: Random) -> Draft:
    a, b, c = rng.randint(3, 9), rng.randint(2, 9), rng.randint(2, 7)
    require(a > c + 1)
    return single_choice(
        stem=(
            f"Simplify ${a}(x + {b}) - {c}x$.",
            f"${a}(x + {b}) - {c}x$를 간단히 하면?",
        ),
        key=(a - c, a * b),
        mistakes=[
            ((a - c, b), "multiplied only the first term in the brackets"),
            ((a + c, a * b), "added the terms in x instead of subtracting"),
            ((a * b + a - c, 0), "combined terms that are not alike"),
        ],
        rationale=(
            f"${a}x + {a * b} - {c}x = {tex.polynomial((a - c, a * b))}$.",
            f"${a}x + {a * b} - {c}x = {tex.polynomial((a - c, a * b))}$이다.",
        ),
        show=_polynomial,
    )


def product_of_binomials(rng: Random) -> Draft:
    a, b = rng.randint(2, 9), rng.randint(2, 9)
    require(abs(a - b) > 1)
    key = (1, a - b, -a * b)
    return single_choice(
        stem=(
            f"Expand $(x + {a})(x - {b})$.",
            f"다음 식을 전개하면? $(x + {a})(x - {b})$",
        ),
        key=key,
        mistakes=[
            ((1, 0, -a * b), "multiplied only first with first and last with last"),
            ((1, a + b, -a * b), "ignored the minus sign in the middle term"),
            ((1, a - b, a * b), "ignored the minus sign in the last term"),
            ((1, b - a, -a * b), "gave the middle term the opposite sign"),
        ],
        rationale=(
            f"$x^2 - {b}x + {a}x - {a * b} = {tex.polynomial(key)}$.",
            f"$x^2 - {b}x + {a}x - {a * b} = {tex.polynomial(key)}$이다.",
        ),
        show=_polynomial,
    )


Factors = tuple[Coefficients, tuple[int, int, int, int]]
"""The product as coefficients, and p, q, r, s of (px + q)(rx + s)."""


def _multiplied(p: int, q: int, r: int, s: int) -> Factors:
    return (p * r, p * s + q * r, q * s), (p, q, r, s)


def _factors(factors: Factors) -> str:
    p, q, r, s = factors[1]
    return f"$({tex.polynomial((p, q))})({tex.polynomial((r, s))})$"


def quadratic_to_factorise(rng: Random) -> Draft:
    p = rng.choice([2, 3, 5])
    q, s = (rng.choice([-7, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 7]) for _ in range(2))
    require(gcd(p, q) == 1 and gcd(p, s) == 1 and abs(q) != abs(s))
    key = _multiplied(p, q, 1, s)
    require(key[0][1] != 0)
    expression = tex.polynomial(key[0])
    return single_choice(
        stem=(f"Factorise ${expression}$.", f"다음 식을 인수분해하면? ${expression}$"),
        key=key,
        mistakes=[
            (_multiplied(p, s, 1, q), "exchanged the constants of the two factors"),
            (_multiplied(p, -q, 1, -s), "gave both constants the opposite sign"),
            (_multiplied(p, -s, 1, -q), "exchanged the constants and their signs"),
        ],
        rationale=(
            f"The product of the outer and inner terms must add up to ${_term(key[0][1])}$: "
            f"${_term(p * s)}$ and ${_term(q)}$.",
            f"일차항의 계수가 ${key[0][1]}${particle(key[0][1], '이', '가')} 되도록 인수를 "
            f"찾는다. ${p * s} + {tex.in_brackets(q)} = {key[0][1]}$",
        ),
        show=_factors,
    )


def _term(coefficient: int) -> str:
    return tex.polynomial((coefficient, 0))


Monomial = tuple[int, int]
"""Coefficient and exponent of a power of x."""


def _power_of_x(monomial: Monomial) -> str:
    coefficient, exponent = monomial
    return tex.inline(("" if coefficient == 1 else str(coefficient)) + tex.raised("x", exponent))


def product_of_powers(rng: Random) -> Draft:
    a, b = rng.randint(3, 12), rng.randint(2, 6)
    require(a > b)
    return single_choice(
        stem=(
            rf"Simplify $x^{{{a}}} \times x^{{{b}}}$.",
            rf"다음 식을 간단히 하면? $x^{{{a}}} \times x^{{{b}}}$",
        ),
        key=(1, a + b),
        mistakes=[
            ((1, a * b), "multiplied the exponents"),
            ((2, a + b), "added the powers as if they were like terms"),
            ((1, a - b), "subtracted the exponents"),
        ],
        rationale=(
            f"Add the exponents: ${a} + {b} = {a + b}$.",
            f"밑이 같은 거듭제곱의 곱은 지수끼리 더한다. ${a} + {b} = {a + b}$",
        ),
        show=_power_of_x,
    )


def power_of_a_power(rng: Random) -> Draft:
    a, b, c = rng.randint(2, 5), rng.randint(2, 5), rng.randint(2, 6)
    require(a * b > c + 1 and a + b > c + 1)
    return single_choice(
        stem=(
            rf"Simplify $(x^{{{a}}})^{{{b}}} \div x^{{{c}}}$.",
            rf"다음 식을 간단히 하면? $(x^{{{a}}})^{{{b}}} \div x^{{{c}}}$",
        ),
        key=(1, a * b - c),
        mistakes=[
            ((1, a + b - c), "added the exponents of a power of a power"),
            ((1, a * b + c), "added the exponents when dividing"),
            ((1, a * b), "ignored the division"),
        ],
        rationale=(
            rf"${a} \times {b} - {c} = {a * b - c}$.",
            rf"지수를 계산하면 ${a} \times {b} - {c} = {a * b - c}$이다.",
        ),
        show=_power_of_x,
    )


def power_of_a_product(rng: Random) -> Draft:
    k, n = rng.choice([(2, 3), (2, 4), (3, 2), (3, 3), (5, 2)])
    a, b, c, d = rng.randint(2, 5), rng.randint(2, 5), rng.randint(1, 4), rng.randint(1, 4)
    require(a + n > c + 1 and b + n > d + 1 and a * n > c + 1 and b * n > d + 1 and b > d)
    divisor = tex.raised("x", c) + tex.raised("y", d)
    quotient = rf"\frac{{({k}x^{{{a}}}y^{{{b}}})^{{{n}}}}}{{{divisor}}}"
    raised = rf"\frac{{{k**n}x^{{{a * n}}}y^{{{b * n}}}}}{{{divisor}}}"
    return single_choice(
        stem=(f"Simplify ${quotient}$.", f"다음 식을 간단히 하면? ${quotient}$"),
        key=(k**n, a * n - c, b * n - d),
        mistakes=[
            ((k * n, a * n - c, b * n - d), "multiplied the coefficient by the exponent"),
            ((k, a * n - c, b * n - d), "did not raise the coefficient to the power"),
            ((k**n, a + n - c, b + n - d), "added the exponents of a power of a power"),
            ((k**n, a * n - c, b - d), "did not raise y to the power"),
        ],
        rationale=(
            f"${raised}$, then subtract the exponents.",
            f"${raised}$에서 지수끼리 뺀다.",
        ),
        show=_monomial_in_two_variables,
    )


def _monomial_in_two_variables(monomial: tuple[int, int, int]) -> str:
    coefficient, x, y = monomial
    return f"${coefficient}{tex.raised('x', x)}{tex.raised('y', y)}$"


ITEM_MODELS = (
    ItemModel(
        "evaluating_expressions",
        (linear_expression, quadratic_at_a_negative_number, quadratic_in_two_variables),
    ),
    ItemModel(
        "expanding_and_factorising", (like_terms, product_of_binomials, quadratic_to_factorise)
    ),
    ItemModel("exponents", (product_of_powers, power_of_a_power, power_of_a_product)),
)
