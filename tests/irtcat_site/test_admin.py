"""The admin's start page, its sidebar for each role, and people's accounts and tokens."""

import pytest
from django.apps import apps
from knox.models import AuthToken

from common.roles import grant_roles
from items.authoring import create_item, submit_for_review
from tests.factories import choice_content, make_bank, make_user

BANK = ["Items", "Releases", "Content areas", "Stimuli", "Enemy groups", "Banks", "Audit trail"]


@pytest.fixture(autouse=True)
def _roles(db):
    grant_roles(apps)


def sidebar_of(client) -> dict[str, list[str]]:
    groups = client.get("/admin/").context["sidebar_navigation"]
    return {
        str(group["title"]): [str(item["title"]) for item in group["items"]] for group in groups
    }


def test_an_author_finds_the_bank_and_nothing_else(client):
    client.force_login(make_user("ann", "author"))
    assert sidebar_of(client) == {"Item bank": BANK}


def test_an_operator_finds_delivery_and_calibration_too(client):
    client.force_login(make_user("olga", "operator"))
    found = sidebar_of(client)
    assert found["Item bank"] == BANK
    assert found["Delivery"] == ["Tests", "Norm groups", "Simulations", "Sessions", "Tickets"]
    assert found["Calibration"] == ["Calibration runs"]
    assert found["Schedules"] == ["Scheduled tasks", "Intervals", "Calendar times"]
    assert found["People"] == ["Examinees", "Examinee groups"]


def test_an_admin_finds_accounts_roles_and_tokens(client):
    client.force_login(make_user("root", "admin"))
    people = ["Examinees", "Examinee groups", "Users", "Roles", "API tokens"]
    assert sidebar_of(client)["People"] == people


def test_the_start_page_counts_what_waits(client):
    author = make_user("ann", "author")
    bank = make_bank()
    submit_for_review(create_item(bank, "A1", choice_content(bank), author), author)
    client.force_login(author)
    waiting = client.get("/admin/").context["waiting"]
    assert [(fact["count"], fact["what"]) for fact in waiting] == [
        (1, "items in review"),
        (0, "draft releases"),
    ]
    assert client.get(waiting[0]["link"]).context["cl"].result_count == 1


def test_the_admin_names_its_icon_so_that_browsers_ask_for_no_other(client):
    page = client.get("/admin/login/").content.decode()
    assert '<link rel="icon" href="/static/img/logo.svg"' in page


def test_staff_without_a_role_are_told_so(client):
    user = make_user("new")
    user.is_staff = True
    user.save()
    client.force_login(user)
    assert "Your account has no role yet." in client.get("/admin/").content.decode()


def test_a_token_is_shown_when_it_is_made_and_never_again(client):
    admin, program = make_user("root", "admin"), make_user("program")
    client.force_login(admin)
    data = {"user": program.pk}
    page = client.post("/admin/knox/authtoken/add/", data, follow=True).content.decode()
    token = AuthToken.objects.get()
    assert token.user == program
    shown = page.split("<code>")[1].split("</code>")[0]
    header = {"HTTP_AUTHORIZATION": f"Token {shown}"}
    assert client.get("/api/v1/tests", **header).status_code == 200
    assert shown not in client.get("/admin/knox/authtoken/").content.decode()
    revoke = f"/admin/knox/authtoken/{token.pk}/delete/"
    assert client.post(revoke, {"post": "yes"}).status_code == 302
    assert AuthToken.objects.count() == 0


def test_an_account_is_made_in_the_admin(client):
    client.force_login(make_user("root", "admin"))
    password = "correct horse battery"
    data = {"username": "ben", "usable_password": "true", "password1": password}
    response = client.post("/admin/auth/user/add/", data | {"password2": password})
    assert response.status_code == 302
    assert client.login(username="ben", password=password)


@pytest.mark.parametrize("address", ["auth/user/", "auth/group/", "knox/authtoken/"])
def test_accounts_are_for_admins_only(client, address):
    client.force_login(make_user("olga", "operator"))
    assert client.get(f"/admin/{address}").status_code == 403
