"""Simulated adaptive sessions, and the cut scores that they give."""

import numpy as np
import pytest
from scipy.stats import norm

from irt.adaptive import advance, start
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.models.parameters import ItemParameters, Model
from irt.person_fit.cuts import CutStatus, Tail, cut_scores, simulated_cuts
from irt.person_fit.result import PersonStatistic, PersonStatus
from irt.person_fit.standardized_likelihood import corrected_likelihood, standardized_likelihood
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.simulation.sessions import simulate_sessions
from irt.state import examinees
from tests.irt.policies import policy_of


def pool_of(n_items, seed=1):
    rng = np.random.default_rng(seed)
    rows = [
        (Model.TWO_PL, a, b, 0.0, 1.0)
        for a, b in zip(rng.lognormal(0.2, 0.3, n_items), rng.normal(size=n_items), strict=True)
    ]
    rows[3] = (Model.GRADED, 1.3, [-1.0, 0.0, 1.0], 0.0, 1.0)
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid(31, 4.0))


POOL = pool_of(60)
POLICY = policy_of(max_items=12, min_items=3, standard_error=0.35, among=3)


def of_values(values):
    values = np.asarray(values, dtype=float)
    status = np.where(np.isfinite(values), PersonStatus.OK, PersonStatus.NO_RESPONSES)
    return PersonStatistic(values, status)


def test_simulated_sessions_replay_through_the_engine_one_by_one():
    sessions = simulate_sessions(POOL, POLICY, [-1.0, 0.0, 0.5, 2.0], seed=7)
    seeds = np.random.SeedSequence(7).generate_state(8, np.uint64)[::2]
    for session in range(4):
        own = sessions.person == session
        step = start(POOL, POLICY, examinees(POLICY, seeds[session]))
        for item, score, before in zip(
            sessions.item[own], sessions.score[own], sessions.theta_before[own], strict=True
        ):
            assert step.item.tolist() == [item]
            assert step.theta[0] == pytest.approx(before, abs=1e-12)
            step = advance(POOL, POLICY, step.state, [item], [score])
        assert step.item.tolist() == [-1]
        assert sessions.theta[session] == pytest.approx(step.theta[0], abs=1e-12)
        assert sessions.standard_error[session] == pytest.approx(step.standard_error[0], abs=1e-12)


def test_a_session_depends_on_the_seed_and_its_place_not_on_the_batch():
    theta = np.linspace(-2, 2, 2100)
    all_sessions = simulate_sessions(POOL, POLICY, theta, seed=7)
    again = simulate_sessions(POOL, POLICY, theta, seed=7)
    few = simulate_sessions(POOL, POLICY, theta[:5], seed=7)
    other = simulate_sessions(POOL, POLICY, theta[:5], seed=8)
    first = all_sessions.person < 5
    assert (all_sessions.item == again.item).all()
    assert (all_sessions.score == again.score).all()
    assert all_sessions.item[first].tolist() == few.item.tolist()
    assert all_sessions.score[first].tolist() == few.score.tolist()
    assert few.score.tolist() != other.score.tolist()
    assert (np.diff(all_sessions.person) >= 0).all()
    assert all_sessions.responses.n_persons == 2100
    assert np.corrcoef(all_sessions.theta, theta)[0, 1] > 0.9


def test_simulated_examinees_may_behave_otherwise():
    sessions = simulate_sessions(
        POOL,
        POLICY,
        np.zeros(50),
        1,
        behavior=lambda p, item, who: np.eye(p.shape[1])[[0] * len(p)],
    )
    assert set(sessions.score.tolist()) == {0}
    assert (sessions.theta < -1).all()


def test_what_cannot_be_simulated_is_refused_in_words():
    with pytest.raises(ValueError, match="one or more finite abilities"):
        simulate_sessions(POOL, POLICY, [0.0, np.nan], 1)
    with pytest.raises(ValueError, match="one or more finite abilities"):
        simulate_sessions(POOL, POLICY, [], 1)
    closed = build_pool(
        [1], POOL.parameters.take([0]), normal_grid(), Attributes(operational=[False])
    )
    with pytest.raises(ValueError, match="no operational item"):
        simulate_sessions(closed, POLICY, [0.0], 1)


