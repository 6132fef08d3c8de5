"""Geometry: angles, lengths in right triangles, which lengths make a triangle."""

from math import isqrt
from random import Random

from demo.bank import tex
from demo.bank.drafting import (
    Draft,
    ItemModel,
    multiple_response,
    require,
    single_choice,
    whole_number,
)


def _degrees(angle: int) -> str:
    return rf"${angle}^\circ$"


def _centimetres(length: int) -> str:
    return tex.inline(tex.with_unit(str(length), "cm"))


def third_angle(rng: Random) -> Draft:
    a, b = rng.randint(25, 100), rng.randint(20, 75)
    require(a + b < 160 and a != b and a + b != 90)
    return single_choice(
        stem=(
            f"Two angles of a triangle measure {_degrees(a)} and {_degrees(b)}. "
            "What is the measure of the third angle?",
            f"삼각형의 두 내각의 크기가 각각 {_degrees(a)}, {_degrees(b)}일 때, 나머지 한 "
            "내각의 크기는?",
        ),
        key=180 - a - b,
        mistakes=[
            (a + b, "added the two angles, which gives an exterior angle"),
            (180 - a, "subtracted only one of the angles"),
            (360 - a - b, "took 360 degrees for the sum of the angles"),
        ],
        rationale=(
            rf"The angles add up to $180^\circ$: ${180} - {a} - {b} = {180 - a - b}$.",
            rf"삼각형의 세 내각의 크기의 합은 $180^\circ$이다. ${180} - {a} - {b} = {180 - a - b}$",
        ),
        show=_degrees,
    )


