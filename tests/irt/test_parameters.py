import numpy as np
import pytest

from irt.models.parameters import (
    ItemParameters,
    Model,
    ParameterError,
    concatenate,
    to_logistic_metric,
    to_normal_metric,
    validate,
)

MEND = "; is the key right? Mend it and calibrate again, or leave the item out"


def mixed():
    return ItemParameters.from_rows(
        [
            (Model.TWO_PL, 1.2, 0.5, 0, 1),
            (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
            (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
            (Model.PCM, 1.0, [0.7, -0.7], 0, 1),
        ]
    )


def test_rows_of_several_models_share_one_set_of_arrays():
    parameters = mixed()
    assert parameters.n_items == 4
    assert parameters.n_categories.tolist() == [2, 4, 2, 3]
    items = {part.family.name: part.items.tolist() for part in parameters.parts}
    assert items == {"dichotomous": [0, 2], "graded": [1], "partial credit": [3]}
    assert np.isnan(parameters.difficulty[0]).tolist() == [False, True, True]


def test_take_returns_the_items_asked_for_in_that_order():
    taken = mixed().take([2, 0])
    assert taken.model.tolist() == ["3pl", "2pl"]
    assert taken.lower_asymptote.tolist() == [0.2, 0.0]


def test_concatenate_pads_the_narrower_part():
    joined = concatenate([mixed().take([0]).take([0]), mixed()])
    assert joined.n_categories.tolist() == [2, 2, 4, 2, 3]


def test_sound_parameters_are_accepted():
    validate(mixed())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((Model.TWO_PL, 0.0, 0.5, 0, 1), "the discrimination must be positive, not 0" + MEND),
        ((Model.TWO_PL, -1.0, 0.5, 0, 1), "the discrimination must be positive, not -1" + MEND),
        ((Model.TWO_PL, np.nan, 0.5, 0, 1), "every parameter must be a finite number"),
        ((Model.TWO_PL, 1.0, np.inf, 0, 1), "every parameter must be a finite number"),
        ((Model.TWO_PL, 1.0, np.nan, 0, 1), "the difficulty is missing"),
        ((Model.TWO_PL, 1.0, 0.0, 0.1, 1), "model 2pl has no asymptotes: c must be 0 and d 1"),
        ((Model.TWO_PL, 1.0, [0.0, 1.0], 0, 1), "model 2pl has one difficulty, not 2"),
        (
            (Model.THREE_PL, 1.0, 0.0, 0.1, 0.9),
            "model 3pl has no upper asymptote: d must be 1 (4pl has one)",
        ),
        (
            (Model.FOUR_PL, 1.0, 0.0, 0.9, 0.8),
            "the asymptotes must satisfy 0 <= c < d <= 1, not c = 0.9 and d = 0.8",
        ),
        ((Model.GRADED, 1.0, [0.0, 0.0], 0, 1), "thresholds must rise strictly, not 0, 0"),
        ((Model.GRADED, 1.0, [1.0, 0.0], 0, 1), "thresholds must rise strictly, not 1, 0"),
        (
            (Model.GRADED, 1.0, [0.0, 1.0], 0.1, 1),
            "model grm has no asymptotes: c must be 0 and d 1",
        ),
        (
            (Model.GPCM, 1.0, [0.0, 1.0], 0.1, 1),
            "model gpcm has no asymptotes: c must be 0 and d 1",
        ),
        (
            ("xyz", 1.0, 0.0, 0, 1),
            "unknown model 'xyz'; known are rasch, 1pl, 2pl, 3pl, 4pl, grm, pcm, gpcm",
        ),
    ],
)
def test_impossible_parameters_are_refused_with_the_item_and_the_reason(row, reason):
    parameters = ItemParameters.from_rows([(Model.TWO_PL, 1.0, 0.0, 0, 1), row])
    with pytest.raises(ParameterError) as refusal:
        validate(parameters)
    assert (refusal.value.item, refusal.value.reason) == (1, reason)


def test_metric_conversion_scales_discriminations_by_1_7_and_back():
    assert to_logistic_metric([1.0, 2.0]).tolist() == [1.7, 3.4]
    assert to_normal_metric([1.7]).tolist() == [1.0]
