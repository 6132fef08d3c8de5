"""Whatever the policy: a session does not depend on its batch, replays, and repeats no item."""

from dataclasses import replace

import numpy as np
import pytest

from irt.adaptive import advance, final_ability, next_step, start
from irt.models.parameters import ItemParameters, Model
from irt.policy.policy import (
    Criterion,
    Draw,
    Estimation,
    Estimator,
    Exposure,
    ExposureMethod,
    FirstItem,
    Policy,
    PretestSlots,
    Selection,
)
from irt.policy.stopping_rules import StandardError, Stopping, StopReason
from irt.pool import Attributes, Veto, build_pool
from irt.quadrature import normal_grid
from irt.simulation.responses import simulate_responses
from irt.simulation.sessions import simulate_sessions
from irt.state import LEFT_OUT, examinees, restore_state

N_ITEMS, LENGTH = 170, 12
LENGTHS = Stopping(4, LENGTH, StandardError(0.3))


def pool_of(n_items=N_ITEMS, seed=7, **attributes):
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n_items):
        a, b = rng.lognormal(0.2, 0.3), rng.normal()
        rows.append(
            [
                (Model.TWO_PL, a, b, 0, 1),
                (Model.THREE_PL, a, b, 0.2, 1),
                (Model.FOUR_PL, a, b, 0.1, 0.95),
                (Model.GRADED, a, np.sort(rng.normal(size=3)), 0, 1),
                (Model.GPCM, a, rng.normal(size=2), 0, 1),
            ][item % 5]
        )
    parameters = ItemParameters.from_rows(rows)
    return build_pool(np.arange(n_items), parameters, normal_grid(), Attributes(**attributes))


POOL = pool_of(operational=np.arange(N_ITEMS) < 160)
SMALL_POOL = pool_of(40, operational=np.arange(40) < 36)
RESPONSES = simulate_responses(
    POOL.parameters,
    np.random.default_rng(1).standard_normal(40),
    np.random.default_rng(2),
)

POLICIES = {
    **{
        criterion.value: Policy(selection=Selection(criterion=criterion), stopping=LENGTHS)
        for criterion in Criterion
    },
    **{
        draw.value: Policy(selection=Selection(draw=draw, among=4), stopping=LENGTHS)
        for draw in Draw
    },
    **{
        estimator.value: Policy(
            estimation=Estimation(interim=estimator, final=estimator, fence=3.0),
            stopping=LENGTHS,
        )
        for estimator in Estimator
    },
    **{
        first.value: Policy(
            selection=Selection(first=first, first_item=5 if first == FirstItem.FIXED else None),
            stopping=LENGTHS,
        )
        for first in FirstItem
    },
    "pretest": Policy(stopping=LENGTHS, pretest=PretestSlots(2)),
}


def starting(policy, persons):
    """Seed, prior, carried theta and shortlist are each person's own."""
    persons = np.asarray(persons)
    return examinees(
        policy,
        persons.astype(np.uint64) + np.uint64(2**63),
        prior_mean=0.1 * (persons % 3),
        prior_sd=1.0 + 0.1 * (persons % 2),
        start_theta=np.where(persons % 4 == 0, np.nan, persons / 40),
        pretest=np.stack([np.roll(np.arange(160, 170), p) for p in persons]),
    )


def run(policy, persons):
    """What became of each person: items, interim thetas and errors, the reported estimate."""
    persons = np.asarray(persons)
    log = [[] for _ in persons]
    active, step = np.arange(len(persons)), start(POOL, policy, starting(policy, persons))
    while True:
        for row, person in enumerate(active):
            log[person].append((step.item[row], step.theta[row], step.standard_error[row]))
        going = np.flatnonzero(step.stop == StopReason.CONTINUE)
        ended = np.flatnonzero(step.stop != StopReason.CONTINUE)
        final = final_ability(POOL, policy, step.state.take(ended))
        for row, person in enumerate(active[ended]):
            log[person].append((-1, final.theta[row], final.standard_error[row]))
        if not going.size:
            return log
        active, item = active[going], step.item[going]
        score = RESPONSES[persons[active], item]
        step = advance(POOL, policy, step.state.take(going), item, score)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_session_does_not_depend_on_its_batch(policy):
    together = run(policy, range(40))
    for person in range(0, 40, 5):
        (alone,) = run(policy, [person])
        items, *estimates = zip(*alone, strict=True)
        assert items == tuple(entry[0] for entry in together[person])
        expected = [[entry[place] for entry in together[person]] for place in (1, 2)]
        assert np.array(estimates) == pytest.approx(np.array(expected), abs=1e-12)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_session_that_is_stored_after_each_answer_replays_exactly(policy):
    examinee = starting(policy, [3])
    through = start(POOL, policy, examinee)
    live, ids, scores = through, [], []
    for position in range(6):
        assert live.item.tolist() == through.item.tolist()
        assert live.theta.tolist() == through.theta.tolist()
        assert live.standard_error.tolist() == through.standard_error.tolist()
        assert live.state.theta.tolist() == pytest.approx(
            through.state.theta.tolist(), abs=0, nan_ok=True
        )
        stored = restore_state(
            POOL,
            examinee,
            log_likelihood=np.frombuffer(live.state.log_likelihood.tobytes()),
            item_ids=ids,
            scores=scores,
            theta=float(live.theta[0]),
            standard_error=float(live.standard_error[0]),
            elapsed=10.0 * position,
        )
        item = through.item
        scores.append(None if position == 2 else int(RESPONSES[3, item[0]]))
        ids.append(int(POOL.item_ids[item[0]]))
        score = LEFT_OUT if scores[-1] is None else scores[-1]
        live = advance(POOL, policy, stored, item, score, seconds=10.0)
        through = advance(POOL, policy, through.state, item, score, seconds=10.0)
        assert live.state.elapsed.tolist() == through.state.elapsed.tolist()


