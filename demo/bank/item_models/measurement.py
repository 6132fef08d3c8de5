"""Geometry: areas of polygons, circles and sectors, volumes."""

from fractions import Fraction
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, require, single_choice


def _square_centimetres(area: int) -> str:
    return tex.inline(tex.with_unit(str(area), "cm2"))


def _square_metres(area: int) -> str:
    return tex.inline(tex.with_unit(str(area), "m2"))


def _cubic_centimetres(volume: int) -> str:
    return tex.inline(tex.with_unit(str(volume), "cm3"))


def _pi_centimetres(coefficient: int) -> str:
    return tex.inline(tex.with_unit(tex.times_pi(coefficient), "cm"))


def _pi_square_centimetres(coefficient: Fraction) -> str:
    require(coefficient.denominator == 1)
    return tex.inline(tex.with_unit(tex.times_pi(int(coefficient)), "cm2"))


def _pi_cubic_centimetres(coefficient: Fraction) -> str:
    require(coefficient.denominator == 1)
    return tex.inline(tex.with_unit(tex.times_pi(int(coefficient)), "cm3"))


def rectangle(rng: Random) -> Draft:
    a, b = rng.randint(5, 16), 2 * rng.randint(2, 6)
    require(a > b)
    return single_choice(
        stem=(
            f"What is the area of a rectangle {a} cm long and {b} cm wide?",
            f"가로의 길이가 {a} cm, 세로의 길이가 {b} cm인 직사각형의 넓이는?",
        ),
        key=a * b,
        mistakes=[
            (2 * (a + b), "gave the perimeter"),
            (a + b, "added length and width"),
            (a * b // 2, "halved the product as for a triangle"),
        ],
        rationale=(
            rf"${a} \times {b} = {a * b}$.",
            rf"가로의 길이와 세로의 길이를 곱한다. ${a} \times {b} = {a * b}$",
        ),
        show=_square_centimetres,
    )


def trapezium(rng: Random) -> Draft:
    a, b, h = rng.randint(3, 9), rng.randint(5, 15), rng.randint(3, 10)
    require(a < b and (a + b) * h % 2 == 0)
    key = (a + b) * h // 2
    return single_choice(
        stem=(
            f"The parallel sides of a trapezium are {a} cm and {b} cm long, and its height is "
            f"{h} cm. What is its area?",
            f"윗변의 길이가 {a} cm, 아랫변의 길이가 {b} cm, 높이가 {h} cm인 사다리꼴의 넓이는?",
        ),
        key=key,
        mistakes=[
            ((a + b) * h, "did not halve the product"),
            (b * h, "took the longer side only, as for a parallelogram"),
            (a + b + h, "added the three lengths"),
        ],
        rationale=(
            rf"$({a} + {b}) \times {h} \div 2 = {key}$.",
            rf"$({a} + {b}) \times {h} \div 2 = {key}$이다.",
        ),
        show=_square_centimetres,
    )


def path_around_a_garden(rng: Random) -> Draft:
    a, b, width = rng.randint(8, 20), rng.randint(5, 15), rng.randint(1, 3)
    require(a > b)
    outer, inner = (a + 2 * width) * (b + 2 * width), a * b
    return single_choice(
        stem=(
            f"A rectangular flower bed is {a} m long and {b} m wide. A path {width} m wide is laid "
            "all around it on the outside, so that its outer edge is a rectangle too. "
            "What is the area of the path?",
            f"가로의 길이가 {a} m, 세로의 길이가 {b} m인 직사각형 모양의 꽃밭이 있다. 꽃밭의 "
            f"둘레를 따라 바깥쪽에 폭이 {width} m인 길을 만들어 길의 바깥쪽 테두리도 "
            "직사각형이 되게 하였다. 이 길의 넓이는?",
        ),
        key=outer - inner,
        mistakes=[
            ((a + width) * (b + width) - inner, "widened the rectangle on one side only"),
            (2 * width * (a + b), "left the four corners out"),
            (outer, "gave the area of path and flower bed together"),
        ],
        rationale=(
            rf"${a + 2 * width} \times {b + 2 * width} - {a} \times {b} = {outer - inner}$.",
            rf"${a + 2 * width} \times {b + 2 * width} - {a} \times {b} = {outer - inner}$이다.",
        ),
        show=_square_metres,
    )


def circumference(rng: Random) -> Draft:
    r = rng.randint(3, 15)
    return single_choice(
        stem=(
            f"What is the circumference of a circle of radius {r} cm?",
            f"반지름의 길이가 {r} cm인 원의 둘레의 길이는?",
        ),
        key=2 * r,
        mistakes=[
            (r, "multiplied the radius by pi without doubling it"),
            (4 * r, "took the diameter for the radius"),
            (r * r, "used the formula for the area"),
        ],
        rationale=(
            rf"$2 \times \pi \times {r} = {2 * r}\pi$.",
            rf"$2 \times \pi \times {r} = {2 * r}\pi$이다.",
        ),
        show=_pi_centimetres,
    )


def area_of_a_circle(rng: Random) -> Draft:
    r = rng.randint(3, 12)
    return single_choice(
        stem=(
            f"What is the area of a circle of diameter {2 * r} cm?",
            f"지름의 길이가 {2 * r} cm인 원의 넓이는?",
        ),
        key=Fraction(r * r),
        mistakes=[
            (Fraction(4 * r * r), "took the diameter for the radius"),
            (Fraction(2 * r), "used the formula for the circumference"),
            (Fraction(2 * r * r), "doubled the area"),
        ],
        rationale=(
            rf"The radius is {r} cm: $\pi \times {r}^2 = {r * r}\pi$.",
            rf"반지름의 길이는 {r} cm이므로 $\pi \times {r}^2 = {r * r}\pi$이다.",
        ),
        show=_pi_square_centimetres,
    )


def sector(rng: Random) -> Draft:
    r, angle = rng.randint(3, 12), rng.choice([30, 40, 45, 60, 72, 80, 120, 135, 150, 160, 240])
    area = Fraction(r * r * angle, 360)
    return single_choice(
        stem=(
            rf"What is the area of a sector of a circle with radius {r} cm and central angle "
            rf"${angle}^\circ$?",
            rf"반지름의 길이가 {r} cm, 중심각의 크기가 ${angle}^\circ$인 부채꼴의 넓이는?",
        ),
        key=area,
        mistakes=[
            (Fraction(2 * r * angle, 360), "used the formula for the length of the arc"),
            (2 * area, "divided by 180 degrees instead of 360"),
            (r * r - area, "gave the area of the rest of the circle"),
            (4 * area, "used the diameter as the radius"),
        ],
        rationale=(
            rf"$\pi \times {r}^2 \times \frac{{{angle}}}{{360}} = {tex.times_pi(int(area))}$.",
            rf"$\pi \times {r}^2 \times \frac{{{angle}}}{{360}} = {tex.times_pi(int(area))}$이다.",
        ),
        show=_pi_square_centimetres,
    )


def cuboid(rng: Random) -> Draft:
    a, b, c = (rng.randint(2, 10) for _ in range(3))
    return single_choice(
        stem=(
            f"What is the volume of a cuboid {a} cm long, {b} cm wide and {c} cm high?",
            f"가로의 길이가 {a} cm, 세로의 길이가 {b} cm, 높이가 {c} cm인 직육면체의 부피는?",
        ),
        key=a * b * c,
        mistakes=[
            (a + b + c, "added the three lengths"),
            (2 * (a * b + b * c + c * a), "gave the surface area"),
            (a * b, "multiplied only two of the lengths"),
        ],
        rationale=(
            rf"${a} \times {b} \times {c} = {a * b * c}$.",
            rf"${a} \times {b} \times {c} = {a * b * c}$이다.",
        ),
        show=_cubic_centimetres,
    )


def cylinder(rng: Random) -> Draft:
    r, h = rng.randint(3, 9), rng.randint(3, 12)
    volume = Fraction(r * r * h)
    return single_choice(
        stem=(
            f"A cylinder has a base of radius {r} cm and a height of {h} cm. What is its volume?",
            f"밑면의 반지름의 길이가 {r} cm, 높이가 {h} cm인 원기둥의 부피는?",
        ),
        key=volume,
        mistakes=[
            (Fraction(2 * r * h), "used the formula for the lateral area"),
            (4 * volume, "used the diameter as the radius"),
            (volume / 3, "used the formula for a cone"),
        ],
        rationale=(
            rf"$\pi \times {r}^2 \times {h} = {tex.times_pi(int(volume))}$.",
            rf"$\pi \times {r}^2 \times {h} = {tex.times_pi(int(volume))}$이다.",
        ),
        show=_pi_cubic_centimetres,
    )


CONES = ((3, 4, 5), (6, 8, 10), (9, 12, 15), (12, 5, 13), (12, 9, 15), (12, 16, 20), (15, 8, 17),
         (15, 20, 25), (24, 7, 25))  # fmt: skip
"""Radius, height and slant height with a whole multiple of pi as the volume."""


def cone(rng: Random) -> Draft:
    r, h, slant = rng.choice(CONES)
    volume = Fraction(r * r * h, 3)
    return single_choice(
        stem=(
            f"A cone has a base of radius {r} cm and a slant height of {slant} cm. "
            "What is its volume?",
            f"밑면의 반지름의 길이가 {r} cm, 모선의 길이가 {slant} cm인 원뿔의 부피는?",
        ),
        key=volume,
        mistakes=[
            (Fraction(r * r * slant, 3), "took the slant height for the height"),
            (3 * volume, "used the formula for a cylinder"),
            (Fraction(r * r * slant), "made both of these errors"),
            (Fraction(r * slant + r * r), "used the formula for the surface area"),
        ],
        rationale=(
            rf"The height is $\sqrt{{{slant}^2 - {r}^2}} = {h}$ cm: "
            rf"$\frac{{1}}{{3}} \times \pi \times {r}^2 \times {h} = {volume}\pi$.",
            rf"높이는 $\sqrt{{{slant}^2 - {r}^2}} = {h}$ (cm)이므로 부피는 "
            rf"$\frac{{1}}{{3}} \times \pi \times {r}^2 \times {h} = {volume}\pi$이다.",
        ),
        show=_pi_cubic_centimetres,
    )


ITEM_MODELS = (
    ItemModel("areas", (rectangle, trapezium, path_around_a_garden)),
    ItemModel("circles", (circumference, area_of_a_circle, sector)),
    ItemModel("volumes", (cuboid, cylinder, cone)),
)