def base_angle(rng: Random) -> Draft:
    apex = 2 * rng.randint(10, 43)
    require(apex != 60)
    return single_choice(
        stem=(
            f"The angle at the apex of an isosceles triangle measures {_degrees(apex)}. "
            "What is the measure of each base angle?",
            f"꼭지각의 크기가 {_degrees(apex)}인 이등변삼각형의 한 밑각의 크기는?",
        ),
        key=(180 - apex) // 2,
        mistakes=[
            (180 - apex, "did not halve what is left"),
            (180 - 2 * apex, "took the given angle for a base angle"),
            ((360 - apex) // 2, "took 360 degrees for the sum of the angles"),
        ],
        rationale=(
            rf"The base angles are equal: $(180 - {apex}) \div 2 = {(180 - apex) // 2}$.",
            rf"이등변삼각형의 두 밑각의 크기는 같다. $(180 - {apex}) \div 2 = {(180 - apex) // 2}$",
        ),
        show=_degrees,
    )


def angle_of_a_regular_polygon(rng: Random) -> Draft:
    sides = rng.choice([5, 6, 9, 10, 12, 15, 18, 20])
    total = 180 * (sides - 2)
    return single_choice(
        stem=(
            f"What is the measure of each interior angle of a regular polygon with {sides} sides?",
            f"변이 {sides}개인 정다각형의 한 내각의 크기는?",
        ),
        key=total // sides,
        mistakes=[
            (360 // sides, "gave the exterior angle"),
            (180 * (sides - 1) // sides, "divided the polygon into one triangle too many"),
            (180 // sides, "divided the angle sum of one triangle by the number of sides"),
            (total, "gave the sum of all interior angles"),
        ],
        rationale=(
            rf"The angles add up to $180^\circ \times {sides - 2} = {total}^\circ$, "
            rf"and ${total} \div {sides} = {total // sides}$.",
            rf"내각의 크기의 합은 $180^\circ \times {sides - 2} = {total}^\circ$이고 "
            rf"${total} \div {sides} = {total // sides}$이다.",
        ),
        show=_degrees,
    )


TRIPLES = (
    (3, 4, 5), (5, 12, 13), (6, 8, 10), (7, 24, 25), (8, 15, 17),
    (9, 12, 15), (10, 24, 26), (12, 16, 20), (15, 20, 25), (20, 21, 29),
)  # fmt: skip


def _root_in_centimetres(square: int) -> str:
    """A length is valued by its square, which tells any two lengths apart exactly."""
    return tex.inline(tex.with_unit(tex.root(square), "cm"))


def _worked_out(square: int) -> str:
    """The root as it first comes out, and then in simplest form where that differs."""
    first, simplest = rf"\sqrt{{{square}}}", tex.root(square)
    return first if first == simplest else f"{first} = {simplest}"


def hypotenuse(rng: Random) -> Draft:
    a, b, c = rng.choice(TRIPLES)
    return single_choice(
        stem=(
            f"The two legs of a right triangle are {a} cm and {b} cm long. "
            "How long is the hypotenuse?",
            f"직각을 낀 두 변의 길이가 각각 {a} cm, {b} cm인 직각삼각형의 빗변의 길이는?",
        ),
        key=c**2,
        mistakes=[
            (b**2 - a**2, "subtracted the squares instead of adding them"),
            ((a + b) ** 2, "added the lengths instead of their squares"),
            (c**4, "did not take the square root"),
        ],
        rationale=(
            rf"$\sqrt{{{a}^2 + {b}^2}} = \sqrt{{{c**2}}} = {c}$.",
            rf"피타고라스 정리에 의하여 $\sqrt{{{a}^2 + {b}^2}} = \sqrt{{{c**2}}} = {c}$이다.",
        ),
        show=_root_in_centimetres,
    )


def leg_of_a_right_triangle(rng: Random) -> Draft:
    leg, hypotenuse = rng.randint(2, 9), rng.randint(5, 14)
    require(hypotenuse > leg + 1)
    square = hypotenuse**2 - leg**2
    return single_choice(
        stem=(
            f"The hypotenuse of a right triangle is {hypotenuse} cm long and one leg is {leg} cm "
            "long. How long is the other leg?",
            f"빗변의 길이가 {hypotenuse} cm, 다른 한 변의 길이가 {leg} cm인 직각삼각형에서 "
            "나머지 한 변의 길이는?",
        ),
        key=square,
        mistakes=[
            (hypotenuse**2 + leg**2, "added the squares instead of subtracting them"),
            ((hypotenuse - leg) ** 2, "subtracted the lengths instead of their squares"),
            (square**2, "did not take the square root"),
        ],
        rationale=(
            rf"$\sqrt{{{hypotenuse}^2 - {leg}^2}} = {_worked_out(square)}$.",
            "피타고라스 정리에 의하여 "
            rf"$\sqrt{{{hypotenuse}^2 - {leg}^2}} = {_worked_out(square)}$이다.",
        ),
        show=_root_in_centimetres,
    )


def diagonal_of_a_cuboid(rng: Random) -> Draft:
    a, b, c = sorted(rng.sample(range(2, 10), 3), reverse=True)
    square = a * a + b * b + c * c
    return single_choice(
        stem=(
            f"A cuboid is {a} cm long, {b} cm wide and {c} cm high. "
            "How long is its space diagonal?",
            f"가로의 길이가 {a} cm, 세로의 길이가 {b} cm, 높이가 {c} cm인 직육면체의 대각선의 "
            "길이는?",
        ),
        key=square,
        mistakes=[
            (a * a + b * b, "stopped at the diagonal of the base"),
            (a * a + c * c, "took the diagonal of a side face"),
            ((a + b + c) ** 2, "added the edges instead of their squares"),
            (square**2, "did not take the square root"),
        ],
        rationale=(
            rf"$\sqrt{{{a}^2 + {b}^2 + {c}^2}} = {_worked_out(square)}$.",
            rf"대각선의 길이는 $\sqrt{{{a}^2 + {b}^2 + {c}^2}} = {_worked_out(square)}$이다.",
        ),
        show=_root_in_centimetres,
    )


TOO_LONG = "did not compare with the sum of the two given sides"
TOO_SHORT = "did not compare with the difference of the two given sides"
FLAT = "allowed the triangle to be flat"


def third_side(rng: Random) -> Draft:
    a, b = rng.randint(3, 8), rng.randint(7, 15)
    require(b - a >= 3)
    keys = rng.sample(range(b - a + 1, a + b), 2)
    return multiple_response(
        stem=(
            f"Two sides of a triangle are {a} cm and {b} cm long. "
            "Which lengths can the third side have? Select all that apply.",
            f"삼각형의 두 변의 길이가 {a} cm, {b} cm이다. 나머지 한 변의 길이가 될 수 있는 "
            "것을 모두 고르시오.",
        ),
        keys=keys,
        mistakes=[
            (a + b, FLAT),
            (a + b + rng.randint(1, 4), TOO_LONG),
            (b - a - rng.randint(1, 2), TOO_SHORT),
        ],
        rationale=(
            f"The third side is longer than {b - a} cm and shorter than {a + b} cm.",
            f"나머지 한 변의 길이는 {b - a} cm보다 길고 {a + b} cm보다 짧다.",
        ),
        show=_centimetres,
    )


def possible_perimeter(rng: Random) -> Draft:
    a, b = rng.randint(3, 8), rng.randint(7, 15)
    require(b - a >= 3)
    keys = rng.sample(range(2 * b + 1, 2 * (a + b)), 3)
    return multiple_response(
        stem=(
            f"Two sides of a triangle are {a} cm and {b} cm long. "
            "Which of these lengths can be its perimeter? Select all that apply.",
            f"삼각형의 두 변의 길이가 {a} cm, {b} cm이다. 이 삼각형의 둘레의 길이가 될 수 있는 "
            "것을 모두 고르시오.",
        ),
        keys=keys,
        mistakes=[
            (2 * (a + b) + rng.randint(0, 3), TOO_LONG),
            (2 * b - rng.randint(0, 2), TOO_SHORT),
        ],
        rationale=(
            f"The third side is longer than {b - a} cm and shorter than {a + b} cm, so the "
            f"perimeter lies between {2 * b} cm and {2 * (a + b)} cm.",
            f"나머지 한 변의 길이는 {b - a} cm보다 길고 {a + b} cm보다 짧으므로, 둘레의 길이는 "
            f"{2 * b} cm보다 길고 {2 * (a + b)} cm보다 짧다.",
        ),
        show=_centimetres,
    )


def obtuse_triangle(rng: Random) -> Draft:
    a, b, c = rng.choice(TRIPLES)
    require(a + b > c + 2)
    acute = isqrt(c * c - 1) - rng.randint(0, 1)
    require(acute > b)
    keys = rng.sample(range(c + 1, a + b), 2)
    return multiple_response(
        stem=(
            f"The sides of a triangle are {a} cm, {b} cm and $x$ cm long, and the side of $x$ cm "
            "is the longest. For which $x$ is the triangle obtuse? Select all that apply.",
            f"세 변의 길이가 {a} cm, {b} cm, $x$ cm인 삼각형에서 가장 긴 변의 길이가 $x$ "
            "cm이다. 이 삼각형이 둔각삼각형이 되도록 하는 $x$의 값을 모두 고르시오.",
        ),
        keys=keys,
        mistakes=[
            (c, "took a right triangle for an obtuse one"),
            (acute, "turned the inequality of the squares round"),
            (a + b + rng.randint(0, 2), "forgot that the sides must form a triangle"),
        ],
        rationale=(
            f"Obtuse means ${a}^2 + {b}^2 < x^2$, so $x > {c}$; a triangle needs $x < {a + b}$.",
            f"둔각삼각형이려면 ${a}^2 + {b}^2 < x^2$이어야 하므로 $x > {c}$이고, 삼각형이 "
            f"되려면 $x < {a + b}$이어야 한다.",
        ),
        show=whole_number,
    )


ITEM_MODELS = (
    ItemModel("angles", (third_angle, base_angle, angle_of_a_regular_polygon)),
    ItemModel("right_triangles", (hypotenuse, leg_of_a_right_triangle, diagonal_of_a_cuboid)),
    ItemModel("triangle_inequality", (third_side, possible_perimeter, obtuse_triangle)),
)
