import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from scoring.irt.ability import Ability, add_responses, eap
from scoring.irt.curves import category_probabilities
from scoring.irt.information import item_information
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.policy import Criterion, Estimation, Policy, Selection
from scoring.irt.pool import build_pool
from scoring.irt.quadrature import normal_grid
from scoring.irt.selection.criteria import criterion_values, prioritised
from scoring.irt.selection.expected_variance import expected_variance_reduction
from scoring.irt.selection.kullback_leibler import kullback_leibler_index
from scoring.irt.selection.posterior import selection_posterior
from scoring.irt.selection.urry import mean_difficulty
from scoring.irt.state import answered
from tests.scoring.irt.selection.states import after, dichotomous_pool, eap_of, fresh, mixed_pool

ANSWERS = [(0, 1), (2, 1), (9, 0), (5, 1), (12, 1)]


def policy_of(criterion, **settings):
    return Policy(selection=Selection(criterion=criterion, **settings))


def values_of(pool, criterion, state, **settings):
    return criterion_values(pool, policy_of(criterion, **settings), state, eap_of(pool, state))


def probabilities(pool, item, theta):
    return category_probabilities(pool.parameters.take([item]), np.array([theta]))[0, :, 0]


def information_by_differences(pool, item, theta, step=1e-5):
    slope = (probabilities(pool, item, theta + step) - probabilities(pool, item, theta - step)) / (
        2 * step
    )
    p = probabilities(pool, item, theta)
    return (slope[p > 0] ** 2 / p[p > 0]).sum()


def posterior_density(pool, answers, mean, sd):
    """The posterior as a function of theta, by numerical integration instead of a grid."""

    def joint(theta):
        likelihood = np.prod([probabilities(pool, item, theta)[score] for item, score in answers])
        return norm.pdf(theta, mean, sd) * likelihood

    total = quad(joint, -6, 6, epsabs=1e-12, limit=200)[0]
    return lambda theta: joint(theta) / total


def kullback_leibler_by_integration(pool, item, theta, half):
    centre = probabilities(pool, item, theta)
    exists = centre > 0

    def divergence(other):
        ratio = np.log(centre[exists] / probabilities(pool, item, other)[exists])
        return (centre[exists] * ratio).sum()

    return quad(divergence, theta - half, theta + half, epsabs=1e-13, epsrel=1e-12)[0]


def test_maximum_information_is_the_fisher_information_at_theta():
    pool = mixed_pool(24)
    ability = Ability(np.array([-1.3, 0.4]), np.ones(2))
    policy = policy_of(Criterion.MAXIMUM_INFORMATION)
    values = criterion_values(pool, policy, fresh(pool, policy, 2), ability)
    expected = [
        [information_by_differences(pool, item, theta) for item in range(24)]
        for theta in (-1.3, 0.4)
    ]
    assert values == pytest.approx(np.array(expected), rel=1e-7)


def test_posterior_weighted_information_is_the_integral_of_information_times_posterior():
    pool = mixed_pool(24)
    policy = policy_of(Criterion.POSTERIOR_WEIGHTED_INFORMATION)
    state = after(pool, fresh(pool, policy, prior_mean=0.5, prior_sd=0.8), ANSWERS)
    values = criterion_values(pool, policy, state, eap_of(pool, state))[0]
    density = posterior_density(pool, ANSWERS, 0.5, 0.8)
    for item in range(8):
        expected = quad(
            lambda theta, item=item: (
                density(theta)
                * item_information(pool.parameters.take([item]), np.array([theta]))[0, 0]
            ),
            -6,
            6,
            epsabs=1e-10,
        )[0]
        assert values[item] == pytest.approx(expected, rel=1e-7)


def test_posterior_weighted_information_of_a_posterior_at_one_point_is_the_information_there():
    pool = mixed_pool(40)
    node = pool.nodes[33]
    policy = Policy(
        estimation=Estimation(prior_mean=node, prior_sd=0.01),
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
    density = posterior_density(pool, ANSWERS[:2], 0.0, 1.0)

    def moments(item, score):
        def moment(power):
            return quad(
                lambda theta: (
                    theta**power * density(theta) * probabilities(pool, item, theta)[score]
                ),
                -6,
                6,
                epsabs=1e-11,
            )[0]

        return moment(0), moment(1), moment(2)

    for item in (3, 5, 14):  # 3PL, graded, GPCM
        parts = [moments(item, k) for k in range(pool.parameters.n_categories[item])]
        total, first, second = np.sum(parts, axis=0)
        expected = sum(m2 - m1**2 / m0 for m0, m1, m2 in parts)
        assert total == pytest.approx(1.0, abs=1e-8)
        assert second - first**2 - reduction[item] == pytest.approx(expected, abs=1e-7)


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
        expected = [kullback_leibler_by_integration(pool, item, theta, half) for item in range(24)]
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
        state = answered(pool, state, item, rng.integers(0, 2, 150), np.zeros(150), ability)
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
    assert prioritised(policy, values, weights).tolist() == [[0.4, 0.3, 0.0]]


def test_priority_never_leaves_the_stratum():
    weights, values = np.array([[0.5, 1.0, 0.0]]), np.array([[4.5, 3.5, 4.25]])
    policy = policy_of(Criterion.A_STRATIFIED)
    assert prioritised(policy, values, weights).tolist() == [[4.25, 3.5, 4.0]]
