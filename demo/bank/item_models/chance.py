"""Data: reading tables, probability, counting."""

from fractions import Fraction
from math import comb, perm
from random import Random

from demo.bank import tex
from demo.bank.drafting import Draft, ItemModel, fraction, require, single_choice, whole_number

ENGLISH_MONTHS = ("March", "April", "May", "June")


def difference_in_a_table(rng: Random) -> Draft:
    visitors = [rng.randint(21, 98) * 10 for _ in range(4)]
    first, second = sorted(rng.sample(range(4), 2))
    other = rng.choice([k for k in range(4) if k not in (first, second)])
    require(visitors[second] > visitors[first])
    row = " | ".join(map(str, visitors))
    key = visitors[second] - visitors[first]
    return single_choice(
        stem=(
            "The table shows the number of visitors to a library. How many more visitors came in "
            f"{ENGLISH_MONTHS[second]} than in {ENGLISH_MONTHS[first]}?\n\n"
            f"| Month | {' | '.join(ENGLISH_MONTHS)} |\n|---|---|---|---|---|\n| "
            f"Visitors | {row} |",
            f"다음은 어느 도서관의 월별 방문자 수를 나타낸 표이다. {second + 3}월의 방문자 수는 "
            f"{first + 3}월의 방문자 수보다 몇 명 더 많은가?\n\n"
            f"| 월 | 3월 | 4월 | 5월 | 6월 |\n|---|---|---|---|---|\n| 방문자 수(명) | {row} |",
        ),
        key=key,
        mistakes=[
            (visitors[second], "gave the number for the later month"),
            (visitors[second] + visitors[first], "added the two numbers"),
            (abs(visitors[second] - visitors[other]), "compared with a different month"),
        ],
        rationale=(
            f"${visitors[second]} - {visitors[first]} = {key}$.",
            f"${visitors[second]} - {visitors[first]} = {key}$이다.",
        ),
        show=whole_number,
    )


CLUBS = (
    ("Music", "음악"), ("Sports", "운동"), ("Science", "과학"), ("Art", "미술"),
)  # fmt: skip


def percentage_in_a_table(rng: Random) -> Draft:
    total, chosen = rng.choice([40, 50, 80, 120, 150, 200]), rng.randrange(4)
    counts = [rng.randint(4, 60) for _ in range(3)]
    counts.append(total - sum(counts))
    require(counts[3] > 3)
    rng.shuffle(counts)
    percentage = Fraction(100 * counts[chosen], total)
    en, ko = CLUBS[chosen]
    row = " | ".join(map(str, counts))
    return single_choice(
        stem=(
            "The table shows how many students have joined each club; every student has joined "
            f"one club. What percentage of the students have joined the {en.lower()} club?\n\n"
            f"| Club | {' | '.join(club for club, _ in CLUBS)} |\n|---|---|---|---|---|\n"
            f"| Students | {row} |",
            "다음은 학생들이 한 사람당 하나씩 가입한 동아리를 조사하여 나타낸 표이다. "
            f"{ko} 동아리에 가입한 학생은 전체의 몇 %인가?\n\n"
            f"| 동아리 | {' | '.join(club for _, club in CLUBS)} |\n|---|---|---|---|---|\n"
            f"| 학생 수(명) | {row} |",
        ),
        key=percentage,
        mistakes=[
            (Fraction(counts[chosen]), "took the number of students for a percentage"),
            (100 - percentage, "gave the percentage of all the others"),
            (Fraction(25), "gave an equal share to each of the four clubs"),
        ],
        rationale=(
            rf"${counts[chosen]} \div {total} \times 100 = {percentage}$.",
            f"전체 학생은 {total}명이므로 "
            rf"${counts[chosen]} \div {total} \times 100 = {percentage}$이다.",
        ),
        show=_percentage,
    )


def _percentage(value: Fraction) -> str:
    require(value.denominator == 1 and 0 < value < 100)
    return rf"${value}\%$"


