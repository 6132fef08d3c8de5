import numpy as np
import pytest

from irt.adaptive import advance, next_step, start
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model, ParameterError
from irt.policy.policy import Policy
from irt.policy.stopping_rules import StopReason
from irt.pool import Attributes, Veto, build_pool
from irt.quadrature import normal_grid
from irt.random_numbers import uniform_draw
from irt.selection.draws import select_randomesque
from irt.simulation.responses import simulate_responses
from irt.state import examinees, fresh_state, restore_state
from tests.irt.policies import policy_of


def parameters_of(n_items, seed=7):
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n_items):
        a = rng.lognormal(0.2, 0.3)
        if item % 5 == 4:
            rows.append((Model.GRADED, a, np.sort(rng.normal(size=3)), 0, 1))
        elif item % 5 == 3:
            rows.append((Model.THREE_PL, a, rng.normal(), 0.2, 1))
        else:
            rows.append((Model.TWO_PL, a, rng.normal(), 0, 1))
    return ItemParameters.from_rows(rows)


def pool_of(n_items, **attributes):
    ids = np.arange(n_items)[::-1] * 3 + 100
    return build_pool(ids, parameters_of(n_items), normal_grid(), Attributes(**attributes))


def run(pool, policy, seeds, responses):
    """Everybody's whole test: steps until the last has stopped."""
    everyone = np.arange(len(seeds))
    step = start(pool, policy, examinees(policy, seeds))
    theta, length = step.theta.copy(), np.zeros(len(seeds), dtype=int)
    items = [[] for _ in seeds]
    while (going := np.flatnonzero(step.stop == StopReason.CONTINUE)).size:
        everyone, item = everyone[going], step.item[going]
        for person, chosen in zip(everyone, item, strict=True):
            items[person].append(int(chosen))
        step = advance(pool, policy, step.state.take(going), item, responses[everyone, item])
        theta[everyone] = step.theta
        length[everyone] = step.state.position
    return theta, length, items


@pytest.mark.slow
def test_a_batch_of_one_and_a_batch_of_many_agree():
    pool = pool_of(120)
    policy = policy_of(among=5, min_items=5, max_items=20, standard_error=0.35)
    seeds = np.random.default_rng(3).integers(0, 2**64, 300, dtype=np.uint64)
    rng = np.random.default_rng(4)
    responses = simulate_responses(pool.parameters, rng.standard_normal(300), rng)
    theta, length, items = run(pool, policy, seeds, responses)
    for person in range(300):
        alone = run(pool, policy, seeds[[person]], responses[[person]])
        assert alone[0][0] == pytest.approx(theta[person], abs=1e-12)
        assert alone[1][0] == length[person]
        assert alone[2][0] == items[person]


def test_the_first_item_is_the_most_informative_at_the_prior_mean():
    pool = pool_of(60)
    policy = policy_of(prior_mean=0.8, prior_sd=0.5)
    information = item_information(pool.parameters, np.array([0.8]))[:, 0]
    assert start(pool, policy, examinees(policy, 1)).item.tolist() == [information.argmax()]


def test_items_are_held_in_the_order_of_their_ids():
    pool = pool_of(4)
    assert pool.item_ids.tolist() == [100, 103, 106, 109]
    assert pool.index_of(106) == 2
    assert pool.mask([103, 999]).tolist() == [False, True, False, False]
    assert pool.parameters.discrimination.tolist() == (
        parameters_of(4).discrimination[::-1].tolist()
    )


def withdrawn(pool, *item_ids):
    return np.where(pool.mask(item_ids), Veto.WITHDRAWN, Veto.NONE).astype(np.uint8)


def test_nobody_gets_an_item_twice_nor_one_that_is_not_operational_nor_one_vetoed():
    pool = pool_of(30, operational=np.arange(30) % 3 != 0)
    vetoes = withdrawn(pool, 103)
    policy = policy_of(among=3, max_items=30)
    step = start(pool, policy, examinees(policy, np.arange(50)), vetoes=vetoes)
    given = []
    while (step.stop == StopReason.CONTINUE).all():
        given.append(step.item)
        step = advance(pool, policy, step.state, step.item, np.zeros(50), vetoes=vetoes)
    assert step.stop.tolist() == [StopReason.NO_ITEM_LEFT] * 50
    allowed = np.flatnonzero(pool.operational & (vetoes == Veto.NONE)).tolist()
    assert [sorted(items) for items in np.array(given).T.tolist()] == [allowed] * 50


def test_an_item_withdrawn_after_it_was_issued_still_counts():
    pool = pool_of(30)
    step = start(pool, Policy(), examinees(Policy(), 5))
    vetoes = withdrawn(pool, *pool.item_ids[step.item])
    with_veto = advance(pool, Policy(), step.state, step.item, [1], vetoes=vetoes)
    without = advance(pool, Policy(), step.state, step.item, [1])
    assert with_veto.theta.tolist() == without.theta.tolist()


def test_a_stored_session_goes_on_exactly_where_it_was():
    pool = pool_of(40)
    policy = policy_of(among=4)
    examinee = examinees(policy, 2**63 + 11)
    step = start(pool, policy, examinee)
    ids, scores = [], [1, 0, None, 1]
    for score in scores:
        ids.append(int(pool.item_ids[step.item[0]]))
        step = advance(pool, policy, step.state, step.item, -1 if score is None else score)
    state = restore_state(
        pool,
        examinee,
        log_likelihood=np.frombuffer(step.state.log_likelihood.tobytes()),
        item_ids=ids,
        scores=scores,
        theta=float(step.theta[0]),
        standard_error=float(step.standard_error[0]),
    )
    again = next_step(pool, policy, state)
    assert (again.theta.tolist(), again.item.tolist()) == (step.theta.tolist(), step.item.tolist())
    live = advance(pool, policy, state, step.item, 0)
    through = advance(pool, policy, step.state, step.item, 0)
    assert live.item.tolist() == through.item.tolist()
    assert live.state.theta.tolist() == through.state.theta.tolist() == step.theta.tolist()
    assert live.state.items.tolist() == through.state.items.tolist()
    assert live.state.scores.tolist() == through.state.scores.tolist() == [[1, 0, -1, 1, 0]]
    assert live.state.length.tolist() == through.state.length.tolist() == [5]


