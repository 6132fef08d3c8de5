"""Delivery in the admin: tests and their versions, sessions, examinees, tickets."""

import pytest
from django.urls import reverse
from django.utils import timezone

from common.audit import AuditEntry
from sessions.delivery.access import Caller
from sessions.delivery.delivery import record_response, start_session
from sessions.models import Examinee, ExamineeGroup, Session, Test
from tests.sessions.builders import (
    acts_of_delivery,
    key_of,
    make_bank,
    make_group,
    make_staff,
    make_student,
    make_test,
)
from tests.sessions.page_forms import fields_of

pytestmark = pytest.mark.usefixtures("roles")


@pytest.fixture
def operator(db, client, roles):
    user = make_staff("olga", "operator")
    client.force_login(user)
    return user


def settings_of(test):
    return reverse("admin:cat_sessions_test_settings", args=[test.pk])


SETTINGS = {
    "min_items": 4,
    "max_items": 9,
    "rules-0-kind": "standard_error",
    "rules-0-value": "0.6",
    "time_limit": "",
    "window_start": "2030-01-01T08:00",
    "window_end": "2030-01-01T10:00",
    "selection": "maximum_information",
    "randomesque": 2,
    "omit_policy": "left_out",
    "estimator": "eap",
    "prior_mean": 0,
    "prior_sd": 1,
    "scale_mean": 100,
    "scale_sd": 15,
}


def with_settings(client, test, **changes):
    """What the settings page sends with these fields changed."""
    page = client.get(settings_of(test)).content.decode()
    return fields_of(page, "settings") | SETTINGS | changes


def answered_session(examinee, test):
    """An open session with one right answer."""
    session_id, _created = start_session(examinee, test, timezone.now())
    session = Session.objects.get(pk=session_id)
    version = session.due_item_version_id
    record_response(
        session_id,
        1,
        version,
        {"option": key_of(version)},
        caller=Caller(user=examinee.user),
        received_at=timezone.now(),
    )
    return session


def test_saved_settings_are_the_next_version(operator, client):
    test = make_test(make_bank())
    assert client.get(settings_of(test)).status_code == 200
    response = client.post(settings_of(test), with_settings(client, test))
    assert response.status_code == 302
    version = test.current_version
    assert (version.number, version.max_items) == (2, 9)
    assert version.stopping_rule == {"standard_error": {"at_most": 0.6}}
    assert version.window_start.isoformat() == "2030-01-01T08:00:00+00:00"
    assert version.created_by == operator
    assert test.versions.get(number=1).max_items == 8
    assert (
        "may"
        in client.get(reverse("admin:cat_sessions_test_change", args=[test.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"min_items": 10}, "fewest items ≤ most items"),
        ({"prior_sd": "nan"}, "Enter a number."),
        ({"prior_sd": "0"}, "The prior SD must be a finite number of 0.2 or more."),
        ({"window_end": "2029-01-01T10:00"}, "must open before it closes"),
        ({"time_limit": "5"}, "at least 30 seconds"),
        ({"estimator": "guess"}, "Select a valid choice"),
    ],
)
def test_settings_that_cannot_be_are_refused_with_a_sentence(operator, client, changes, sentence):
    test = make_test(make_bank())
    response = client.post(settings_of(test), with_settings(client, test, **changes))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert test.versions.count() == 1


def test_a_new_test_leads_to_its_settings_and_has_none_until_they_are_saved(operator, client):
    bank = make_bank()
    data = {"slug": "new", "bank": bank.pk, "title_en": "New", "title_ko": "새"}
    response = client.post("/admin/cat_sessions/test/add/", data)
    test = Test.objects.get()
    assert response["Location"] == settings_of(test)
    assert test.title == {"en": "New", "ko": "새"}
    assert test.instructions == {}
    assert test.current_version is None
    page = client.get(reverse("admin:cat_sessions_test_change", args=[test.pk])).content.decode()
    assert "No settings yet" in page
    client.post(settings_of(test), with_settings(client, test))
    assert test.current_version.number == 1
    assert acts_of_delivery().get().act == "create_test_version"


