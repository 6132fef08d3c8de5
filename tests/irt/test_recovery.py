"""Estimates and their standard errors are about the true parameters: intervals cover them."""

import numpy as np
import pytest

from benchmarks import data
from irt.calibration.calibrate import calibrate
from irt.responses import dense_responses

N_SETS = 100
# Half the width of a 95% interval, in standard errors.
HALF_WIDTH = 1.959964


@pytest.fixture(scope="module")
def covered():
    """(sets, items) whether the interval of a, and that of b, holds the true value."""
    slopes, difficulties = [], []
    for seed in range(N_SETS):
        made = data.dichotomous(1000, 20, seed)
        fit = calibrate(dense_responses(made.scores), made.items.model)
        assert fit.converged
        found, errors = fit.parameters, fit.standard_errors
        for inside, name in ((slopes, "discrimination"), (difficulties, "difficulty")):
            error = getattr(found, name) - getattr(made.items, name)
            inside.append(np.abs(error) <= HALF_WIDTH * getattr(errors, name))
    return np.array(slopes), np.array(difficulties)


@pytest.mark.slow
def test_the_95_percent_intervals_of_slopes_cover_them_in_93_to_97_of_100_cases(covered):
    assert 0.93 <= covered[0].mean() <= 0.97


@pytest.mark.slow
def test_the_95_percent_intervals_of_difficulties_cover_them_in_93_to_97_of_100_cases(covered):
    assert 0.93 <= covered[1].mean() <= 0.97


@pytest.mark.slow
def test_the_95_percent_intervals_of_both_cover_in_93_to_97_of_100_cases(covered):
    assert 0.93 <= np.concatenate([part.ravel() for part in covered]).mean() <= 0.97
