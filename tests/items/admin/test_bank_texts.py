"""A bank's languages decide which texts are needed: no Korean for an English bank."""

import pytest

from items.models import ContentArea, Stimulus
from sessions.models import NormGroup, Test
from tests.factories import make_bank, make_user

pytestmark = pytest.mark.django_db

AREA, STIMULUS = "/admin/items/contentarea/", "/admin/items/stimulus/"
TEST, NORMS = "/admin/cat_sessions/test/", "/admin/cat_sessions/normgroup/add/"


@pytest.fixture(autouse=True)
def _administrator(client):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))


def normal(bank, **names):
    return {
        "code": "all",
        "source": "normal",
        "bank": bank.pk,
        "mean": 0,
        "sd": 1,
        "note": "a book",
        **names,
    }


def test_an_english_bank_needs_no_korean(client):
    bank = make_bank()
    area = {"bank": bank.pk, "code": "geometry", "name_en": "Geometry"}
    assert client.post(f"{AREA}add/", area).status_code == 302
    passage = {"bank": bank.pk, "code": "tale", "body_en": "A tale."}
    assert client.post(f"{STIMULUS}add/", passage).status_code == 302
    test = {"bank": bank.pk, "slug": "placement", "title_en": "Placement"}
    assert client.post(f"{TEST}add/", test).status_code == 302
    assert client.post(NORMS, normal(bank, name_en="All")).status_code == 302
    assert ContentArea.objects.get(code="geometry").name == {"en": "Geometry"}
    assert Stimulus.objects.get().body == {"en": "A tale."}
    assert Test.objects.get().title == {"en": "Placement"}
    assert NormGroup.objects.get().name == {"en": "All"}


def test_a_korean_bank_needs_no_english(client):
    bank = make_bank("korean", languages=("ko",))
    area = {"bank": bank.pk, "code": "geometry", "name_ko": "기하"}
    assert client.post(f"{AREA}add/", area).status_code == 302
    test = {"bank": bank.pk, "slug": "placement", "title_ko": "배치고사"}
    assert client.post(f"{TEST}add/", test).status_code == 302
    assert str(Test.objects.get()) == "배치고사"


@pytest.mark.parametrize(
    ("address", "data"),
    [
        (f"{AREA}add/", {"code": "geometry", "name_en": "Geometry"}),
        (f"{STIMULUS}add/", {"code": "tale", "body_en": "A tale."}),
        (f"{TEST}add/", {"slug": "placement", "title_en": "Placement"}),
        (NORMS, {"name_en": "All"}),
    ],
)
def test_a_bank_of_two_languages_needs_both(client, address, data):
    bank = make_bank("both", languages=("en", "ko"))
    data = normal(bank, **data) if address == NORMS else {"bank": bank.pk, **data}
    page = client.post(address, data)
    assert page.status_code == 200
    assert "Missing in: Korean." in page.content.decode()


def test_the_languages_of_a_bank_beyond_those_of_the_site_are_offered(client):
    assert 'lang="fr"' not in client.get(f"{AREA}add/").content.decode()
    bank = make_bank("french", languages=("fr",))
    assert 'lang="fr"' in client.get(f"{AREA}add/").content.decode()
    area = {"bank": bank.pk, "code": "geometry", "name_fr": "Géométrie"}
    assert client.post(f"{AREA}add/", area).status_code == 302
    assert bank.areas.get(code="geometry").name == {"fr": "Géométrie"}


def test_the_page_of_what_exists_shows_the_languages_of_its_bank_and_those_it_has(client):
    bank = make_bank()
    area = bank.areas.get()
    page = client.get(f"{AREA}{area.pk}/change/").content.decode()
    assert 'lang="en"' in page
    assert 'lang="ko"' not in page
    ContentArea.objects.filter(pk=area.pk).update(name={"en": "Algebra", "ko": "대수"})
    assert "대수" in client.get(f"{AREA}{area.pk}/change/").content.decode()
    assert (
        client.post(
            f"{AREA}{area.pk}/change/",
            {"code": "algebra", "name_en": "Equations", "name_ko": "대수"},
        ).status_code
        == 302
    )
    area.refresh_from_db()
    assert area.name == {"en": "Equations", "ko": "대수"}


def test_a_title_that_nobody_sees_and_instructions_that_are_lost_are_refused(client):
    bank = make_bank()
    data = {"bank": bank.pk, "slug": "placement", "title_en": "\u200b\u200b"}
    assert "It would show nothing." in client.post(f"{TEST}add/", data).content.decode()
    data |= {"title_en": "Placement", "instructions_en": "Look at ![a map](map.png)."}
    page = client.post(f"{TEST}add/", data).content.decode()
    assert "The picture “![a map](map.png)” would not be shown." in page
    assert Test.objects.count() == 0
