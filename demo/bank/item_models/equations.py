"""Algebra: linear equations, straight lines, simultaneous equations."""

from fractions import Fraction
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, Pair, require, single_choice, whole_number
from demo.bank.korean import particle


def _solve(equation: str) -> Pair:
    return (
        f"What is the solution of the equation ${equation}$?",
        f"일차방정식 ${equation}$의 해는?",
    )


def _solution(x: Fraction) -> str:
    return f"$x = {whole_number(x).strip('$')}$"


def one_sided_equation(rng: Random) -> Draft:
    a, multiple, x = rng.randint(2, 9), rng.randint(1, 4), Fraction(rng.randint(2, 12))
    b = a * multiple
    c = a * x + b
    return single_choice(
        stem=_solve(f"{a}x + {b} = {c}"),
        key=x,
        mistakes=[
            ((c + b) / a, "moved the constant across without changing its sign"),
            (c - b, "did not divide by the coefficient"),
            (c - b - a, "subtracted the coefficient instead of dividing by it"),
        ],
        rationale=(
            rf"${a}x = {c - b}$, so $x = {c - b} \div {a} = {x}$.",
            rf"${a}x = {c - b}$이므로 $x = {c - b} \div {a} = {x}$이다.",
        ),
        show=_solution,
    )


def two_sided_equation(rng: Random) -> Draft:
    a, c = rng.randint(4, 9), rng.randint(2, 6)
    b, x = rng.choice([-9, -8, -6, -5, -4, -3, 3, 4, 5, 6, 8, 9]), Fraction(rng.randint(-9, 9))
    require(a > c + 1 and x != 0)
    d = (a - c) * x + b
    require(d != 0)
    return single_choice(
        stem=_solve(f"{tex.polynomial((a, b))} = {tex.polynomial((c, d))}"),
        key=x,
        mistakes=[
            ((d - b) / (a + c), "moved the term in x across without changing its sign"),
            ((d + b) / (a - c), "moved the constant across without changing its sign"),
            (-x, "lost a sign in the last division"),
        ],
        rationale=(
            f"${a - c}x = {d - b}$, so $x = {x}$.",
            f"${a - c}x = {d - b}$이므로 $x = {x}$이다.",
        ),
        show=_solution,
    )


def equation_with_fractions(rng: Random) -> Draft:
    p, q = rng.choice([(2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4)])
    a, b, x = rng.randint(1, 9), rng.randint(1, 9), Fraction(rng.randint(-9, 12))
    right = (x + a) / p - (x - b) / q
    require(right.denominator == 1 and right != 0 and x != 0)
    difference = q - p
    return single_choice(
        stem=_solve(rf"\frac{{x + {a}}}{{{p}}} - \frac{{x - {b}}}{{{q}}} = {right}"),
        key=x,
        mistakes=[
            (
                (p * q * right - q * a + p * b) / difference,
                "did not change the sign of the constant behind the minus sign",
            ),
            (
                (right - q * a - p * b) / difference,
                "did not multiply the right-hand side by the common denominator",
            ),
            (
                (p * q * right - a - b) / difference,
                "did not multiply the constants in the numerators",
            ),
        ],
        rationale=(
            f"Multiply by ${p * q}$: ${q}(x + {a}) - {p}(x - {b}) = {p * q * right}$, "
            f"so $x = {x}$.",
            f"양변에 ${p * q}${particle(p * q, '을', '를')} 곱하면 "
            f"${q}(x + {a}) - {p}(x - {b}) = {p * q * right}$이므로 $x = {x}$이다.",
        ),
        show=_solution,
    )


Point = tuple[Fraction, Fraction]
Line = tuple[Fraction, Fraction]
"""Slope and intercept."""


def _point(point: Point) -> str:
    return f"$({tex.fraction(point[0])}, {tex.fraction(point[1])})$"


def _line(line: Line) -> str:
    return f"$y = {tex.polynomial(line)}$"


def _through(slope: Fraction, point: Point) -> Line:
    return slope, point[1] - slope * point[0]


