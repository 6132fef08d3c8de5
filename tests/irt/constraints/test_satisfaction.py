import numpy as np

from irt.constraints.satisfaction import minimums_met, violations
from irt.policy.blueprint import AreaBound, SetBound
from tests.irt.constraints.pools import answers, enemies_of, members, policy_with, pool_of

POOL = pool_of(
    8,
    categories={"x": members(8, 0, 1, 2), "y": members(8, 2)},
    stimulus=[-1, -1, -1, 7, 7, 7, -1, -1],
    words=[10, 10, 10, 10, 10, 10, 50, 10],
    seconds=[1.5] * 8,
    enemies=enemies_of(8, [0, 6]),
    operational=[True] * 7 + [False],
)
POLICY = policy_with(
    1,
    4,
    areas=(AreaBound("x", 1, 2),),
    sets=(SetBound(None, 2, 2),),
    max_words=70,
    max_seconds=4.5,
)


def broken_by(*session):
    found = violations(POOL, POLICY, answers(POOL, session).items)
    return [str(found.constraints[i]) for i in np.flatnonzero(found.broken[0])]


def test_a_test_that_keeps_its_constraints_breaks_none():
    assert broken_by(0, 3, 4) == []
    assert broken_by(0, 3, 4, 7) == []


def test_each_broken_constraint_is_named():
    assert broken_by(3, 4) == ["area minimum of x"]
    assert broken_by(0, 1, 2) == ["area maximum of x"]
    assert broken_by(0, 3) == ["set minimum of 7"]
    assert broken_by(1, 6, 0) == ["enemies"]
    assert broken_by(0, 0) == ["repeated"]
    assert broken_by(3, 0, 4) == ["set together of 7"]
    assert broken_by(3, 7, 4, 0) == ["set together of 7"]
    assert broken_by(0, 3, 4, 5) == ["set maximum of 7", "seconds"]
    assert broken_by(0, 1, 3, 4, 6) == ["longest", "enemies", "words", "seconds"]


def test_violations_count_sessions():
    found = violations(POOL, POLICY, answers(POOL, (0, 3), (1, 3), (3, 4)).items)
    counts = dict(zip(map(str, found.constraints), found.sessions.tolist(), strict=True))
    assert counts["set minimum of 7"] == 2
    assert counts["area minimum of x"] == 1
    assert found.total == 3


def test_a_test_may_end_when_areas_and_the_begun_set_have_their_minimums():
    state = answers(POOL, (), (0,), (0, 3), (0, 3, 4))
    assert minimums_met(POOL, POLICY, state).tolist() == [False, True, False, True]
    assert minimums_met(pool_of(2), policy_with(1, 2), answers(pool_of(2), ())).tolist() == [True]
