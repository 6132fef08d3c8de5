"""A stimulus set is one unit of exposure control; single items are what they were without sets."""

from dataclasses import replace

import numpy as np
import pytest

from irt.adaptive import advance
from irt.exposure.control import exposure_vetoes
from irt.exposure.eligibility import controlled_items, ineligible_items
from irt.exposure.units import exposure_units, item_draws, lowest_in_units, unit_draws
from irt.models.parameters import ItemParameters, Model
from irt.policy.blueprint import Blueprint, SetBound
from irt.policy.policy import Draw, Exposure, ExposureMethod, FirstItem, Policy, Selection
from irt.policy.stopping_rules import Stopping
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.simulation.sequential import simulate_in_sequence
from irt.simulation.sessions import join_sessions, simulate_batches, simulate_sessions
from irt.simulation.sympson_hetter import abilities_in_bands, derive_exposure_parameters
from irt.simulation.tally import tally_sessions
from irt.state import examinees, fresh_state

RATE = 0.25
N_SINGLE, N_SET = 90, 5
IN_SET = np.arange(N_SINGLE + N_SET) >= N_SINGLE
PASSAGE = 9


def pool_of(n_set=N_SET):
    """Ordinary items, and the steepest of the pool with one passage."""
    rng = np.random.default_rng(301)
    a, b = rng.lognormal(0.2, 0.3, N_SINGLE), rng.normal(0, 1, N_SINGLE)
    a, b = np.append(a, np.full(n_set, 2.4)), np.append(b, np.linspace(-0.3, 0.3, n_set))
    rows = [(Model.TWO_PL, *pair, 0.0, 1.0) for pair in zip(a, b, strict=True)]
    ids = np.arange(N_SINGLE + n_set) * 7 + 3
    stimulus = np.where(np.arange(len(ids)) < N_SINGLE, -1, PASSAGE)
    parameters = ItemParameters.from_rows(rows)
    return build_pool(ids, parameters, normal_grid(31, 4.0), Attributes(stimulus=stimulus))


def small_pool(stimulus, operational):
    rows = [(Model.TWO_PL, 1.0, 0.0, 0.0, 1.0)] * len(stimulus)
    return build_pool(
        np.arange(len(stimulus)) + 100,
        ItemParameters.from_rows(rows),
        normal_grid(31, 4.0),
        Attributes(stimulus=stimulus, operational=operational),
    )


def policy_of(method=ExposureMethod.SYMPSON_HETTER, bands=(), **kwargs):
    selection = kwargs.pop("selection", Selection(draw=Draw.RANDOMESQUE, among=5))
    return Policy(
        stopping=Stopping(8, 8),
        exposure=Exposure(method, RATE, bands),
        selection=selection,
        **kwargs,
    )


def rates_of(sessions, who=slice(None)):
    """The exposure of each item, and that of the set."""
    items = sessions.items[who]
    by_item = np.bincount(items[items >= 0], minlength=sessions.pool.n_items) / len(items)
    return by_item, (items >= N_SINGLE).any(axis=1).mean()


def margin(n):
    """Three binomial standard errors."""
    return 3 * np.sqrt(RATE * (1 - RATE) / n)


def normal(n, seed=5):
    return np.random.default_rng(seed).standard_normal(n)


def test_a_set_is_two_or_more_operational_items_of_one_stimulus():
    stimulus = [7, -1, 5, 7, 5, 3, -1, 7, 3]
    operational = [True, True, True, True, True, True, True, False, False]
    pool = small_pool(stimulus, operational)
    assert exposure_units(pool).tolist() == [0, 1, 2, 0, 2, 5, 6, 7, 8]
    values = np.array([0.5, 0.1, 0.2, 0.4, 0.9, 0.8, 0.3, 0.0, 0.0])
    assert lowest_in_units(pool, values).tolist() == [0.4, 0.1, 0.2, 0.4, 0.2, 0.8, 0.3, 0.0, 0.0]
    assert exposure_units(small_pool([-1, -1], [True, True])).tolist() == [0, 1]