def test_the_title_changes_in_place(operator, client):
    test = make_test(make_bank())
    data = {"title_en": "Renamed", "title_ko": "새 이름", "instructions_en": "Take your time."}
    address = reverse("admin:cat_sessions_test_change", args=[test.pk])
    assert client.post(address, data).status_code == 302
    test.refresh_from_db()
    assert test.title["en"] == "Renamed"
    assert test.instructions == {"en": "Take your time."}
    assert test.is_open is True
    assert test.versions.count() == 1


def test_a_session_is_shown_with_its_answers(operator, client):
    session = answered_session(make_student(), make_test(make_bank()))
    page = client.get(f"/admin/cat_sessions/session/{session.pk}/change/").content.decode()
    assert "math release 1" in page
    assert "placement v1" in page
    assert "1 / 1" in page
    assert "θ after each answer" in page


def test_the_session_list_asks_a_constant_number_of_queries(
    operator, client, django_assert_num_queries
):
    test = make_test(make_bank())
    answered_session(make_student(), test)
    client.get("/admin/cat_sessions/session/")
    with django_assert_num_queries(7):
        client.get("/admin/cat_sessions/session/")
    for name in ("lee", "park", "choi"):
        answered_session(make_student(name), test)
    with django_assert_num_queries(7):
        client.get("/admin/cat_sessions/session/")


def test_an_operator_ends_an_open_session(operator, client):
    session = answered_session(make_student(), make_test(make_bank()))
    address = reverse("admin:cat_sessions_session_end", args=[session.pk])
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 200
    session.refresh_from_db()
    assert session.status == "open"
    assert client.post(address, {"confirmed": "on"}).status_code == 302
    session.refresh_from_db()
    assert (session.status, session.stop_reason) == ("finished", "by_staff")
    ended = AuditEntry.objects.get(act="end_session")
    assert (ended.actor_id, ended.object_id) == (operator.pk, str(session.pk))


def test_sessions_and_tickets_cannot_be_written_by_django_forms(operator, client):
    operator.is_superuser = True
    operator.save()
    session = answered_session(make_student(), make_test(make_bank()))
    base = "/admin/cat_sessions/session/"
    assert client.post(f"{base}add/").status_code == 403
    assert client.post(f"{base}{session.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/cat_sessions/ticket/add/")["Location"] == reverse("invite")
    assert client.get("/admin/cat_sessions/ticket/").status_code == 200


def test_operators_write_examinees_and_groups_but_see_no_accounts(operator, client):
    group = make_group("7b", operator)
    data = {"external_id": "S-1", "display_name": "Kim", "language": "ko", "time_multiplier": "1.5"}
    response = client.post("/admin/cat_sessions/examinee/add/", data | {"groups": [group.pk]})
    assert response.status_code == 302
    examinee = Examinee.objects.get(external_id="S-1")
    assert (examinee.language, examinee.time_multiplier) == ("ko", 1.5)
    assert list(examinee.groups.all()) == [group]
    address = f"/admin/cat_sessions/examinee/{examinee.pk}/change/"
    assert 'name="user"' not in client.get(address).content.decode()
    renamed = {"name": "Class 7b", "code": "7b"}
    address = f"/admin/cat_sessions/examineegroup/{group.pk}/change/"
    assert client.post(address, renamed).status_code == 302
    assert ExamineeGroup.objects.get().name == "Class 7b"
    assert list(group.teachers.all()) == [operator]


@pytest.mark.parametrize("multiplier", ["0.5", "nan", "11"])
def test_an_impossible_time_multiplier_is_refused(operator, client, multiplier):
    data = {"external_id": "S-1", "language": "ko", "time_multiplier": multiplier}
    assert client.post("/admin/cat_sessions/examinee/add/", data).status_code == 200
    assert Examinee.objects.count() == 0


def test_an_author_does_not_touch_delivery(client):
    client.force_login(make_staff("ann", "author"))
    test = make_test(make_bank())
    session = answered_session(make_student(), test)
    end = reverse("admin:cat_sessions_session_end", args=[session.pk])
    assert client.post(settings_of(test), SETTINGS).status_code == 403
    assert client.post(end, {"confirmed": "on"}).status_code == 403
    for model in ("test", "session", "ticket", "examinee", "examineegroup"):
        assert client.get(f"/admin/cat_sessions/{model}/").status_code == 403
