"""Exposure control in fresh simulations, and its arithmetic by hand."""

from dataclasses import replace

import numpy as np
import pytest

from irt.exposure.cap import cap
from irt.exposure.control import band_of
from irt.exposure.eligibility import controlled_items, eligibility, ineligible_items
from irt.exposure.units import item_draws
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import (
    Draw,
    Exposure,
    ExposureMethod,
    FirstItem,
    Policy,
    PretestSlots,
    Selection,
)
from irt.policy.stopping_rules import StandardError, Stopping
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.random_numbers import uniform_draw
from irt.simulation.exposure_statistics import exposure_statistics
from irt.simulation.sequential import Cap, simulate_in_sequence
from irt.simulation.sessions import join_sessions, simulate_batches, simulate_sessions
from irt.simulation.sympson_hetter import abilities_in_bands, derive_exposure_parameters
from irt.simulation.tally import add_tallies, passing_probabilities, tally_sessions

RATE = 0.25
LENGTH = 8
BANDS = (-0.6, 0.6)
N_ITEMS = 90


def pool_of(n_items=N_ITEMS, attributes=None):
    rng = np.random.default_rng(301)
    a, b = rng.lognormal(0.2, 0.3, n_items), rng.normal(0, 1, n_items)
    rows = [(Model.TWO_PL, *pair, 0.0, 1.0) for pair in zip(a, b, strict=True)]
    ids = np.arange(n_items) * 7 + 3
    return build_pool(ids, ItemParameters.from_rows(rows), normal_grid(31, 4.0), attributes)


def same_items(n_items):
    """Items of one difficulty, each more informative than the next."""
    rows = [(Model.TWO_PL, 2.0 - 0.1 * item, 0.0, 0.0, 1.0) for item in range(n_items)]
    return build_pool(np.arange(n_items), ItemParameters.from_rows(rows), normal_grid(31, 4.0))


def policy_of(method=ExposureMethod.SYMPSON_HETTER, bands=(), length=LENGTH, **kwargs):
    return Policy(
        stopping=Stopping(length, length), exposure=Exposure(method, RATE, bands), **kwargs
    )


def rates_of(sessions, who=slice(None)):
    items = sessions.items[who]
    return np.bincount(items[items >= 0], minlength=sessions.pool.n_items) / len(items)


def margin(n, rate=RATE):
    """Three binomial standard errors."""
    return 3 * np.sqrt(rate * (1 - rate) / n)


def normal(n, seed=5):
    return np.random.default_rng(seed).standard_normal(n)


def test_the_number_of_an_item_depends_on_seed_and_item_alone():
    seeds = np.random.default_rng(1).integers(0, 2**64, 4000, dtype=np.uint64)
    ids = np.array([4, 9, 11, 2**40])
    draws = item_draws(seeds, ids)
    assert np.array_equal(item_draws(seeds[7:8], ids[2:3]), draws[7:8, 2:3])
    assert ((draws >= 0) & (draws < 1)).all()
    assert abs(draws.mean(axis=0) - 0.5).max() < 3 * np.sqrt(1 / 12 / 4000)
    by_position = uniform_draw(seeds, np.full(4000, 4))
    others = np.corrcoef(np.column_stack([draws, by_position]), rowvar=False) - np.eye(5)
    assert abs(others).max() < 4 / np.sqrt(4000)


def test_a_limit_belongs_to_the_band_above_it():
    assert band_of(np.array([-1.0, 0.0, 0.5, 1.0, 3.0]), (0.0, 1.0)).tolist() == [0, 1, 1, 2, 2]
    assert band_of(np.array([-1.0, 7.0]), ()).tolist() == [0, 0]


def test_selected_items_are_given_with_the_probability_of_sympson_and_hetter():
    k = np.array([0.3, 0.5, 0.4, 1.0, 1.0])
    pool = replace(same_items(5), exposure=k[:, None])
    sessions = simulate_sessions(pool, policy_of(length=1), normal(20_000), 2)
    expected = [0.3, 0.7 * 0.5, 0.7 * 0.5 * 0.4, 0.7 * 0.5 * 0.6, 0.0]
    assert abs(rates_of(sessions) - expected).max() < margin(20_000)


def test_a_refused_item_stays_refused_for_the_session():
    table = np.random.default_rng(3).uniform(0.3, 1.0, (N_ITEMS, 1))
    pool = replace(pool_of(), exposure=table)
    sessions = simulate_sessions(pool, policy_of(length=20), normal(300), 2)
    draws = item_draws(sessions.seed, pool.item_ids)
    assert (draws[sessions.person, sessions.item] < table[sessions.item, 0]).all()


