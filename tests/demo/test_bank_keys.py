"""Solves every item from the text an examinee sees and compares with the key.

A judge of an item model and level takes the English stem and what an option (or typed number)
means, and says whether that answer is right. Keys must be right and all other options wrong.
"""

import math
import statistics
from fractions import Fraction
from itertools import combinations, permutations, product

import pytest

from demo.bank.generate import mathematics_items
from tests.demo.tex_reading import PROBES, evaluate, formulas, integers, meaning

MATHEMATICS = mathematics_items()


def value_of_the_formula(stem):
    return evaluate(formulas(stem)[0])


def close(answer, expected):
    return math.isclose(answer[0], expected, abs_tol=1e-8)


def equals(solve):
    """A judge that compares with the one right value."""
    return lambda stem, answer: close(answer, solve(stem))


def of_numbers(solve):
    """A judge that compares with a value worked out from the whole numbers in the stem."""
    return equals(lambda stem: solve(*integers(stem)))


def among_numbers(judge):
    """A judge of a whole answer and the whole numbers in the stem."""
    return lambda stem, answer: judge(round(answer[0], 6), *integers(stem))


def same_expression(stem, answer):
    """Right when the option takes the values of the formula wherever it is evaluated."""
    expected = [round(float(evaluate(formulas(stem)[0], **probe)), 9) for probe in PROBES]
    return list(answer) == expected


def at_the_given_values(stem):
    expression, *settings = sorted(formulas(stem), key=lambda tex: "=" in tex)
    given = dict(setting.split(" = ") for setting in settings)
    return evaluate(expression, **{name: evaluate(tex) for name, tex in given.items()})


def satisfies_the_equation(stem, answer):
    left, right = formulas(stem)[0].split("=")
    x = Fraction(answer[0]).limit_denominator(1000)
    return math.isclose(evaluate(left, x=x), evaluate(right, x=x), abs_tol=1e-9)


def equations_of_the_system(stem):
    body = formulas(stem)[-1].replace(r"\begin{cases}", "").replace(r"\end{cases}", "")
    return [equation.split("=") for equation in body.split(r"\\")]


def solves_the_system(stem, x, y):
    return all(
        math.isclose(evaluate(left, x=x, y=y), evaluate(right), abs_tol=1e-9)
        for left, right in equations_of_the_system(stem)
    )


def is_the_x_of_the_solution(stem, answer):
    return any(solves_the_system(stem, round(answer[0]), y) for y in range(-100, 101))


def slope_and_intercept(answer):
    (x0, x1), (y0, y1) = [float(probe["x"]) for probe in PROBES[:2]], answer[:2]
    slope = (y1 - y0) / (x1 - x0)
    return slope, y0 - slope * x0


def points(stem):
    return [
        tuple(float(evaluate(part)) for part in tex[1:-1].split(", "))
        for tex in formulas(stem)
        if tex.startswith("(")
    ]


def passes_through(answer, point):
    slope, intercept = slope_and_intercept(answer)
    return math.isclose(slope * point[0] + intercept, point[1], abs_tol=1e-6)


def is_the_line_through_both_points(stem, answer):
    return all(passes_through(answer, point) for point in points(stem))


def is_perpendicular_through_the_point(stem, answer):
    given = slope_and_intercept(meaning(f"${formulas(stem)[0]}$"))
    square = math.isclose(given[0] * slope_and_intercept(answer)[0], -1, abs_tol=1e-6)
    return square and passes_through(answer, points(stem)[0])


def lies_on_the_line(stem, answer):
    x, y = (Fraction(value).limit_denominator(1000) for value in answer)
    return evaluate(formulas(stem)[0].split("=")[1], x=x) == y


def is_triangle(*sides):
    a, b, c = sorted(sides)
    return a > 0 and a + b > c


def recurs(stem, answer):
    digits = formulas(stem)[0].split("=")[1].strip().removesuffix(r"\ldots")
    return abs(answer[0] - float(digits + digits[-1] * 12)) < 1e-8


def squares_of_the_path(long, wide, width):
    outer = product(range(long + 2 * width), range(wide + 2 * width))
    return sum(not (width <= x < long + width and width <= y < wide + width) for x, y in outer)


