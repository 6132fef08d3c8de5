"""The library's results where abilities go beyond the usual grid, or between its nodes."""

import numpy as np
import pytest

import irt
from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.library.faults import FitWarning
from irt.quadrature import normal_grid
from tests.irt.library.studies import persons_of

WIDE = irt.item_bank("rasch", difficulty=np.linspace(-3.0, 3.0, 14))


@pytest.fixture(scope="module")
def data():
    return WIDE.simulate(persons_of(500, sd=3.2), seed=5)


def test_a_wide_fit_is_that_of_an_ample_grid_and_says_what_it_took(data):
    fit = irt.fit_model(data, "rasch")
    ample = irt.fit_model(data, "rasch", nodes=251, limit=25.0)
    assert fit.converged
    assert fit.population["variance"][0] == pytest.approx(ample.population["variance"][0], abs=1e-3)
    assert f"grid            {len(fit.nodes)} nodes on +-{fit.nodes[-1]:g}" in str(fit)
    assert fit.nodes[-1] > 15.0


def test_scores_of_a_wide_fit_are_those_of_an_ample_grid(data):
    fit = irt.fit_model(data, "rasch")
    sd = float(fit.population["variance"][0]) ** 0.5
    exact = expected_a_posteriori(
        fit.responses.responses, fit.bank.parameters, normal_grid(1201, 30.0, sd=sd)
    )
    np.testing.assert_allclose(fit.score().theta, exact.theta, atol=1e-3)
    np.testing.assert_allclose(fit.score().standard_error, exact.standard_error, rtol=0.01)


def test_a_grid_that_was_asked_for_and_is_too_short_is_a_doubt(data):
    with pytest.warns(FitWarning, match="41 nodes on a range of 6 do not show the abilities"):
        fit = irt.fit_model(data, "rasch", nodes=41)
    assert not fit.converged
    assert len(fit.nodes) == 41


def test_fit_statistics_of_a_wide_population_find_no_misfit_that_is_not_there(data):
    fit = irt.fit_model(data, "rasch")
    p = np.asarray(fit.item_fit().to_columns()["s_x2_p"], dtype=float)
    assert (p < 0.01).sum() <= 1
    assert fit.model_fit().to_columns()["p"][0] > 0.01


def test_a_bank_scores_under_a_prior_of_any_width():
    everything = np.ones((1, 14))
    theta = [
        float(WIDE.score(irt.read_responses(everything, items=WIDE.items), sd=sd).theta[0])
        for sd in (0.02, 1.0, 3.2, 12.0)
    ]
    assert theta == sorted(theta)
    assert theta[0] == pytest.approx(0.0028, abs=1e-3)
    assert theta[3] > 10.0


def test_groups_far_apart_are_scored_under_their_own_distributions():
    bank = irt.item_bank(
        "2pl", discrimination=np.full(18, 1.3), difficulty=np.linspace(-2.0, 7.0, 18)
    )
    theta = np.concatenate([persons_of(300), persons_of(300, seed=4, mean=5.0, sd=1.8)])
    groups = ["near"] * 300 + ["far"] * 300
    fit = irt.fit_model(bank.simulate(theta, seed=6), "2pl", groups=groups)
    ample = irt.fit_model(fit.responses, "2pl", groups=groups, nodes=241, limit=24.0)
    np.testing.assert_allclose(fit.population["mean"], ample.population["mean"], atol=2e-3)
    np.testing.assert_allclose(fit.score().theta, ample.score().theta, atol=3e-3)
