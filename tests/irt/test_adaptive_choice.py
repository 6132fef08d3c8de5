"""How content, exposure control and a fixed first item share the choice of an item."""

from dataclasses import replace

import numpy as np

from irt.adaptive import start
from irt.constraints.satisfaction import violations
from irt.models.parameters import ItemParameters, Model
from irt.policy.blueprint import AreaBound, Blueprint, Method
from irt.policy.policy import Exposure, ExposureMethod, FirstItem, Policy, Selection
from irt.policy.stopping_rules import Stopping, StopReason
from irt.pool import Attributes, Veto, build_pool
from irt.quadrature import normal_grid
from irt.simulation.sessions import simulate_sessions
from irt.state import examinees

N_ITEMS = 60
ALGEBRA = np.arange(N_ITEMS) < 20
SIX_ITEMS = Stopping(max_items=6)
TWO_OF_ALGEBRA = (AreaBound("algebra", 2, 2),)
CONTROL = Exposure(ExposureMethod.SYMPSON_HETTER)


def pool_of(passing=None):
    rng = np.random.default_rng(3)
    items = ItemParameters.from_rows(
        (Model.TWO_PL, a, b, 0, 1)
        for a, b in zip(rng.lognormal(0.2, 0.3, N_ITEMS), rng.normal(size=N_ITEMS), strict=True)
    )
    given = Attributes(categories={"algebra": ALGEBRA})
    pool = build_pool(np.arange(N_ITEMS), items, normal_grid(), given)
    return pool if passing is None else replace(pool, exposure=np.asarray(passing)[:, None])


def with_blueprint(method, **parts):
    return Policy(blueprint=Blueprint(method, TWO_OF_ALGEBRA), stopping=SIX_ITEMS, **parts)


def test_both_ways_of_content_balance_keep_the_blueprint_through_the_engine():
    pool = pool_of()
    for method, n in ((Method.PRIORITY, 500), (Method.SHADOW_TEST, 20)):
        policy = with_blueprint(method)
        sessions = simulate_sessions(pool, policy, np.linspace(-2, 2, n), 1)
        assert violations(pool, policy, sessions.items).total == 0
        assert (ALGEBRA[sessions.items].sum(axis=1) == 2).all()
        assert (sessions.stop == StopReason.MAXIMUM_LENGTH).all()


def test_what_is_not_of_the_shadow_test_is_vetoed_for_its_content():
    pool, policy = pool_of(), with_blueprint(Method.SHADOW_TEST)
    step = start(pool, policy, examinees(policy, 1), explain=True)
    veto = step.explanation.veto[0]
    shadow = np.flatnonzero(veto == Veto.NONE)
    assert (len(shadow), ALGEBRA[shadow].sum()) == (6, 2)
    assert step.item[0] in shadow
    assert set(np.delete(veto, shadow)) == {Veto.CONTENT}


def test_where_exposure_control_leaves_no_full_test_it_is_lifted():
    nothing_of_algebra = np.where(ALGEBRA, 0.0, 1.0)
    pool = pool_of(nothing_of_algebra)
    policy = with_blueprint(Method.SHADOW_TEST, exposure=CONTROL)
    step = start(pool, policy, examinees(policy, [1, 2]), explain=True)
    without = with_blueprint(Method.SHADOW_TEST)
    assert step.item.tolist() == start(pool, without, examinees(without, [1, 2])).item.tolist()
    assert (step.explanation.veto[:, ALGEBRA] == Veto.NONE).sum(axis=1).tolist() == [2, 2]


def test_exposure_control_narrows_the_choice_of_the_shadow_test():
    best = int(start(pool_of(), Policy(), examinees(Policy(), 1)).item[0])
    passing = np.where(np.arange(N_ITEMS) == best, 0.0, 1.0)
    policy = with_blueprint(Method.SHADOW_TEST, exposure=CONTROL)
    step = start(pool_of(passing), policy, examinees(policy, 1), explain=True)
    assert step.explanation.veto[0, best] == Veto.EXPOSURE
    assert step.item[0] != best


def test_a_fixed_first_item_is_given_whatever_exposure_control_says():
    passing = np.where(np.arange(N_ITEMS) == 7, 0.0, 1.0)
    fixed = Selection(first=FirstItem.FIXED, first_item=7)
    for method in Method:
        policy = with_blueprint(method, selection=fixed, exposure=CONTROL)
        step = start(pool_of(passing), policy, examinees(policy, [1, 2]), explain=True)
        assert step.item.tolist() == [7, 7]
        assert step.explanation.veto[:, 7].tolist() == [Veto.NONE, Veto.NONE]
    vetoes = np.where(np.arange(N_ITEMS) == 7, Veto.WITHDRAWN, Veto.NONE).astype(np.uint8)
    without = start(pool_of(passing), policy, examinees(policy, [1, 2]), vetoes=vetoes)
    assert 7 not in without.item.tolist()


def test_a_fixed_first_item_is_given_where_a_full_test_can_hold_it_and_only_there():
    no_algebra = Blueprint(Method.SHADOW_TEST, (AreaBound("algebra", 0, 0),))
    for item, blueprint, given in (
        (7, Blueprint(Method.SHADOW_TEST, TWO_OF_ALGEBRA), True),
        (7, no_algebra, False),
        (30, no_algebra, True),
    ):
        policy = Policy(
            selection=Selection(first=FirstItem.FIXED, first_item=item),
            blueprint=blueprint,
            stopping=SIX_ITEMS,
        )
        sessions = simulate_sessions(pool_of(), policy, np.linspace(-2, 2, 5), 1)
        assert (sessions.items[:, 0] == item).tolist() == [given] * 5
        assert violations(pool_of(), policy, sessions.items).total == 0
        assert sessions.length.tolist() == [6] * 5