def test_what_is_withheld_from_a_session_does_not_depend_on_its_batch():
    table = np.random.default_rng(3).uniform(0.2, 1.0, (N_ITEMS, 3))
    pool, policy = replace(pool_of(), exposure=table), policy_of(bands=BANDS)
    together = simulate_sessions(pool, policy, normal(25), 2)
    alone = join_sessions(list(simulate_batches(pool, policy, normal(25), 2, batch=1)))
    assert np.array_equal(alone.items, together.items)


def test_without_a_method_or_a_table_nothing_is_withheld():
    pool, theta = pool_of(), normal(50)
    nobody = replace(pool, exposure=np.zeros((N_ITEMS, 1)))
    free = simulate_sessions(pool, policy_of(ExposureMethod.NONE), theta, 2)
    for other, policy in ((nobody, policy_of(ExposureMethod.NONE)), (pool, policy_of())):
        assert np.array_equal(simulate_sessions(other, policy, theta, 2).items, free.items)


def test_where_nothing_passes_the_best_of_the_refused_is_given_and_counted():
    pool = pool_of()
    table = np.zeros((N_ITEMS, 1))
    policy = policy_of()
    held = simulate_sessions(replace(pool, exposure=table), policy, normal(50), 2)
    free = simulate_sessions(pool, policy_of(ExposureMethod.NONE), normal(50), 2)
    assert np.array_equal(held.items, free.items)
    tally = tally_sessions(policy, table, held)
    assert tally.feasible.tolist() == [0.0]
    assert (tally.eligible == 50).all()
    assert np.array_equal(tally.rates[:, 0], rates_of(free))


def test_the_tally_tells_selection_from_administration():
    """Item 0 is best for all: selected by all, given to those that it passes for."""
    table = np.array([0.4, 0.5, 1.0, 1.0])[:, None]
    policy = policy_of(length=1)
    pool = replace(same_items(4), exposure=table)
    sessions = simulate_sessions(pool, policy, normal(5000), 2)
    tally = tally_sessions(policy, table, sessions)
    passed = item_draws(sessions.seed, pool.item_ids) < table[:, 0]
    assert np.array_equal(tally.eligible[:, 0], passed.sum(axis=0))
    selected = tally.rates[:, 0] * 5000 / tally.eligible[:, 0]
    assert selected[0] == 1.0
    assert selected[1] == pytest.approx(0.6, abs=margin(2000, 0.6))
    k = passing_probabilities(tally, RATE, np.ones(4, bool))[:, 0]
    assert k[0] == RATE
    assert k[1] == pytest.approx(RATE / 0.6, abs=0.03)
    assert k[3] == 1.0


def test_the_tally_counts_visits_of_bands_by_hand():
    policy = policy_of(bands=BANDS)
    table = np.random.default_rng(8).uniform(0.4, 1.0, (N_ITEMS, 3))
    sessions = simulate_sessions(replace(pool_of(), exposure=table), policy, normal(40), 2)
    tally = tally_sessions(policy, table, sessions)
    draws = item_draws(sessions.seed, sessions.pool.item_ids)
    visited, eligible = np.zeros(3), np.zeros((N_ITEMS, 3))
    administered = np.zeros((N_ITEMS, 3, 3))
    for person in range(40):
        at = band_of(sessions.theta_at[person], BANDS)
        at[0] = 1  # the first item is looked for at 0
        for band in set(at):
            visited[band] += 1
            eligible[:, band] += draws[person] < table[:, band]
        group = band_of(sessions.true_theta[person], BANDS)
        administered[sessions.items[person], at, group] += 1
    assert np.array_equal(tally.visited, visited)
    assert np.array_equal(tally.feasible, visited)
    assert np.array_equal(tally.eligible, eligible)
    assert np.array_equal(tally.administered, administered)
    assert tally.sessions.sum() == 40
    both = add_tallies(tally, tally, 0.5, 0.25)
    assert np.array_equal(both.administered, 1.5 * administered)
    assert np.array_equal(both.visited, 1.25 * visited)


def test_exposure_parameters_hold_the_rate_in_a_fresh_simulation():
    pool, policy = pool_of(), policy_of()
    seen = []
    found = derive_exposure_parameters(
        pool, policy, normal(1500), 1, callback=lambda *values: seen.append(values)
    )
    assert found.converged
    assert found.maximum == min(found.history) <= RATE + margin(1500)
    assert seen == list(enumerate(found.history, start=1))
    assert (found.k == 1.0).sum() >= LENGTH
    fresh = simulate_sessions(replace(pool, exposure=found.k), policy, normal(4000, 6), 99)
    assert rates_of(fresh).max() <= RATE + margin(1500) + margin(4000)
    free = simulate_sessions(pool, policy, normal(4000, 6), 99)
    assert rates_of(free).max() == 1.0


