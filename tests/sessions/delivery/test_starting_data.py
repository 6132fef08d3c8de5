"""What a session is given at its start, pinned in its row."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions.delivery.delivery import start_session
from sessions.models import ExamineeGroup, ExposureTable, Session, Test
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import answer, signed_in, start

pytestmark = pytest.mark.django_db


def take(student, slug="placement"):
    client = signed_in(student.user)
    state = start(client, slug)
    while state["status"] == "open":
        state = answer(client, state).json()
    return Session.objects.get(pk=state["session"])


def begun(student, slug="placement"):
    test = Test.objects.select_related("bank").get(slug=slug)
    return Session.objects.get(pk=start_session(student, test, timezone.now())[0])


def test_a_session_begins_at_the_prior_of_the_version():
    make_test(make_bank(), prior_mean=0.5, prior_sd=1.5)
    session = begun(make_student())
    assert (session.prior_mean, session.prior_sd) == (0.5, 1.5)
    assert session.theta == session.interim_theta == pytest.approx(0.5, abs=1e-3)


def test_the_prior_of_the_first_group_that_the_version_names_goes_before_that_of_the_version():
    make_test(
        make_bank(),
        group_priors={"b": {"mean": 1.0, "sd": 0.5}, "a": {"mean": -1.0, "sd": 0.75}, "z": {}},
    )
    both, second, none = make_student("both"), make_student("second"), make_student("none")
    for code, members in (("a", [both]), ("b", [both, second]), ("unnamed", [none])):
        group = ExamineeGroup.objects.create(code=code, name=code)
        for member in members:
            member.groups.add(group)
    pinned = [(s.prior_mean, s.prior_sd) for s in map(begun, (both, second, none))]
    assert pinned == [(-1.0, 0.75), (1.0, 0.5), (0.0, 1.0)]


def test_theta_is_carried_from_the_last_session_on_the_same_bank():
    bank = make_bank(30)
    make_test(bank, max_items=5)
    make_test(bank, "next", max_items=5, first_item_rule="carried")
    make_test(make_bank(slug="other"), "elsewhere", max_items=5)
    student = make_student()
    assert begun(make_student("fresh"), "next").start_theta is None
    earlier = take(student)
    take(student, "elsewhere")
    later = begun(student, "next")
    assert later.start_theta == earlier.theta > 1
    item = later.due_item_version.released.get().difficulty[0]
    assert item == pytest.approx(earlier.theta, abs=0.5)
    # The estimate itself starts at the prior: only the first item is looked for there.
    assert later.theta == pytest.approx(0.0, abs=1e-9)


def test_items_of_recent_sessions_on_the_bank_are_not_given_again():
    bank = make_bank(30)
    make_test(bank, max_items=5, seen_within_days=7)
    student = make_student()
    first, second = take(student), take(student)
    assert second.seen_items == sorted(first.administered_items)
    assert not set(first.administered_items) & set(second.administered_items)
    long_ago = timezone.now() - timedelta(days=8)
    Session.objects.update(started_at=long_ago, finished_at=long_ago)
    assert take(student).seen_items == []


def test_what_is_due_in_an_open_session_counts_as_seen():
    bank = make_bank(30)
    make_test(bank, max_items=5)
    make_test(bank, "other", max_items=5, seen_within_days=1)
    student = make_student()
    open_session = begun(student)
    assert begun(student, "other").seen_items == [open_session.due_item_version.item_id]


def test_a_session_is_pinned_to_the_newest_exposure_table_and_the_pool_has_its_chances():
    bank = make_bank(20)
    test = make_test(bank, draw="best", max_items=4, exposure_method="sympson_hetter")
    items = list(bank.items.order_by("pk").values_list("pk", flat=True))
    for chances in ([[0.0]] * 20, [[0.0]] * 10 + [[1.0]] * 10):
        table = ExposureTable.objects.create(
            test_version=test.current_version,
            release=bank.current_release,
            item_ids=items,
            probabilities=chances,
            largest_rate=0.2,
        )
    session = take(make_student())
    assert session.exposure_table == table
    assert set(session.administered_items) <= set(items[10:])
    log = session.responses.get(position=1).selection
    assert log["vetoes"]["EXPOSURE"] == 10


def test_a_plain_test_pins_its_prior_alone():
    make_test(make_bank(20))
    session = begun(make_student())
    assert (session.seen_items, session.ineligible_items, session.pretest_items) == ([], [], [])
    assert (session.exposure_table, session.start_theta) == (None, None)
