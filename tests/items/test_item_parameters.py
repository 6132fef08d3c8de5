"""What is said about parameters that an item cannot have."""

import math

import pytest

from items.item_parameters import Parameters, models_for
from tests.factories import EIGHT_MODELS


@pytest.mark.parametrize("known", EIGHT_MODELS, ids=lambda known: known.model)
def test_parameters_of_each_model_are_without_fault(known):
    assert known.fault(len(known.difficulty)) is None


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        (Parameters("5pl", 1.0, (0.0,)), "model", "unknown model “5pl”"),
        (Parameters("rasch", math.nan, (0.0,)), "a", "a is a finite number, not nan"),
        (Parameters("1pl", 1.0, (math.inf,)), "b1", "b1 is a finite number, not inf"),
        (
            Parameters("4pl", 1.0, (0.0,), 0.1, math.nan),
            "d",
            "d is a finite number, not nan",
        ),
        (Parameters("rasch", 0.0, (0.0,)), "a", "the discrimination is above 0, not 0"),
        (
            Parameters("4pl", 1.0, (0.0,), 0.1, 0.9, upper_asymptote_se=-0.1),
            "se_d",
            "a standard error is a finite number from 0, not -0.1",
        ),
        (
            Parameters("rasch", 1.0, (0.0, 1.0)),
            "b2",
            "scores 0…1 need 1 difficulties, not 2",
        ),
        (
            Parameters("3pl", 1.0, (0.0,), 0.0, 0.9),
            "d",
            "model 3pl has no upper asymptote: d is 1 (4pl has one)",
        ),
        (
            Parameters("rasch", 1.0, (0.0,), 0.2, 0.9),
            "c",
            "model rasch has no lower asymptote: c is 0 (3pl and 4pl have one)",
        ),
        (
            Parameters("4pl", 1.0, (0.0,), 0.9, 0.9),
            "c",
            "the asymptotes satisfy 0 ≤ c < d ≤ 1, not c = 0.9 and d = 0.9",
        ),
        (
            Parameters("2pl", 1.0, (0.0,), lower_asymptote_se=0.1),
            "se_c",
            "model 2pl has no c: leave its standard error empty",
        ),
        (
            Parameters("3pl", 1.0, (0.0,), 0.2, upper_asymptote_se=0.1),
            "se_d",
            "model 3pl has no d: leave its standard error empty",
        ),
    ],
)
def test_a_fault_of_a_dichotomous_item_names_the_parameter_and_says_why(values, name, reason):
    assert values.fault(1) == (name, reason)


@pytest.mark.parametrize(
    ("values", "name", "reason"),
    [
        (
            Parameters("4pl", 1.0, (0.0, 1.0)),
            "model",
            "model 4pl scores 0 and 1; this item scores 0…2",
        ),
        (Parameters("gpcm", 1.0, (0.0,)), "b2", "scores 0…2 need 2 difficulties, not 1"),
        (
            Parameters("grm", 1.0, (1.0, 0.5)),
            "b2",
            "thresholds rise strictly; 0.5 follows 1",
        ),
        (
            Parameters("pcm", 1.0, (1.0, 0.5), difficulty_se=(0.1,)),
            "se_b1",
            "as many standard errors as difficulties are needed",
        ),
        (
            Parameters("gpcm", 1.0, (1.0, 0.5), 0.1),
            "c",
            "model gpcm has no lower asymptote: c is 0 (3pl and 4pl have one)",
        ),
    ],
)
def test_a_fault_of_an_item_with_several_points_names_the_parameter(values, name, reason):
    assert values.fault(2) == (name, reason)


def test_every_model_fits_scores_0_and_1_and_three_fit_more():
    assert models_for(1) == [known.model for known in EIGHT_MODELS]
    assert models_for(3) == ["grm", "pcm", "gpcm"]


def test_parameters_are_told_in_one_line():
    assert str(EIGHT_MODELS[4]) == "4pl a 1.6; b 0; c 0.15; d 0.95"
