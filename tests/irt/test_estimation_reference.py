"""Every estimator against independent solutions at the parameters of the reference fits."""

import numpy as np
import pytest

from irt.estimation.expected_a_posteriori import expected_a_posteriori
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.reliability import empirical_reliability, marginal_reliability
from irt.estimation.result import AbilityStatus
from irt.estimation.summed_scores import summed_score_counts, summed_score_eap
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from tests.reference import reader as reference


@pytest.fixture(params=reference.SCORED_FITS, scope="module")
def name(request):
    return request.param


@pytest.fixture(scope="module")
def parameters(name):
    return reference.scored_parameters(name)


@pytest.fixture(scope="module")
def scored(name, parameters):
    patterns, columns = reference.scores(name)
    return dense_responses(patterns, parameters.n_categories), columns


@pytest.fixture(scope="module")
def data(name, parameters):
    """The responses of everybody, not only the distinct patterns."""
    return dense_responses(reference.responses_of(name.split("__")[0]), parameters.n_categories)


def test_eap_and_its_posterior_deviation(name, parameters, scored):
    responses, exact = scored
    mean, sd = reference.scored_population(name)
    estimates = expected_a_posteriori(responses, parameters, normal_grid(121, 6.0, mean, sd))
    assert estimates.theta == pytest.approx(exact["EAP_exact"], abs=1e-10)
    assert estimates.standard_error == pytest.approx(exact["PSD_exact"], abs=1e-10)


def test_map_and_its_errors(name, parameters, scored):
    responses, exact = scored
    mean, sd = reference.scored_population(name)
    expected = maximum_a_posteriori(responses, parameters, mean=mean, sd=sd)
    observed = maximum_a_posteriori(responses, parameters, mean=mean, sd=sd, observed_errors=True)
    assert expected.theta == pytest.approx(exact["MAP_exact"], abs=1e-7)
    assert observed.standard_error == pytest.approx(exact["SEobs_MAP_exact"], abs=1e-7)
    # The reference leaves the prior's information out of the expected one.
    with_prior = 1 / np.sqrt(1 / exact["SEexp_MAP_exact"] ** 2 + 1 / sd**2)
    assert expected.standard_error == pytest.approx(with_prior, abs=1e-7)


def test_ml_and_its_errors(parameters, scored):
    responses, exact = scored
    expected = maximum_likelihood(responses, parameters)
    observed = maximum_likelihood(responses, parameters, observed_errors=True)
    finite = np.isfinite(exact["ML_exact"])
    assert expected.theta == pytest.approx(exact["ML_exact"], abs=1e-7)
    assert (expected.status == AbilityStatus.INFINITE).tolist() == (~finite).tolist()
    assert expected.standard_error[finite] == pytest.approx(
        exact["SEexp_ML_exact"][finite], abs=1e-7
    )
    assert observed.standard_error[finite] == pytest.approx(
        exact["SEobs_ML_exact"][finite], abs=1e-7
    )


def test_the_wle_of_warm_and_its_error(parameters, scored):
    responses, exact = scored
    estimates = weighted_likelihood(responses, parameters)
    assert estimates.theta == pytest.approx(exact["WLEwarm_exact"], abs=1e-7)
    assert estimates.standard_error == pytest.approx(exact["SEexp_WLEwarm_exact"], abs=1e-7)


# With guessing Warm's weight is not the root of the information.
@pytest.mark.parametrize(
    "name", [fit for fit, model in reference.SCORED_FITS.items() if model != "3pl"], scope="module"
)
def test_the_observed_error_of_wle_is_that_of_jeffreys_where_the_two_agree(parameters, scored):
    responses, exact = scored
    estimates = weighted_likelihood(responses, parameters, observed_errors=True)
    assert estimates.standard_error == pytest.approx(exact["SEobs_WLEjeffreys_exact"], abs=2e-7)


def test_summed_scores_and_their_frequencies(name, parameters, data):
    _, theta, error, observed, expected = reference.table("scores", f"{name}__EAPsum").values()
    mean, sd = reference.scored_population(name)
    table = summed_score_eap(parameters, normal_grid(121, 6.0, mean, sd))
    counts = summed_score_counts(data)
    assert table.ability.theta == pytest.approx(theta, abs=1e-8)
    assert table.ability.standard_error == pytest.approx(error, abs=1e-8)
    assert counts.tolist() == observed.astype(int).tolist()
    assert table.probability * counts.sum() == pytest.approx(expected, rel=1e-6)


def test_empirical_reliability(name, parameters, data):
    known = reference.table("scores", f"{name}__reliability")
    mean, sd = reference.scored_population(name)
    estimates = expected_a_posteriori(data, parameters, normal_grid(121, 6.0, mean, sd))
    assert empirical_reliability(estimates) == pytest.approx(known["empirical_rxx"][0], abs=1e-12)


# Of a population of its own mirt integrates over N(0, 1) and divides I by I + the variance.
@pytest.mark.parametrize(
    "name",
    [name for name in reference.SCORED_FITS if name not in reference.SCORED_BY_MIRT_ON_ITS_SCALE],
    scope="module",
)
def test_marginal_reliability(name, parameters):
    mean, sd = reference.scored_population(name)
    known = reference.table("scores", f"{name}__reliability")
    own = marginal_reliability(parameters, normal_grid(121, 6.0, mean, sd))
    assert own == pytest.approx(known["marginal_rxx"][0], abs=1e-7)