def test_the_cut_is_the_value_beyond_which_the_stated_share_lies():
    values = np.random.default_rng(1).permutation(np.arange(99.0))
    lower = cut_scores(of_values(values), np.zeros(99), error_rate=0.05)
    upper = cut_scores(of_values(values), np.zeros(99), error_rate=0.05, tail=Tail.UPPER)
    assert lower.cut.tolist() == [4.0]
    assert upper.cut.tolist() == [94.0]
    assert lower.flags(of_values(values), np.zeros(99)).sum() == 4
    assert upper.flags(of_values(values), np.zeros(99)).sum() == 4
    assert lower.n_sessions.tolist() == [99]


def test_the_standard_error_is_that_of_a_sample_quantile():
    values = np.random.default_rng(2).normal(size=20_000)
    cuts = cut_scores(of_values(values), np.zeros(20_000), error_rate=0.05)
    density = norm.pdf(norm.ppf(0.05))
    assert cuts.cut[0] == pytest.approx(norm.ppf(0.05), abs=4 * cuts.standard_error[0])
    assert cuts.standard_error[0] == pytest.approx(
        np.sqrt(0.05 * 0.95 / 20_000) / density, rel=0.25
    )


def test_each_band_of_theta_has_its_own_cut():
    theta = np.repeat([-2.0, 0.0, 2.0], 199)
    values = np.concatenate([np.arange(199.0), np.arange(199.0) + 1000, np.full(199, np.nan)])
    cuts = cut_scores(of_values(values), theta, error_rate=0.05, edges=[-1.0, 1.0])
    assert cuts.cut[:2].tolist() == [9.0, 1009.0]
    assert np.isnan(cuts.cut[2])
    assert cuts.status.tolist() == [CutStatus.OK, CutStatus.OK, CutStatus.TOO_FEW]
    assert cuts.n_sessions.tolist() == [199, 199, 0]
    assert cuts.of([-1.0, -1.01, 0.99]).tolist() == [1009.0, 9.0, 1009.0]
    flags = cuts.flags(of_values([8.0, 9.0, 1008.0, np.nan, 5.0]), [-3, -3, 0, 0, 3])
    assert flags.tolist() == [True, False, True, False, False]


def test_too_few_sessions_for_an_error_rate_give_no_cut():
    cuts = cut_scores(of_values(np.arange(98.0)), np.zeros(98), error_rate=0.01)
    assert cuts.status.tolist() == [CutStatus.TOO_FEW]
    enough = cut_scores(of_values(np.arange(99.0)), np.zeros(99), error_rate=0.01)
    assert enough.cut.tolist() == [0.0]


def test_impossible_cuts_are_refused_in_words():
    with pytest.raises(ValueError, match="error rate must lie between 0 and 1, not 1"):
        cut_scores(of_values([0.0]), [0.0], error_rate=1.0)
    with pytest.raises(ValueError, match="must be finite and rise"):
        cut_scores(of_values([0.0]), [0.0], edges=[1.0, 1.0])


def test_simulated_cuts_repeat_with_their_seed():
    def lz(sessions):
        return standardized_likelihood(sessions.responses, POOL.parameters, sessions.theta)

    first, again, other = (
        simulated_cuts(POOL, POLICY, lz, seed=seed, n_sessions=400) for seed in (5, 5, 6)
    )
    assert first.cut.tolist() == again.cut.tolist()
    assert first.cut.tolist() != other.cut.tolist()


def test_in_an_adaptive_test_the_nominal_cut_flags_too_few_and_the_simulated_one_its_share():
    pool = pool_of(150)
    policy = policy_of(max_items=30)

    def lz_star(sessions):
        responses = sessions.responses
        theta = maximum_a_posteriori(responses, pool.parameters).theta
        return corrected_likelihood(responses, pool.parameters, theta, "map")

    cuts = simulated_cuts(pool, policy, lz_star, seed=1, n_sessions=1500)
    fresh = simulate_sessions(pool, policy, np.random.default_rng(2).normal(size=1500), seed=2)
    statistic = lz_star(fresh)
    assert statistic.ok.all()
    assert (statistic.value < -1.645).mean() < 0.035
    # 99.9% limits of 5%, of both simulations together.
    assert 0.024 < cuts.flags(statistic, fresh.theta).mean() < 0.076
