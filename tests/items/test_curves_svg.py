"""The item characteristic curves that the admin draws."""

import re

from items.curves_svg import Curve, curve_figure, small_curve
from items.item_parameters import Parameters
from items.models import ModelName


def points_of(svg: str) -> list[list[tuple[float, ...]]]:
    return [
        [tuple(map(float, point.split(","))) for point in line.split()]
        for line in re.findall(r'points="([^"]+)"', svg)
    ]


def test_a_small_curve_passes_half_height_at_the_difficulty():
    (line,) = points_of(small_curve(Parameters(ModelName.TWO_PL, 1.5, (0.0,))))
    assert line[0][0] == 0.0
    assert line[-1][0] == 72.0
    assert line[len(line) // 2] == (36.0, 13.0)


def test_a_small_curve_of_a_graded_item_is_its_expected_score_as_a_share():
    (line,) = points_of(small_curve(Parameters(ModelName.GRADED, 1.0, (-1.0, 0.0, 1.0))))
    assert line[len(line) // 2] == (36.0, 13.0)


def test_a_figure_draws_one_curve_for_each_set_of_a_dichotomous_item():
    easy = Curve("current", Parameters(ModelName.TWO_PL, 1.0, (-1.0,)))
    guessed = Curve("draft", Parameters(ModelName.THREE_PL, 1.0, (1.0,), 0.25))
    svg = curve_figure([easy, guessed])
    assert len(points_of(svg)) == 2
    assert "current" in svg
    assert "draft" in svg


def test_a_figure_draws_one_curve_for_each_category_of_a_graded_item():
    svg = curve_figure([Curve("current", Parameters(ModelName.GRADED, 1.0, (-1.0, 0.0, 1.0)))])
    assert len(points_of(svg)) == 4


def test_a_legend_is_escaped():
    svg = curve_figure([Curve("<script>", Parameters(ModelName.TWO_PL, 1.0, (0.0,)))])
    assert "<script>" not in svg