def test_conditional_exposure_parameters_hold_the_rate_in_every_band_of_ability():
    pool, policy = pool_of(), policy_of(bands=BANDS)
    theta = abilities_in_bands(2400, policy, np.random.default_rng(5))
    found = derive_exposure_parameters(pool, policy, theta, 1)
    assert found.converged
    assert found.k.shape == (N_ITEMS, 3)
    assert ((found.k == 1.0).sum(axis=0) >= LENGTH).all()
    theta = abilities_in_bands(6000, policy, np.random.default_rng(6))
    fresh = simulate_sessions(replace(pool, exposure=found.k), policy, theta, 99)
    for band in range(3):
        rates = rates_of(fresh, band_of(theta, BANDS) == band)
        assert rates.max() <= RATE + margin(800) + margin(2000)


def test_exposure_parameters_serve_randomesque_draws_and_tests_of_many_lengths():
    policy = replace(
        policy_of(),
        selection=Selection(draw=Draw.RANDOMESQUE, among=3),
        stopping=Stopping(4, 12, StandardError(0.4)),
    )
    found = derive_exposure_parameters(pool_of(), policy, normal(1000), 1)
    fresh = simulate_sessions(replace(pool_of(), exposure=found.k), policy, normal(2000, 6), 99)
    assert found.converged
    assert rates_of(fresh).max() <= RATE + margin(1000) + margin(2000)
    assert len(np.unique(fresh.length)) > 3


def test_the_best_parameters_come_back_where_the_rounds_do_not_suffice():
    found = derive_exposure_parameters(pool_of(), policy_of(), normal(300), 1, max_rounds=2)
    assert not found.converged
    assert len(found.history) == 2
    assert found.maximum == min(found.history)


def test_a_callback_cancels_the_derivation():
    def stop(number, largest):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        derive_exposure_parameters(pool_of(), policy_of(), normal(50), 1, callback=stop)


def test_rates_that_cannot_fill_a_test_and_empty_bands_are_refused():
    with pytest.raises(ValueError, match="at most 7 items, not 8"):
        derive_exposure_parameters(pool_of(30), policy_of(), normal(50), 1)
    with pytest.raises(ValueError, match="every exposure band needs abilities"):
        derive_exposure_parameters(pool_of(), policy_of(bands=(9.0,)), normal(50), 1)


def test_abilities_fill_the_bands_evenly():
    policy = policy_of(bands=(-2.0, 0.0, 1.0))
    theta = abilities_in_bands(400, policy, np.random.default_rng(1))
    assert np.bincount(band_of(theta, policy.exposure.bands)).tolist() == [100] * 4
    assert abs(theta).max() <= 4.0


def test_pretest_items_and_a_fixed_first_item_are_not_controlled():
    operational = np.arange(N_ITEMS) > 1
    pool = pool_of(attributes=Attributes(operational=operational))
    first = int(pool.item_ids[50])
    policy = replace(
        policy_of(),
        selection=Selection(first=FirstItem.FIXED, first_item=first),
        pretest=PretestSlots(0),
    )
    controlled = controlled_items(pool, policy)
    assert np.flatnonzero(~controlled).tolist() == [0, 1, 50]
    found = derive_exposure_parameters(pool, policy, normal(500), 1)
    assert found.converged
    assert (found.k[[0, 1, 50]] == 1.0).all()
    sessions = simulate_sessions(replace(pool, exposure=found.k), policy, normal(1000, 7), 2)
    assert (sessions.items[:, 0] == 50).all()
    everyone_out = ineligible_items(pool, policy, sessions.seed, np.zeros(N_ITEMS))
    assert np.array_equal(everyone_out, np.broadcast_to(controlled, everyone_out.shape))


def test_eligibility_follows_the_formula():
    administered, eligible = [0, 10, 40, 50], [100, 100, 100, 50]
    chances = eligibility(administered, eligible, 0.2)
    assert chances.tolist() == [1.0, 1.0, 0.5, 0.2]
    # 20 of 100 sessions had to ignore eligibility: 1 - 100/80 + 0.2 * 100/40 * 100/80
    assert eligibility(40, 100, 0.2, 0.8) == pytest.approx(0.375)
    assert eligibility(90, 100, 0.2, 0.5) == 0.0


def test_ineligible_items_are_drawn_from_the_seed():
    pool, seeds = pool_of(), np.arange(3000, dtype=np.uint64)
    chances = np.linspace(0.0, 1.0, N_ITEMS)
    drawn = ineligible_items(pool, policy_of(), seeds, chances)
    assert np.array_equal(drawn[5:6], ineligible_items(pool, policy_of(), seeds[5:6], chances))
    assert abs(drawn.mean(axis=0) - (1 - chances)).max() < 4 * np.sqrt(0.25 / 3000)


