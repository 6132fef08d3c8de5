from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from items.models import Bank, ItemVersion, ReleasedItem
from sessions.delivery.delivery import start_session
from sessions.delivery.opening import deadline_of
from sessions.models import Session, Test, TestVersion
from tests.factories import freeze
from tests.sessions.builders import (
    HOUR,
    make_bank,
    make_staff,
    make_student,
    make_test,
    pass_simulation,
)
from tests.sessions.client import post, signed_in, start

pytestmark = pytest.mark.django_db


def refusal(client, **fields):
    response = post(client, "/sessions", {"test": "placement", **fields})
    assert not Session.objects.exists()
    return response.status_code, response.json()["code"]


@pytest.fixture
def bank():
    return make_bank()


@pytest.fixture
def student():
    return make_student()


def test_a_new_session_is_pinned_and_201_and_the_open_one_is_200(bank, student):
    make_test(bank)
    client = signed_in(student.user)
    first = post(client, "/sessions", {"test": "placement"})
    again = post(client, "/sessions", {"test": "placement", "language": "ko"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["session"] == again.json()["session"]
    assert again.json()["language"] == "en"
    session = Session.objects.get()
    assert (session.release.number, session.test_version.number) == (1, 1)
    assert session.issued_at == session.started_at


def test_a_finished_test_may_be_taken_again(bank, student):
    make_test(bank)
    client = signed_in(student.user)
    first = start(client)
    post(client, f"/sessions/{first['session']}/finish", {})
    assert start(client)["session"] != first["session"]


def test_new_sessions_use_the_newest_release_and_test_version(bank, student):
    test = make_test(bank)
    version = TestVersion.objects.create(test=test, number=2, min_items=1, max_items=2)
    pass_simulation(version)
    only = ItemVersion.objects.order_by("pk").last()
    release = bank.releases.create(base=bank.current_release)
    ReleasedItem.objects.create(
        release=release,
        item=only.item,
        item_version=only,
        role="operational",
        model="2pl",
        discrimination=1,
        difficulty=[0],
    )
    freeze(release)
    state = start(signed_in(student.user))
    assert (state["max_items"], state["item"]["id"]) == (2, only.pk)


def test_the_language_is_the_one_asked_for_else_the_examinees_else_the_banks_first(bank):
    make_test(bank)
    asked = start(signed_in(make_student("a").user), language="ko")
    own = start(signed_in(make_student("b", language="ko").user))
    first = start(signed_in(make_student("c", language="fr").user))
    assert [state["language"] for state in (asked, own, first)] == ["ko", "ko", "en"]
    assert asked["test"]["title"] == "배치고사"


def test_a_language_that_the_bank_lacks_is_refused(bank, student):
    make_test(bank)
    assert refusal(signed_in(student.user), language="fr") == (400, "unknown_language")


def test_a_test_that_is_not_open_is_not_found_by_students(bank, student):
    make_test(bank, is_open=False)
    assert refusal(signed_in(student.user)) == (404, "unknown_test")


def test_an_unknown_test_is_not_found(student):
    assert refusal(signed_in(student.user)) == (404, "unknown_test")


def test_a_test_outside_its_window_does_not_start(bank, student):
    now = timezone.now()
    make_test(bank, window_start=now + HOUR)
    assert refusal(signed_in(student.user)) == (409, "not_yet_open")
    TestVersion.objects.update(window_start=None, window_end=now - HOUR)
    assert refusal(signed_in(student.user)) == (409, "closed")


def test_a_test_without_version_release_or_items_says_so(student):
    bank = Bank.objects.create(slug="empty", name="empty", languages=["en"])
    test = Test.objects.create(slug="placement", bank=bank, title={"en": "T"}, is_open=True)
    client = signed_in(student.user)
    assert refusal(client) == (409, "no_version")
    version = TestVersion.objects.create(test=test, number=1)
    assert refusal(client) == (409, "no_release")
    freeze(bank.releases.create())
    assert refusal(client) == (409, "not_simulated")
    pass_simulation(version)
    assert refusal(client) == (409, "no_items")


def test_an_account_without_an_examinee_cannot_start(bank, roles):
    make_test(bank)
    assert refusal(signed_in(make_staff("ann", "author"))) == (403, "no_examinee")


def test_staff_start_for_an_examinee_also_where_the_test_is_not_open(bank, roles, student):
    make_test(bank, is_open=False)
    operator = signed_in(make_staff("op", "operator"))
    state = start(operator, examinee=student.external_id)
    assert (state["examinee"], state["item"]) == ("Kim", None)
    assert refusal_of_unknown(operator) == (404, "unknown_examinee")


def refusal_of_unknown(client):
    response = post(client, "/sessions", {"test": "placement", "examinee": "nobody"})
    return response.status_code, response.json()["code"]


def test_an_overdue_session_makes_room_for_a_new_one(bank, student):
    test = make_test(bank, time_limit=60)
    now = timezone.now()
    old, _ = start_session(student, test, now - HOUR)
    new, is_new = start_session(student, test, now)
    expired = Session.objects.get(pk=old)
    assert (is_new, new != old) == (True, True)
    assert (expired.status, expired.stop_reason) == ("expired", "time")
    assert expired.finished_at == expired.deadline == now - HOUR + timedelta(seconds=60)


def test_the_deadline_is_the_limit_times_the_accommodation_or_the_windows_end(bank):
    end = timezone.now() + 10 * HOUR
    test = make_test(bank, time_limit=3600, window_end=end)
    for name, multiplier, expected in (("a", 1, HOUR), ("b", 1.5, 1.5 * HOUR), ("c", 10, None)):
        student = make_student(name, time_multiplier=multiplier)
        start(signed_in(student.user))
        session = student.sessions.get()
        due = min(end, session.started_at + 10 * HOUR)
        assert session.deadline == (session.started_at + expected if expected else due)
    assert test.sessions.count() == 3


@given(
    limit=st.none() | st.integers(30, 10**6),
    multiplier=st.floats(1, 10),
    window=st.none() | st.integers(1, 10**7),
)
def test_a_deadline_never_lies_past_the_window_nor_cuts_an_allowance(limit, multiplier, window):
    now = timezone.now()
    end = None if window is None else now + timedelta(seconds=window)
    version = TestVersion(time_limit=limit, window_end=end)
    deadline = deadline_of(version, multiplier, now)
    if limit is None:
        assert deadline == end
        return
    allowed = now + timedelta(seconds=limit * multiplier)
    assert deadline == (allowed if end is None or allowed < end else end)