def share_in_a_two_way_table(rng: Random) -> Draft:
    girls_bus, girls_foot = rng.randint(10, 40), rng.randint(10, 40)
    boys_bus, boys_foot = rng.randint(10, 40), rng.randint(10, 40)
    bus, girls = girls_bus + boys_bus, girls_bus + girls_foot
    total = bus + girls_foot + boys_foot
    key = Fraction(girls_bus, bus)
    require(key.denominator <= 20)
    return single_choice(
        stem=(
            "The table shows how the students of a school come to school. "
            "What fraction of the students who come by bus are girls?\n\n"
            "| | Bus | On foot |\n|---|---|---|\n"
            f"| Girls | {girls_bus} | {girls_foot} |\n| Boys | {boys_bus} | {boys_foot} |",
            "다음은 어느 학교 학생들의 통학 방법을 조사하여 나타낸 표이다. "
            "버스로 통학하는 학생 중에서 여학생의 비율을 분수로 나타내면?\n\n"
            "| | 버스(명) | 도보(명) |\n|---|---|---|\n"
            f"| 여학생 | {girls_bus} | {girls_foot} |\n| 남학생 | {boys_bus} | {boys_foot} |",
        ),
        key=key,
        mistakes=[
            (Fraction(girls_bus, girls), "divided by the number of girls"),
            (Fraction(girls_bus, total), "divided by the number of all students"),
            (Fraction(girls, total), "gave the share of girls among all students"),
            (1 - key, "gave the share of boys"),
        ],
        rationale=(
            rf"${girls_bus}$ of the ${girls_bus} + {boys_bus} = {bus}$ students who come by bus.",
            f"버스로 통학하는 학생은 ${girls_bus} + {boys_bus} = {bus}$(명)이고, 그중 여학생은 "
            f"{girls_bus}명이다.",
        ),
        show=fraction,
    )


def one_ball(rng: Random) -> Draft:
    red, blue, white = rng.randint(2, 9), rng.randint(2, 9), rng.randint(2, 9)
    total = red + blue + white
    require(red < blue + white)
    return single_choice(
        stem=(
            f"A bag contains {red} red, {blue} blue and {white} white balls. One ball is drawn at "
            "random. What is the probability that it is red?",
            f"주머니에 빨간 공 {red}개, 파란 공 {blue}개, 흰 공 {white}개가 들어 있다. 이 "
            "주머니에서 임의로 한 개의 공을 꺼낼 때, 그 공이 빨간 공일 확률은?",
        ),
        key=Fraction(red, total),
        mistakes=[
            (Fraction(red, blue + white), "compared the red balls with the others only"),
            (Fraction(blue + white, total), "gave the probability of a ball that is not red"),
            (Fraction(1, 3), "counted the colours instead of the balls"),
        ],
        rationale=(
            f"{red} of the {total} balls are red.",
            f"전체 공 {total}개 중에서 빨간 공은 {red}개이다.",
        ),
        show=fraction,
    )


def sum_of_two_dice(rng: Random) -> Draft:
    target = rng.randint(3, 11)
    ordered = sum(1 for i in range(1, 7) for j in range(1, 7) if i + j == target)
    unordered = sum(1 for i in range(1, 7) for j in range(i, 7) if i + j == target)
    return single_choice(
        stem=(
            "Two fair dice are thrown. What is the probability that the numbers shown add up to "
            f"{target}?",
            f"서로 다른 두 개의 주사위를 동시에 던질 때, 나오는 두 눈의 수의 합이 {target}일 "
            "확률은?",
        ),
        key=Fraction(ordered, 36),
        mistakes=[
            (Fraction(1, 11), "took the eleven possible sums as equally likely"),
            (Fraction(unordered, 21), "did not tell the two dice apart"),
            (Fraction(unordered, 36), "counted each pair of different numbers only once"),
        ],
        rationale=(
            f"{ordered} of the 36 equally likely outcomes add up to {target}.",
            f"모든 경우의 수는 36이고, 두 눈의 수의 합이 {target}인 경우의 수는 {ordered}이다.",
        ),
        show=fraction,
    )


