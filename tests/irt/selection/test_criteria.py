import numpy as np
import pytest
from scipy.integrate import simpson
from scipy.stats import norm

from irt.ability import Ability, add_responses, eap
from irt.models.curves import category_probabilities
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import Criterion, Estimation, Policy, Selection
from irt.pool import build_pool
from irt.quadrature import normal_grid
from irt.selection.criteria import criterion_values, prioritize
from irt.selection.expected_variance import expected_variance_reduction
from irt.selection.kullback_leibler import kullback_leibler_index
from irt.selection.posterior import selection_posterior
from irt.selection.urry import mean_difficulty
from irt.state import record_answers
from tests.irt.selection.states import after, dichotomous_pool, eap_of, fresh, mixed_pool

ANSWERS = [(0, 1), (2, 1), (9, 0), (5, 1), (12, 1)]


def policy_of(criterion, **settings):
    return Policy(selection=Selection(criterion=criterion, **settings))


def values_of(pool, criterion, state, **settings):
    return criterion_values(pool, policy_of(criterion, **settings), state, eap_of(pool, state))


def information_by_differences(pool, theta, step=1e-5):
    """(J,) the sum over categories of P'^2 / P."""
    before, at, behind = np.moveaxis(
        category_probabilities(pool.parameters, theta + step * np.array([-1, 0, 1])), 2, 0
    )
    slope = (behind - before) / (2 * step)
    return (slope**2 / np.where(at > 0, at, 1)).sum(axis=1)


def posterior_density(pool, answers, mean, sd):
    """A fine grid of theta, far denser than the pool's nodes, and the density of the posterior."""
    theta = np.linspace(-7, 7, 2801)
    probability = category_probabilities(pool.parameters, theta)
    joint = norm.pdf(theta, mean, sd)
    for item, score in answers:
        joint = joint * probability[item, score]
    return theta, joint / simpson(joint, theta), probability


def kullback_leibler_by_integration(pool, theta, half):
    """(J,) by Gauss-Legendre quadrature of the divergence."""
    points, weights = np.polynomial.legendre.leggauss(80)
    centre = category_probabilities(pool.parameters, np.array([theta]))
    other = category_probabilities(pool.parameters, theta + half * points)
    exists = centre > 0
    ratio = np.log(np.where(exists, centre, 1) / np.where(exists, other, 1))
    return half * ((centre * ratio).sum(axis=1) @ weights)


def test_maximum_information_is_the_fisher_information_at_theta():
    pool = mixed_pool(24)
    ability = Ability(np.array([-1.3, 0.4]), np.ones(2))
    policy = policy_of(Criterion.MAXIMUM_INFORMATION)
    values = criterion_values(pool, policy, fresh(pool, policy, 2), ability)
    for row, theta in zip(values, (-1.3, 0.4), strict=True):
        assert row == pytest.approx(information_by_differences(pool, theta), rel=1e-6)


def test_posterior_weighted_information_is_the_integral_of_information_times_posterior():
    pool = mixed_pool(24)
    policy = policy_of(Criterion.POSTERIOR_WEIGHTED_INFORMATION)
    state = after(pool, fresh(pool, policy, prior_mean=0.5, prior_sd=0.8), ANSWERS)
    values = criterion_values(pool, policy, state, eap_of(pool, state))[0]
    theta, density, _ = posterior_density(pool, ANSWERS, 0.5, 0.8)
    expected = simpson(item_information(pool.parameters, theta) * density, theta)
    assert values == pytest.approx(expected, rel=1e-6)


def test_posterior_weighted_information_of_a_posterior_at_one_point_is_the_information_there():
    pool = mixed_pool(40)
    node = pool.nodes[33]
    policy = Policy(
        estimation=Estimation(prior_mean=node, prior_sd=1e-7),
        selection=Selection(criterion=Criterion.POSTERIOR_WEIGHTED_INFORMATION),
    )
    state = after(pool, fresh(pool, policy), ANSWERS)
    values = criterion_values(pool, policy, state, eap_of(pool, state))
    information = item_information(pool.parameters, np.array([node]))[:, 0]
    assert values[0] == pytest.approx(information, abs=1e-12)


