# ruff: noqa: RUF001 - signs that look alike are what these tests are about
import pytest

from common.errors import InvalidInput
from items.answers import ScoringRule, check_and_score


def rule(*numbers):
    return ScoringRule("numeric", 1, {}, tuple((number, number, 1) for number in numbers))


def score(text, number):
    return check_and_score(rule(number), {"number": text})[1]


def refusal(text, number=0.0):
    with pytest.raises(InvalidInput) as refused:
        check_and_score(rule(number), {"number": text})
    return refused.value


MINUSES = "-‐‑‒–—―−﹘﹣－⁻₋˗ーｰㅡ─━➖"
MIDDLE_DOTS = "·・･∙⋅‧•ㆍ"


@pytest.mark.parametrize("minus", MINUSES)
def test_every_dash_and_minus_is_a_minus(minus):
    assert score(f"{minus}7", -7.0) == 1
    assert score(f"{minus} 7/4", -1.75) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("４２．２５", 42.25),
        ("＋６", 6.0),
        ("６。５", 6.5),
        ("６｡５", 6.5),
        ("٤٢", 42.0),
        ("۴۲", 42.0),
        ("४२", 42.0),
        ("٦٫٢٥", 6.25),
        ("٢٬٤٠٠", 2400.0),
        ("𝟞.𝟝", 6.5),
        ("⑥", 6.0),
    ],
)
def test_digits_and_points_of_every_script_and_width_are_read(text, number):
    assert score(text, number) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("¼", 0.25),
        ("⅝", 0.625),
        ("2¾", 2.75),
        ("-2¾", -2.75),
        ("２ ¾", 2.75),
        ("⅟4", 0.25),
        ("11÷4", 2.75),
        ("11⁄4", 2.75),
        ("11∕4", 2.75),
        ("１１／４", 2.75),
        ("2\u00a03/4", 2.75),
        ("2\u30003/4", 2.75),
        ("2³⁄₄", 2.75),
        ("³/₄", 0.75),
        ("11/4.", 2.75),
    ],
)
def test_fractions_are_read_however_they_are_typed(text, number):
    assert score(text, number) == 1


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff2.75",
        "2\u200b.75",
        "\u200f2.75\u200e",
        "\u20672.75\u2069",
        "2.75\u2060",
        "\u00a02.75\u202f",
        "\t2.75\n",
        "2.75\ufe0e",
        "\u31642.75",
        "2.75.",
    ],
)
def test_what_nobody_sees_changes_nothing(text):
    assert score(text, 2.75) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.4E3", 2400.0),
        ("24e2", 2400.0),
        ("24 e +2", 2400.0),
        ("2,4E3", 2400.0),
        ("2.4×10^3", 2400.0),
        ("2.4 × 10³", 2400.0),
        ("2.4*10^3", 2400.0),
        ("2.4x10^3", 2400.0),
        ("24·10²", 2400.0),
        ("2.4×10⁻³", 0.0024),
        ("2.4E−3", 0.0024),
    ],
)
def test_powers_of_ten_are_read(text, number):
    assert score(text, number) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("2,400", "2 400", "2\u00a0400", "2\u202f400", "2\u2009400", "2'400", "2’400", "2٬400"),
        *("２，４００", "2,400.00", "2.400,00", "2 400,0", "2400."),
    ],
)
def test_thousands_are_grouped_in_many_ways(text):
    assert score(text, 2400.0) == 1


def test_larger_numbers_are_grouped_too():
    for text in ("2,345,678.5", "2.345.678,5", "2 345 678,5", "23,45,678.5", "2'345'678.5"):
        assert score(text, 23_45_678.5) == 1, text