def test_eligibility_comes_to_hold_the_rate():
    policy = policy_of(ExposureMethod.ELIGIBILITY)
    sessions = simulate_in_sequence(pool_of(), policy, normal(6000), 1, block=100)
    assert rates_of(sessions, slice(100)).max() == 1.0
    assert rates_of(sessions, slice(3000, None)).max() <= RATE + margin(1000)


def test_conditional_eligibility_comes_to_hold_the_rate_in_every_band():
    policy = policy_of(ExposureMethod.ELIGIBILITY, bands=(0.0,))
    theta = normal(10_000)
    sessions = simulate_in_sequence(pool_of(), policy, theta, 1, block=200)
    late = np.arange(10_000) >= 6000
    for band in (theta < 0, theta >= 0):
        assert rates_of(sessions, late & band).max() <= RATE + margin(1000)


def test_sessions_in_sequence_without_counting_are_the_sessions_at_once():
    policy = policy_of(ExposureMethod.NONE)
    at_once = simulate_sessions(pool_of(), policy, normal(50), 1)
    in_turn = simulate_in_sequence(pool_of(), policy, normal(50), 1, block=7)
    assert np.array_equal(at_once.items, in_turn.items)
    assert np.array_equal(at_once.theta, in_turn.theta)


@pytest.mark.parametrize(
    ("n", "rate", "minimum", "expected"),
    [(0, 0.2, 0, 0), (9, 0.2, 10, 10), (100, 0.29, 10, 29), (99, 0.29, 10, 28), (7, 1.0, 0, 7)],
)
def test_a_cap_is_a_share_of_the_sessions_but_never_below_the_minimum(n, rate, minimum, expected):
    assert cap(n, rate, minimum) == expected


@pytest.mark.parametrize("block", [1, 16])
def test_a_cap_holds_at_every_moment_of_a_simulation(block):
    policy, hard = policy_of(ExposureMethod.NONE), Cap(0.3, 5)
    sessions = simulate_in_sequence(pool_of(), policy, normal(64), 1, hard_cap=hard, block=block)
    given = np.zeros(N_ITEMS, dtype=int)
    for n, items in enumerate(sessions.items, start=1):
        given[items[items >= 0]] += 1
        end_of_block = -(-n // block) * block
        assert given.max() <= cap(end_of_block, 0.3, 5) + block - 1
    assert (sessions.length == LENGTH).all()


def test_blocks_shares_and_caps_that_are_none_are_refused():
    for arguments in ({"block": 0}, {"keep": 0.0}, {"keep": 1.1}):
        with pytest.raises(ValueError, match="a block needs 1 or more sessions"):
            simulate_in_sequence(pool_of(), policy_of(), normal(5), 1, **arguments)
    with pytest.raises(ValueError, match="a cap needs a rate above 0"):
        Cap(0.0)


def test_overlap_is_the_mean_over_all_pairs_of_sessions():
    policy = Policy(stopping=Stopping(3, 12, StandardError(0.45)))
    sessions = simulate_sessions(pool_of(), policy, normal(60), 1)
    sets = [set(row[row >= 0].tolist()) for row in sessions.items]
    assert len({len(items) for items in sets}) > 3
    shared = [len(a & b) for i, a in enumerate(sets) for b in sets[:i]]
    counts = np.bincount(sessions.item, minlength=N_ITEMS)
    found = exposure_statistics(counts, 60)
    assert found.overlap == pytest.approx(np.mean(shared) / np.mean([len(s) for s in sets]))
    rates, length = counts / 60, counts.sum() / 60
    # The formula in N sessions counts each as a pair with itself.
    pairs_with_itself = N_ITEMS / length * rates.var() + length / N_ITEMS
    assert found.overlap == pytest.approx((60 * pairs_with_itself - 1) / 59)


def test_evenness_and_unused_items_by_hand():
    found = exposure_statistics(np.array([4, 2, 0, 2]), 4)
    assert found.rates.tolist() == [1.0, 0.5, 0.0, 0.5]
    assert found.maximum == 1.0
    assert found.mean_length == 2.0
    assert found.unused.tolist() == [False, False, True, False]
    assert found.n_unused == 1
    assert found.chi_square == pytest.approx((0.5**2 + 0.5**2) / 0.5)
    assert found.overlap == pytest.approx((12 + 2 + 2) / (4 * 3) / 2)
    assert found.histogram(np.array([0.0, 0.25, 0.75, 1.0])).tolist() == [1, 2, 1]


def test_no_sessions_and_impossible_counts():
    nothing = exposure_statistics(np.zeros(3, int), 0)
    assert np.isnan(nothing.overlap)
    assert nothing.chi_square == 0.0
    assert nothing.n_unused == 3
    for counts in ([5], [-1]):
        with pytest.raises(ValueError, match="given 0 to 4 times"):
            exposure_statistics(np.array(counts), 4)
