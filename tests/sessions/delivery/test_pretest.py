"""Pretest items: given, never scored, told to nobody who is tested, and kept for calibration."""

import pytest
from django.urls import reverse

from items.models import Bank, ReleasedItem
from scoring.recalibration.window import collect_responses
from sessions.models import Response, Session
from tests.sessions.builders import make_bank, make_group, make_staff, make_student, make_test
from tests.sessions.client import API, answer, signed_in, start

pytestmark = pytest.mark.django_db


def pretest_items():
    return set(ReleasedItem.objects.filter(role="pretest").values_list("item_id", flat=True))


def take(client):
    """All states that the client was told, first to last."""
    states = [start(client)]
    while states[-1]["status"] == "open":
        states.append(answer(client, states[-1]).json())
    return states


def test_pretest_items_are_given_at_their_positions_and_move_nothing():
    make_test(
        make_bank(20, n_pretest=9),
        min_items=5,
        max_items=5,
        pretest_items=2,
        pretest_positions=[2, 4],
    )
    take(signed_in(make_student().user))
    session = Session.objects.get()
    told = list(session.responses.order_by("position"))
    assert [response.item_id in pretest_items() for response in told] == [
        *(False, True, False, True, False, False, False)
    ]
    assert [response.is_pretest for response in told] == [
        response.item_id in pretest_items() for response in told
    ]
    for before, pretest in ((told[0], told[1]), (told[2], told[3])):
        assert (pretest.theta, pretest.standard_error) == (before.theta, before.standard_error)
    assert {response.score for response in told} == {1}
    assert session.stop_reason == "max_items"


def test_nothing_tells_the_examinee_which_item_does_not_count():
    make_test(make_bank(20, n_pretest=9), min_items=5, max_items=5, pretest_items=2)
    client = signed_in(make_student().user)
    states = take(client)
    assert [state["position"] for state in states] == list(range(1, 9))
    assert [state["answered"] for state in states] == list(range(8))
    assert {(state["min_items"], state["max_items"]) for state in states} == {(7, 7)}
    assert len({tuple(sorted(state["item"])) for state in states[:-1]}) == 1
    report = client.get(f"{API}/sessions/{states[0]['session']}/report").content.decode()
    page = client.get(reverse("result", args=[states[0]["session"]])).content.decode()
    for told in (*map(str, states), report, page):
        assert "pretest" not in told.lower()


def test_slots_without_a_pretest_item_to_fill_them_are_not_counted():
    make_test(make_bank(20, n_pretest=1), min_items=5, max_items=6, pretest_items=2)
    states = take(signed_in(make_student().user))
    assert {(state["min_items"], state["max_items"]) for state in states} == {(6, 7)}
    assert len(states) == 8


def test_items_with_the_fewest_answers_are_held_ready():
    bank = make_bank(20, n_pretest=8)
    make_test(bank, min_items=3, max_items=3, pretest_items=1)
    for number in range(6):
        take(signed_in(make_student(f"s{number}").user))
    given = list(
        Response.objects.filter(item__in=pretest_items()).values_list("item_id", flat=True)
    )
    assert len(given) == len(set(given)) == 6
    never_given = pretest_items() - set(given)
    take(signed_in(make_student("last").user))
    session = Session.objects.latest("started_at")
    assert len(session.pretest_items) == 3
    assert set(session.pretest_items[:2]) == never_given


def test_answers_to_pretest_items_enter_the_window_of_a_calibration_once():
    make_test(make_bank(20, n_pretest=9), min_items=5, max_items=5, pretest_items=2)
    for number in range(3):
        take(signed_in(make_student(f"s{number}").user))
    window = collect_responses(Bank.objects.get())
    assert (window.n_responses, window.n_persons) == (21, 3)
    stored = Response.objects.filter(item__in=pretest_items()).values_list(
        "item_version_id", flat=True
    )
    counts = dict(zip(window.version_ids.tolist(), window.response_counts.tolist(), strict=True))
    assert sum(counts[version] for version in set(stored)) == len(stored) == 6


def test_teachers_and_staff_see_which_items_were_pretest_items():
    make_test(make_bank(20, n_pretest=3), min_items=3, max_items=3, pretest_items=1)
    student, teacher = make_student(), make_staff("tess", "teacher")
    make_group("a", teacher, student)
    take(signed_in(student.user))
    session = Session.objects.get()
    page = signed_in(teacher).get(reverse("session-detail", args=[session.pk]))
    assert page.content.decode().count("(pretest)") == 1
    staff = signed_in(make_staff("olga", "operator"))
    page = staff.get(reverse("admin:cat_sessions_session_change", args=[session.pk]))
    assert page.content.decode().count("· pretest") == 1
