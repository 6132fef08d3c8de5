"""Preknowledge and answer similarity, by enumeration and on simulated misuse."""

import itertools

import numpy as np
import pytest
from scipy import optimize

from irt.misuse.answer_similarity import SimilarityStatus, answer_similarity
from irt.misuse.poisson_binomial import upper_tails
from irt.misuse.preknowledge import PreknowledgeStatus, preknowledge
from irt.models.curves import log_category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.responses import ResponseError, dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses


def bank(n_items=40, seed=6):
    rng = np.random.default_rng(seed)
    rows = [
        (Model.THREE_PL, a, b, 0.2, 1.0)
        for a, b in zip(rng.lognormal(0.2, 0.2, n_items), rng.normal(0, 1, n_items), strict=True)
    ]
    rows[3] = (Model.GRADED, 1.2, [-0.5, 0.8], 0.0, 1.0)
    rows[-1] = (Model.GPCM, 0.9, [0.5, -0.2], 0.0, 1.0)
    return ItemParameters.from_rows(rows)


def highest(items, scores, kept):
    """The largest log-likelihood of one person over -6..6 and where, by search."""

    def minus(theta):
        table = log_category_probabilities(items, np.array([theta]))[:, :, 0]
        return -table[np.arange(len(scores)), scores][kept].sum()

    nodes = np.linspace(-6, 6, 241)
    best = nodes[np.argmin([minus(node) for node in nodes])]
    bounds = (max(best - 0.05, -6.0), min(best + 0.05, 6.0))
    found = optimize.minimize_scalar(
        minus, bounds=bounds, method="bounded", options={"xatol": 1e-11}
    )
    return -found.fun, found.x


@pytest.mark.slow
def test_the_statistic_is_the_signed_root_of_the_likelihood_ratio():
    items = bank()
    rng = np.random.default_rng(1)
    scores = simulate_responses(items, rng.standard_normal(6), rng)
    scores[0] = items.n_categories - 1
    scores[1, :20] = 0
    compromised = np.arange(40) < 15
    found = preknowledge(dense_responses(scores), items, compromised)
    everything = np.ones(40, dtype=bool)
    for person, row in enumerate(scores):
        (first, theta_c), (second, theta_s), (both, _) = (
            highest(items, row, kept) for kept in (compromised, ~compromised, everything)
        )
        expected = np.sign(theta_c - theta_s) * np.sqrt(max(2 * (first + second - both), 0.0))
        assert found.statistic[person] == pytest.approx(expected, abs=2e-5)
        if abs(theta_c) < 5.99:
            assert found.theta_compromised[person] == pytest.approx(theta_c, abs=1e-5)
    assert found.n_compromised.tolist() == [15] * 6
    assert found.n_secure.tolist() == [25] * 6


def test_the_level_is_kept_and_preknowledge_is_found():
    items = bank(60)
    rng = np.random.default_rng(2)
    scores = simulate_responses(items, rng.standard_normal(3000), rng)
    compromised = np.arange(60) < 25
    leaked = rng.random((300, 25)) < 0.7
    scores[:300, :25] = np.where(leaked, items.n_categories[:25] - 1, scores[:300, :25])
    found = preknowledge(dense_responses(scores), items, compromised)
    assert 0.035 < (found.p_value[300:] < 0.05).mean() < 0.065
    assert (found.p_value[:300] < 0.05).mean() > 0.6


def test_dense_and_sparse_responses_give_the_same_and_missing_parts_say_so():
    items = bank()
    rng = np.random.default_rng(3)
    scores = simulate_responses(items, rng.standard_normal(30), rng)
    scores[rng.random(scores.shape) < 0.4] = -1
    scores[0, :15] = -1
    scores[1, 15:] = -1
    compromised = np.arange(40) < 15
    person, item = np.nonzero(scores >= 0)
    sparse = sparse_responses(
        person,
        item,
        scores[person, item],
        n_persons=30,
        n_items=40,
        n_categories=items.n_categories,
    )
    one = preknowledge(dense_responses(scores, items.n_categories), items, compromised)
    other = preknowledge(sparse, items, compromised)
    assert one.statistic == pytest.approx(other.statistic, abs=1e-6, nan_ok=True)
    assert one.status[:3].tolist() == [
        PreknowledgeStatus.NO_COMPROMISED,
        PreknowledgeStatus.NO_SECURE,
        PreknowledgeStatus.OK,
    ]
    assert np.isnan(one.statistic[:2]).all()
    assert np.isnan([one.theta_compromised[0], one.theta_secure[1]]).all()


