"""A session taken through HTTP comes out again: release, test version, seed, start, answers."""

import json
import random
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from items.models import ItemVersion, ReleasedItem
from sessions.delivery.replay import replay
from sessions.models import ExposureTable, Session, TestVersion
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import answer, post, signed_in, start

pytestmark = pytest.mark.django_db

POLICIES = {
    "maximum information, randomesque": {
        "stopping_rule": {"standard_error": {"at_most": 0.6}},
        "max_items": 12,
        "randomesque": 4,
    },
    "Kullback-Leibler with a blueprint": {
        "selection": "kullback_leibler",
        "draw": "progressive",
        "max_items": 8,
        "blueprint": {"areas": [{"area": "algebra", "min": 2, "max": 4}, {"area": "geometry"}]},
    },
    "shadow test": {
        "draw": "best",
        "content_method": "shadow_test",
        "min_items": 6,
        "max_items": 6,
        "blueprint": {"areas": [{"area": "algebra", "min": 4, "max": 4}]},
    },
    "pretest items and omitted ones": {
        "pretest_items": 3,
        "max_items": 8,
        "omit_policy": "left_out",
        "final_estimator": "wle",
        "draw": "proportional",
    },
    "hard cap": {"draw": "best", "max_items": 6, "cap_rate": 0.5, "cap_minimum": 1},
    "posterior-weighted, time and theta": {
        "selection": "posterior_weighted",
        "estimator": "map",
        "first_item_rule": "spread",
        "max_items": 9,
        "stopping_rule": {"any": [{"time": {"seconds": 600}}, {"theta_change": {"below": 0.1}}]},
    },
    "minimum expected variance, Sympson-Hetter": {
        "selection": "expected_variance",
        "exposure_method": "sympson_hetter",
        "max_items": 6,
        "omit_policy": "scored_zero",
    },
    "a-stratified, classification": {
        "selection": "a_stratified",
        "cut_scores": [0.0],
        "level_names": [{"en": "below"}, {"en": "above"}],
        "stopping_rule": {"classified": {"method": "sprt"}},
        "max_items": 15,
    },
}


def take_at_random(name, seed, *, may_omit=False, withdrawing_at=None):
    """A whole session with random answers; an item may be withdrawn from all while it runs."""
    draw = random.Random(seed)
    client = signed_in(make_student(name).user)
    state = start(client)
    while state["status"] == "open":
        if state["position"] == withdrawing_at:
            withdraw_one(state["item"]["id"], draw)
        if may_omit and draw.random() < 0.3:
            body = {
                "position": state["position"],
                "item": state["item"]["id"],
                "answer": {"omit": True},
            }
            state = post(client, f"/sessions/{state['session']}/responses", body).json()
        else:
            state = answer(client, state, draw.randint(1, 4)).json()
    return Session.objects.get(pk=state["session"])


def withdraw_one(due, draw):
    others = ItemVersion.objects.exclude(pk=due).filter(withdrawn_at__isnull=True)
    chosen = draw.choice(list(others.order_by("pk").values_list("pk", flat=True)))
    ItemVersion.objects.filter(pk=chosen).update(withdrawn_at=timezone.now())


@pytest.mark.parametrize("settings", POLICIES.values(), ids=POLICIES)
def test_sessions_replay_exactly(settings):
    bank = make_bank(30, areas=("algebra", "geometry"), n_pretest=10, enemies=(14, 15))
    make_test(bank, **settings)
    if settings.get("exposure_method"):
        ids = list(bank.items.order_by("pk").values_list("pk", flat=True))[:25]
        ExposureTable.objects.create(
            test_version=TestVersion.objects.get(),
            release=bank.current_release,
            item_ids=ids,
            probabilities=[[0.5]] * len(ids),
            largest_rate=0.2,
        )
    may_omit = "omit_policy" in settings
    sessions = [
        take_at_random(f"s{index}", index, may_omit=may_omit, withdrawing_at=3)
        for index in range(4)
    ]
    assert len({tuple(session.administered_items) for session in sessions}) > 1
    for session in sessions:
        comparison = replay(session)
        assert comparison.differences == ()
        assert comparison.answers == len(session.scores) == session.responses.count()
        told = list(session.responses.order_by("position"))
        assert session.administered_items == [response.item_id for response in told]
        assert np.frombuffer(session.log_likelihood).shape == (61,)
        assert max(len(json.dumps(response.selection)) for response in told) < 2000


def test_an_open_session_replays_up_to_its_due_item():
    make_test(make_bank(20))
    client = signed_in(make_student().user)
    state = answer(client, start(client)).json()
    comparison = replay(Session.objects.get(pk=state["session"]))
    assert (comparison.answers, comparison.differences) == (1, ())


def test_the_command_says_whether_a_session_replays():
    make_test(make_bank(20))
    session = take_at_random("kim", 1)
    told = StringIO()
    call_command("replay_session", str(session.pk), stdout=told)
    assert (
        told.getvalue()
        == f"{len(session.scores)} answers replayed: every item and θ is the same.\n"
    )


def test_the_command_fails_where_something_differs():
    make_test(make_bank(20))
    session = take_at_random("kim", 1)
    Session.objects.filter(pk=session.pk).update(theta=session.theta + 1e-9, seed=session.seed + 1)
    told = StringIO()
    with pytest.raises(CommandError, match="does not replay"):
        call_command("replay_session", str(session.pk), stdout=told)
    assert f"session: theta is {session.theta + 1e-9!r}" in told.getvalue()
    with pytest.raises(CommandError, match="There is no session"):
        call_command("replay_session", "00000000-0000-0000-0000-000000000000")


def test_a_session_of_a_shadow_test_meets_its_blueprint():
    """Four of six items from algebra, and never both of the two enemies in the middle."""
    bank = make_bank(30, areas=("algebra", "geometry"), enemies=(14, 15))
    make_test(bank, **POLICIES["shadow test"])
    algebra = set(
        ItemVersion.objects.filter(area__code="algebra").values_list("item_id", flat=True)
    )
    enemies = set(ReleasedItem.objects.exclude(enemy_groups=[]).values_list("item_id", flat=True))
    assert len(enemies) == 2
    for index in range(3):
        session = take_at_random(f"s{index}", index)
        given = set(session.administered_items)
        for response in session.responses.all():
            assert response.selection["best"][0][0] == response.item_id
        assert (len(given), len(given & algebra)) == (6, 4)
        assert len(given & enemies) == 1
