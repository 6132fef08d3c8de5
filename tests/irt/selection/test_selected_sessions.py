import numpy as np
import pytest

from irt.adaptive import advance, start
from irt.policy.policy import Criterion, Draw, FirstItem, Policy, Selection
from irt.policy.stopping_rules import Stopping, StopReason
from irt.simulation.responses import simulate_responses
from irt.state import examinees
from tests.irt.selection.states import mixed_pool

N, LENGTH = 12, 10


def sessions(pool, policy, seeds, scores):
    """(N, L) items and (N,) last estimates of tests whose length is the same for everybody."""
    step = start(pool, policy, examinees(policy, seeds))
    while (step.stop == StopReason.CONTINUE).all():
        score = scores[np.arange(len(seeds)), step.item]
        step = advance(pool, policy, step.state, step.item, score)
    return step.state.items, step.theta


@pytest.mark.parametrize("draw", Draw)
@pytest.mark.parametrize("criterion", Criterion)
def test_a_session_is_the_same_alone_as_among_others(criterion, draw):
    pool = mixed_pool(64)
    policy = Policy(
        selection=Selection(criterion=criterion, draw=draw, among=4, first=FirstItem.SPREAD),
        stopping=Stopping(max_items=LENGTH),
    )
    rng = np.random.default_rng(21)
    seeds = rng.integers(0, 2**64, N, dtype=np.uint64)
    scores = simulate_responses(pool.parameters, rng.standard_normal(N), rng)
    items, theta = sessions(pool, policy, seeds, scores)
    assert [len(set(row)) for row in items.tolist()] == [LENGTH] * N
    for n in range(N):
        alone = sessions(pool, policy, seeds[[n]], scores[[n]])
        assert alone[0][0].tolist() == items[n].tolist()
        assert alone[1][0] == pytest.approx(theta[n], abs=1e-12)


@pytest.mark.parametrize("criterion", [c for c in Criterion if c != Criterion.RANDOM])
def test_every_criterion_measures_better_than_chance(criterion):
    pool = mixed_pool(200)
    rng = np.random.default_rng(22)
    ability = rng.standard_normal(300)
    scores = simulate_responses(pool.parameters, ability, rng)
    errors = []
    for rule in (criterion, Criterion.RANDOM):
        policy = Policy(selection=Selection(criterion=rule), stopping=Stopping(max_items=15))
        theta = sessions(pool, policy, np.arange(300), scores)[1]
        errors.append(np.sqrt(((theta - ability) ** 2).mean()))
    assert errors[0] < errors[1]