def test_a_set_has_one_number_and_single_items_keep_theirs():
    pool = small_pool([7, -1, 5, 7, 5, 3], np.ones(6, dtype=bool))
    seeds = np.random.default_rng(1).integers(0, 2**64, 4000, dtype=np.uint64)
    draws = unit_draws(seeds, pool)
    assert np.array_equal(draws[:, [1, 5]], item_draws(seeds, pool.item_ids[[1, 5]]))
    assert np.array_equal(draws[:, 0], draws[:, 3])
    assert np.array_equal(draws[:, 2], draws[:, 4])
    others = np.corrcoef(
        np.column_stack([draws[:, [0, 1, 2, 5]], item_draws(seeds, np.array([7]))]).T
    )
    assert abs(others - np.eye(5)).max() < 4 / np.sqrt(4000)
    assert np.array_equal(unit_draws(seeds[5:6], pool), draws[5:6])


def test_the_numbers_of_single_items_are_those_of_stored_sessions():
    seeds = np.array([0, 12345, 2**64 - 1], dtype=np.uint64)
    stored = [
        [0.0602982723954224, 0.727249180962279],
        [0.7506898705820045, 0.9894385016469684],
        [0.3714019744751357, 0.9691542027243211],
    ]
    assert item_draws(seeds, np.array([3, 700])).tolist() == stored
    assert np.array_equal(unit_draws(seeds, pool_of(0)), item_draws(seeds, pool_of(0).item_ids))


def test_without_sets_the_derivation_gives_what_it_gave():
    policy = policy_of(selection=Selection())
    found = derive_exposure_parameters(pool_of(0), policy, normal(500), 1)
    assert found.history == (1.0, 0.558, 0.442, 0.358, 0.318, 0.314, 0.292)
    assert found.k[:3, 0] == pytest.approx([0.6003968752904133, 1.0, 1.0], abs=1e-12)
    assert found.k.sum() == pytest.approx(77.3573630079726, abs=1e-9)


@pytest.mark.slow
def test_a_set_that_is_under_way_is_not_withheld_and_one_that_does_not_pass_not_entered():
    """Theta leaves the band of entry, in the others the set never passes."""
    table = np.where(IN_SET[:, None], [0.0, 0.4, 0.0], 1.0)
    pool, policy = replace(pool_of(), exposure=table), policy_of(bands=(-0.2, 0.2))
    sessions = simulate_sessions(pool, policy, normal(400), 2)
    entered = (sessions.items >= N_SINGLE).sum(axis=1)
    passed = unit_draws(sessions.seed, pool)[:, -1] < 0.4
    assert set(entered) == {0, N_SET}
    assert not entered[~passed].any()
    alone = join_sessions(list(simulate_batches(pool, policy, normal(400), 2, batch=1)))
    assert np.array_equal(alone.items, sessions.items)


def test_only_the_set_of_the_last_item_is_under_way():
    pool, policy = replace(pool_of(), exposure=np.zeros((len(IN_SET), 1))), policy_of()
    state = fresh_state(pool, examinees(policy, np.arange(3, dtype=np.uint64)))
    assert exposure_vetoes(pool, policy, state, np.zeros(3)).all()
    given = advance(pool, policy, state, [4, N_SINGLE, N_SINGLE], [1, 1, 1]).state
    held = exposure_vetoes(pool, policy, given, np.zeros(3))
    assert held[0].all()
    assert np.array_equal(held[1:], np.broadcast_to(~IN_SET, (2, len(IN_SET))))
    left = advance(pool, policy, given, [5, 6, N_SINGLE + 1], [1, 1, 1]).state
    held = exposure_vetoes(pool, policy, left, np.zeros(3))
    assert held[:2].all()
    assert np.array_equal(held[2], ~IN_SET)


