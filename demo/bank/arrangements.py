"""Items of the mathematics bank that are put in order or matched, with partial credit."""

from demo.bank.content import DemoItem, DemoOption, Text
from demo.bank.drafting import Pair

Thresholds = tuple[float, ...]


def arrangement_items() -> tuple[DemoItem, ...]:
    """Three ordering and three matching items; the same on every call."""
    return (*_ordering_items(), *_matching_items())


def _ordering_items() -> tuple[DemoItem, ...]:
    return (
        _ordering(
            "FR-ORDER",
            "fractions_ratio",
            (
                "Put these numbers in order, from the smallest to the largest.",
                "다음 수를 작은 것부터 차례대로 나열하세요.",
            ),
            [r"$\frac{3}{8}$", "$0.4$", r"$45\,\%$", r"$\frac{1}{2}$", r"$\frac{5}{9}$"],
            (
                r"As decimals: $0.375 < 0.4 < 0.45 < 0.5 < 0.555\ldots$",
                r"소수로 나타내면 $0.375 < 0.4 < 0.45 < 0.5 < 0.555\ldots$이다.",
            ),
            (1.5, (-1.1, -0.5, 0.1, 0.9)),
        ),
        _ordering(
            "AR-ORDER",
            "arithmetic",
            (
                r"$50 - 2 \times (3 + 1)^2$ is worked out in four steps. Put the steps in order.",
                r"$50 - 2 \times (3 + 1)^2$을 네 단계로 계산합니다. 계산 순서대로 나열하세요.",
            ),
            ["$3 + 1 = 4$", "$4^2 = 16$", r"$2 \times 16 = 32$", "$50 - 32 = 18$"],
            (
                "Brackets first, then the power, then the product, and the difference last.",
                "괄호 안을 먼저 계산하고, 거듭제곱, 곱셈, 뺄셈의 순서로 계산한다.",
            ),
            (1.3, (-1.6, -0.9, -0.2)),
        ),
        _ordering(
            "GE-ORDER",
            "geometry",
            (
                "Put these lengths in order, from the shortest to the longest.",
                "다음 길이를 짧은 것부터 차례대로 나열하세요.",
            ),
            ["65 mm", "7 cm", "0.5 m", "120 cm"],
            (
                "In centimeters: 6.5, 7, 50 and 120.",
                "센티미터로 나타내면 6.5, 7, 50, 120이다.",
            ),
            (1.2, (-1.4, -0.6, 0.3)),
        ),
    )


def _matching_items() -> tuple[DemoItem, ...]:
    return (
        _matching(
            "GE-MATCH",
            "geometry",
            ("Which formula gives the area?", "넓이를 구하는 식은 무엇입니까?"),
            [
                (
                    (
                        "Triangle with base $b$ and height $h$",
                        "밑변의 길이가 $b$, 높이가 $h$인 삼각형",
                    ),
                    r"$\frac{1}{2}bh$",
                ),
                (
                    (
                        "Parallelogram with base $b$ and height $h$",
                        "밑변의 길이가 $b$, 높이가 $h$인 평행사변형",
                    ),
                    "$bh$",
                ),
                (
                    (
                        "Trapezoid with parallel sides $a$ and $c$ and height $h$",
                        "평행한 두 변의 길이가 $a$, $c$이고 높이가 $h$인 사다리꼴",
                    ),
                    r"$\frac{1}{2}(a + c)h$",
                ),
                (("Circle with radius $r$", "반지름의 길이가 $r$인 원"), r"$\pi r^2$"),
            ],
            (r"$2\pi r$", "takes the circumference for the area"),
            (
                r"$2\pi r$ is the circumference of the circle, a length.",
                r"$2\pi r$은 원의 둘레의 길이이다.",
            ),
            (1.6, (-1.2, -0.6, 0.2, 0.8)),
        ),
        _matching(
            "AL-MATCH",
            "algebra",
            ("Which is the solution of each equation?", "각 방정식의 해는 무엇입니까?"),
            [
                (("$x + 5 = 2$", "$x + 5 = 2$"), "$x = -3$"),
                (("$2x = 3$", "$2x = 3$"), r"$x = \frac{3}{2}$"),
                ((r"$\frac{x}{2} = 3$", r"$\frac{x}{2} = 3$"), "$x = 6$"),
            ],
            ("$x = 7$", "adds 5 instead of subtracting it"),
            (
                "Undo what was done to $x$, on both sides.",
                "양변에 같은 역연산을 하여 $x$만 남긴다.",
            ),
            (1.4, (-1.3, -0.4, 0.4)),
        ),
        _matching(
            "DA-MATCH",
            "data",
            (
                "Six pupils read 1, 2, 2, 4, 6 and 9 books. Which number is which?",
                "여섯 학생이 읽은 책은 각각 1권, 2권, 2권, 4권, 6권, 9권입니다. "
                "알맞은 수는 무엇입니까?",
            ),
            [
                (("Mean", "평균"), "4"),
                (("Median", "중앙값"), "3"),
                (("Mode", "최빈값"), "2"),
                (("Range", "범위"), "8"),
            ],
            ("6", "counts the values"),
            (
                "The sum is 24 for six pupils; the middle values are 2 and 4; 2 comes twice; "
                "$9 - 1 = 8$.",
                "합은 24이고 학생은 6명이다. 가운데 두 값은 2와 4이고, 2가 두 번 나오며, "
                "$9 - 1 = 8$이다.",
            ),
            (1.3, (-1.0, -0.3, 0.3, 1.0)),
        ),
    )


def _ordering(
    code: str,
    area: str,
    stem: Pair,
    lines: list[str],
    rationale: Pair,
    true: tuple[float, Thresholds],
) -> DemoItem:
    """`lines`, which read the same in both languages, in the right order."""
    options = tuple(DemoOption(_text((line, line))) for line in lines)
    return _item(code, area, "ordering", stem, options, rationale, true)


def _matching(
    code: str,
    area: str,
    stem: Pair,
    pairs: list[tuple[Pair, str]],
    distractor: tuple[str, str],
    rationale: Pair,
    true: tuple[float, Thresholds],
) -> DemoItem:
    """Terms with their choices, and one choice more, with the mistake behind it."""
    choices = (DemoOption(_text((choice, choice)), term=_text(term)) for term, choice in pairs)
    choice, mistake = distractor
    options = (*choices, DemoOption(_text((choice, choice)), note=mistake))
    return _item(code, area, "matching", stem, options, rationale, true)


def _item(
    code: str,
    area: str,
    kind: str,
    stem: Pair,
    options: tuple[DemoOption, ...],
    rationale: Pair,
    true: tuple[float, Thresholds],
) -> DemoItem:
    slope, thresholds = true
    return DemoItem(
        code=code,
        area=area,
        response_kind=kind,
        stem=_text(stem),
        options=options,
        rules=(),
        rationale=_text(rationale),
        model="grm",
        true_parameters=(slope, thresholds, 0.0),
        level=2,
        item_model=kind,
    )


def _text(pair: Pair) -> Text:
    en, ko = pair
    return {"en": en, "ko": ko}
