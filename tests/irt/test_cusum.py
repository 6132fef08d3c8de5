"""CUSUM of residuals along sessions."""

import numpy as np
import pytest

from irt.models.curves import expected_score
from irt.models.parameters import ItemParameters, Model, ParameterError
from irt.person_fit.cusum import cusum
from irt.person_fit.result import PersonStatus
from irt.responses import ResponseError

# At theta 0 each is answered correctly with probability 1/2.
EVEN = ItemParameters.from_rows([(Model.RASCH, 1.0, 0.0, 0.0, 1.0)] * 4)


def test_the_sums_of_a_session_by_hand():
    fit = cusum([0, 0, 0, 0], [0, 1, 2, 3], [1, 1, 0, 0], EVEN, np.zeros(4), n_persons=1)
    assert fit.upper_path.tolist() == [0.125, 0.25, 0.125, 0.0]
    assert fit.lower_path.tolist() == [0.0, 0.0, -0.125, -0.25]
    assert fit.upper.value.tolist() == [0.25]
    assert fit.lower.value.tolist() == [-0.25]
    assert fit.upper.status.tolist() == [PersonStatus.OK]


def test_the_order_of_the_answers_matters():
    fit = cusum([0, 0, 0, 0], [0, 1, 2, 3], [1, 0, 1, 0], EVEN, np.zeros(4), n_persons=1)
    assert fit.upper.value.tolist() == [0.125]
    assert fit.lower.value.tolist() == [-0.125]


def test_sessions_of_any_length_may_be_mixed():
    rng = np.random.default_rng(3)
    items = ItemParameters.from_rows(
        [(Model.TWO_PL, 1.2, b, 0.0, 1.0) for b in rng.normal(size=20)]
        + [(Model.GRADED, 0.9, [-0.5, 0.7], 0.0, 1.0)] * 20
    )
    lengths = [7, 0, 1, 25, 7]
    person = rng.permutation(np.repeat(np.arange(5), lengths))
    item = rng.integers(0, 40, len(person))
    score = rng.integers(0, items.n_categories[item])
    theta = rng.normal(size=len(person))
    fit = cusum(person, item, score, items, theta, n_persons=5)
    for one, length in enumerate(lengths):
        up = down = top = bottom = 0.0
        for answer in np.flatnonzero(person == one):
            expected = expected_score(items.take([item[answer]]), theta[answer, None])[0, 0]
            residual = (score[answer] - expected) / length
            up, down = max(0.0, up + residual), min(0.0, down + residual)
            top, bottom = max(top, up), min(bottom, down)
            assert fit.upper_path[answer] == pytest.approx(up, abs=1e-14)
            assert fit.lower_path[answer] == pytest.approx(down, abs=1e-14)
        if length:
            assert fit.upper.value[one] == pytest.approx(top, abs=1e-14)
            assert fit.lower.value[one] == pytest.approx(bottom, abs=1e-14)
    assert fit.upper.status.tolist() == ["ok", "no responses", "ok", "ok", "ok"]
    assert np.isnan(fit.upper.value[1])


def test_a_theta_that_is_not_finite_stops_the_sums_of_its_person_alone():
    theta = [0.0, np.inf, 0.0, 0.0]
    fit = cusum([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1], EVEN, theta, n_persons=2)
    assert fit.upper.status.tolist() == ["theta is not finite", "ok"]
    assert np.isnan(fit.upper_path).tolist() == [True, True, False, False]
    assert fit.upper.value[1] == 0.5


def test_no_answers_at_all():
    fit = cusum([], [], [], EVEN, [], n_persons=2)
    assert fit.upper.status.tolist() == ["no responses", "no responses"]
    assert fit.upper_path.shape == (0,)


def test_answers_that_do_not_fit_are_refused_in_words():
    with pytest.raises(ResponseError, match="lists of the same length"):
        cusum([0, 0], [0, 1], [1, 1], EVEN, [0.0], n_persons=1)
    with pytest.raises(ResponseError, match="persons must be indices 0 to 0"):
        cusum([1], [0], [1], EVEN, [0.0], n_persons=1)
    with pytest.raises(ResponseError, match="items must be indices 0 to 3"):
        cusum([0], [4], [1], EVEN, [0.0], n_persons=1)
    with pytest.raises(ResponseError, match="item 2: a score of 2 is not a category"):
        cusum([0], [2], [2], EVEN, [0.0], n_persons=1)
    broken = ItemParameters.from_rows([(Model.TWO_PL, np.inf, 0.0, 0.0, 1.0)])
    with pytest.raises(ParameterError, match="item 0"):
        cusum([0], [0], [1], broken, [0.0], n_persons=1)


def test_a_change_within_the_session_is_found_where_it_happens():
    items = ItemParameters.from_rows((Model.TWO_PL, 1.5, b, 0.0, 1.0) for b in np.zeros(40))
    steady = np.tile([1, 0], 20)
    tiring = np.repeat([1, 0], 20)
    person, item = np.repeat([0, 1], 40), np.tile(np.arange(40), 2)
    score = np.concatenate([steady, tiring])
    fit = cusum(person, item, score, items, np.zeros(80), n_persons=2)
    assert fit.upper.value[1] == pytest.approx(0.25)
    assert fit.upper_path[40:].argmax() == 19
    assert fit.lower_path[40:].argmin() == 39
    assert fit.upper.value[0] == pytest.approx(0.0125)
