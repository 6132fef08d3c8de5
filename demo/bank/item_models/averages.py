"""Data: mean, median and mode, spread."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from demo.bank import tex
from demo.bank.drafting import (
    Draft,
    ItemModel,
    Pair,
    decimal,
    numeric,
    require,
    single_choice,
    whole_number,
)


def mean_of_five(rng: Random) -> Draft:
    values = [rng.randint(3, 40) for _ in range(5)]
    mean = Fraction(sum(values), 5)
    require(mean.denominator == 1 and len(set(values)) == 5)
    return numeric(
        stem=(
            f"What is the mean of the numbers ${tex.listed(values)}$?",
            f"다섯 수 ${tex.listed(values)}$의 평균을 구하시오.",
        ),
        answer=mean,
        rationale=(
            rf"${sum(values)} \div 5 = {mean}$.",
            rf"합이 ${sum(values)}$이므로 평균은 ${sum(values)} \div 5 = {mean}$이다.",
        ),
    )


def missing_value(rng: Random) -> Draft:
    known, missing = [rng.randint(5, 40) for _ in range(4)], rng.randint(5, 40)
    mean = Fraction(sum(known) + missing, 5)
    require(mean.denominator == 1 and len({*known, missing}) == 5)
    return numeric(
        stem=(
            f"The mean of the numbers ${tex.listed(known)}, x$ is ${mean}$. What is $x$?",
            f"다섯 수 ${tex.listed(known)}, x$의 평균이 ${mean}$일 때, $x$의 값을 구하시오.",
        ),
        answer=missing,
        rationale=(
            rf"$5 \times {mean} - ({'+'.join(map(str, known))}) = {missing}$.",
            rf"$5 \times {mean} - ({'+'.join(map(str, known))}) = {missing}$이다.",
        ),
    )


def mean_of_two_groups(rng: Random) -> Draft:
    girls, boys = rng.randint(8, 20), rng.randint(8, 20)
    first, second = rng.randint(62, 88), rng.randint(62, 88)
    mean = Fraction(girls * first + boys * second, girls + boys)
    require(girls != boys and abs(first - second) > 3)
    return numeric(
        stem=(
            f"In a class the mean score of the {girls} girls is {first} and the mean score of the "
            f"{boys} boys is {second}. What is the mean score of the whole class?",
            f"어느 반의 여학생 {girls}명의 점수의 평균은 {first}점이고, 남학생 {boys}명의 "
            f"점수의 평균은 {second}점이다. 이 반 전체 학생의 점수의 평균은 몇 점인지 구하시오.",
        ),
        answer=mean,
        rationale=(
            rf"$({girls} \times {first} + {boys} \times {second}) \div {girls + boys} = "
            rf"{tex.decimal(_finite(mean))}$.",
            rf"$({girls} \times {first} + {boys} \times {second}) \div {girls + boys} = "
            rf"{tex.decimal(_finite(mean))}$이다.",
        ),
    )


def _finite(value: Fraction) -> Fraction:
    require((value * 10).denominator == 1)
    return value


def _median(values: Sequence[int]) -> Fraction:
    ordered = sorted(values)
    half = len(ordered) // 2
    return Fraction(ordered[half] + ordered[-half - 1], 2)


def median_of_an_odd_number(rng: Random) -> Draft:
    values = rng.sample(range(2, 40), 5)
    return single_choice(
        stem=(
            f"What is the median of the data ${tex.listed(values)}$?",
            f"다음 자료의 중앙값은? ${tex.listed(values)}$",
        ),
        key=_median(values),
        mistakes=[
            (Fraction(values[2]), "took the middle number without sorting"),
            (Fraction(sum(values), 5), "gave the mean"),
            (Fraction(max(values) - min(values)), "gave the range"),
        ],
        rationale=(
            f"In order: ${tex.listed(sorted(values))}$. The middle number is ${_median(values)}$.",
            f"작은 값부터 순서대로 나열하면 ${tex.listed(sorted(values))}$이고, 가운데에 있는 "
            f"값은 ${_median(values)}$이다.",
        ),
        show=whole_number,
    )


def median_of_an_even_number(rng: Random) -> Draft:
    values = rng.sample(range(2, 40), 6)
    lower, upper = sorted(values)[2:4]
    return single_choice(
        stem=(
            f"What is the median of the data ${tex.listed(values)}$?",
            f"다음 자료의 중앙값은? ${tex.listed(values)}$",
        ),
        key=_median(values),
        mistakes=[
            (Fraction(lower), "took the lower of the two middle numbers"),
            (Fraction(upper), "took the upper of the two middle numbers"),
            (Fraction(values[2] + values[3], 2), "took the middle numbers without sorting"),
        ],
        rationale=(
            rf"The two middle numbers in order are ${lower}$ and ${upper}$: "
            rf"$({lower} + {upper}) \div 2 = {tex.decimal(_median(values))}$.",
            f"작은 값부터 나열할 때 가운데에 있는 두 값은 ${lower}$, ${upper}$이다. "
            rf"$({lower} + {upper}) \div 2 = {tex.decimal(_median(values))}$",
        ),
        show=decimal,
    )


def median_from_a_table(rng: Random) -> Draft:
    books = range(1, 6)
    counts = [rng.randint(2, 12) for _ in books]
    data = [book for book, count in zip(books, counts, strict=True) for _ in range(count)]
    key, mode = _median(data), counts.index(max(counts)) + 1
    require(key.denominator == 1 and len(data) % 2 == 1 and counts.count(max(counts)) == 1)
    row = " | ".join(map(str, counts))
    numbers = "| 1 | 2 | 3 | 4 | 5 |\n|---|---|---|---|---|---|\n"
    return single_choice(
        stem=(
            f"The table shows how many books the {len(data)} students of a class read last month. "
            "What is the median of the number of books?\n\n"
            f"| Books {numbers}| Students | {row} |",
            f"다음은 어느 반 학생 {len(data)}명이 지난달에 읽은 책의 수를 조사하여 나타낸 표이다. "
            "읽은 책의 수의 중앙값은?\n\n"
            f"| 책의 수(권) {numbers}| 학생 수(명) | {row} |",
        ),
        key=key,
        mistakes=[
            (Fraction(3), "took the middle of the numbers of books, ignoring the students"),
            (Fraction(mode), "gave the mode"),
            (_median(counts), "took the median of the numbers of students"),
        ],
        rationale=(
            f"Of {len(data)} values in order, value number {len(data) // 2 + 1} is ${key}$.",
            f"{len(data)}개의 값을 작은 값부터 나열하면 {len(data) // 2 + 1}번째 값은 ${key}$이다.",
        ),
        show=whole_number,
    )


def range_of_data(rng: Random) -> Draft:
    values = [rng.randint(5, 60) for _ in range(6)]
    require(len(set(values)) == 6 and values[-1] > values[0])
    return single_choice(
        stem=(
            f"What is the range of the data ${tex.listed(values)}$?",
            f"다음 자료의 범위는? ${tex.listed(values)}$",
        ),
        key=max(values) - min(values),
        mistakes=[
            (values[-1] - values[0], "subtracted the first number from the last"),
            (max(values), "gave the largest number"),
            (max(values) + min(values), "added the largest and the smallest number"),
        ],
        rationale=(
            f"Largest minus smallest: ${max(values)} - {min(values)} = "
            f"{max(values) - min(values)}$.",
            "최댓값과 최솟값의 차이므로 "
            f"${max(values)} - {min(values)} = {max(values) - min(values)}$이다.",
        ),
        show=whole_number,
    )


def variance(rng: Random) -> Draft:
    values = [rng.randint(2, 20) for _ in range(5)]
    mean = Fraction(sum(values), 5)
    require(mean.denominator == 1 and len(set(values)) > 3)
    deviations = [value - mean for value in values]
    squares = sum((deviation * deviation for deviation in deviations), Fraction(0))
    return single_choice(
        stem=(
            "What is the variance (the mean of the squared deviations from the mean) of the data "
            f"${tex.listed(values)}$?",
            f"다음 자료의 분산은? ${tex.listed(values)}$",
        ),
        key=squares / 5,
        mistakes=[
            (squares, "did not divide the sum of the squares"),
            (
                sum(map(abs, deviations), Fraction(0)) / 5,
                "took absolute deviations instead of squares",
            ),
            (mean, "gave the mean"),
        ],
        rationale=(
            rf"The mean is ${mean}$ and the squared deviations add up to ${squares}$: "
            rf"${squares} \div 5 = {tex.decimal(squares / 5)}$.",
            f"평균은 ${mean}$, 편차의 제곱의 합은 ${squares}$이므로 분산은 "
            rf"${squares} \div 5 = {tex.decimal(squares / 5)}$이다.",
        ),
        show=decimal,
    )


MeanAndDeviation = tuple[int, int]


def _mean_and_deviation(values: MeanAndDeviation) -> Pair:
    mean, deviation = values
    return (
        f"mean ${mean}$, standard deviation ${deviation}$",
        f"평균 ${mean}$, 표준편차 ${deviation}$",
    )


def transformed_data(rng: Random) -> Draft:
    mean, deviation = rng.randint(8, 40), rng.randint(2, 9)
    factor, constant = rng.randint(2, 5), rng.randint(2, 12)
    return single_choice(
        stem=(
            f"A set of data has mean ${mean}$ and standard deviation ${deviation}$. Every value is "
            f"multiplied by ${factor}$ and then increased by ${constant}$. "
            "What are the mean and the standard deviation of the new data?",
            f"어떤 자료의 평균은 ${mean}$, 표준편차는 ${deviation}$이다. 각 변량에 "
            f"${factor}$배를 한 후 ${constant}$씩 더하여 새로운 자료를 만들 때, 새로운 자료의 "
            "평균과 표준편차는?",
        ),
        key=(factor * mean + constant, factor * deviation),
        mistakes=[
            (
                (factor * mean + constant, factor * deviation + constant),
                "added the constant to the standard deviation",
            ),
            ((factor * mean + constant, deviation), "did not multiply the standard deviation"),
            ((factor * mean, factor * deviation), "left the constant out of the mean"),
            (
                (factor * mean + constant, factor**2 * deviation),
                "multiplied the standard deviation as if it were the variance",
            ),
        ],
        rationale=(
            rf"Mean: ${factor} \times {mean} + {constant} = {factor * mean + constant}$. "
            rf"Adding a constant does not change the spread: "
            rf"${factor} \times {deviation} = {factor * deviation}$.",
            rf"평균은 ${factor} \times {mean} + {constant} = {factor * mean + constant}$이다. "
            "상수를 더해도 표준편차는 변하지 않으므로 표준편차는 "
            rf"${factor} \times {deviation} = {factor * deviation}$이다.",
        ),
        show=_mean_and_deviation,
    )


ITEM_MODELS = (
    ItemModel("mean", (mean_of_five, missing_value, mean_of_two_groups)),
    ItemModel("median", (median_of_an_odd_number, median_of_an_even_number, median_from_a_table)),
    ItemModel("spread", (range_of_data, variance, transformed_data)),
)
