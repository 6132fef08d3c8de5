"""Generated data follow the model they are named after, in the columns of edu_irt."""

import hashlib

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.models.parameters import Model, validate
from irt.responses import dense_responses
from scoring.files.generation import generate


@pytest.mark.parametrize(
    ("model", "digest"), [("2pl", "5475cc5038ac"), ("3pl", "e8265aa7c326"), ("grm", "29dbc2578700")]
)
def test_a_seed_gives_the_same_responses_for_ever(model, digest):
    data = generate(Model(model), n_students=200, n_items=7, seed=3)
    scores = data.responses.astype(np.int8)
    assert hashlib.sha256(scores.tobytes()).hexdigest().startswith(digest)


@pytest.mark.parametrize("model", Model)
def test_every_model_generates_items_that_it_allows_and_as_many_columns(model):
    data = generate(model, n_students=50, n_items=6, seed=1)
    validate(data.items)
    assert set(data.items.model) == {model}
    assert data.responses.shape == (50, 6)
    assert {len(row) for row in data.item_rows} == {len(data.item_columns)}


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Model.RASCH, ["Difficulty", "Discrimination", "Guessing"]),
        (Model.ONE_PL, ["Difficulty", "Discrimination", "Guessing"]),
        (Model.FOUR_PL, ["Difficulty", "Discrimination", "Guessing", "Upper"]),
        (Model.GPCM, [*(f"Difficulty{k}" for k in (1, 2, 3, 4)), "Discrimination"]),
        (Model.PCM, [*(f"Difficulty{k}" for k in (1, 2, 3, 4)), "Discrimination"]),
    ],
)
def test_the_columns_are_those_of_edu_irt_and_an_upper_asymptote_for_the_4pl(model, columns):
    assert generate(model, n_students=5, n_items=3, seed=1).item_columns == columns


def test_an_upper_asymptote_is_written_below_one():
    rows = np.array(generate(Model.FOUR_PL, n_students=5, n_items=9, seed=1).item_rows)
    assert ((rows[:, 3] >= 0.8) & (rows[:, 3] < 1.0)).all()
    assert (rows[:, 2] < rows[:, 3]).all()


@pytest.mark.parametrize("metric", [1.0, 1.7])
def test_rasch_and_pcm_items_have_slope_one_on_the_logistic_metric(metric):
    for model in (Model.RASCH, Model.PCM):
        data = generate(model, n_students=5, n_items=3, seed=1, metric=metric)
        assert (metric * data.items.discrimination).tolist() == [1.0, 1.0, 1.0]


def test_1pl_items_share_a_slope():
    slopes = generate(Model.ONE_PL, n_students=5, n_items=8, seed=1).items.discrimination
    assert len(set(slopes.tolist())) == 1
    assert 0.5 <= slopes[0] <= 2.0


@pytest.mark.parametrize("model", Model)
def test_calibration_finds_the_difficulties_of_every_model(model):
    data = generate(model, n_students=3000, n_items=20, seed=5, metric=1.0)
    result = calibrate(
        dense_responses(data.responses), data.items.model, with_standard_errors=False
    )
    estimated, true = result.parameters.difficulty[:, 0], data.items.difficulty[:, 0]
    assert result.converged
    assert np.corrcoef(estimated, true)[0, 1] > 0.95
    assert result.group_variance[0] == pytest.approx(1.0, abs=0.15)
