"""Which end comes first is told before the test begins: on its page, on tickets, at home."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from common.moments import moment_in
from sessions.delivery.delivery import start_session
from sessions.models import Session, TestVersion
from sessions.people.terms import Ending
from sessions.people.tickets import issue_ticket
from tests.sessions.builders import (
    HOUR,
    make_bank,
    make_group,
    make_staff,
    make_student,
    make_test,
)
from tests.sessions.client import signed_in

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FAR = datetime(2031, 12, 24, 15, 30, tzinfo=UTC)


@pytest.fixture
def bank():
    bank = make_bank()
    bank.time_zone = "Asia/Seoul"
    bank.save(update_fields=["time_zone"])
    return bank


def seoul(moment):
    return moment_in(moment, "Asia/Seoul")


def told(test, *, multiplier=1.0, language="en"):
    """What the page of the test, the tile at home and the page of a ticket say of its time."""
    student = make_student(time_multiplier=multiplier)
    client = signed_in(student.user, headers={"accept-language": language})
    secret = issue_ticket(student, test, None, timezone.now(), timedelta(days=28))
    pages = [client.get(path) for path in (f"/tests/{test.slug}/", "/", f"/t/{secret}")]
    assert [page.status_code for page in pages] == [200, 200, 200]
    start, home, ticket = (page.content.decode() for page in pages)
    return start, home, ticket


def test_a_limit_alone_is_counted_from_the_start(bank):
    start, home, ticket = told(make_test(bank, time_limit=1500))
    for page in (start, ticket):
        assert "25 minutes, counted from the start" in page
        assert "no longer than" not in page
    assert "· 25 minutes" in home


def test_a_limit_that_ends_before_the_window_is_told_first(bank):
    start, home, ticket = told(make_test(bank, time_limit=1500, window_end=FAR))
    both = "25 minutes, counted from the start, and no longer than until Dec. 25, 2031 00:30 KST"
    assert both in start
    assert both in ticket
    assert "· 25 minutes" in home


def test_a_window_that_ends_before_the_limit_is_told_instead(bank):
    closes = timezone.now() + 20 * MINUTE
    start, home, ticket = told(make_test(bank, time_limit=7200, window_end=closes))
    until = f"until {seoul(closes)}, when the test closes"
    for page in (start, ticket):
        assert f"{until}; that is less than your 120 minutes" in page
        assert "counted from the start" not in page
    assert f"· {until}" in home
    assert "120 minutes" not in home


def test_a_window_without_a_limit_is_no_leave_to_take_as_long_as_one_needs(bank):
    start, home, ticket = told(make_test(bank, window_end=FAR))
    until = "until Dec. 25, 2031 00:30 KST, when the test closes"
    for page in (start, home, ticket):
        assert until in page
        assert "as long as you need" not in page
        assert "no time limit" not in page
    assert "(the clock keeps running)" in start


def test_without_any_end_one_has_as_long_as_one_needs(bank):
    start, home, ticket = told(make_test(bank))
    assert "as long as you need" in start
    assert "as long as you need" in ticket
    assert "no time limit" in home
    assert "the clock keeps running" not in start


@pytest.mark.parametrize(
    ("multiplier", "sentence"),
    [
        (1.0, "60 minutes, counted from the start, and no longer than until"),
        (1.5, "90 minutes, counted from the start, and no longer than until"),
        (3.0, "when the test closes; that is less than your 180 minutes"),
    ],
)
def test_an_accommodation_moves_the_end_as_far_as_the_window(bank, multiplier, sentence):
    closes = timezone.now() + 150 * MINUTE
    test = make_test(bank, time_limit=3600, window_end=closes)
    start, _home, ticket = told(test, multiplier=multiplier)
    assert sentence in start
    assert sentence in ticket


def test_half_minutes_of_an_accommodation_are_told(bank):
    start, home, _ticket = told(make_test(bank, time_limit=60), multiplier=1.5)
    assert "1.5 minutes, counted from the start" in start
    assert "· 1.5 minutes" in home


def test_a_minute_is_one(bank):
    start, home, _ticket = told(make_test(bank, time_limit=60))
    assert "1 minute, counted from the start" in start
    assert "· 1 minute" in home
    assert "1 minutes" not in start + home


def test_the_korean_pages_name_the_end_in_korean(bank):
    start, home, ticket = told(make_test(bank, window_end=FAR), language="ko")
    for page in (start, home, ticket):
        assert "2031년 12월 25일 00:30 KST" in page


def test_what_is_told_is_when_the_session_will_end(bank):
    """Whatever comes first, page and deadline agree."""
    now = timezone.now()
    for name, limit, multiplier, closes in (
        ("a", 1800, 1.0, now + HOUR),
        ("b", 1800, 3.0, now + HOUR),
        ("c", None, 1.0, now + HOUR),
        ("d", 1800, 1.5, None),
    ):
        test = make_test(bank, name, time_limit=limit, window_end=closes)
        student = make_student(name, time_multiplier=multiplier)
        ending = Ending.of(test.deliverable_version, student, now)
        session = Session.objects.get(pk=start_session(student, test, now)[0])
        first = ending.closes if ending.closes_first else now + ending.minutes * MINUTE
        assert session.deadline == first


def test_a_window_that_opens_later_counts_from_its_opening(bank):
    now = timezone.now()
    version = TestVersion(
        test=make_test(bank),
        time_limit=3600,
        window_start=now + 5 * HOUR,
        window_end=now + 5.5 * HOUR,
    )
    assert Ending.of(version, make_student(), now).closes_first


def test_home_says_when_a_test_that_was_begun_ends(bank):
    student, now = make_student(), timezone.now()
    test = make_test(bank, time_limit=5400)
    start_session(student, test, now)
    page = signed_in(student.user).get("/").content.decode()
    assert f"Begun; 0 questions answered · ends on {seoul(now + 90 * MINUTE)}" in page


def test_a_begun_test_without_an_end_names_none(bank):
    student = make_student()
    start_session(student, make_test(bank), timezone.now())
    assert "ends on" not in signed_in(student.user).get("/").content.decode()


@pytest.mark.parametrize(
    ("valid_for", "closes_after"),
    [(2 * HOUR, None), (2 * HOUR, 30 * HOUR), (30 * HOUR, 2 * HOUR)],
    ids=["link alone", "link first", "window first"],
)
def test_a_ticket_says_until_when_it_can_be_used(bank, valid_for, closes_after):
    now = timezone.now()
    closes = None if closes_after is None else now + closes_after
    test = make_test(bank, is_open=False, window_end=closes)
    page = Client().get(f"/t/{issue_ticket(make_student(), test, None, now, valid_for)}")
    assert f"It can be used until {seoul(now + 2 * HOUR)}." in page.content.decode()


@pytest.mark.parametrize("closes", [FAR, None])
def test_an_invitation_says_until_when_its_link_works(bank, roles, closes):
    kim, teacher = make_student(), make_staff("ms", "teacher")
    make_group("7a", teacher, kim)
    soon = timezone.now() + HOUR if closes else None
    test = make_test(bank, window_end=soon)
    client = signed_in(teacher)
    page = client.post("/invite/", {"test": test.slug, "days": 7, "examinee": "kim"})
    expires = page.context["expires_at"]
    assert f"works until {seoul(expires)}." in page.content.decode()
    if soon:
        assert expires == soon


def test_the_test_page_tells_the_end_to_whoever_has_no_javascript(bank):
    student, now = make_student(), timezone.now()
    session_id, _new = start_session(student, make_test(bank, time_limit=600), now)
    page = signed_in(student.user).get(f"/sessions/{session_id}/").content.decode()
    assert f"<noscript> · ends on {seoul(now + 10 * MINUTE)}</noscript>" in page
    assert '<noscript><meta http-equiv="refresh" content="6' in page


def test_a_test_page_without_a_deadline_neither_counts_nor_looks_again(bank):
    student = make_student()
    session_id, _new = start_session(student, make_test(bank), timezone.now())
    page = signed_in(student.user).get(f"/sessions/{session_id}/").content.decode()
    assert "http-equiv" not in page
    assert "Time left" not in page


@pytest.mark.parametrize(
    ("zone", "month", "shown"),
    [
        ("Europe/Berlin", 1, "Jan. 10, 2031 11:00 CET"),
        ("Europe/Berlin", 7, "July 10, 2031 12:00 CEST"),
        ("America/Sao_Paulo", 7, "July 10, 2031 07:00 UTC-03"),
        ("Asia/Kathmandu", 7, "July 10, 2031 15:45 UTC+0545"),
        ("UTC", 7, "July 10, 2031 10:00 UTC"),
    ],
)
def test_a_moment_is_told_by_the_local_clock_with_its_zone(zone, month, shown):
    with translation.override("en"):
        assert moment_in(datetime(2031, month, 10, 10, 0, tzinfo=UTC), zone) == shown