def two_balls(rng: Random) -> Draft:
    red, blue = rng.randint(3, 8), rng.randint(2, 8)
    total = red + blue
    key = Fraction(red * (red - 1), total * (total - 1))
    product = rf"\frac{{{red}}}{{{total}}} \times \frac{{{red - 1}}}{{{total - 1}}}"
    return single_choice(
        stem=(
            f"A bag contains {red} red and {blue} blue balls. Two balls are drawn at random, one "
            "after the other, without putting the first one back. "
            "What is the probability that both are red?",
            f"주머니에 빨간 공 {red}개와 파란 공 {blue}개가 들어 있다. 이 주머니에서 임의로 "
            "공을 한 개씩 두 번 꺼낼 때, 두 공이 모두 빨간 공일 확률은? (단, 꺼낸 공은 다시 "
            "넣지 않는다.)",
        ),
        key=key,
        mistakes=[
            (Fraction(red**2, total**2), "put the first ball back"),
            (Fraction(red * (red - 1), total**2), "did not reduce the number of all balls"),
            (Fraction(red, total), "gave the probability for the first ball only"),
            (Fraction(red - 1, total - 1), "gave the probability for the second ball only"),
        ],
        rationale=(
            f"${product} = {tex.fraction(key)}$.",
            rf"첫 번째 공과 두 번째 공이 빨간 공일 확률을 곱한다. "
            f"${product} = {tex.fraction(key)}$",
        ),
        show=fraction,
    )


def outfits(rng: Random) -> Draft:
    shirts, trousers, hats = rng.randint(3, 7), rng.randint(2, 5), rng.randint(2, 4)
    return single_choice(
        stem=(
            f"Yuna has {shirts} shirts, {trousers} pairs of trousers and {hats} hats. In how many "
            "ways can she choose one shirt, one pair of trousers and one hat?",
            f"유나에게는 셔츠 {shirts}벌, 바지 {trousers}벌, 모자 {hats}개가 있다. 셔츠, 바지, "
            "모자를 각각 하나씩 고르는 경우의 수는?",
        ),
        key=shirts * trousers * hats,
        mistakes=[
            (shirts + trousers + hats, "added the numbers"),
            (shirts * trousers, "left the hats out"),
            (shirts * trousers + hats, "added the hats instead of multiplying"),
        ],
        rationale=(
            rf"${shirts} \times {trousers} \times {hats} = {shirts * trousers * hats}$.",
            rf"${shirts} \times {trousers} \times {hats} = {shirts * trousers * hats}$이다.",
        ),
        show=whole_number,
    )


def president_and_deputy(rng: Random) -> Draft:
    students = rng.randint(5, 14)
    return single_choice(
        stem=(
            f"In how many ways can a president and a vice-president be elected from {students} "
            "students?",
            f"학생 {students}명 중에서 회장 1명과 부회장 1명을 뽑는 경우의 수는?",
        ),
        key=students * (students - 1),
        mistakes=[
            (comb(students, 2), "did not tell the two offices apart"),
            (students**2, "let one student hold both offices"),
            (2 * students - 1, "added the numbers of choices"),
        ],
        rationale=(
            rf"${students} \times {students - 1} = {students * (students - 1)}$.",
            rf"${students} \times {students - 1} = {students * (students - 1)}$이다.",
        ),
        show=whole_number,
    )


def committees(rng: Random) -> Draft:
    girls, boys = rng.randint(4, 7), rng.randint(4, 7)
    g, b = rng.choice([(2, 2), (2, 3), (3, 2)])
    key = comb(girls, g) * comb(boys, b)
    return single_choice(
        stem=(
            f"In how many ways can a team of {g} girls and {b} boys be chosen from {girls} girls "
            f"and {boys} boys?",
            f"여학생 {girls}명과 남학생 {boys}명 중에서 여학생 {g}명과 남학생 {b}명을 대표로 "
            "뽑는 경우의 수는?",
        ),
        key=key,
        mistakes=[
            (perm(girls, g) * perm(boys, b), "counted the order within the team"),
            (comb(girls, g) + comb(boys, b), "added the numbers of choices"),
            (comb(girls + boys, g + b), "chose from all without regard to girls and boys"),
        ],
        rationale=(
            rf"${comb(girls, g)} \times {comb(boys, b)} = {key}$.",
            f"여학생을 뽑는 경우의 수는 {comb(girls, g)}, 남학생을 뽑는 경우의 수는 "
            rf"{comb(boys, b)}이다. ${comb(girls, g)} \times {comb(boys, b)} = {key}$",
        ),
        show=whole_number,
    )


ITEM_MODELS = (
    ItemModel("tables", (difference_in_a_table, percentage_in_a_table, share_in_a_two_way_table)),
    ItemModel("probability", (one_ball, sum_of_two_dice, two_balls)),
    ItemModel("counting", (outfits, president_and_deputy, committees)),
)
