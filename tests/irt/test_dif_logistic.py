"""Logistic regression for DIF, against a likelihood that SciPy maximises."""

import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit

from irt.dif.cumulative_logit import fit_cumulative_logit
from irt.dif.logistic_regression import logistic_regression
from irt.dif.matching import ThetaBands
from irt.dif.result import DifStatus
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses


def simulated(model, steps, n=800, seed=2, slopes=(1.2, 1.2), shift=0.0):
    """Ten like items; the first has another slope and location in the focal group."""
    rng = np.random.default_rng(seed)
    parts = []
    for focal in (0, 1):
        rows = [(model, 1.2, np.add(steps, 0.2 * item - 1), 0.0, 1.0) for item in range(10)]
        rows[0] = (model, slopes[focal], np.add(steps, shift * focal), 0.0, 1.0)
        items = ItemParameters.from_rows(rows)
        parts.append(simulate_responses(items, rng.standard_normal(n), rng))
    return np.vstack(parts), np.repeat([0, 1], n)


def maximum(score, design):
    """Highest cumulative-logit log-likelihood of scores (N,), and where, person by person."""
    n_steps = score.max()

    def minus(x):
        thresholds = x[0] - np.concatenate([[0.0], np.cumsum(np.exp(x[1:n_steps]))])
        eta = thresholds + (design @ x[n_steps:])[:, None]
        at_least = np.column_stack([np.ones(len(score)), expit(eta), np.zeros(len(score))])
        rows = np.arange(len(score))
        return -np.log(at_least[rows, score] - at_least[rows, score + 1]).sum()

    found = optimize.minimize(minus, np.zeros(n_steps + design.shape[1]), method="BFGS", tol=1e-8)
    return -found.fun, found.x[n_steps:]


@pytest.mark.parametrize(
    ("model", "steps"), [(Model.TWO_PL, 0.0), (Model.GRADED, [-0.8, 0.1, 0.9])]
)
def test_statistics_and_coefficients_are_those_at_the_maxima_that_scipy_finds(model, steps):
    scores, group = simulated(model, steps, slopes=(1.0, 1.6), shift=0.4)
    found = logistic_regression(dense_responses(scores), group, max_rounds=1).result
    x = scores.sum(axis=1).astype(float)
    columns = np.column_stack([x, group, x * group])
    (zero, _), (one, uniform), (two, both) = (
        maximum(scores[:, 0], columns[:, :size]) for size in (1, 2, 3)
    )
    assert found.chi_square[0, 0] == pytest.approx(2 * (two - zero), abs=1e-4)
    assert found.uniform_chi_square[0, 0] == pytest.approx(2 * (one - zero), abs=1e-4)
    assert found.nonuniform_chi_square[0, 0] == pytest.approx(2 * (two - one), abs=1e-4)
    assert found.group_effect[0, 0] == pytest.approx(uniform[1], abs=1e-4)
    assert found.interaction[0, 0] == pytest.approx(both[2], abs=1e-4)
    null, _ = maximum(scores[:, 0], np.empty((len(x), 0)))
    n = len(x)
    r2 = [(1 - np.exp(2 * (null - one) / n)) / (1 - np.exp(2 * null / n)) for one in (zero, two)]
    assert found.effect_size[0, 0] == pytest.approx(r2[1] - r2[0], abs=1e-7)


def test_a_saturated_two_by_two_table_has_the_log_odds_ratio_and_woolfs_error():
    counts = np.array([[[10.0, 30.0], [25.0, 15.0]]])
    found = fit_cumulative_logit(counts, np.array([[0.0], [1.0]]))
    assert found.coefficients[0, 0] == pytest.approx(np.log(15 * 10 / (25 * 30)), abs=1e-10)
    expected = np.sqrt(1 / 10 + 1 / 30 + 1 / 25 + 1 / 15)
    assert found.standard_errors[0, 0] == pytest.approx(expected, rel=1e-9)
    cells = [10 * np.log(0.25), 30 * np.log(0.75), 25 * np.log(0.625), 15 * np.log(0.375)]
    assert found.log_likelihood[0] == pytest.approx(sum(cells), abs=1e-9)


def test_uniform_and_nonuniform_dif_are_told_apart():
    uniform, group = simulated(Model.TWO_PL, 0.0, n=3000, shift=0.8)
    found = logistic_regression(dense_responses(uniform), group).result
    assert found.uniform_p_value[0, 0] < 1e-10
    assert found.nonuniform_p_value[0, 0] > 0.01
    assert found.group_effect[0, 0] < -0.5
    assert found.jodoin_gierl[0, 0] in "ABC"
    assert (found.jodoin_gierl[0, 1:] == "A").all()
    crossing, group = simulated(Model.TWO_PL, 0.0, n=3000, slopes=(0.5, 2.0))
    found = logistic_regression(dense_responses(crossing), group).result
    assert found.nonuniform_p_value[0, 0] < 1e-10
    assert found.interaction[0, 0] > 0
    assert found.zumbo_thomas[0, 0] == "A"


def test_theta_serves_as_the_criterion():
    rng = np.random.default_rng(8)
    theta = rng.standard_normal(4000).round(2)
    group = np.repeat([0, 1], 2000)
    right = rng.random(4000) < expit(1.3 * theta - 0.7 * group)
    responses = dense_responses(np.column_stack([right, rng.random(4000) < 0.5]).astype(int))
    found = logistic_regression(responses, group, matching=ThetaBands(theta)).result
    _, coefficients = maximum(right.astype(int), np.column_stack([theta, group]))
    assert found.group_effect[0, 0] == pytest.approx(coefficients[1], abs=1e-4)


def test_items_that_cannot_be_fitted_say_why_and_spoil_no_other():
    scores, group = simulated(Model.TWO_PL, 0.0, n=150)
    scores[:, 7] = 1
    scores[group == 1, 8] = -1
    scores[:, 9] = group
    anchors = np.arange(10) != 9
    found = logistic_regression(
        dense_responses(scores), group, anchors=anchors, max_rounds=1
    ).result
    assert found.status[0, 7:].tolist() == [
        DifStatus.CONSTANT,
        DifStatus.EMPTY_GROUP,
        DifStatus.UNBOUNDED,
    ]
    assert (found.status[0, :7] == DifStatus.OK).all()
    assert np.isnan(found.p_value[0, 7:9]).all()
    assert found.p_value[0, 9] < 1e-10
    alone = logistic_regression(dense_responses(scores[:, :7]), group, max_rounds=1).result
    assert found.chi_square[0, :7] == pytest.approx(alone.chi_square[0], abs=1e-6)


def test_categories_that_nobody_chose_are_closed_up():
    scores, group = simulated(Model.GRADED, [-0.8, 0.9])
    stretched = scores.copy()
    stretched[:, 3] = np.where(scores[:, 3] == 2, 3, scores[:, 3])
    theta = ThetaBands(scores.sum(axis=1).astype(float))
    plain, gap = (
        logistic_regression(dense_responses(x), group, matching=theta, max_rounds=1).result
        for x in (scores, stretched)
    )
    assert gap.chi_square[0] == pytest.approx(plain.chi_square[0], abs=1e-8)


def test_the_test_keeps_its_level():
    rejected = np.zeros(3)
    for seed in range(60):
        scores, group = simulated(Model.TWO_PL, 0.0, n=400, seed=seed)
        found = logistic_regression(dense_responses(scores), group, max_rounds=1).result
        p_values = [found.p_value, found.uniform_p_value, found.nonuniform_p_value]
        rejected += [p[0, 4] < 0.05 for p in p_values]
    assert (rejected <= 8).all()