def table(stem):
    """The body of the Markdown table, row by row, and its head."""
    rows = [line for line in stem.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return cells[0], [[row[0], *map(int, row[1:])] for row in cells[2:]]


def median_of_the_table(stem):
    head, [counts] = table(stem)
    data = [int(value) for value, n in zip(head[1:], counts[1:], strict=True) for _ in range(n)]
    return statistics.median(data)


def difference_of_months(stem):
    head, [visitors] = table(stem)
    question = stem.split("How many")[1].split("?")[0]
    named = [(question.index(month), n) for month, n in zip(head, visitors, strict=True)
             if month in question]  # fmt: skip
    (_, more), (_, fewer) = sorted(named)
    return more - fewer


def percentage_of_the_club(stem):
    head, [counts] = table(stem)
    named = stem.split("joined the ")[1].split(" club")[0]
    chosen = counts[[cell.lower() for cell in head].index(named)]
    return 100 * Fraction(chosen, sum(counts[1:]))


def girls_among_those_by_bus(stem):
    head, [girls, boys] = table(stem)
    bus = head.index("Bus")
    return Fraction(girls[bus], girls[bus] + boys[bus])


def transforms_the_data(stem, answer):
    mean, deviation, factor, constant = integers(stem)
    data = [factor * value + constant for value in (mean - deviation, mean + deviation)]
    return answer[::3] == (statistics.mean(data), statistics.pstdev(data))


def probability(outcomes, favourable):
    outcomes = list(outcomes)
    return Fraction(sum(map(favourable, outcomes)), len(outcomes))


def colours(red, *others):
    return "r" * red + "".join(str(k) * n for k, n in enumerate(others))


def data_in(stem):
    return integers(formulas(stem)[0])


VALUE = equals(value_of_the_formula)

JUDGES = {
    "order_of_operations": (VALUE, VALUE, VALUE),
    "decimals": (VALUE, VALUE, VALUE),
    "negative_numbers": (VALUE, VALUE, VALUE),
    "common_divisors_and_multiples": (
        of_numbers(lambda m, n: max(d for d in range(1, m + 1) if m % d == n % d == 0)),
        of_numbers(lambda m, n: min(k for k in range(n, m * n + 1, n) if k % m == 0)),
        of_numbers(
            lambda *lamps: next(t for t in range(1, 10**6) if all(t % lamp == 0 for lamp in lamps))
        ),
    ),
    "remainders": (
        of_numbers(lambda m, n: next(r for r in range(n) if (m - r) % n == 0)),
        of_numbers(lambda n, seats: next(k for k in range(n) if k * seats >= n)),
        of_numbers(lambda base, exponent: int(str(base**exponent)[-1])),
    ),
    "divisibility": (
        among_numbers(lambda n, *stem: n % stem[-1] == 0),
        among_numbers(lambda n, *stem: all(n % d for d in range(2, int(n)))),
        among_numbers(lambda n, *stem: n % stem[-1] == 0),
    ),
    "adding_fractions": (VALUE, VALUE, VALUE),
    "multiplying_fractions": (VALUE, VALUE, VALUE),
    "writing_fractions": (
        equals(lambda stem: 100 * value_of_the_formula(stem)),
        equals(lambda stem: value_of_the_formula(stem) / 100),
        recurs,
    ),
    "percentages": (
        of_numbers(lambda percentage, whole: Fraction(percentage, 100) * whole),
        of_numbers(lambda price, discount: price - Fraction(discount, 100) * price),
        among_numbers(lambda old, rise, new: math.isclose(old + rise / 100 * old, new)),
    ),
    "sharing_in_a_ratio": (
        among_numbers(lambda share, total, a, b: share * b == (total - share) * a),
        among_numbers(lambda long, a, b, more: long * b == (long - more) * a),
        of_numbers(lambda a, b, c, d: Fraction(a * c, d * b)),
    ),
    "proportion": (
        of_numbers(lambda bought, paid, wanted: Fraction(paid, bought) * wanted),
        of_numbers(lambda one, scale, length: Fraction(length * scale, 100 * 1000)),
        among_numbers(
            lambda more, machines, days, passed, broken: (
                machines * passed + (machines - broken) * more == machines * days
            )
        ),
    ),
    "evaluating_expressions": (equals(at_the_given_values),) * 3,
    "expanding_and_factorising": (same_expression,) * 3,
    "exponents": (same_expression,) * 3,
    "linear_equations": (satisfies_the_equation,) * 3,
    "straight_lines": (
        lies_on_the_line,
        is_the_line_through_both_points,
        is_perpendicular_through_the_point,
    ),
    "simultaneous_equations": (
        is_the_x_of_the_solution,
        lambda stem, answer: solves_the_system(stem, *map(round, answer)),
        among_numbers(
            lambda adults, adult, youth, group, paid: (
                adults * adult + (group - adults) * youth == paid
            )
        ),
    ),
    "angles": (
        among_numbers(lambda angle, a, b: angle + a + b == 180),
        among_numbers(lambda base, apex: base + base + apex == 180),
        among_numbers(lambda angle, sides: (180 - angle) * sides == 360),
    ),
    "right_triangles": (
        among_numbers(lambda c, a, b: math.isclose(c * c, a * a + b * b, rel_tol=1e-6)),
        among_numbers(lambda b, c, a: math.isclose(b * b + a * a, c * c, rel_tol=1e-6)),
        among_numbers(lambda d, a, b, c: math.isclose(d * d, a * a + b * b + c * c, rel_tol=1e-6)),
    ),
    "triangle_inequality": (
        among_numbers(lambda c, a, b: is_triangle(a, b, c)),
        among_numbers(lambda perimeter, a, b: is_triangle(a, b, perimeter - a - b)),
        among_numbers(
            lambda x, a, b: is_triangle(a, b, x) and x > max(a, b) and x * x > a * a + b * b
        ),
    ),
    "areas": (
        of_numbers(lambda a, b: sum(1 for _ in product(range(a), range(b)))),
        of_numbers(lambda a, b, h: Fraction(a * h, 2) + Fraction(b * h, 2)),
        of_numbers(squares_of_the_path),
    ),
    "circles": (
        of_numbers(lambda r: math.tau * r),
        of_numbers(lambda d: math.pi * d * d / 4),
        of_numbers(lambda r, angle: math.pi * r**2 * angle / 360),
    ),
    "volumes": (
        of_numbers(lambda a, b, c: a * b * c),
        of_numbers(lambda r, h: math.pi * r**2 * h),
        of_numbers(lambda r, slant: math.pi * r**2 * math.sqrt(slant**2 - r**2) / 3),
    ),
    "mean": (
        equals(lambda stem: statistics.mean(data_in(stem))),
        among_numbers(lambda x, *stem: statistics.mean([*stem[:-1], x]) == stem[-1]),
        of_numbers(lambda n, girls, m, boys: statistics.mean([girls] * n + [boys] * m)),
    ),
    "median": (
        equals(lambda stem: statistics.median(data_in(stem))),
        equals(lambda stem: statistics.median(data_in(stem))),
        equals(median_of_the_table),
    ),
    "spread": (
        equals(lambda stem: max(data_in(stem)) - min(data_in(stem))),
        equals(lambda stem: statistics.pvariance(data_in(stem))),
        transforms_the_data,
    ),
    "tables": (
        equals(difference_of_months),
        equals(percentage_of_the_club),
        equals(girls_among_those_by_bus),
    ),
    "probability": (
        of_numbers(lambda *balls: probability(colours(*balls), lambda ball: ball == "r")),
        of_numbers(
            lambda target: probability(product(range(1, 7), repeat=2), lambda d: sum(d) == target)
        ),
        of_numbers(
            lambda *balls: probability(
                permutations(colours(*balls), 2), lambda drawn: drawn == ("r", "r")
            )
        ),
    ),
    "counting": (
        of_numbers(lambda *kinds: len(list(product(*map(range, kinds))))),
        of_numbers(lambda students: len(list(permutations(range(students), 2)))),
        of_numbers(
            lambda g, b, girls, boys: (
                len(list(combinations(range(girls), g))) * len(list(combinations(range(boys), b)))
            )
        ),
    ),
}


@pytest.mark.parametrize("item_model", JUDGES)
def test_the_key_and_nothing_else_solves_the_item(item_model):
    for item in MATHEMATICS:
        if item.item_model == item_model:
            check_the_key(item, JUDGES[item_model][item.level - 1])


def check_the_key(item, judge):
    stem = item.stem["en"]
    for option in item.options:
        answer = meaning(option.text["en"])
        assert judge(stem, answer) == (option.score == 1), (item.code, option)
    for lower, upper, score in item.rules:
        assert (lower, score) == (upper, 1)
        assert judge(stem, (float(lower),)), item.code


def test_every_item_model_has_its_judge():
    assert set(JUDGES) == {item.item_model for item in MATHEMATICS}
