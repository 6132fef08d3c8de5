"""A session taken through HTTP is what the engine says: release, test version, seed, answers."""

import random

import numpy as np
import pytest

from items.parameters import load_release
from scoring.irt import Policy, advance, build_pool, examinees, normal_grid
from scoring.irt import start as start_engine
from scoring.irt.policy import Draw, Estimation, Selection
from scoring.irt.stopping.rules import StandardError, Stopping
from sessions.models import Response, Session
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import answer, signed_in, start

pytestmark = pytest.mark.django_db


def take_at_random(name, seed):
    """A whole session with random answers."""
    draw = random.Random(seed)
    client = signed_in(make_student(name).user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state, draw.randint(1, 4)).json()


def replayed(session):
    """(items, θ, SE) of the engine alone, from what the session is pinned to."""
    version = session.test_version
    policy = Policy(
        estimation=Estimation(prior_mean=version.prior_mean, prior_sd=version.prior_sd),
        selection=Selection(draw=Draw.RANDOMESQUE, among=version.randomesque),
        stopping=Stopping(
            version.min_items, version.max_items, StandardError(version.target_standard_error)
        ),
    )
    release = load_release(session.release)
    pool = build_pool(release.item_ids, release.parameters, normal_grid(61, 6.0))
    step = start_engine(pool, policy, examinees(policy, session.seed))
    items, thetas, errors = [], [], []
    for score in session.scores:
        items.append(int(pool.item_ids[step.item[0]]))
        step = advance(pool, policy, step.state, step.item, score)
        thetas.append(float(step.theta[0]))
        errors.append(float(step.standard_error[0]))
    assert int(step.item[0]) == -1
    return items, thetas, errors


def test_sessions_replay_exactly():
    make_test(make_bank(30), stopping_rule={"standard_error": {"at_most": 0.6}}, max_items=12, randomesque=4)
    for index in range(6):
        take_at_random(f"s{index}", index)
    sessions = list(Session.objects.all())
    assert len({tuple(session.administered_items) for session in sessions}) > 1
    for session in sessions:
        items, thetas, errors = replayed(session)
        told = Response.objects.filter(session=session).order_by("position")
        assert items == [response.item_id for response in told] == session.administered_items
        assert thetas == [response.theta for response in told]
        assert errors == [response.standard_error for response in told]
        assert session.scores == [response.score for response in told]
        assert (session.theta, session.standard_error) == (thetas[-1], errors[-1])
        assert np.frombuffer(session.log_likelihood).shape == (61,)