def test_expected_variance_is_that_of_the_posteriors_after_every_possible_answer():
    pool = mixed_pool(24)
    policy = policy_of(Criterion.EXPECTED_POSTERIOR_VARIANCE)
    state = after(pool, fresh(pool, policy, prior_mean=-0.4, prior_sd=1.2), ANSWERS)
    reduction = criterion_values(pool, policy, state, eap_of(pool, state))[0]
    prior = normal_grid(mean=-0.4, sd=1.2)
    now = eap(state.log_likelihood, prior)
    posterior = selection_posterior(pool, state, now)[0]
    for item in range(24):
        expected = 0.0
        for score in range(pool.parameters.n_categories[item]):
            chance = posterior @ np.exp(pool.log_probabilities[item, score])
            next_likelihood = add_responses(
                state.log_likelihood, pool.log_probabilities, np.array([item]), np.array([score])
            )
            expected += chance * eap(next_likelihood, prior).standard_error[0] ** 2
        assert now.standard_error[0] ** 2 - reduction[item] == pytest.approx(expected, abs=1e-13)


def test_expected_variance_is_the_integral_over_theta():
    pool = mixed_pool(24)
    state = after(pool, fresh(pool, Policy()), ANSWERS[:2])
    reduction = values_of(pool, Criterion.EXPECTED_POSTERIOR_VARIANCE, state)[0]
    theta, density, probability = posterior_density(pool, ANSWERS[:2], 0.0, 1.0)
    m0, m1, m2 = (simpson(theta**power * density * probability, theta) for power in range(3))
    expected = (m2 - m1**2 / np.where(m0 > 0, m0, 1)).sum(axis=1)
    variance = simpson(theta**2 * density, theta) - simpson(theta * density, theta) ** 2
    assert variance - reduction == pytest.approx(expected, abs=1e-7)


def test_an_answer_that_cannot_happen_does_not_change_the_expected_variance():
    far = ItemParameters.from_rows([(Model.TWO_PL, 200.0, -50.0, 0, 1)])
    pool = build_pool([1], far, normal_grid())
    posterior = selection_posterior(pool, fresh(pool, Policy()), Ability(np.zeros(1), np.ones(1)))
    assert expected_variance_reduction(pool, posterior) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("length", "half"), [(0, 3.0), (1, 3.0), (4, 1.5), (36, 0.5), (100, 0.3)])
def test_the_kullback_leibler_index_is_the_integral_of_the_divergence(length, half):
    pool = mixed_pool(24)
    for theta in (-2.37, 0.0, 1.111, 5.9):
        index = kullback_leibler_index(pool, np.array([theta]), np.array([length]))[0]
        expected = kullback_leibler_by_integration(pool, theta, half)
        assert index == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_the_kullback_leibler_index_tends_to_fisher_information():
    pool = mixed_pool(40)
    theta = np.array([-0.63])
    information = item_information(pool.parameters, theta)[:, 0]
    for length, tolerance in ((400, 1e-2), (10_000, 1e-3)):
        half = 3 / np.sqrt(length)
        index = kullback_leibler_index(pool, theta, np.array([length]))[0]
        assert index / (half**3 / 3) == pytest.approx(information, rel=tolerance, abs=1e-3)


def test_an_estimate_beyond_the_nodes_counts_as_the_outermost_node():
    pool = mixed_pool(16)
    outside = kullback_leibler_index(pool, np.array([9.0]), np.array([3]))
    at_the_end = kullback_leibler_index(pool, np.array([6.0]), np.array([3]))
    assert outside.tolist() == at_the_end.tolist()


def test_urry_ranks_rasch_items_as_maximum_information_does():
    pool = dichotomous_pool(200, Model.RASCH)
    for theta in (-1.7, 0.03, 2.2):
        ability = Ability(np.array([theta]), np.ones(1))
        closest, most_informative = (
            criterion_values(pool, policy_of(criterion), fresh(pool, Policy()), ability)[0]
            for criterion in (Criterion.URRY, Criterion.MAXIMUM_INFORMATION)
        )
        assert np.argsort(-closest).tolist() == np.argsort(-most_informative).tolist()


def test_urry_is_the_distance_of_the_mean_difficulty():
    rows = [
        (Model.THREE_PL, 2.0, 0.7, 0.2, 1),
        (Model.GRADED, 1.0, [-1.0, 0.0, 2.5], 0, 1),
        (Model.PCM, 1.0, [1.0, -2.0], 0, 1),
    ]
    pool = build_pool([1, 2, 3], ItemParameters.from_rows(rows), normal_grid())
    assert mean_difficulty(pool).tolist() == [0.7, 0.5, -0.5]
    ability = Ability(np.array([0.5]), np.ones(1))
    values = criterion_values(pool, policy_of(Criterion.URRY), fresh(pool, Policy()), ability)
    assert values == pytest.approx(np.array([[1 / 1.2, 1.0, 0.5]]))


