"""The quick search for the most informative item finds what a full search finds."""

import numpy as np
import pytest

from irt.adaptive import start
from irt.models.information import information_bounds, item_information
from irt.models.parameters import ItemParameters, Model
from irt.pool import Attributes, build_pool
from irt.quadrature import normal_grid
from irt.selection.draws import select_randomesque
from irt.selection.information_order import ranked_by_information
from irt.state import examinees
from tests.irt.policies import policy_of


def parameters_of(n_items, models, seed=3):
    rng = np.random.default_rng(seed)
    rows = []
    for item in range(n_items):
        model, a = models[item % len(models)], rng.lognormal(0.2, 0.6)
        if model in (Model.GRADED, Model.GPCM):
            n_steps = int(rng.integers(1, 6))
            rows.append((model, a, np.sort(rng.normal(size=n_steps)), 0.0, 1.0))
        else:
            c = rng.uniform(0, 0.4) if model in (Model.THREE_PL, Model.FOUR_PL) else 0.0
            d = rng.uniform(0.7, 1.0) if model == Model.FOUR_PL else 1.0
            rows.append((model, a, rng.normal(), c, d))
    return ItemParameters.from_rows(rows)


EVERY_MODEL = [Model.TWO_PL, Model.THREE_PL, Model.FOUR_PL, Model.GRADED, Model.GPCM]


@pytest.mark.parametrize("delta", [0.001, 0.02, 0.3])
def test_no_information_exceeds_its_bound(delta):
    parameters = parameters_of(200, EVERY_MODEL)
    theta = np.linspace(-6, 6, 61)
    bounds = information_bounds(parameters, theta, delta)
    for shift in np.linspace(-delta, delta, 9):
        assert (item_information(parameters, theta + shift) <= bounds).all()


@pytest.mark.parametrize("models", [[Model.THREE_PL], EVERY_MODEL, [Model.RASCH]])
@pytest.mark.parametrize("k", [1, 5])
def test_the_search_finds_what_looking_at_all_items_finds(models, k):
    rng = np.random.default_rng(8)
    parameters = parameters_of(400, models)
    if models == [Model.RASCH]:  # many equal items, so that ties decide
        difficulty = np.round(parameters.difficulty * 4) / 4
        parameters = ItemParameters.from_rows((Model.RASCH, 1.0, b, 0, 1) for b in difficulty[:, 0])
    operational = rng.random(400) < 0.9
    pool = build_pool(
        np.arange(400), parameters, normal_grid(), Attributes(operational=operational)
    )
    theta = np.concatenate([rng.normal(0, 2, 300), np.round(rng.normal(size=100), 1)])
    available = (rng.random((400, 400)) < rng.choice([0.02, 0.3, 0.9], (400, 1))) & operational
    draw = rng.random(400)
    information = np.ascontiguousarray(item_information(pool.parameters, theta).T)
    full = select_randomesque(information, available, draw, k)
    quick = ranked_by_information(pool, theta, available, (draw * k).astype(int), k, used=3)
    told = quick >= 0
    assert quick[told].tolist() == full[told].tolist()
    plenty = available.mean(axis=1) > 0.2
    assert told[plenty].mean() > 0.95


def test_the_search_leaves_to_others_what_it_cannot_tell():
    pool = build_pool(np.arange(300), parameters_of(300, [Model.TWO_PL]), normal_grid())
    available = np.zeros((3, 300), dtype=bool)
    available[1, :2] = True
    available[2] = True
    found = ranked_by_information(
        pool, np.array([0.0, 0.0, 6.5]), available, np.zeros(3, dtype=int), 3, used=0
    )
    assert found.tolist() == [-1, -1, -1]
    among_all = ranked_by_information(
        pool, np.zeros(1), np.ones((1, 300), dtype=bool), np.array([299]), 300, used=0
    )
    assert among_all.tolist() == [-1]


def test_a_draw_among_more_items_than_are_listed_is_made_all_the_same():
    pool = build_pool(np.arange(300), parameters_of(300, [Model.TWO_PL]), normal_grid())
    policy = policy_of(among=300)
    bare, explained = (
        start(pool, policy, examinees(policy, np.arange(50)), explain=asked)
        for asked in (False, True)
    )
    assert bare.item.tolist() == explained.item.tolist()
    assert len(set(bare.item.tolist())) > 40
