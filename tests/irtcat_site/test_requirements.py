"""What a page and an API ask of a caller: all of what they need, or any of what will do."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.factories import make_bank, make_item, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def allowed(client):
    """Sign in as somebody with these permissions alone."""

    def sign_in(*names: str):
        user = make_user("dora", is_staff=True)
        for name in names:
            app, codename = name.split(".")
            user.user_permissions.add(
                Permission.objects.get(content_type__app_label=app, codename=codename)
            )
        client.force_login(user)
        return client

    return sign_in


ALL = ("items.view_item", "items.change_item")


@pytest.mark.parametrize(
    ("names", "status"), [(ALL[:1], 403), (ALL[1:], 403), ((), 403), (ALL, 200)]
)
def test_a_page_of_the_admin_needs_every_one_of_its_permissions(allowed, names, status):
    item = make_item(make_bank(), "A1").item
    client = allowed(*names)
    assert client.get(reverse("admin:items_item_edit", args=[item.pk])).status_code == status


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("cat_sessions.view_session",), 200),
        (("cat_sessions.add_ticket",), 200),
        (("cat_sessions.view_test",), 403),
        ((), 403),
    ],
)
def test_the_list_of_sessions_is_for_whoever_sees_all_or_invites(allowed, names, status):
    assert allowed(*names).get("/api/v1/sessions").status_code == status


PUBLISH = ("scoring.view_calibrationrun", "items.publish_bankrelease")


@pytest.mark.parametrize(
    ("names", "status"), [(PUBLISH[:1], 403), (PUBLISH[1:], 403), ((), 403), (PUBLISH, 404)]
)
def test_publishing_a_run_through_the_api_needs_both_of_its_permissions(allowed, names, status):
    address = "/api/v1/calibration-runs/1/publish"
    sent = allowed(*names).post(address, {"reason": "x"}, content_type="application/json")
    assert sent.status_code == status
