from fractions import Fraction

import pytest

from tests.demo.tex_reading import evaluate, integers, meaning


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"(-4)^2 - 60 \div (-5) \times 4", 64),
        (r"\lvert 3 - 7 \rvert - \lvert -9 \rvert \times (-2)", 22),
        (r"7\frac{2}{3} - 2\frac{3}{4}", Fraction(59, 12)),
        (r"\frac{1}{2} \div \left( \frac{3}{4} - \frac{1}{5} \right)", Fraction(10, 11)),
        (r"0.8 \times 0.13", Fraction(104, 1000)),
        (r"2\sqrt{9}\,\mathrm{cm}^{2}", 6),
    ],
)
def test_an_expression_has_its_value(tex, value):
    assert evaluate(tex) == value


def test_letters_beside_each_other_are_multiplied():
    assert evaluate("2x^{2}y - xy(x + 1)", x=Fraction(3), y=Fraction(5)) == 90 - 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$2:4$", "$1:2$"),
        (r"$\frac{2}{4}$", "$0.5$"),
        ("$(2x+1)(x-3)$", "$2x^{2}-5x-3$"),
        (r"$\sqrt{12}\,\mathrm{cm}$", r"$2\sqrt{3}\,\mathrm{cm}$"),
    ],
)
def test_two_ways_of_writing_mean_the_same(one, other):
    assert meaning(one) == meaning(other)


def test_unlike_options_mean_different_things():
    assert meaning("$x^{2}+1$") != meaning("$2x+1$")
    assert meaning("$(1, 2)$") != meaning("$(2, 1)$")
    assert meaning("10,500 won") != meaning("1,050 won")


def test_thousands_are_one_number_and_lists_are_several():
    assert integers(r"1,250,000 won, $1:250{,}000$ and $3, 15, 406$") == [
        1250000, 1, 250000, 3, 15, 406,
    ]  # fmt: skip