def point_on_a_line(rng: Random) -> Draft:
    slope, intercept = Fraction(rng.choice([-4, -3, -2, 2, 3, 4, 5])), Fraction(rng.randint(1, 9))
    intercept *= rng.choice([-1, 1])
    x = Fraction(rng.choice([-3, -2, 2, 3, 4, 5]))
    y = slope * x + intercept
    wrong = [
        ((y, x), "exchanged the coordinates"),
        ((x, slope * x - intercept), "gave the constant the opposite sign"),
        ((x, slope + x + intercept), "added the slope instead of multiplying by it"),
    ]
    require(all(v != slope * u + intercept for (u, v), _ in wrong))
    line = tex.polynomial((slope, intercept))
    return single_choice(
        stem=(
            f"Which point lies on the line $y = {line}$?",
            f"다음 중 직선 $y = {line}$ 위의 점은?",
        ),
        key=(x, y),
        mistakes=wrong,
        rationale=(
            f"For $x = {x}$ the equation gives $y = {y}$.",
            f"$x = {x}${particle(int(x), '을', '를')} 대입하면 $y = {y}$이다.",
        ),
        show=_point,
    )


def line_through_two_points(rng: Random) -> Draft:
    slope = Fraction(rng.choice([-4, -3, -2, 2, 3, 4]))
    x, y = Fraction(rng.randint(-4, 4)), Fraction(rng.randint(-6, 6))
    step = rng.randint(1, 3)
    first, second = (x, y), (x + step, y + slope * step)
    key = _through(slope, first)
    require(x != 0 and second[0] != 0 and key[1] != 0)
    return single_choice(
        stem=(
            f"What is the equation of the line through the points {_point(first)} and "
            f"{_point(second)}?",
            f"다음 두 점을 지나는 직선의 방정식은? {_point(first)}, {_point(second)}",
        ),
        key=key,
        mistakes=[
            (_through(1 / slope, first), "divided the change in x by the change in y"),
            (_through(-slope, first), "gave the slope the opposite sign"),
            ((slope, y), "took the first y-coordinate for the intercept"),
        ],
        rationale=(
            rf"The slope is $\frac{{{slope * step}}}{{{step}}} = {slope}$, "
            rf"and the line passes through {_point(first)}.",
            rf"기울기는 $\frac{{{slope * step}}}{{{step}}} = {slope}$이고, 점 "
            f"{_point(first)}{particle(int(y), '을', '를')} 지난다.",
        ),
        show=_line,
    )


def perpendicular_line(rng: Random) -> Draft:
    slope = Fraction(rng.choice([-4, -3, -2, 2, 3, 4]))
    intercept = Fraction(rng.choice([-5, -4, -2, -1, 1, 3, 5, 6]))
    point = (slope * rng.choice([-3, -2, -1, 1, 2, 3]), Fraction(rng.randint(-6, 6)))
    given = tex.polynomial((slope, intercept))
    through = particle(int(point[1]), "을", "를")
    return single_choice(
        stem=(
            f"Which line is perpendicular to $y = {given}$ and passes through {_point(point)}?",
            f"직선 $y = {given}$에 수직이고 점 {_point(point)}{through} 지나는 직선의 방정식은?",
        ),
        key=_through(-1 / slope, point),
        mistakes=[
            (_through(slope, point), "took the parallel line"),
            (_through(1 / slope, point), "took the reciprocal of the slope without its sign"),
            (_through(-slope, point), "changed the sign without taking the reciprocal"),
        ],
        rationale=(
            f"The product of the slopes is $-1$, so the slope is ${tex.fraction(-1 / slope)}$.",
            f"수직인 두 직선의 기울기의 곱은 $-1$이므로 기울기는 ${tex.fraction(-1 / slope)}$이다.",
        ),
        show=_line,
    )


def _system(first: str, second: str) -> str:
    return rf"$\begin{{cases}} {first} \\ {second} \end{{cases}}$"


