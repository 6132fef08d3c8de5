"""A session taken through HTTP comes out again: release, test version, seed, start, answers."""

import random

import numpy as np
import pytest

from sessions.models import Session
from sessions.replay import replay
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
    return Session.objects.get(pk=state["session"])


POLICIES = {
    "maximum information, randomesque": {
        "stopping_rule": {"standard_error": {"at_most": 0.6}},
        "max_items": 12,
        "randomesque": 4,
    },
}


@pytest.mark.parametrize("settings", POLICIES.values(), ids=POLICIES)
def test_sessions_replay_exactly(settings):
    make_test(make_bank(30), **settings)
    sessions = [take_at_random(f"s{index}", index) for index in range(4)]
    assert len({tuple(session.administered_items) for session in sessions}) > 1
    for session in sessions:
        comparison = replay(session)
        assert comparison.differences == ()
        assert comparison.answers == len(session.scores) == session.responses.count()
        told = list(session.responses.order_by("position"))
        assert session.administered_items == [response.item_id for response in told]
        assert np.frombuffer(session.log_likelihood).shape == (61,)