@pytest.mark.parametrize(
    ("draw", "pool"),
    [
        (Draw.BEST, POOL),
        (Draw.RANDOMESQUE, POOL),
        (Draw.PROGRESSIVE, SMALL_POOL),
        (Draw.PROPORTIONAL, SMALL_POOL),
    ],
)
def test_nobody_gets_an_item_twice_in_ten_thousand_sessions(draw, pool):
    policy = Policy(
        selection=Selection(draw=draw, among=4), stopping=LENGTHS, pretest=PretestSlots(1)
    )
    sessions = simulate_sessions(pool, policy, np.random.default_rng(4).normal(size=10_000), 5)
    items = np.sort(sessions.items, axis=1)
    assert not ((items[:, 1:] == items[:, :-1]) & (items[:, 1:] >= 0)).any()
    assert pool.operational[sessions.item].all()
    assert sessions.length.min() >= LENGTHS.min_items
    assert sessions.length.max() == LENGTH


def test_with_an_explanation_the_item_is_the_same():
    policy = POLICIES["randomesque"]
    state = start(POOL, policy, starting(policy, range(40))).state
    plain, explained = (next_step(POOL, policy, state, explain=asked) for asked in (False, True))
    assert plain.explanation is None
    assert plain.item.tolist() == explained.item.tolist()


def test_an_explanation_names_the_first_reason_against_each_item_and_ranks_the_others():
    enemies = np.zeros((N_ITEMS, N_ITEMS), dtype=bool)
    enemies[7, 11] = enemies[11, 7] = True
    exposure = np.ones((N_ITEMS, 1))
    exposure[13] = 0.0
    pool = replace(pool_of(operational=np.arange(N_ITEMS) != 4, enemies=enemies), exposure=exposure)
    policy = Policy(exposure=Exposure(ExposureMethod.SYMPSON_HETTER))
    vetoes = np.zeros(N_ITEMS, dtype=np.uint8)
    vetoes[[4, 7, 9]] = Veto.WITHDRAWN
    step = start(pool, policy, examinees(policy, [1, 2]))
    step = advance(pool, policy, step.state, [7, 8], [0, 1], vetoes=vetoes, explain=True)
    expected = np.zeros((2, N_ITEMS), dtype=int)
    expected[:, 4] = Veto.NOT_OPERATIONAL
    expected[[0, 1], [7, 8]] = Veto.ADMINISTERED
    expected[:, 9] = expected[1, 7] = Veto.WITHDRAWN
    expected[0, 11] = Veto.ENEMY
    expected[:, 13] = Veto.EXPOSURE
    explanation = step.explanation
    assert explanation.veto.tolist() == expected.tolist()
    ranked = np.where(expected == Veto.NONE, explanation.criterion, -1.0)
    assert step.item.tolist() == ranked.argmax(axis=1).tolist()
    assert ((explanation.draw >= 0) & (explanation.draw < 1)).all()


def test_where_exposure_control_withholds_everything_the_best_of_it_is_given():
    pool = replace(pool_of(20), exposure=np.zeros((20, 1)))
    policy = Policy(exposure=Exposure(ExposureMethod.SYMPSON_HETTER))
    without = Policy()
    step, free = (start(pool, one, examinees(one, [1, 2])) for one in (policy, without))
    assert step.item.tolist() == free.item.tolist()


def test_a_left_out_item_counts_for_the_length_and_for_nothing_else():
    pool, policy = pool_of(), Policy()
    step = start(pool, policy, examinees(policy, 1))
    after = advance(pool, policy, step.state, step.item, LEFT_OUT)
    assert (after.state.length.tolist(), after.state.position.tolist()) == ([1], [1])
    assert after.theta.tolist() == step.theta.tolist()
    assert (after.state.scores.tolist(), after.state.administered.sum()) == ([[LEFT_OUT]], 1)
    assert np.isnan(after.state.theta).all()
    assert after.item.tolist() != step.item.tolist()


def test_time_adds_up():
    pool, policy = pool_of(), Policy()
    step = start(pool, policy, examinees(policy, [1, 2]))
    for seconds in ([3.0, 4.0], [0.5, 1.0]):
        step = advance(pool, policy, step.state, step.item, [0, 0], seconds=seconds)
    assert step.state.elapsed.tolist() == [3.5, 5.0]
