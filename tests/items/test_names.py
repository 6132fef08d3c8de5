"""Codes of the bank in NFC whatever writes them, and twins refused where they are made."""

# ruff: noqa: RUF001 - letters that look alike are what it is about

import unicodedata

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from common.errors import Conflict, DomainError, InvalidInput
from common.nfc_migration import bring_to_nfc, validate_where_kept
from items.authoring import create_item
from items.enemies import create_group
from items.exchange.importing import import_items
from items.models import Bank, Item
from items.stimuli import create_stimulus
from sessions.models import Examinee, ExamineeGroup
from tests.factories import choice_content, make_bank, make_user
from tests.sessions.builders import make_bank as delivery_bank
from tests.sessions.builders import make_staff, make_test
from tests.sessions.client import post, signed_in

pytestmark = pytest.mark.django_db
NFC = "수학-01"
NFD = unicodedata.normalize("NFD", NFC)
HEADER = "code,area,kind,stem_en,option_1_en,option_2_en,key"


def rows_of(*codes: str) -> bytes:
    lines = [HEADER, *(f"{code},algebra,single_choice,Which?,this,that,1" for code in codes)]
    return "\n".join(lines).encode()


def bring_in(bank: Bank, *codes: str):
    return import_items(bank, rows_of(*codes), actor=None, reason="test")


def test_the_same_code_in_another_spelling_is_the_same_item():
    bank = make_bank()
    bring_in(bank, NFC)
    assert bring_in(bank, NFD).unchanged == 1
    assert [item.code for item in bank.items.all()] == [NFC]


def test_a_code_taken_apart_is_stored_put_together_whatever_writes_it():
    bank = make_bank()
    bring_in(bank, NFD)
    create_item(bank, unicodedata.normalize("NFD", "수학-02"), choice_content(bank), None)
    Item.objects.create(bank=bank, code=unicodedata.normalize("NFD", "수학-03"))
    Item.objects.bulk_create([Item(bank=bank, code=unicodedata.normalize("NFD", "수학-04"))])
    codes = list(bank.items.order_by("code").values_list("code", flat=True))
    assert codes == ["수학-01", "수학-02", "수학-03", "수학-04"]


def test_a_code_is_found_in_either_spelling():
    bank = make_bank()
    bring_in(bank, NFC)
    assert bank.items.get(code=NFD) == bank.items.get(code__in=[NFD])
    with pytest.raises(Conflict) as taken:
        create_item(bank, NFD, choice_content(bank), None)
    assert taken.value.code == "code_taken"


def test_two_spellings_in_one_file_are_one_code_twice():
    with pytest.raises(InvalidInput, match="row 3, column code: Row 2 has the same code"):
        bring_in(make_bank(), NFC, NFD)


@pytest.mark.parametrize("twin", ["q1", "Ｑ1", "Q１", "Ԛ1"])
def test_a_file_brings_no_code_that_looks_like_another(twin):
    bank = make_bank()
    bring_in(bank, "Q1")
    with pytest.raises(InvalidInput) as refused:
        bring_in(bank, "Q2", twin)
    assert [(row["row"], row["column"]) for row in refused.value.detail["rows"]] == [(3, "code")]
    assert "looks like “Q1”" in refused.value.message
    assert bank.items.count() == 1


@pytest.mark.parametrize("blank", ["\u200b", "\u00ad", "\u3164", "\u00a0"])
def test_a_file_brings_no_code_with_a_character_that_nobody_sees(blank):
    with pytest.raises(InvalidInput, match=f"U\\+{ord(blank):04X}"):
        bring_in(make_bank(), f"Q{blank}1")


def test_enemies_areas_and_passages_of_a_file_have_no_twins_either():
    bank = make_bank()
    create_group(bank, "twins", "", None)
    create_stimulus(bank, "tale", {"en": "Once."}, None)
    data = (
        "code,area,kind,stem_en,option_1_en,option_2_en,key,enemies,stimulus,stimulus_en\n"
        "A1,Algebra,single_choice,Which?,this,that,1,Twins,Tale,Once more.\n"
    )
    with pytest.raises(InvalidInput) as refused:
        import_items(bank, data.encode(), actor=None, reason="test", create_areas=True)
    columns = {row["column"] for row in refused.value.detail["rows"]}
    assert columns == {"area", "stimulus", "enemies"}


@pytest.mark.parametrize(
    "make",
    [
        lambda bank, code: create_item(bank, code, choice_content(bank), None),
        lambda bank, code: create_group(bank, code, "", None),
        lambda bank, code: create_stimulus(bank, code, {"en": "Once."}, None),
    ],
    ids=["item", "enemy group", "stimulus"],
)
@pytest.mark.parametrize("twin", ["ab-1", "АB-1", "AB\u20101"])
def test_domain_functions_refuse_twins(make, twin):
    bank = make_bank()
    make(bank, "AB-1")
    with pytest.raises(DomainError) as refused:
        make(bank, twin)
    assert refused.value.code == "looks_alike"


# --- forms


@pytest.fixture
def staff(client):
    client.force_login(make_user("root", is_staff=True, is_superuser=True))
    return client


def add(client, model: str, **data):
    return client.post(reverse(f"admin:{model}_add"), data)


