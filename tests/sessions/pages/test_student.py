"""The pages as HTTP: who sees what, what is stored where, how many queries."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sessions.delivery.delivery import start_session
from sessions.models import Response, Session, Ticket
from sessions.people.tickets import issue_ticket
from tests.sessions.builders import (
    make_bank,
    make_group,
    make_staff,
    make_student,
    make_test,
)
from tests.sessions.client import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def test(roles):
    return make_test(make_bank())


def started(examinee, test):
    session_id, _new = start_session(examinee, test, timezone.now())
    return Session.objects.get(pk=session_id)


def form_for(session, **fields):
    return {"position": session.position, "item": session.due_item_version_id, **fields}


def test_strangers_are_sent_to_sign_in_from_every_page(test):
    session = started(make_student(), test)
    course = f"/sessions/{session.pk}"
    paths = ["/", "/sessions/", "/invite/", f"/tests/{test.slug}/"]
    for path in [*paths, f"{course}/", f"{course}/result/", f"{course}/course/"]:
        assert Client().get(path).headers["Location"] == f"/accounts/login/?next={path}"


def test_somebody_elses_session_is_not_there(test):
    session = started(make_student(), test)
    other = signed_in(make_student("lee").user)
    for page in ("", "result/", "course/"):
        assert other.get(f"/sessions/{session.pk}/{page}").status_code == 404
    posted = other.post(f"/sessions/{session.pk}/", form_for(session, act="answer", option=1))
    assert posted.status_code == 404
    assert Response.objects.count() == 0


def test_only_those_who_may_invite_see_the_teachers_pages(test):
    author, student = signed_in(make_staff("ann", "author")), signed_in(make_student().user)
    operator = signed_in(make_staff("ops", "operator"))
    for path in ("/sessions/", "/invite/"):
        assert author.get(path).status_code == 403
        assert student.get(path).status_code == 403
        assert operator.get(path).status_code == 200


def test_no_page_of_a_test_is_stored_by_the_browser(test):
    student = make_student()
    client, session = signed_in(student.user), started(student, test)
    for path in ("/", f"/sessions/{session.pk}/"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def test_the_item_is_shown_without_its_key_and_without_inline_style_or_script(test):
    student = make_student()
    session = started(student, test)
    page = signed_in(student.user).get(f"/sessions/{session.pk}/").content.decode()
    assert "Option 1" in page
    assert "canary" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=")


def test_a_form_answers_skips_nothing_and_ends(test):
    student = make_student()
    client, session = signed_in(student.user), started(student, test)
    path = f"/sessions/{session.pk}/"
    assert client.post(path, form_for(session, act="answer", option=2)).status_code == 302
    session.refresh_from_db()
    refused = client.post(path, form_for(session, act="omit"), follow=True)
    assert "does not allow omitting" in refused.content.decode()
    empty = client.post(path, form_for(session, act="answer"), follow=True)
    assert "Give an answer first." in empty.content.decode()
    damaged = client.post(path, {"position": "x", "item": "1", "option": "1"}, follow=True)
    assert "The form was damaged" in damaged.content.decode()
    ended = client.post(path, {"act": "finish"}, follow=True)
    assert "You ended the test early." in ended.content.decode()
    assert Response.objects.get().answer == {"option": 2}


def test_a_test_that_ended_without_an_answer_has_no_score(test):
    student = make_student()
    client, session = signed_in(student.user), started(student, test)
    page = client.post(f"/sessions/{session.pk}/", {"act": "finish"}, follow=True)
    assert "No question was answered" in page.content.decode()


def test_a_closed_test_is_not_offered_but_an_open_session_goes_on(test):
    student = make_student()
    client = signed_in(student.user)
    started(student, test)
    test.is_open = False
    test.save()
    assert "Continue" in client.get("/").content.decode()
    other = signed_in(make_student("lee").user)
    assert other.get(f"/tests/{test.slug}/").status_code == 404
    assert other.post(f"/tests/{test.slug}/").status_code == 404


def test_a_ticket_is_used_by_starting_and_replaces_whoever_was_signed_in(test):
    student = make_student()
    secret = issue_ticket(student, test, None, timezone.now(), timedelta(days=1))
    client = signed_in(make_student("lee").user)
    assert client.get(f"/t/{secret}").status_code == 200
    assert Ticket.objects.get().used_at is None
    response = client.post(f"/t/{secret}")
    cookie = response.cookies["irtcat_ticket"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert Session.objects.get().examinee == student
    assert client.get(response.headers["Location"]).status_code == 200
    assert client.get("/").status_code == 302
    assert Client().get(f"/t/{secret}").status_code == 409
    assert Client().get("/t/unknown").status_code == 404


@pytest.mark.parametrize(("wished", "spoken"), [("ko", "ko"), ("en", "en")])
def test_a_ticket_starts_the_test_in_the_language_of_its_page(test, wished, spoken):
    secret = issue_ticket(make_student(), test, None, timezone.now(), timedelta(days=1))
    Client(headers={"accept-language": wished}).post(f"/t/{secret}")
    assert Session.objects.get().language == spoken


def test_the_secret_of_a_ticket_link_is_not_logged(test, caplog):
    caplog.set_level("INFO", logger="irtcat.request")
    Client().get("/t/very-secret")
    told = [str(record.msg) for record in caplog.records if record.name == "irtcat.request"]
    assert len(told) == 1
    assert "very-secret" not in told[0]


def test_a_teacher_sees_the_sessions_of_the_own_groups_and_can_narrow_the_list(test):
    kim, lee, park = make_student(), make_student("lee"), make_student("park")
    teacher = make_staff("ms", "teacher")
    make_group("7a", teacher, kim)
    make_group("7b", teacher, lee)
    make_group("8a", make_staff("mr", "teacher"), park)
    for student in (kim, lee, park):
        started(student, test)
    client = signed_in(teacher)

    def names(query=""):
        page = client.get(f"/sessions/{query}")
        return {session.examinee.display_name for session in page.context["page"]}

    session = kim.sessions.get()
    course = client.get(f"/sessions/{session.pk}/", follow=True).redirect_chain
    assert course == [(f"/sessions/{session.pk}/course/", 302)]
    assert names() == {"Kim", "Lee"}
    assert names("?group=7b") == {"Lee"}
    assert names("?group=8a") == {"Kim", "Lee"}
    assert names("?status=finished") == set()
    assert names(f"?test={test.slug}&status=open") == {"Kim", "Lee"}


def test_times_are_shown_in_the_time_zone_of_the_bank(test):
    kim, teacher = make_student(), make_staff("ms", "teacher")
    make_group("7a", teacher, kim)
    test.bank.time_zone = "Asia/Seoul"
    test.bank.save(update_fields=["time_zone"])
    session = started(kim, test)
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    Session.objects.filter(pk=session.pk).update(started_at=noon)
    client = signed_in(teacher)
    assert "2026-03-01 21:00 KST" in client.get("/sessions/").content.decode()
    assert "2026-03-01 21:00 KST" in client.get(f"/sessions/{session.pk}/course/").content.decode()


def test_the_list_of_sessions_costs_the_same_however_long_it_is(test, django_assert_num_queries):
    teacher = make_staff("ms", "teacher")
    client = signed_in(teacher)
    for name in ("kim", "lee"):
        student = make_student(name)
        make_group(name, teacher, student)
        started(student, test)
        with django_assert_num_queries(9):
            client.get("/sessions/")


def test_a_teacher_invites_only_students_of_the_own_groups(test):
    kim, teacher = make_student(), make_staff("ms", "teacher")
    make_student("lee")
    make_group("7a", teacher, kim)
    client = signed_in(teacher)
    form = {"test": test.slug, "days": 7}
    refused = client.post("/invite/", form | {"examinee": "lee"})
    assert "None of your students has this id." in refused.content.decode()
    assert Ticket.objects.count() == 0
    page = client.post("/invite/", form | {"examinee": "kim"})
    assert Client().get(page.context["link"].removeprefix("http://testserver")).status_code == 200
    ticket = Ticket.objects.get()
    assert (ticket.examinee, ticket.created_by) == (kim, teacher)


def test_names_and_titles_are_escaped(test):
    evil = "<script>alert(1)</script>"
    student = make_student()
    student.display_name = evil
    student.save()
    test.title = {"en": evil}
    test.save()
    client = signed_in(student.user)
    session = started(student, test)
    for path in ("/", f"/sessions/{session.pk}/"):
        assert evil not in client.get(path).content.decode()
    page = client.post(f"/sessions/{session.pk}/", {"act": "finish"}, follow=True)
    assert evil not in page.content.decode()


@pytest.mark.parametrize("given", [{}, {"number": "about three"}, {"option": "x"}])
def test_after_the_end_nothing_that_was_sent_is_asked_for_again(test, given):
    """Without JavaScript: the result says that the time was up, and of what was sent nothing."""
    student = make_student()
    client, session = signed_in(student.user), started(student, test)
    Session.objects.update(deadline=timezone.now() - timedelta(minutes=1))
    form = form_for(session, act="answer", **given)
    page = client.post(f"/sessions/{session.pk}/", form, follow=True)
    shown = page.content.decode()
    assert "The test ended because the time was up." in shown
    assert "Give an answer first." not in shown
    assert "The form was damaged" not in shown
    assert Response.objects.count() == 0
