from itertools import product

import numpy as np
import pytest

from irt.ability import Ability, eap_abilities
from irt.estimation.reliability import empirical_reliability, marginal_reliability
from irt.estimation.summed_scores import summed_score_counts, summed_score_eap
from irt.models.curves import category_probabilities
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import MISSING, dense_responses, sparse_responses

ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
        (Model.GPCM, 1.1, [0.3, -0.5], 0, 1),
    ]
)


def test_summed_scores_add_up_every_pattern():
    grid = normal_grid(61)
    probability = category_probabilities(ITEMS, grid.nodes)
    at_nodes = np.zeros((7, 61))
    for pattern in product(range(2), range(4), range(3)):
        at_nodes[sum(pattern)] += probability[np.arange(3), pattern].prod(axis=0)
    posterior = at_nodes * grid.weights
    table = summed_score_eap(ITEMS, grid)
    assert table.probability == pytest.approx(posterior.sum(axis=1), abs=1e-14)
    mean = posterior @ grid.nodes / posterior.sum(axis=1)
    assert table.ability.theta == pytest.approx(mean, abs=1e-12)
    assert table.probability.sum() == pytest.approx(1.0, abs=1e-13)


def test_for_rasch_items_the_summed_score_says_as_much_as_the_pattern():
    items = ItemParameters.from_rows([(Model.RASCH, 1, b, 0, 1) for b in (-1, 0, 2)])
    patterns = [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]]
    grid = normal_grid(121)
    of_patterns = eap_abilities(dense_responses(patterns), items, grid)
    table = summed_score_eap(items, grid)
    assert table.ability.theta == pytest.approx(of_patterns.theta, abs=1e-12)
    assert table.ability.standard_error == pytest.approx(of_patterns.standard_error, abs=1e-12)


def test_the_extreme_scores_of_a_long_test_do_not_underflow():
    items = ItemParameters.from_rows([(Model.RASCH, 1, 10.0, 0, 1)] * 400)
    theta = summed_score_eap(items, normal_grid(31, 3.0)).ability.theta
    assert np.isfinite(theta).all()
    assert (np.diff(theta) > -1e-12).all()


def test_only_complete_patterns_are_counted():
    scores = [[0, 0, 0], [1, 3, 2], [1, 3, MISSING], [0, 1, 0], [1, 0, 0], [MISSING] * 3]
    dense = dense_responses(scores, ITEMS.n_categories)
    person, item, score = dense.long()
    sparse = sparse_responses(
        person, item, score, n_persons=6, n_items=3, n_categories=ITEMS.n_categories
    )
    for responses in (dense, sparse):
        assert summed_score_counts(responses).tolist() == [1, 2, 0, 0, 0, 0, 1]


def test_empirical_reliability_is_the_share_of_the_variance_that_estimates_show():
    ability = Ability(np.array([-1.0, 0.0, 1.0]), np.full(3, 0.5))
    assert empirical_reliability(ability) == pytest.approx(1 / 1.25)
    assert np.isnan(empirical_reliability(Ability(np.zeros(1), np.ones(1))))


def test_marginal_reliability_follows_the_population():
    items = ItemParameters.from_rows([(Model.TWO_PL, 1e-6, 0, 0, 1)])
    assert marginal_reliability(items, normal_grid(121)) == pytest.approx(0.0, abs=1e-9)
    test = ItemParameters.from_rows([(Model.TWO_PL, 2, b, 0, 1) for b in np.linspace(-3, 3, 40)])
    narrow = marginal_reliability(test, normal_grid(121, 6.0, 0.0, 0.5))
    wide = marginal_reliability(test, normal_grid(121, 6.0, 0.0, 1.0))
    # Nearly constant information: I / (I + 1 / sigma^2).
    information = 40 * 2 / 6.15
    assert wide == pytest.approx(information / (information + 1), abs=0.01)
    assert narrow == pytest.approx(information / (information + 4), abs=0.01)
