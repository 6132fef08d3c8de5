"""Ratio: percentages, sharing in a ratio, direct and inverse proportion."""

from fractions import Fraction
from math import gcd
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, Pair, numeric, require, single_choice, whole_number
from demo.bank.korean import particle


def _won(amount: int) -> Pair:
    return f"{amount:,} won", f"{amount:,}원"


def percentage_of_a_number(rng: Random) -> Draft:
    whole, percentage = rng.randint(2, 30) * 20, rng.choice([5, 15, 20, 30, 40, 60])
    key = whole * percentage // 100
    require(whole % percentage == 0 and whole * percentage % 100 == 0)
    return single_choice(
        stem=(
            rf"What is ${percentage}\%$ of ${whole}$?",
            rf"${whole}$의 ${percentage}\%$는 얼마인가?",
        ),
        key=key,
        mistakes=[
            (whole - key, "took the percentage off the number"),
            (whole // percentage, "divided by the percentage"),
            (10 * key, "divided by 10 instead of 100"),
        ],
        rationale=(
            rf"${whole} \times \frac{{{percentage}}}{{100}} = {key}$.",
            rf"${whole} \times \frac{{{percentage}}}{{100}} = {key}$이다.",
        ),
        show=whole_number,
    )


def discounted_price(rng: Random) -> Draft:
    price, discount = rng.randint(8, 60) * 1000, rng.choice([5, 10, 15, 20, 25, 30, 35, 40])
    key = price * (100 - discount) // 100
    return single_choice(
        stem=(
            f"A bag normally costs {price:,} won. It is sold at a discount of {discount}%. "
            "What is the reduced price?",
            f"정가가 {price:,}원인 가방을 {discount}% 할인하여 판매한다. 판매 가격은 얼마인가?",
        ),
        key=key,
        mistakes=[
            (price - key, "gave the discount instead of the price"),
            (2 * price - key, "raised the price instead of reducing it"),
            (price - 100 * discount, "took one per cent for 100 won"),
        ],
        rationale=(
            rf"${price} \times \frac{{{100 - discount}}}{{100}} = {key}$.",
            rf"${price} \times \frac{{{100 - discount}}}{{100}} = {key}$이다.",
        ),
        show=_won,
    )


def number_before_a_rise(rng: Random) -> Draft:
    before, rise = rng.randint(2, 16) * 40, rng.choice([5, 10, 20, 25, 30, 50])
    growth = tex.decimal(Fraction(100 + rise, 100))
    after = Fraction(before * (100 + rise), 100)
    return single_choice(
        stem=(
            f"The number of members of a club has risen by {rise}% since last year. "
            f"It now has {after} members. How many members did it have last year?",
            f"어느 동호회의 회원 수가 작년보다 {rise}% 증가하여 올해는 {after}명이 되었다. "
            "작년의 회원 수는 몇 명인가?",
        ),
        key=Fraction(before),
        mistakes=[
            (after * (100 - rise) / 100, "took the percentage off the new number"),
            (after - rise, "subtracted the percentage as if it counted members"),
            (after * (100 + rise) / 100, "added the percentage once more"),
            (after * rise / 100, "gave the percentage of the new number"),
        ],
        rationale=(
            rf"${after}$ is ${100 + rise}\%$ of last year's number: "
            rf"${after} \div {growth} = {before}$.",
            rf"올해의 회원 수는 작년의 ${100 + rise}\%$이다. ${after} \div {growth} = {before}$",
        ),
        show=whole_number,
    )


def _coprime_pair(rng: Random, highest: int) -> tuple[int, int]:
    a, b = rng.randint(2, highest), rng.randint(1, highest - 1)
    require(a > b and gcd(a, b) == 1)
    return a, b


def share_of_a_total(rng: Random) -> Draft:
    a, b = _coprime_pair(rng, 7)
    share = rng.randint(2, 12)
    total = share * (a + b)
    require(total % (2 * a) == 0)
    return single_choice(
        stem=(
            f"Jimin and Minho share {total} marbles in the ratio ${a}:{b}$. "
            "How many marbles does Jimin get?",
            f"구슬 {total}개를 지민이와 민호가 ${a}:{b}$의 비로 나누어 가지려고 한다. 지민이가 "
            "갖는 구슬은 몇 개인가?",
        ),
        key=share * a,
        mistakes=[
            (share * b, "gave the other share"),
            (total // a, "divided the total by one part of the ratio"),
            (total // 2, "shared equally"),
        ],
        rationale=(
            rf"Jimin gets ${a}$ of ${a + b}$ parts: "
            rf"${total} \times \frac{{{a}}}{{{a + b}}} = {share * a}$.",
            rf"지민이의 몫은 전체의 $\frac{{{a}}}{{{a + b}}}$이다. "
            rf"${total} \times \frac{{{a}}}{{{a + b}}} = {share * a}$",
        ),
        show=whole_number,
    )


def share_from_a_difference(rng: Random) -> Draft:
    a, b = _coprime_pair(rng, 9)
    parts = a - b
    require(parts >= 2)
    difference = parts * (a + b) * rng.randint(1, 3)
    require(difference <= 60)
    return single_choice(
        stem=(
            f"The lengths of two ribbons are in the ratio ${a}:{b}$. The longer ribbon is "
            f"{difference} cm longer than the shorter one. How many centimetres long is it?",
            f"두 리본의 길이의 비는 ${a}:{b}$이고, 긴 리본은 짧은 리본보다 {difference} cm 더 "
            "길다. 긴 리본의 길이는 몇 cm인가?",
        ),
        key=difference * a // parts,
        mistakes=[
            (difference * b // parts, "gave the length of the shorter ribbon"),
            (difference * a // (a + b), "took the difference for the total length"),
            (difference * a, "took the difference for one part of the ratio"),
        ],
        rationale=(
            rf"${a - b}$ parts are {difference} cm, one part is {difference // parts} cm: "
            rf"${a} \times {difference // parts} = {difference * a // parts}$.",
            f"비의 두 항의 차 ${a} - {b} = {parts}${particle(parts, '이', '가')} {difference} "
            rf"cm에 해당한다. ${difference} \div {parts} \times {a} = {difference * a // parts}$",
        ),
        show=whole_number,
    )


def joined_ratios(rng: Random) -> Draft:
    (a, b), (c, d) = _coprime_pair(rng, 9), _coprime_pair(rng, 9)
    require(b > 1 and d > 1 and b != c)
    key = Fraction(a * c, b * d)
    return single_choice(
        stem=(
            f"If $x:y = {a}:{b}$ and $y:z = {c}:{d}$, what is $x:z$ in its simplest form?",
            f"$x:y = {a}:{b}$, $y:z = {c}:{d}$일 때, $x:z$를 가장 간단한 자연수의 비로 나타내면?",
        ),
        key=key,
        mistakes=[
            (Fraction(a, d), "joined the outer terms without matching y"),
            (Fraction(a * d, b * c), "divided the ratios instead of multiplying them"),
            (1 / key, "gave z:x instead of x:z"),
            (Fraction(a + c, b + d), "added the ratios term by term"),
        ],
        rationale=(
            rf"$\frac{{x}}{{z}} = \frac{{x}}{{y}} \times \frac{{y}}{{z}} = "
            rf"\frac{{{a}}}{{{b}}} \times \frac{{{c}}}{{{d}}} = {tex.fraction(key)}$.",
            rf"$\frac{{x}}{{z}} = \frac{{x}}{{y}} \times \frac{{y}}{{z}} = "
            rf"\frac{{{a}}}{{{b}}} \times \frac{{{c}}}{{{d}}} = {tex.fraction(key)}$이다.",
        ),
        show=lambda ratio: f"${ratio.numerator}:{ratio.denominator}$",
    )


def price_of_more(rng: Random) -> Draft:
    bought, wanted, each = rng.randint(3, 8), rng.randint(3, 12), rng.randint(3, 18) * 100
    require(bought != wanted)
    return numeric(
        stem=(
            f"{bought} identical notebooks cost {bought * each:,} won. "
            f"How many won do {wanted} of these notebooks cost?",
            f"같은 공책 {bought}권의 값이 {bought * each:,}원이다. 이 공책 {wanted}권의 값은 "
            "몇 원인지 구하시오.",
        ),
        answer=each * wanted,
        rationale=(
            rf"One notebook costs {each:,} won: ${each} \times {wanted} = {each * wanted}$.",
            rf"공책 한 권의 값은 {each:,}원이다. ${each} \times {wanted} = {each * wanted}$",
        ),
    )


def distance_on_a_map(rng: Random) -> Draft:
    scale = rng.choice([20, 25, 40, 50, 200, 250])
    centimetres = rng.randint(2, 15)
    distance = Fraction(centimetres * scale, 100)
    return numeric(
        stem=(
            f"On a map of scale $1:{scale}{{,}}000$ two places are {centimetres} cm apart. "
            "What is the real distance between them in kilometres?",
            f"축척이 $1:{scale}{{,}}000$인 지도에서 두 지점 사이의 거리가 {centimetres} "
            "cm이다. 두 지점 사이의 실제 거리는 몇 km인지 구하시오.",
        ),
        answer=distance,
        rationale=(
            rf"${centimetres} \times {scale * 1000} = {centimetres * scale * 1000}$ cm, "
            "and 1 km is 100,000 cm.",
            rf"${centimetres} \times {scale * 1000} = {centimetres * scale * 1000}$ (cm)이고 1 "
            "km는 100,000 cm이다.",
        ),
    )


def broken_machines(rng: Random) -> Draft:
    machines, days = rng.randint(4, 12), rng.randint(6, 20)
    passed, broken = rng.randint(2, days - 2), rng.randint(2, 4)
    require(broken < machines - 1)
    work_left = machines * (days - passed)
    left = machines - broken
    require(work_left % left == 0)
    return numeric(
        stem=(
            f"{machines} identical machines can finish an order in {days} days. After {passed} "
            f"days {broken} of them break down. How many more days do the remaining machines need?",
            f"같은 기계 {machines}대로 {days}일이 걸리는 일이 있다. 일을 시작하고 {passed}일이 "
            f"지난 뒤 {broken}대가 고장 났다. 남은 기계만으로 일을 끝내려면 며칠이 더 "
            "걸리는지 구하시오.",
        ),
        answer=work_left // left,
        rationale=(
            rf"What is left would take ${machines} \times {days - passed} = {work_left}$ days of "
            rf"one machine: ${work_left} \div {left} = {work_left // left}$.",
            rf"남은 일은 기계 한 대로 ${machines} \times {days - passed} = {work_left}$(일)이 "
            rf"걸리는 양이다. ${work_left} \div {left} = {work_left // left}$",
        ),
    )


ITEM_MODELS = (
    ItemModel("percentages", (percentage_of_a_number, discounted_price, number_before_a_rise)),
    ItemModel("sharing_in_a_ratio", (share_of_a_total, share_from_a_difference, joined_ratios)),
    ItemModel("proportion", (price_of_more, distance_on_a_map, broken_machines)),
)
