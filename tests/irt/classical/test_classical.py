"""Classical statistics against their definitions, and where they do not exist."""

import numpy as np
import pytest

from irt.classical.distractors import option_statistics
from irt.classical.items import classical_items
from irt.classical.reliability import classical_reliability, one_factor
from irt.classical.rest_share import rest_shares, score_table
from irt.responses import dense_responses

ALL = np.zeros(200, dtype=int)


def congeneric(loadings, n_persons=200, seed=0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(n_persons, 1))
    unique = rng.normal(size=(n_persons, len(loadings)))
    return common * loadings + unique * np.sqrt(1 - np.square(loadings))


def right_or_wrong(n_persons=200, n_items=6, seed=0):
    latent = congeneric(np.linspace(0.4, 0.8, n_items), n_persons, seed)
    return (latent > np.linspace(-1, 1, n_items)).astype(float)


def test_the_share_of_points_is_that_of_the_highest_score():
    scores = np.array([[0.0, 3.0], [1.0, 1.0], [1.0, np.nan], [1.0, 2.0]])
    found = classical_items(scores, np.array([1.0, 3.0]), np.zeros(4, dtype=int))
    assert found.n_persons.tolist() == [4, 3]
    assert found.mean.tolist() == [0.75, 2.0]
    assert found.share.tolist() == pytest.approx([0.75, 2 / 3])
    assert found.sd.tolist() == pytest.approx([0.5, 1.0])


def test_the_item_rest_correlation_is_that_with_the_sum_of_the_others():
    scores = right_or_wrong()
    found = classical_items(scores, np.ones(6), ALL)
    for item in range(6):
        rest = np.delete(scores, item, axis=1).sum(axis=1)
        expected = np.corrcoef(scores[:, item], rest)[0, 1]
        assert found.item_rest[item] == pytest.approx(expected, abs=1e-12)


def test_forms_of_other_difficulty_do_not_make_a_correlation():
    """Half got easy items, half hard ones; all answered the last item by tossing a coin."""
    rng = np.random.default_rng(5)
    scores = np.full((2000, 9), np.nan)
    scores[:1000, :4] = rng.random((1000, 4)) < 0.9
    scores[1000:, 4:8] = rng.random((1000, 4)) < 0.2
    scores[:, 8] = np.where(np.arange(2000) < 1000, rng.random(2000) < 0.8, rng.random(2000) < 0.2)
    form = np.repeat([0, 1], 1000)
    within = classical_items(scores, np.ones(9), form).item_rest[8]
    pooled = classical_items(scores, np.ones(9), np.zeros(2000, dtype=int)).item_rest[8]
    assert abs(within) < 0.06
    assert pooled > 0.4


@pytest.mark.parametrize("score", [0.0, 1.0])
def test_an_item_with_one_score_has_no_correlation(score):
    scores = right_or_wrong()
    scores[:, 2] = score
    found = classical_items(scores, np.ones(6), ALL)
    assert found.share[2] == score
    assert found.sd[2] == 0
    assert np.isnan(found.item_rest[2])
    assert np.isfinite(np.delete(found.item_rest, 2)).all()


def test_an_item_without_answers_has_no_number_at_all():
    scores = right_or_wrong()
    scores[:, 1] = np.nan
    found = classical_items(scores, np.ones(6), ALL)
    assert found.n_persons[1] == 0
    assert np.isnan([found.mean[1], found.sd[1], found.share[1], found.item_rest[1]]).all()


def test_a_single_item_has_nothing_to_be_correlated_with():
    found = classical_items(right_or_wrong()[:, :1], np.ones(1), ALL)
    assert np.isnan(found.item_rest).all()


def test_alpha_is_cronbachs():
    scores = right_or_wrong(n_items=8)
    variances, total = scores.var(axis=0, ddof=1), scores.sum(axis=1).var(ddof=1)
    found = classical_reliability(scores)
    assert found.alpha == pytest.approx(8 / 7 * (1 - variances.sum() / total), abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(total * (1 - found.alpha)))


def test_of_two_items_alpha_is_that_of_spearman_and_brown_for_equal_variances():
    x = congeneric(np.array([0.7, 0.7]), 500)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    r = np.corrcoef(x.T)[0, 1]
    found = classical_reliability(x)
    assert found.alpha == pytest.approx(2 * r / (1 + r), abs=1e-12)
    assert np.isnan(found.omega)


def test_omega_is_that_of_the_loadings():
    loadings = np.array([0.8, 0.7, 0.6, 0.5, 0.3])
    correlation = np.outer(loadings, loadings)
    np.fill_diagonal(correlation, 1.0)
    np.testing.assert_allclose(one_factor(correlation), loadings, atol=1e-8)
    found = classical_reliability(congeneric(loadings, 20_000, seed=3))
    true = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    assert found.omega == pytest.approx(true, abs=0.01)
    assert found.alpha < found.omega


def test_a_constant_item_changes_neither_alpha_nor_omega():
    scores = right_or_wrong()
    own, more = classical_reliability(scores), classical_reliability(np.c_[scores, np.ones(200)])
    assert (more.alpha, more.omega) == pytest.approx((own.alpha, own.omega))
    assert more.varies.tolist() == [True] * 6 + [False]


@pytest.mark.parametrize("scores", [np.ones((50, 4)), np.zeros((2, 4)), np.eye(50)[:, :1]])
def test_where_nothing_varies_reliability_is_unknown(scores):
    found = classical_reliability(scores)
    assert np.isnan([found.alpha, found.omega, found.standard_error]).all()


def test_the_rest_is_a_share_of_what_was_answered():
    scores = score_table(dense_responses([[1, -1, 2], [0, 1, -1], [1, -1, -1]]))
    rest = rest_shares(scores, np.array([1.0, 1.0, 2.0]))
    expected = [[1.0, np.nan, 1.0], [1.0, 0.0, np.nan], [np.nan, np.nan, np.nan]]
    np.testing.assert_array_equal(rest, expected)


def test_options_are_counted_by_thirds_and_compared_with_the_rest():
    option = np.array([0, 0, 0, 1, 0, 1, 2, 1, 1])
    rest = np.linspace(0.1, 0.9, 9)
    found = option_statistics(option, rest, np.zeros(9, dtype=int), 4)
    assert found.n_persons.tolist() == [4, 4, 1, 0]
    assert found.share.tolist() == pytest.approx([4 / 9, 4 / 9, 1 / 9, 0])
    assert found.low.tolist() == pytest.approx([1, 0, 0, 0])
    assert found.high.tolist() == pytest.approx([0, 2 / 3, 1 / 3, 0])
    assert found.rest[:3].tolist() == pytest.approx([0.275, 0.675, 0.7])
    expected = np.corrcoef(option == 1, rest)[0, 1]
    assert found.correlation[1] == pytest.approx(expected)
    assert np.isnan([found.rest[3], found.correlation[3]]).all()


def test_options_of_persons_without_another_answer_are_counted_all_the_same():
    found = option_statistics(np.array([0, 1, 1]), np.full(3, np.nan), np.zeros(3, dtype=int), 2)
    assert found.n_persons.tolist() == [1, 2]
    assert np.isnan([*found.rest, *found.correlation, *found.low, *found.high]).all()
