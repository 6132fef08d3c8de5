"""The item characteristic curves that the admin draws."""

import re

import pytest

from irt.models.parameters import Model
from items.admin.curves import Curve, curve_figure, small_curve
from items.item_parameters import Parameters


def points_of(svg: str) -> list[list[tuple[float, ...]]]:
    return [
        [tuple(map(float, point.split(","))) for point in line.split()]
        for line in re.findall(r'points="([^"]+)"', svg)
    ]


def test_a_small_curve_passes_half_height_at_the_difficulty():
    (line,) = points_of(small_curve(Parameters(Model.TWO_PL, 1.5, (0.0,))))
    assert line[0][0] == 0.0
    assert line[-1][0] == 72.0
    assert line[len(line) // 2] == (36.0, 13.0)


def test_a_small_curve_of_a_graded_item_is_its_expected_score_as_a_share():
    (line,) = points_of(small_curve(Parameters(Model.GRADED, 1.0, (-1.0, 0.0, 1.0))))
    assert line[len(line) // 2] == (36.0, 13.0)


def test_a_figure_draws_one_curve_for_each_set_of_a_dichotomous_item():
    easy = Curve("current", Parameters(Model.TWO_PL, 1.0, (-1.0,)))
    guessed = Curve("draft", Parameters(Model.THREE_PL, 1.0, (1.0,), 0.25))
    svg = curve_figure([easy, guessed])
    assert len(points_of(svg)) == 2
    assert "current" in svg
    assert "draft" in svg


def test_a_figure_draws_one_curve_for_each_category_of_a_graded_item():
    svg = curve_figure([Curve("current", Parameters(Model.GRADED, 1.0, (-1.0, 0.0, 1.0)))])
    assert len(points_of(svg)) == 4


@pytest.mark.parametrize("model", [Model.PCM, Model.GPCM])
def test_a_figure_draws_one_curve_for_each_category_of_a_partial_credit_item(model):
    steps = (0.5, -0.5)
    svg = curve_figure([Curve("current", Parameters(model, 1.0, steps))])
    lowest, middle, highest = points_of(svg)
    assert lowest[0][1] < middle[0][1] < highest[0][1]  # y runs down
    assert highest[-1][1] < middle[-1][1] < lowest[-1][1]
    (share,) = points_of(small_curve(Parameters(model, 1.0, steps)))
    assert share[len(share) // 2] == (36.0, 13.0)


def test_the_legend_tells_scores_by_colour_and_sets_by_dashes_where_there_are_several_scores():
    sets = [Curve(name, Parameters(Model.PCM, 1.0, (0.5, -0.5))) for name in ("now", "draft")]
    legend = curve_figure(sets).partition("<figcaption>")[2]
    assert re.findall(r'icc-line ([^"]*)" d="M0 4H28"/></svg>([^<]*)<', legend) == [
        ("icc-set-0 icc-category-any", "now"),
        ("icc-set-1 icc-category-any", "draft"),
        ("icc-category-0", "score 0"),
        ("icc-category-1", "score 1"),
        ("icc-category-2", "score 2"),
    ]


@pytest.mark.parametrize("model", [Model.GRADED, Model.GPCM])
def test_a_single_step_is_drawn_as_the_chance_of_success(model):
    svg = curve_figure([Curve("current", Parameters(model, 1.0, (0.5,)))])
    assert svg == curve_figure([Curve("current", Parameters(Model.TWO_PL, 1.0, (0.5,)))])


def test_the_curve_of_a_4pl_item_stays_between_its_asymptotes():
    (line,) = points_of(small_curve(Parameters(Model.FOUR_PL, 5.0, (0.0,), 0.25, 0.75)))
    assert (line[0], line[-1]) == ((0.0, 19.0), (72.0, 7.0))


def test_a_legend_is_escaped():
    svg = curve_figure([Curve("<script>", Parameters(Model.TWO_PL, 1.0, (0.0,)))])
    assert "<script>" not in svg