def sum_and_difference(rng: Random) -> Draft:
    x, y = rng.randint(4, 30), rng.randint(2, 20)
    require(x > y + 1)
    system = _system(f"x + y = {x + y}", f"x - y = {x - y}")
    return single_choice(
        stem=(
            f"What is the value of $x$ in the solution of the system {system}?",
            f"다음 연립방정식을 만족시키는 $x$의 값은? {system}",
        ),
        key=x,
        mistakes=[
            (y, "gave the value of y"),
            (2 * x, "added the equations but did not divide by 2"),
            (2 * y, "subtracted the right-hand sides"),
        ],
        rationale=(
            f"Adding the equations gives $2x = {2 * x}$, so $x = {x}$.",
            f"두 식을 변끼리 더하면 $2x = {2 * x}$이므로 $x = {x}$이다.",
        ),
        show=whole_number,
    )


def general_system(rng: Random) -> Draft:
    a, b, c, d = (rng.randint(2, 5) for _ in range(4))
    x, y = rng.choice([-4, -3, -2, 1, 2, 3, 4, 5]), rng.choice([-4, -3, -2, 1, 2, 3, 4, 5])
    require(x != y and a != b)
    system = _system(f"{a}x + {b}y = {a * x + b * y}", f"{c}x - {d}y = {c * x - d * y}")
    points = [
        (Fraction(u), Fraction(v)) for u, v in [(x, y), (y, x), (x + b, y - a), (x + d, y + c)]
    ]
    return single_choice(
        stem=(
            f"What is the solution $(x, y)$ of the system {system}?",
            f"다음 연립방정식의 해 $(x, y)$는? {system}",
        ),
        key=points[0],
        mistakes=[
            (points[1], "exchanged x and y"),
            (points[2], "checked the first equation only"),
            (points[3], "checked the second equation only"),
        ],
        rationale=(
            rf"Multiply the first equation by ${d}$ and the second by ${b}$, then add: "
            rf"${a * d + b * c}x = {(a * d + b * c) * x}$, so $x = {x}$ and $y = {y}$.",
            f"첫째 식의 양변에 ${d}${particle(d, '을', '를')}, 둘째 식의 양변에 "
            f"${b}${particle(b, '을', '를')} 곱하여 더하면 "
            f"${a * d + b * c}x = {(a * d + b * c) * x}$이므로 $x = {x}$, $y = {y}$이다.",
        ),
        show=_point,
    )


def museum_tickets(rng: Random) -> Draft:
    adult, youth = rng.choice([5, 6, 7, 8, 9]) * 1000, rng.choice([2, 3, 4]) * 1000
    visitors = 2 * rng.randint(6, 20)
    adults = rng.randint(4, visitors - 3)
    paid = adults * adult + (visitors - adults) * youth
    return single_choice(
        stem=(
            f"A museum ticket costs {adult:,} won for adults and {youth:,} won for young people. "
            f"A group of {visitors} visitors pays {paid:,} won in all. "
            "How many adults are in the group?",
            f"어느 박물관의 입장료는 어른이 {adult:,}원, 청소년이 {youth:,}원이다. 어른과 "
            f"청소년을 합하여 {visitors}명이 입장하고 입장료로 모두 {paid:,}원을 냈다. 입장한 "
            "어른은 몇 명인가?",
        ),
        key=Fraction(adults),
        mistakes=[
            (Fraction(visitors - adults), "gave the number of young people"),
            (Fraction(paid, adult + youth), "divided the amount by the sum of the two prices"),
            (Fraction(visitors, 2), "assumed as many adults as young people"),
        ],
        rationale=(
            rf"With $x$ adults, ${adult}x + {youth}({visitors} - x) = {paid}$, "
            rf"so $x = {adults}$.",
            f"어른을 $x$명이라 하면 ${adult}x + {youth}({visitors} - x) = {paid}$이므로 "
            f"$x = {adults}$이다.",
        ),
        show=whole_number,
    )


ITEM_MODELS = (
    ItemModel(
        "linear_equations", (one_sided_equation, two_sided_equation, equation_with_fractions)
    ),
    ItemModel("straight_lines", (point_on_a_line, line_through_two_points, perpendicular_line)),
    ItemModel("simultaneous_equations", (sum_and_difference, general_system, museum_tickets)),
)
