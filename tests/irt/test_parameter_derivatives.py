from dataclasses import replace

import numpy as np
import pytest

from irt.models.curves import category_probabilities, expected_score
from irt.models.parameter_derivatives import parameter_column, probability_gradient, score_gradient
from irt.models.parameters import ItemParameters, Model

ITEMS = ItemParameters.from_rows(
    [
        (Model.RASCH, 1.0, 0.3, 0, 1),
        (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
        (Model.FOUR_PL, 0.9, 0.8, 0.1, 0.95),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
        (Model.GRADED, 1.8, [-0.4, 0.6], 0, 1),
        (Model.GPCM, 1.1, [0.5, -0.5, 1.0, 1.2], 0, 1),
        (Model.PCM, 1.0, [-0.5, 0.1], 0, 1),
    ]
)
THETA = np.linspace(-3, 3, 9)
STEP = 1e-6
FOUR_PL_ALONE = np.arange(7) == 2


def difference_quotient(change):
    higher, lower = (category_probabilities(change(s), THETA) for s in (STEP, -STEP))
    return (higher - lower) / (2 * STEP)


def test_derivatives_by_slope_and_difficulty_are_those_of_the_curves():
    gradient = probability_gradient(ITEMS, THETA)
    slopes = difference_quotient(lambda s: replace(ITEMS, discrimination=ITEMS.discrimination + s))
    assert gradient[:, 0] == pytest.approx(slopes, abs=1e-9)
    for step in range(4):
        moved = np.where(np.arange(4) == step, STEP, 0.0)
        steps = difference_quotient(
            lambda s, moved=moved: replace(ITEMS, difficulty=ITEMS.difficulty + np.sign(s) * moved)
        )
        assert gradient[:, 1 + step] == pytest.approx(steps, abs=1e-9)


def test_derivatives_by_the_asymptotes_are_those_of_the_curves():
    gradient = probability_gradient(ITEMS, THETA)[2]
    lower = difference_quotient(
        lambda s: replace(ITEMS, lower_asymptote=ITEMS.lower_asymptote + s * FOUR_PL_ALONE)
    )[2]
    upper = difference_quotient(
        lambda s: replace(ITEMS, upper_asymptote=ITEMS.upper_asymptote + s * FOUR_PL_ALONE)
    )[2]
    assert gradient[-2] == pytest.approx(lower, abs=1e-9)
    assert gradient[-1] == pytest.approx(upper, abs=1e-9)


def test_the_expected_score_changes_as_its_curve_does():
    gradient = score_gradient(ITEMS, THETA)[:, 0]
    higher, lower = (
        expected_score(replace(ITEMS, discrimination=ITEMS.discrimination + s), THETA)
        for s in (STEP, -STEP)
    )
    assert gradient == pytest.approx((higher - lower) / (2 * STEP), abs=1e-8)


def test_every_parameter_has_its_column():
    names = ["a", "b", "b1", "b3", "c", "d"]
    assert [parameter_column(name, 3) for name in names] == [0, 1, 1, 3, 4, 5]