def page_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_forms_refuse_twins_of_banks_areas_tests_and_people(staff):
    bank = make_bank(areas=("algebra",))
    make_test(delivery_bank(slug="other"), "placement")
    ExamineeGroup.objects.create(code="c-1", name="Class 1")
    Examinee.objects.create(external_id="pupil-1")
    people = {"language": "en", "time_multiplier": "1"}
    words = {"name_en": "A", "name_ko": "가", "title_en": "T", "title_ko": "나"}
    tries = {
        "items_bank": {"slug": "Mathematics", "name": "M", "languages": "en", "time_zone": "UTC"},
        "items_contentarea": {"bank": bank.pk, "code": "Algebra", **words},
        "cat_sessions_test": {"bank": bank.pk, "slug": "Placement", **words},
        "cat_sessions_examineegroup": {"code": "C-1", "name": "Another"},
        "cat_sessions_examinee": {"external_id": "рupil-1", **people},
        "auth_group": {"name": "Аuthor"},
        "auth_user": {"username": "rооt", "password1": "x9!kk-long", "password2": "x9!kk-long"},
    }
    for model, data in tries.items():
        assert "which is there already" in page_of(add(staff, model, **data)), model


@pytest.mark.parametrize("blank", ["\u200b", "\u3164", "\u2800"])
def test_forms_refuse_ids_with_characters_that_nobody_sees(staff, blank):
    people = {"language": "en", "time_multiplier": "1"}
    code = f"U+{ord(blank):04X}"
    given = f"pupil{blank}1"
    page = page_of(add(staff, "cat_sessions_examinee", external_id=given, **people))
    assert code in page
    page = page_of(add(staff, "cat_sessions_examineegroup", code="c1", name=given))
    assert code in page


def test_a_row_with_a_twin_can_still_be_edited(staff):
    Examinee.objects.create(external_id="Kim")
    other = Examinee.objects.create(external_id="kim")
    address = reverse("admin:cat_sessions_examinee_change", args=[other.pk])
    data = {"external_id": "kim", "display_name": "K", "language": "en", "time_multiplier": "1"}
    assert staff.post(address, data).status_code == 302


def test_two_classes_of_one_name_are_pointed_out(staff):
    ExamineeGroup.objects.create(code="north", name="Class 1")
    address = reverse("admin:cat_sessions_examineegroup_add")
    page = staff.post(address, {"code": "south", "name": "class 1"}, follow=True)
    assert "There is a group “Class 1” already" in page.content.decode()
    assert ExamineeGroup.objects.count() == 2


@pytest.mark.usefixtures("db")
def test_the_api_finds_an_examinee_in_either_spelling():
    make_test(delivery_bank())
    Examinee.objects.create(external_id="김-1")
    client = signed_in(make_staff("olga", "operator"))
    body = {"test": "placement", "examinee": unicodedata.normalize("NFD", "김-1")}
    assert post(client, "/tickets", body).status_code == 201


def test_an_id_that_nobody_sees_whole_is_not_stored_whatever_writes_it():
    for name in ("a\u200b", "\u3164", "b\u00a0c"):
        with pytest.raises(InvalidInput):
            Examinee.objects.create(external_id=name)


# --- the database


@pytest.mark.parametrize(
    ("table", "column", "constraint"),
    [
        ("items_item", "code", "items_item_code_nfc"),
        ("items_bank", "slug", "items_bank_slug_nfc"),
        ("cat_sessions_examinee", "external_id", "sessions_external_id_nfc"),
        ("cat_sessions_examineegroup", "name", "sessions_group_name_nfc"),
        ("cat_sessions_test", "slug", "sessions_test_slug_nfc"),
        ("auth_user", "username", "irtcat_username_nfc"),
        ("auth_group", "name", "irtcat_role_name_nfc"),
    ],
)
def test_postgresql_holds_the_spelling_itself(table, column, constraint):
    bank = delivery_bank(slug="other")
    make_test(bank)
    make_user("ann")
    Examinee.objects.create(external_id="pupil-1")
    ExamineeGroup.objects.create(code="c1", name="Class 1")
    apps.get_model("auth.Group").objects.get_or_create(name="helpers")
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE {table} SET {column} = %s", [unicodedata.normalize("NFD", "é")])
    assert refused.value.__cause__.diag.constraint_name == constraint


def test_what_is_there_is_brought_to_nfc_and_what_collides_is_told_and_left_alone():
    bank, other = make_bank("a"), make_bank("b")
    items = [Item.objects.create(bank=b, code=c) for b, c in [(bank, "x1"), (bank, "x2")]]
    items += [Item.objects.create(bank=b, code=c) for b, c in [(other, "x3"), (bank, "x4")]]
    items += [Item.objects.create(bank=bank, code=NFC)]
    codes = [NFD, unicodedata.normalize("NFD", "국어"), NFD, unicodedata.normalize("NFD", "국어")]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE items_item DROP CONSTRAINT items_item_code_nfc")
        for item, code in zip(items, codes, strict=False):
            unlike = code if item != items[3] else code.replace("\u1100\u116e", "구", 1)
            cursor.execute("UPDATE items_item SET code = %s WHERE id = %s", [unlike, item.pk])
    told = []
    left = bring_to_nfc(Item, "code", unique_with=("bank_id",), tell=told.append)
    assert left == [items[0].pk, items[3].pk]
    stored = dict(Item.objects.values_list("pk", "code"))
    assert stored[items[1].pk] == "국어"
    assert stored[items[2].pk] == NFC
    assert stored[items[0].pk] == NFD
    assert len(told) == 4
    assert f"its NFC is the code of {items[4].pk}" in told[0]
    assert f"its NFC is the code of {items[1].pk}" in told[3]
    with connection.schema_editor() as editor:
        editor.execute(
            "ALTER TABLE items_item ADD CONSTRAINT items_item_code_nfc "
            "CHECK ((code)::text IS NFC NORMALIZED) NOT VALID"
        )
        validate_where_kept(editor, "items_item", "code", "items_item_code_nfc")
        validate_where_kept(editor, "items_bank", "slug", "items_bank_slug_nfc")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE items_item SET code = %s WHERE id = %s", [NFD, items[4].pk])