@pytest.mark.parametrize("compromised", [np.zeros(40, bool), np.ones(40, bool), np.ones(3, bool)])
def test_a_set_of_compromised_items_that_compares_nothing_is_refused(compromised):
    responses = dense_responses(np.zeros((2, 40)), bank().n_categories)
    with pytest.raises(ResponseError, match="some items, but not all"):
        preknowledge(responses, bank(), compromised)


def test_poisson_binomial_tails_equal_those_of_all_outcomes():
    probability = np.array([[0.2, 0.9, 0.5, 0.35], [0.0, 1.0, 0.01, 0.6]])
    found = upper_tails(probability)
    for row, own in zip(found, probability, strict=True):
        expected = np.zeros(5)
        for outcome in itertools.product((0, 1), repeat=4):
            chance = np.prod(np.where(outcome, own, 1 - own))
            expected[: sum(outcome) + 1] += chance
        assert row == pytest.approx(expected, rel=1e-13, abs=1e-16)


def test_tiny_tails_keep_their_precision():
    found = upper_tails(np.full((1, 60), 0.01))
    assert found[0, 60] == pytest.approx(1e-120, rel=1e-10)


def independent(n_persons=200, n_items=12, seed=9):
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(n_persons)
    right = rng.random((n_persons, n_items)) < 1 / (1 + np.exp(-theta[:, None]))
    wrong = 1 + (rng.random((n_persons, n_items)) < 0.3) + 0
    return theta, np.where(right, 0, wrong)


def test_the_p_value_of_a_pair_is_that_of_the_enumerated_matches():
    theta, options = independent()
    options[0, 11] = options[1, 3] = -1
    found = answer_similarity(dense_responses(options), theta, n_bands=2, report_below=1.0)
    place = np.flatnonzero((found.pair == [0, 1]).all(axis=1))[0]
    band = (theta >= np.median(theta)).astype(int)
    items = [item for item in range(12) if item not in (3, 11)]
    probability = []
    for item in items:
        shares = [
            np.bincount(
                options[(band == band[person]) & (options[:, item] >= 0), item], minlength=3
            )
            for person in (0, 1)
        ]
        probability.append(np.prod([share / share.sum() for share in shares], axis=0).sum())
    matches = int((options[0, items] == options[1, items]).sum())
    expected = sum(
        np.prod(np.where(outcome, probability, 1 - np.array(probability)))
        for outcome in itertools.product((0, 1), repeat=10)
        if sum(outcome) >= matches
    )
    assert found.p_value[place] == pytest.approx(expected, rel=1e-10)
    assert found.n_common[place] == 10
    assert found.n_matches[place] == matches
    assert found.expected[place] == pytest.approx(sum(probability), rel=1e-12)


def test_copied_answers_are_flagged_and_honest_pairs_are_not():
    theta, options = independent(n_persons=400, n_items=40)
    options[17] = options[203]
    found = answer_similarity(dense_responses(options), np.where(theta > 9, 9, theta))
    assert found.pair[found.flagged].tolist() == [[17, 203]]
    assert found.n_compared == 400 * 399 // 2
    assert found.n_not_compared == 0
    assert (np.diff(found.p_value) >= 0).all()


def test_the_share_of_small_p_values_is_what_discrete_tails_allow():
    theta, options = independent(n_persons=600, n_items=40)
    found = answer_similarity(dense_responses(options), theta, report_below=1.0)
    assert 0.02 < (found.p_value <= 0.05).mean() < 0.055


def test_only_common_items_count_and_short_overlaps_are_not_compared():
    theta, options = independent(n_persons=6, n_items=30)
    options[:2, 20:] = -1
    options[2:4, :11] = -1
    options[4, 5:] = -1
    theta[5] = np.nan
    person, item = np.nonzero(options >= 0)
    sparse = sparse_responses(person, item, options[person, item], n_persons=6, n_items=30)
    found = answer_similarity(sparse, theta, n_bands=1, report_below=1.0)
    assert sorted(found.pair.tolist()) == [[0, 1], [2, 3]]
    assert found.n_compared == 2
    assert found.n_not_compared == 13
    assert found.person_status.tolist() == [
        *[SimilarityStatus.OK] * 4,
        SimilarityStatus.TOO_FEW,
        SimilarityStatus.NO_THETA,
    ]


def test_similarity_without_pairs_is_refused():
    responses = dense_responses(np.zeros((4, 5)))
    with pytest.raises(ResponseError, match="no two persons have 10 items in common"):
        answer_similarity(responses, np.zeros(4))
    with pytest.raises(ResponseError, match="4 persons need as many thetas"):
        answer_similarity(responses, np.zeros(3))
