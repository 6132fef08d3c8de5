"""Fit statistics at the estimates of reference fits: mirt's own values, or independent ones."""

from dataclasses import replace

import numpy as np
import pytest

from irt.fit.m2 import m2
from irt.fit.margins import Margins, quadratic_form
from irt.fit.mean_squares import mean_squares
from irt.fit.s_x2 import s_x2
from irt.models.curves import category_probabilities
from tests.irt.fit_data import fitted, statistics_of
from tests.reference import reader as reference

WITH_M2_OF_MIRT = ("LSAT7__2pl", "LSAT7__rasch", "ref_anchor__2pl_fixed30_free_meanvar")
WITH_M2 = ("choice__2pl", "choice__rasch", "choice__3pl_normm1.1_0.5")
INDICES = {
    "RMSEA": "rmsea",
    "RMSEA_5": "rmsea_lower",
    "RMSEA_95": "rmsea_upper",
    "SRMSR": "srmsr",
    "CFI": "cfi",
    "TLI": "tli",
}
WITH_INFIT = tuple(name for name in reference.SCORED_FITS if not name.startswith("ref_"))

# mirt's default EAP has 121 nodes.
EAP_NODES = np.linspace(-6.0, 6.0, 121)


@pytest.mark.parametrize("name", reference.SCORED_FITS)
def test_s_x2_is_that_of_the_reference(name):
    responses, model = fitted(name)
    theirs = statistics_of(name, "S_X2")

    ours = s_x2(responses, model)

    np.testing.assert_allclose(ours.statistic, theirs["S_X2"], rtol=1e-10)
    assert ours.df.tolist() == theirs["df.S_X2"].tolist()
    np.testing.assert_allclose(ours.p, theirs["p.S_X2"], rtol=1e-8)
    np.testing.assert_allclose(ours.rmsea, theirs["RMSEA.S_X2"], atol=1e-12)


@pytest.mark.parametrize("name", WITH_INFIT)
def test_mean_squares_are_those_of_the_reference_with_mirts_floor_of_the_variance(name):
    responses, model = fitted(name)
    theirs = statistics_of(name, "infit")

    ours = mean_squares(responses, replace(model, nodes=EAP_NODES), least_variance=np.sqrt(1e-5))

    np.testing.assert_allclose(ours.outfit, theirs["outfit"], rtol=1e-10)
    np.testing.assert_allclose(ours.infit, theirs["infit"], rtol=1e-10)
    np.testing.assert_allclose(ours.z_outfit, theirs["z.outfit"], rtol=1e-7)
    np.testing.assert_allclose(ours.z_infit, theirs["z.infit"], rtol=1e-7)


@pytest.mark.parametrize("name", WITH_M2_OF_MIRT)
def test_m2_is_that_of_mirt_which_takes_the_moments_of_the_group_as_known(name):
    responses, model = fitted(name)
    theirs = {key: values[0] for key, values in statistics_of(name, "M2").items()}
    fixed = replace(model, free_mean=False, free_variance=False)

    ours = m2(responses, fixed)

    assert ours.df - model.n_free_moments == theirs["df"]
    np.testing.assert_allclose(ours.statistic, theirs["M2"], rtol=1e-10)
    np.testing.assert_allclose(ours.srmsr, theirs["SRMSR"], rtol=1e-10)


@pytest.mark.parametrize("name", WITH_M2_OF_MIRT)
def test_m2_and_its_indices_are_close_to_those_of_mirt(name):
    responses, model = fitted(name)
    theirs = {key: values[0] for key, values in statistics_of(name, "M2").items()}

    ours = m2(responses, model)

    assert ours.df == theirs["df"]
    np.testing.assert_allclose(ours.statistic, theirs["M2"], rtol=2e-4)
    for key, name in INDICES.items():
        assert getattr(ours, name) == pytest.approx(theirs[key], abs=1e-5)
    assert ours.p == pytest.approx(theirs["p"], abs=1e-3)


@pytest.mark.parametrize("name", WITH_M2)
def test_m2_and_its_indices_are_those_of_the_reference(name):
    responses, model = fitted(name)
    theirs = {key: values[0] for key, values in statistics_of(name, "M2").items()}

    ours = m2(responses, model)

    assert ours.df == theirs["df"]
    np.testing.assert_allclose(ours.statistic, theirs["M2"], rtol=1e-8)
    np.testing.assert_allclose(ours.p, theirs["p"], rtol=1e-7)
    for key, attribute in INDICES.items():
        assert getattr(ours, attribute) == pytest.approx(theirs[key], abs=1e-8)


def test_m2_of_mirt_for_3pl_items_comes_from_another_derivative():
    """mirt moves P by a and the intercept as P (1 - P), which leaves out the lower asymptote."""
    name = "ref_3pl__3pl_normm1.4_0.5"
    responses, model = fitted(name)
    theirs = {key: values[0] for key, values in statistics_of(name, "M2").items()}
    scores = responses.scores.astype(float)
    curves = category_probabilities(model.parameters, model.nodes)[:, 1]
    constant = np.ones((1, len(model.nodes)))
    margins = Margins(
        np.concatenate([constant, curves]),
        np.concatenate([0 * constant, curves * (1 - curves)]),
        model.ability.weights,
    )
    derivative = np.zeros((len(margins.expected), 3 * len(curves)))
    for item, curve in enumerate(curves):
        spread = curve * (1 - curve)
        rows, values = margins.derivative(
            item + 1, np.stack([spread * model.nodes, spread, 1 - curve])
        )
        derivative[rows, 3 * item : 3 * item + 3] = values
    with_constant = np.column_stack([np.ones(len(scores)), scores])
    observed = with_constant.T @ with_constant / len(scores)
    residual = observed[margins.pairs] - margins.expected

    statistic, df = quadratic_form(margins, derivative, residual, len(scores))
    ours = m2(responses, model)

    assert (df, ours.df) == (theirs["df"], theirs["df"])
    np.testing.assert_allclose(statistic, theirs["M2"], rtol=1e-10)
    np.testing.assert_allclose(ours.srmsr, theirs["SRMSR"], rtol=1e-10)
    assert abs(ours.statistic - theirs["M2"]) > 0.1
