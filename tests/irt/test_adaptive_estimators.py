"""Interim and final estimates of adaptive tests stay within their fences and are what they say."""

from dataclasses import replace

import numpy as np
import pytest

from irt.adaptive import advance, final_ability, start
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.maximum_likelihood import maximum_likelihood
from irt.estimation.weighted_likelihood import weighted_likelihood
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Estimation, Estimator, Policy
from irt.policy.stopping_rules import Stopping, StopReason, ThetaChange
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.simulation.sessions import simulate_sessions
from irt.state import LEFT_OUT, examinees, fresh_state


def pool_of(n_items=120, shift=0.0, seed=9):
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n_items):
        a, b = rng.lognormal(0.2, 0.3), rng.normal() + shift
        rows.append(
            [
                (Model.TWO_PL, a, b, 0, 1),
                (Model.THREE_PL, a, b, 0.2, 1),
                (Model.GRADED, a, np.sort(rng.normal(size=3)) + shift, 0, 1),
                (Model.GPCM, a, rng.normal(size=2) + shift, 0, 1),
            ][item % 4]
        )
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid())


def policy_with(estimator, fence=4.0, max_items=15):
    return Policy(
        estimation=Estimation(interim=estimator, final=estimator, fence=fence),
        stopping=Stopping(max_items=max_items),
    )


@pytest.mark.parametrize(
    ("estimator", "reference"),
    [
        (Estimator.ML, maximum_likelihood),
        (Estimator.MAP, maximum_a_posteriori),
        (Estimator.WLE, weighted_likelihood),
    ],
)
def test_estimates_are_those_of_the_estimators_of_whole_tests(estimator, reference):
    pool = pool_of()
    ability = np.random.default_rng(1).normal(0, 1.3, 300)
    sessions = simulate_sessions(pool, policy_with(estimator, fence=3.0), ability, 2)
    whole = reference(sessions.responses, pool.parameters)
    assert sessions.theta == pytest.approx(np.clip(whole.theta, -3, 3), abs=1e-8)
    inside = np.abs(sessions.theta) < 3
    assert sessions.standard_error[inside] == pytest.approx(whole.standard_error[inside], abs=1e-7)


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("shift", [-6.0, 6.0])
def test_theta_stays_within_the_fences_on_a_bank_that_is_too_easy_or_too_hard(estimator, shift):
    fence = 2.5
    pool, policy = pool_of(60, shift), policy_with(estimator, fence)
    ability = np.random.default_rng(3).normal(0, 1.5, 200)
    sessions = simulate_sessions(pool, policy, ability, 4)
    for theta in (sessions.theta, sessions.theta_before):
        assert (np.abs(theta) <= fence).all()
    assert np.isfinite(sessions.standard_error).all()
    assert (sessions.standard_error > 0).all()


@pytest.mark.parametrize(("score", "fence"), [(0, -3.5), (1, 3.5)])
def test_maximum_likelihood_sits_at_the_fence_while_all_answers_are_alike(score, fence):
    rng = np.random.default_rng(4)
    items = ItemParameters.from_rows((Model.TWO_PL, 1.2, b, 0, 1) for b in rng.normal(size=40))
    pool, policy = build_pool(np.arange(40), items, normal_grid()), policy_with(Estimator.ML, 3.5)
    step = start(pool, policy, examinees(policy, 1))
    for _ in range(5):
        step = advance(pool, policy, step.state, step.item, score)
        assert step.theta.tolist() == [fence]


def test_an_estimate_that_the_fence_holds_has_not_settled():
    pool = pool_of()
    steered = policy_with(Estimator.ML, max_items=6)
    policy = replace(steered, stopping=Stopping(max_items=6, rule=ThetaChange(0.5)))
    step = start(pool, policy, examinees(policy, 1))
    for length in range(1, 7):
        top = pool.parameters.n_categories[step.item] - 1
        step = advance(pool, policy, step.state, step.item, top)
        assert step.theta.tolist() == [4.0]
        reason = StopReason.CONTINUE if length < 6 else StopReason.MAXIMUM_LENGTH
        assert step.stop.tolist() == [reason]


@pytest.mark.parametrize("estimator", Estimator)
def test_without_an_answer_that_counts_the_estimate_is_the_prior(estimator):
    pool, policy = pool_of(), policy_with(estimator)
    starting = examinees(policy, [1, 2], prior_mean=[0.5, -9.0], prior_sd=0.7)
    step = start(pool, policy, starting)
    left_out = advance(pool, policy, step.state, step.item, [LEFT_OUT, LEFT_OUT])
    for state in (fresh_state(pool, starting), left_out.state):
        ability = final_ability(pool, policy, state)
        assert ability.theta[0] == pytest.approx(0.5, abs=1e-9)
        assert ability.theta[1] == -4.0
        assert ability.standard_error[0] == pytest.approx(0.7, abs=1e-4)


def test_the_reported_estimator_may_differ_from_the_one_that_steers():
    pool = pool_of()
    policy = Policy(
        estimation=Estimation(interim=Estimator.EAP, final=Estimator.WLE),
        stopping=Stopping(max_items=12),
    )
    ability = np.random.default_rng(5).standard_normal(100)
    sessions = simulate_sessions(pool, policy, ability, 6)
    steered = simulate_sessions(pool, policy_with(Estimator.EAP, max_items=12), ability, 6)
    assert sessions.items.tolist() == steered.items.tolist()
    whole = weighted_likelihood(sessions.responses, pool.parameters)
    assert sessions.theta == pytest.approx(whole.theta, abs=1e-8)


@pytest.mark.parametrize("estimator", Estimator)
def test_every_estimator_recovers_ability(estimator):
    pool = pool_of(200)
    ability = np.random.default_rng(7).uniform(-2, 2, 400)
    sessions = simulate_sessions(pool, policy_with(estimator, max_items=30), ability, 8)
    error = sessions.theta - ability
    assert np.sqrt((error**2).mean()) < 0.25
    assert (np.abs(error) < 1.96 * sessions.standard_error).mean() == pytest.approx(0.95, abs=0.035)