def test_random_values_are_uniform_and_depend_on_seed_position_and_item():
    pool = dichotomous_pool(300)
    first = fresh(pool, Policy(), 200)
    values = values_of(pool, Criterion.RANDOM, first)
    assert values.tolist() == values_of(pool, Criterion.RANDOM, first).tolist()
    assert values_of(pool, Criterion.RANDOM, after(pool, first, [(0, 1)])).tolist() != (
        values.tolist()
    )
    assert len(np.unique(values)) == values.size
    assert np.histogram(values, 10, (0, 1))[0] / values.size == pytest.approx(0.1, abs=0.005)
    assert np.abs(np.corrcoef(values[:20]) - np.eye(20)).max() < 0.25


@pytest.mark.parametrize("criterion", Criterion)
def test_a_batch_gives_to_the_last_bit_what_each_examinee_gets_alone(criterion):
    pool = mixed_pool(203)
    rng = np.random.default_rng(11)
    state = fresh(
        pool, Policy(), 150, prior_mean=rng.normal(size=150), prior_sd=rng.uniform(0.5, 1.5, 150)
    )
    ability = eap_of(pool, state)
    for start in (0, 50, 100):
        item = start + rng.integers(0, 50, 150)
        state = record_answers(pool, state, item, rng.integers(0, 2, 150), np.zeros(150), ability)
    ability = eap_of(pool, state)
    batch = criterion_values(pool, policy_of(criterion), state, ability)
    for n in range(150):
        own = Ability(ability.theta[[n]], ability.standard_error[[n]])
        alone = criterion_values(pool, policy_of(criterion), state.take([n]), own)
        assert alone[0].tolist() == batch[n].tolist()


@pytest.mark.parametrize(
    "criterion", [c for c in Criterion if c not in (Criterion.RANDOM, Criterion.A_STRATIFIED)]
)
def test_equal_items_tie_exactly_wherever_they_are_in_the_pool(criterion):
    kinds = [(Model.THREE_PL, 0.8 + 0.1 * kind, 0.2 * kind, 0.2, 1) for kind in range(6)]
    kinds.append((Model.GRADED, 1.1, [-0.5, 0.4], 0, 1))
    rows = [kinds[item % 7] for item in range(7 * 143 + 2)]
    pool = build_pool(np.arange(len(rows)), ItemParameters.from_rows(rows), normal_grid())
    state = after(pool, fresh(pool, Policy(), 3, prior_mean=[-0.3, 0.1, 0.9]), ANSWERS)
    values = values_of(pool, criterion, state)
    for kind in range(7):
        assert (values[:, kind::7] == values[:, [kind]]).all()


@pytest.mark.parametrize("criterion", Criterion)
def test_no_criterion_is_negative_or_not_finite(criterion):
    pool = mixed_pool(60)
    state = after(pool, fresh(pool, Policy(), 5), ANSWERS)
    ability = Ability(np.array([-6.0, -3.9, 0.0, 4.0, 6.0]), np.ones(5))
    values = criterion_values(pool, policy_of(criterion), state, ability)
    assert (np.isfinite(values) & (values >= 0)).all()


@pytest.mark.parametrize("criterion", Criterion)
def test_a_pool_without_items_has_no_criterion(criterion):
    pool = build_pool([], ItemParameters.from_rows([]), normal_grid())
    assert values_of(pool, criterion, fresh(pool, Policy(), 2)).shape == (2, 0)


def test_priority_scales_the_criterion():
    weights, values = np.array([[0.5, 1.0, 0.0]]), np.array([[0.8, 0.3, 2.0]])
    policy = policy_of(Criterion.MAXIMUM_INFORMATION)
    assert prioritize(policy, values, weights).tolist() == [[0.4, 0.3, 0.0]]


def test_priority_never_leaves_the_stratum():
    weights, values = np.array([[0.5, 1.0, 0.0]]), np.array([[4.5, 3.5, 4.25]])
    policy = policy_of(Criterion.A_STRATIFIED)
    assert prioritize(policy, values, weights).tolist() == [[4.25, 3.5, 4.0]]
