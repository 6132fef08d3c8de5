"""Data that no model fits end converged and finite, or with a status that says what is wrong."""

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.result import ItemStatus
from irt.models.parameters import Model
from irt.responses import MISSING, ResponseError, dense_responses, sparse_responses
from tests.irt.pathological import pathological_sets

SETS = pathological_sets()
# Enough to converge where there is something to converge to.
MAX_ITERATIONS = 60


def dense(data):
    return dense_responses(data.scores.astype(np.int8), data.n_categories)


def sparse(data):
    """With the categories that were seen, as a file without further knowledge gives them."""
    person, item = np.nonzero(data.scores != MISSING)
    n_persons, n_items = data.scores.shape
    return sparse_responses(
        person, item, data.scores[person, item], n_persons=n_persons, n_items=n_items
    )


def test_there_are_more_than_two_hundred_of_them():
    assert len(SETS) > 200
    assert len({data.name for data in SETS}) == len(SETS)


@pytest.mark.parametrize("responses_of", [dense, sparse])
@pytest.mark.parametrize("data", SETS, ids=lambda data: data.name)
def test_pathological_data_end_finite_or_with_a_status_that_says_why(data, responses_of):
    try:
        result = calibrate(responses_of(data), data.models, max_iterations=MAX_ITERATIONS)
    except ResponseError:  # a sentence
        return
    assert_whole(result)
    for item, status in enumerate(result.status):
        assert_as_its_status_says(result, item, status)


def assert_whole(result):
    assert np.isfinite([result.log_likelihood, result.log_posterior, result.max_gradient]).all()
    assert np.isfinite(result.history).all()
    assert np.isfinite([result.group_mean, result.group_variance]).all()
    assert not np.isinf(result.group_variance_se).any()
    assert result.converged == (result.max_gradient < 1e-6 and result.better_nodes is None)


def assert_as_its_status_says(result, item, status):
    values, errors = parameters_of(result, item), errors_of(result, item)
    if status == ItemStatus.EMPTY_CATEGORY:
        assert np.isnan(values).all()
        assert np.isnan(errors).all()
        return
    assert np.isfinite(values).all()
    if status == ItemStatus.ESTIMATED:
        assert np.isfinite(errors).all()
        assert (errors > 0).all()
        assert values[0] > 0
    if status == ItemStatus.NEGATIVE_SLOPE:
        assert values[0] <= 0


def parameters_of(result, item):
    """a, the steps that the item has, c and d."""
    parameters = result.parameters
    width = max(int(parameters.n_categories[item]) - 1, 1)
    return np.array(
        [
            parameters.discrimination[item],
            *parameters.difficulty[item, :width],
            parameters.lower_asymptote[item],
            parameters.upper_asymptote[item],
        ]
    )


def errors_of(result, item):
    """Standard errors of what the item's model estimates."""
    errors, model = result.standard_errors, result.parameters.model[item]
    width = max(int(result.parameters.n_categories[item]) - 1, 1)
    own = [*errors.difficulty[item, :width]]
    if model not in (Model.RASCH, Model.PCM):
        own.append(errors.discrimination[item])
    if model in (Model.THREE_PL, Model.FOUR_PL):
        own.append(errors.lower_asymptote[item])
    if model == Model.FOUR_PL:
        own.append(errors.upper_asymptote[item])
    return np.array(own)