@pytest.mark.parametrize(
    ("text", "ordinary", "other", "first", "second"),
    [
        ("2.400", 2.4, 2400.0, "2.4", "2400"),
        ("2,400", 2400.0, 2.4, "2.4", "2400"),
        ("２．４００", 2.4, 2400.0, "2.4", "2400"),
        ("-2,400", -2400.0, -2.4, "-2400", "-2.4"),
        ("3.142", 3.142, 3142.0, "3.1420", "3142"),
        ("24,00", 24.0, 2400.0, "24", "2400"),
        ("2,4000", 2.4, 24000.0, "2.4", "24000"),
        ("2.400,0", 2400.0, 2.4, "2.4", "2400"),
        ("2·4", 2.4, 8.0, "2.4", "8"),
        ("2ㆍ4", 2.4, 8.0, "2.4", "8"),
        ("1 250/500", 1.5, 2.5, "750/500", "1250/500"),
        ("23⁄4", 5.75, 2.75, "2 3/4", "23/4"),
    ],
)
def test_a_text_with_two_readings_never_loses_a_point_in_silence(
    text, ordinary, other, first, second
):
    assert score(text, ordinary) == 1
    asked = refusal(text, other)
    assert asked.code == "ambiguous_number"
    assert asked.message == (
        f"“{text}” can be read as {first} or as {second}. "
        "Write the one that you mean just as it stands here."
    )
    # What it says to write is read as it says, whatever pays.
    for spelled in (first, second):
        scores = [score(spelled, ordinary), score(spelled, other)]
        assert sorted(scores) == [0, 1]


def test_a_text_with_two_readings_is_wrong_where_neither_pays():
    assert score("2.400", 7.0) == 0
    assert check_and_score(rule(7.0), {"number": "2,400"}) == ({"number": "2400"}, 0)


def test_the_reading_that_pays_less_is_asked_about_too():
    half = ScoringRule("numeric", 2, {}, ((2.4, 2.4, 1), (2400.0, 2400.0, 2)))
    with pytest.raises(InvalidInput) as refused:
        check_and_score(half, {"number": "2.400"})
    assert refused.value.code == "ambiguous_number"


def test_a_number_of_json_has_one_reading():
    assert check_and_score(rule(3142.0), {"number": 3.142}) == ({"number": "3.142"}, 0)


@pytest.mark.parametrize(
    "text",
    [
        *("6.5cm", "6.5 m", "650원", "$650", "₩650", "65%", "65 %", "30°", "6㎝"),
        *("x=6.5", "= 6.5", "(6.5)", "six", "여섯", "六", "VI", "Ⅵ", "π", "√2", "∞"),
        *("6²", "10²", "x²", "2^3", "1:3", "6+1", "6-1", "6 - 1/2", "6-1/2", "+-6", "--6", "±6"),
        *(
            "6 5",
            "6、5",
            "1 000/3",
            "6..5",
            "6.5.1",
            "1,50,0",
            "6,,5",
            "6'5",
            "1_000",
            "0x10",
            "1e",
            "e3",
        ),
        *("\u00ad6", "\u202e6.5", "6\x00", "6\x07", "\u200b", "", " ", "-", ".", ",", "/", "0.(3)"),
        *("0.333…", "~6", "〜6", "6-", "6!", "6;5", "1/0", "½½", "6½/2"),
        *("6" * 41, "0." + "3" * 300),
    ],
)
def test_what_may_be_meant_otherwise_is_refused_with_a_sentence(text):
    refused = refusal(text)
    assert refused.code == "malformed_answer"
    assert "Write the number alone, such as 3.5, -2 or 3/4" in refused.message


def test_many_decimals_are_no_fault():
    third = ScoringRule("numeric", 1, {}, ((0.33, 0.34, 1),))
    assert check_and_score(third, {"number": "0." + "3" * 60})[1] == 1


def test_a_refusal_quotes_what_was_typed_and_no_more_than_a_line_of_it():
    assert "“7 apples”" in refusal(" 7 apples ").message
    assert len(refusal("apples " * 1000).message) < 200


@pytest.mark.parametrize("text", ["2,400", "−2¾", "２．５", "2.4×10³", "2 400,5", "23⁄4"])
def test_the_normal_form_says_the_same_again(text):
    normal, _score = check_and_score(rule(0.0), {"number": text})
    assert check_and_score(rule(0.0), normal) == (normal, 0)