def test_equal_criteria_go_to_the_lower_item_id():
    twins = ItemParameters.from_rows([(Model.TWO_PL, 1.0, 0.0, 0, 1)] * 3)
    pool = build_pool([30, 10, 20], twins, normal_grid())
    step = start(pool, Policy(), examinees(Policy(), 1))
    assert pool.item_ids[step.item].tolist() == [10]


def test_differences_beyond_the_twelfth_digit_are_ties():
    criterion = np.array([[0.5, 0.5 + 1e-14, 0.4]])
    chosen = select_randomesque(criterion, np.ones((1, 3), dtype=bool), np.zeros(1), 1)
    assert chosen.tolist() == [0]


def test_randomesque_draws_evenly_among_the_k_best():
    criterion = np.tile([0.1, 0.9, 0.5, 0.7], (30_000, 1))
    draws = uniform_draw(np.arange(30_000, dtype=np.uint64), np.full(30_000, 2))
    chosen = select_randomesque(criterion, np.ones((30_000, 4), dtype=bool), draws, 3)
    shares = np.bincount(chosen, minlength=4) / 30_000
    assert shares == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3], abs=0.01)


def test_draws_are_a_function_of_seed_and_position():
    seeds = np.array([0, 1, 2**64 - 1], dtype=np.uint64)
    at_zero = uniform_draw(seeds, np.zeros(3, dtype=np.int64))
    assert at_zero.tolist() == uniform_draw(seeds, np.zeros(3, dtype=np.int64)).tolist()
    assert uniform_draw(seeds[:1], np.array([4])).tolist() != at_zero[:1].tolist()
    many = uniform_draw(np.arange(20_000, dtype=np.uint64), np.arange(20_000) % 7)
    assert (many.min() >= 0, many.max() < 1) == (True, True)
    assert np.histogram(many, 10, (0, 1))[0] / 20_000 == pytest.approx(0.1, abs=0.01)


def test_a_pool_without_items_has_no_first_item():
    pool = build_pool([], ItemParameters.from_rows([]), normal_grid())
    step = start(pool, Policy(), examinees(Policy(), [1, 2]))
    assert step.item.tolist() == [-1, -1]
    assert step.stop.tolist() == [StopReason.NO_ITEM_LEFT] * 2


def test_a_stopped_examinee_has_no_next_item():
    pool = pool_of(10)
    policy = policy_of(max_items=1)
    step = start(pool, policy, examinees(policy, 1))
    step = advance(pool, policy, step.state, step.item, [0])
    assert (step.item.tolist(), step.stop.tolist()) == ([-1], [StopReason.MAXIMUM_LENGTH])


def test_the_standard_error_shrinks_with_answers():
    pool = pool_of(60)
    step = start(pool, Policy(), examinees(Policy(), 1))
    assert step.standard_error[0] == pytest.approx(1.0, abs=1e-6)
    for _ in range(20):
        before = step.standard_error[0]
        step = advance(pool, Policy(), step.state, step.item, [step.state.position[0] % 2])
    assert step.standard_error[0] < before < 0.5


@pytest.mark.parametrize(
    ("item", "score", "reason"),
    [
        (10, 0, "items must be indices 0 to 9 of the pool"),
        (-1, 0, "items must be indices 0 to 9 of the pool"),
        (0, 4, "a score is not a category of its item"),
        (0, -2, "a score is not a category of its item"),
    ],
)
def test_an_impossible_answer_is_refused(item, score, reason):
    pool = pool_of(10)
    with pytest.raises(ValueError, match=reason):
        advance(pool, Policy(), fresh_state(pool, examinees(Policy(), 1)), [item], [score])


def test_a_second_answer_to_an_item_is_refused():
    pool = pool_of(10)
    step = advance(pool, Policy(), fresh_state(pool, examinees(Policy(), 1)), [3], [1])
    with pytest.raises(ValueError, match="answered before"):
        advance(pool, Policy(), step.state, [3], [1])


def test_a_pool_refuses_repeated_ids_and_impossible_parameters():
    with pytest.raises(ValueError, match="one distinct id for each item"):
        build_pool([1, 1], parameters_of(2), normal_grid())
    bad = ItemParameters.from_rows([(Model.TWO_PL, -1.0, 0.0, 0, 1)])
    with pytest.raises(ParameterError):
        build_pool([1], bad, normal_grid())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"prior_sd": 0.0}, "positive, finite sd"),
        ({"prior_mean": np.nan}, "finite mean"),
        ({"among": 0}, "at least 1 item"),
        ({"min_items": 5, "max_items": 4}, "1 <= min_items <= max_items"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        policy_of(**arguments)


def test_adaptive_tests_recover_ability():
    pool = pool_of(200)
    rng = np.random.default_rng(8)
    ability = rng.standard_normal(400)
    responses = simulate_responses(pool.parameters, ability, rng)
    theta, length, _ = run(pool, policy_of(max_items=25), np.arange(400), responses)
    assert length.tolist() == [25] * 400
    assert np.corrcoef(theta, ability)[0, 1] > 0.95
    assert abs((theta - ability).mean()) < 0.05