def test_the_tally_counts_a_set_where_it_is_entered():
    policy = policy_of(bands=(0.0,), blueprint=Blueprint(sets=(SetBound(None, 1, 2),)))
    table = np.where(IN_SET[:, None], 0.5, 1.0) * np.ones((1, 2))
    sessions = simulate_sessions(replace(pool_of(), exposure=table), policy, normal(60), 2)
    by_item = tally_sessions(policy, table, sessions)
    by_set = tally_sessions(policy, table, sessions, whole_sets=True)
    administered = np.zeros((len(IN_SET), 2, 2))
    entered = np.zeros((2, 2))
    for items, theta, true in zip(
        sessions.items, sessions.theta_at, sessions.true_theta, strict=True
    ):
        bands, group = (theta >= 0).astype(int), int(true >= 0)
        bands[0] = 1  # the first item is looked for at 0
        places = np.flatnonzero(items >= N_SINGLE)
        if places.size:
            entered[bands[places[0]], group] += 1
            bands[places] = bands[places[0]]
        administered[items, bands, group] += 1
    assert np.array_equal(by_item.administered, administered)
    assert np.array_equal(by_set.administered[~IN_SET], administered[~IN_SET])
    assert (by_set.administered[IN_SET] == entered).all()
    assert administered[IN_SET].sum() > entered.sum() > 0
    assert (by_set.feasible == by_set.visited).all()


@pytest.mark.parametrize("most", [None, 2], ids=["given whole", "given in part"])
def test_the_derivation_with_a_set_converges_and_holds_the_rate_for_set_and_items(most):
    pool, policy = pool_of(), policy_of(blueprint=Blueprint(sets=(SetBound(None, 1, most),)))
    found = derive_exposure_parameters(pool, policy, normal(1500), 1)
    assert found.converged
    assert len(np.unique(found.k[IN_SET])) == 1
    assert len(np.unique(found.rates[IN_SET])) == 1
    assert found.maximum <= RATE + margin(1500)
    fresh = simulate_sessions(replace(pool, exposure=found.k), policy, normal(4000, 6), 99)
    by_item, of_set = rates_of(fresh)
    assert of_set == pytest.approx(RATE, abs=margin(1500) + margin(4000))
    assert by_item[IN_SET].max() <= of_set
    assert by_item.max() <= RATE + margin(1500) + margin(4000)


@pytest.mark.slow
def test_the_derivation_with_a_set_converges_in_bands():
    pool, policy = pool_of(), policy_of(bands=(-0.6, 0.6))
    theta = abilities_in_bands(2400, policy, np.random.default_rng(5))
    found = derive_exposure_parameters(pool, policy, theta, 1)
    assert found.converged
    assert (found.k[IN_SET] == found.k[-1]).all()
    theta = abilities_in_bands(6000, policy, np.random.default_rng(6))
    fresh = simulate_sessions(replace(pool, exposure=found.k), policy, theta, 99)
    for low, high in ((-np.inf, -0.6), (-0.6, 0.6), (0.6, np.inf)):
        by_item, of_set = rates_of(fresh, (theta >= low) & (theta < high))
        assert max(of_set, by_item.max()) <= RATE + margin(800) + margin(2000)


def test_the_set_of_a_fixed_first_item_is_not_controlled():
    first = int(pool_of().item_ids[-1])
    policy = policy_of(selection=Selection(first=FirstItem.FIXED, first_item=first))
    assert np.array_equal(controlled_items(pool_of(), policy), ~IN_SET)


def test_a_set_is_eligible_as_its_most_used_item():
    pool, seeds = pool_of(), np.arange(3000, dtype=np.uint64)
    chances = np.where(IN_SET, 0.9, 1.0)
    chances[-2] = 0.3
    drawn = ineligible_items(pool, policy_of(ExposureMethod.ELIGIBILITY), seeds, chances)
    assert not drawn[:, ~IN_SET].any()
    assert (drawn[:, IN_SET] == drawn[:, -1:]).all()
    assert drawn[:, -1].mean() == pytest.approx(0.7, abs=margin(3000))


def test_eligibility_comes_to_hold_the_rate_with_a_set():
    policy = policy_of(ExposureMethod.ELIGIBILITY)
    sessions = simulate_in_sequence(pool_of(), policy, normal(6000), 1, block=100)
    by_item, of_set = rates_of(sessions, slice(3000, None))
    assert max(of_set, by_item.max()) <= RATE + margin(1000)
