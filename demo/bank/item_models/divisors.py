"""Arithmetic: common divisors and multiples, remainders, divisibility."""

from math import gcd, isqrt, lcm
from random import Random

from demo.bank import tex
from demo.bank.drafting import (
    Draft,
    ItemModel,
    Pair,
    multiple_response,
    numeric,
    require,
    single_choice,
    whole_number,
)


def greatest_common_divisor(rng: Random) -> Draft:
    common, m, n = rng.choice([6, 8, 9, 10, 12, 14, 15]), rng.randint(2, 7), rng.randint(3, 9)
    require(m < n and gcd(m, n) == 1)
    smallest_prime = next(p for p in (2, 3, 5) if common % p == 0)
    x, y = common * m, common * n
    return single_choice(
        stem=(
            f"What is the greatest common divisor of ${x}$ and ${y}$?",
            f"두 수 ${x}$, ${y}$의 최대공약수는?",
        ),
        key=common,
        mistakes=[
            (common // smallest_prime, "stopped at a common divisor that is not the greatest"),
            (x, "gave the smaller number"),
            (lcm(x, y), "gave the least common multiple"),
        ],
        rationale=(
            rf"${x} = {common} \times {m}$ and ${y} = {common} \times {n}$, "
            rf"and ${m}$ and ${n}$ have no common divisor above 1.",
            rf"${x} = {common} \times {m}$, ${y} = {common} \times {n}$이고 두 수 ${m}$, "
            f"${n}$의 공약수는 1뿐이다.",
        ),
        show=whole_number,
    )


def least_common_multiple(rng: Random) -> Draft:
    common, m, n = rng.randint(2, 9), rng.randint(2, 6), rng.randint(3, 8)
    require(m < n and gcd(m, n) == 1)
    x, y = common * m, common * n
    return single_choice(
        stem=(
            f"What is the least common multiple of ${x}$ and ${y}$?",
            f"두 수 ${x}$, ${y}$의 최소공배수는?",
        ),
        key=common * m * n,
        mistakes=[
            (common, "gave the greatest common divisor"),
            (x * y, "multiplied the numbers and so counted the common divisor twice"),
            (y, "gave the larger number"),
        ],
        rationale=(
            rf"${x} = {common} \times {m}$ and ${y} = {common} \times {n}$: "
            rf"${common} \times {m} \times {n} = {common * m * n}$.",
            rf"${x} = {common} \times {m}$, ${y} = {common} \times {n}$이므로 최소공배수는 "
            rf"${common} \times {m} \times {n} = {common * m * n}$이다.",
        ),
        show=whole_number,
    )


def flashing_lamps(rng: Random) -> Draft:
    a, b, c = sorted(rng.sample([6, 8, 9, 10, 12, 14, 15, 16, 18, 20, 24, 30], 3))
    key, common = lcm(a, b, c), gcd(a, b, c)
    require(common > 1 and key <= 720)
    return single_choice(
        stem=(
            f"Three lamps flash every {a}, {b} and {c} seconds respectively. They have "
            f"just flashed together. "
            "After how many seconds will they next flash together?",
            f"세 전등이 각각 {a}초, {b}초, {c}초마다 한 번씩 깜박인다. 세 전등이 동시에 깜박인 "
            "후 처음으로 다시 동시에 깜박이는 것은 몇 초 후인가?",
        ),
        key=key,
        mistakes=[
            (lcm(a, b), "left the third lamp out"),
            (a * b * c, "multiplied the three times"),
            (a + b + c, "added the three times"),
            (a * b * c // common, "divided the product by the greatest common divisor"),
        ],
        rationale=(
            f"The least common multiple of ${a}$, ${b}$ and ${c}$ is ${key}$.",
            f"세 수 ${a}$, ${b}$, ${c}$의 최소공배수는 ${key}$이다.",
        ),
        show=whole_number,
    )


def remainder(rng: Random) -> Draft:
    divisor = rng.randint(6, 19)
    quotient, rest = rng.randint(8, 29), rng.randint(1, divisor - 1)
    dividend = divisor * quotient + rest
    return numeric(
        stem=(
            f"What is the remainder when ${dividend}$ is divided by ${divisor}$?",
            rf"나눗셈 ${dividend} \div {divisor}$의 나머지를 구하시오.",
        ),
        answer=rest,
        rationale=(
            rf"${dividend} = {divisor} \times {quotient} + {rest}$.",
            rf"${dividend} = {divisor} \times {quotient} + {rest}$이다.",
        ),
    )


def buses_needed(rng: Random) -> Draft:
    seats, full = rng.choice([25, 28, 32, 36, 42, 45]), rng.randint(3, 8)
    students = seats * full + rng.randint(2, seats - 2)
    return numeric(
        stem=(
            f"A school takes {students} students on a trip. Each bus holds at most {seats} "
            "students. What is the smallest number of buses needed?",
            f"학생 {students}명이 버스를 타고 체험 학습을 간다. 버스 한 대에 최대 "
            f"{seats}명까지 탈 수 있을 때, 버스는 적어도 몇 대가 필요한지 구하시오.",
        ),
        answer=full + 1,
        rationale=(
            f"{full} buses hold {seats * full} students, so one more is needed.",
            f"버스 {full}대에는 {seats * full}명이 탈 수 있으므로 한 대가 더 필요하다.",
        ),
    )


def units_digit(rng: Random) -> Draft:
    base, exponent = rng.choice([2, 3, 7, 8, 12, 13, 17, 18]), rng.randint(21, 99)
    require(exponent % 4 != 0)
    key = pow(base, exponent, 10)
    cycle = [pow(base, k, 10) for k in (1, 2, 3, 4)]
    return numeric(
        stem=(
            f"What is the units digit of ${base}^{{{exponent}}}$?",
            f"${base}^{{{exponent}}}$의 일의 자리의 숫자를 구하시오.",
        ),
        answer=key,
        rationale=(
            f"The units digits of the powers of ${base}$ repeat: ${tex.listed(cycle)}$. "
            rf"Since ${exponent} = 4 \times {exponent // 4} + {exponent % 4}$, the digit "
            rf"is ${key}$.",
            f"${base}$의 거듭제곱의 일의 자리의 숫자는 ${tex.listed(cycle)}$의 순서로 "
            rf"반복된다. ${exponent} = 4 \times {exponent // 4} + {exponent % 4}$이므로 "
            f"${key}$이다.",
        ),
    )


def _among(rng: Random, values: list[int], en: str, ko: str) -> Pair:
    shown = tex.listed(rng.sample(values, len(values)))
    return (
        f"Which of the numbers ${shown}$ are {en}? Select all that apply.",
        f"다섯 개의 자연수 ${shown}$ 중에서 {ko}를 모두 고르시오.",
    )


def multiples_of_three(rng: Random) -> Draft:
    keys = rng.sample([n for n in range(102, 500, 3) if n % 10 not in (3, 6, 9)], 2)
    wrong = rng.sample([n for n in range(103, 500) if n % 10 in (3, 6, 9) and n % 3], 3)
    return multiple_response(
        stem=_among(rng, keys + wrong, "divisible by 3", "3의 배수"),
        keys=keys,
        mistakes=[(n, "looked only at the last digit") for n in wrong],
        rationale=(
            "A number is divisible by 3 when the sum of its digits is.",
            "각 자리의 숫자의 합이 3의 배수인 수는 3의 배수이다.",
        ),
        show=whole_number,
    )


def _smallest_divisor(n: int) -> int:
    return next((p for p in range(2, isqrt(n) + 1) if n % p == 0), n)


def prime_numbers(rng: Random) -> Draft:
    count = rng.choice([2, 3])
    candidates = [n for n in range(41, 190) if n % 2 and n % 5]
    keys = rng.sample([n for n in candidates if _smallest_divisor(n) == n], count)
    wrong = rng.sample([n for n in candidates if 3 <= _smallest_divisor(n) < n], 5 - count)
    return multiple_response(
        stem=_among(rng, keys + wrong, "prime", "소수"),
        keys=keys,
        mistakes=[(n, f"overlooked the divisor {_smallest_divisor(n)}") for n in wrong],
        rationale=(
            "The others have a divisor: "
            + ", ".join(rf"${n} = {_factors(n)}$" for n in wrong)
            + ".",
            "나머지 수는 소수가 아니다. " + ", ".join(rf"${n} = {_factors(n)}$" for n in wrong),
        ),
        show=whole_number,
    )


def _factors(n: int) -> str:
    return rf"{_smallest_divisor(n)} \times {n // _smallest_divisor(n)}"


def multiples_of_a_product(rng: Random) -> Draft:
    p, q = rng.choice([(3, 4), (3, 5), (2, 9), (4, 5), (4, 9)])
    product = p * q
    numbers = range(100, 1000)
    keys = rng.sample([n for n in numbers if n % product == 0], 2)
    only_p = rng.sample([n for n in numbers if n % p == 0 and n % q], 2)
    only_q = rng.sample([n for n in numbers if n % q == 0 and n % p], 1)
    return multiple_response(
        stem=_among(rng, keys + only_p + only_q, f"divisible by {product}", f"{product}의 배수"),
        keys=keys,
        mistakes=[
            *((n, f"tested divisibility by {p} only") for n in only_p),
            *((n, f"tested divisibility by {q} only") for n in only_q),
        ],
        rationale=(
            f"A number is divisible by {product} when it is divisible by both {p} and {q}.",
            f"{p}의 배수이면서 {q}의 배수인 수는 {product}의 배수이다.",
        ),
        show=whole_number,
    )


ITEM_MODELS = (
    ItemModel(
        "common_divisors_and_multiples",
        (greatest_common_divisor, least_common_multiple, flashing_lamps),
    ),
    ItemModel("remainders", (remainder, buses_needed, units_digit)),
    ItemModel("divisibility", (multiples_of_three, prime_numbers, multiples_of_a_product)),
)
