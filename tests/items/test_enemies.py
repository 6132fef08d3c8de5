"""Enemy groups: who is in them, what a release keeps of them, and their pages."""

import pytest
from django.urls import reverse

from common.audit import AuditEntry
from common.errors import Conflict, InvalidInput
from items.authoring import create_item
from items.enemies import GroupChange, create_group, enemy_changes, groups_by_item, set_enemies
from items.models import BankRelease, EnemyGroup, ReleasedItem
from items.releases import open_draft, publish, retire
from tests.factories import choice_content, make_bank, make_item, make_release, make_user

pytestmark = pytest.mark.django_db


def group_of(bank, *codes, code="twins"):
    group = create_group(bank, code, "", None)
    set_enemies(group, bank.items.filter(code__in=codes), None, "for a test")
    return group


def refused_with(code, act, *args, **kwargs):
    with pytest.raises((Conflict, InvalidInput)) as refused:
        act(*args, **kwargs)
    assert refused.value.code == code
    return refused.value


def frozen(release):
    rows = ReleasedItem.objects.filter(release=release).order_by("item__code")
    return {row.item.code: row.enemy_groups for row in rows.select_related("item")}


def test_a_group_is_made_and_filled_and_each_act_is_in_the_audit_trail():
    bank, author = make_bank(), make_user("author")
    for code in "ABC":
        make_item(bank, code)
    group = create_group(bank, "twins", "the same story", author)
    items = bank.items.order_by("code")
    set_enemies(group, items[:2], author, "one gives the other away")
    set_enemies(group, items[1:], author, "A was rewritten")
    entries = AuditEntry.objects.filter(object_type="items.enemygroup").order_by("pk")
    assert [(e.act, e.actor, e.reason, e.detail) for e in entries] == [
        ("create", author, "the same story", {}),
        ("set_enemies", author, "one gives the other away", {"before": [], "after": ["A", "B"]}),
        ("set_enemies", author, "A was rewritten", {"before": ["A", "B"], "after": ["B", "C"]}),
    ]
    b, c = items[1:]
    assert groups_by_item(bank) == {b.pk: ("twins",), c.pk: ("twins",)}


def test_what_changes_nothing_leaves_no_trace():
    bank = make_bank()
    make_release(bank, (0.0, 1.0))
    group = create_group(bank, "twins", "", None)
    set_enemies(group, [], None, "nothing yet", note="in preparation")
    assert not AuditEntry.objects.filter(act="set_enemies").exists()
    assert bank.releases.filter(number__isnull=True).count() == 0
    assert EnemyGroup.objects.get().note == "in preparation"


def test_groups_are_refused_with_the_reason():
    bank, other = make_bank(), make_bank("other")
    foreign = make_item(other, "F").item
    group = create_group(bank, "twins", "", None)
    refused_with("code_taken", create_group, bank, "twins", "", None)
    refused_with("reason_required", set_enemies, group, [], None, " ")
    error = refused_with("foreign_item", set_enemies, group, [foreign], None, "why not")
    assert error.message == "These items belong to another bank: F."
    assert group.items.count() == 0


def test_publishing_freezes_the_groups_and_later_changes_leave_the_release_as_it_is():
    bank = make_bank()
    first = make_release(bank, (-1.0, 0.0, 1.0))
    group = group_of(bank, "I001", "I002")
    second = publish(open_draft(bank, None), None, "enemies")
    set_enemies(group, bank.items.filter(code__in=["I002", "I003"]), None, "better so")
    third = retire(bank.items.get(code="I001"), None, "leaked")
    assert frozen(first) == {"I001": [], "I002": [], "I003": []}
    assert frozen(second) == {"I001": ["twins"], "I002": ["twins"], "I003": []}
    assert frozen(third) == {"I002": ["twins"], "I003": ["twins"]}


def test_every_kind_of_release_is_published_with_the_groups_of_its_moment():
    bank = make_bank()
    make_release(bank, (-1.0, 0.0))
    draft = open_draft(bank, None, BankRelease.Origin.CALIBRATION)
    group_of(bank, "I001", "I002")
    assert frozen(draft) == {"I001": [], "I002": []}
    assert frozen(publish(draft, None, "calibrated")) == {"I001": ["twins"], "I002": ["twins"]}


def test_a_change_of_enemies_opens_the_draft_that_it_is_published_with():
    bank = make_bank()
    release = make_release(bank, (-1.0, 0.0))
    group_of(bank, "I001", "I002")
    draft = bank.releases.get(number__isnull=True)
    assert (draft.base, draft.origin) == (release, "authoring")
    assert enemy_changes(draft) == [GroupChange("twins", [], ["I001", "I002"])]
    published = publish(draft, None, "enemies")
    assert enemy_changes(published) == [GroupChange("twins", [], ["I001", "I002"])]
    assert enemy_changes(open_draft(bank, None)) == []


def test_a_group_counts_as_far_as_the_release_holds_its_items():
    bank = make_bank()
    make_release(bank, (-1.0, 0.0))
    create_item(bank, "unreleased", choice_content(bank), None)
    group_of(bank, "I001", "unreleased")
    draft = bank.releases.get(number__isnull=True)
    assert enemy_changes(draft) == [GroupChange("twins", [], ["I001"])]


@pytest.fixture
def author(client):
    user = make_user("ann", "author")
    client.force_login(user)
    return user


def page_of(group):
    return reverse("admin:items_enemygroup_change", args=[group.pk])


def test_an_author_makes_a_group_and_chooses_its_items(author, client):
    bank = make_bank()
    make_release(bank, (-1.0, 0.0, 1.0))
    chosen = list(bank.items.order_by("code")[:2])
    data = {"bank": bank.pk, "code": "twins", "note": "the same story"}
    made = client.post(reverse("admin:items_enemygroup_add"), data)
    group = EnemyGroup.objects.get()
    assert made["Location"] == page_of(group)
    data = {"note": "the same tale", "members": [item.pk for item in chosen], "reason": "a clue"}
    assert client.post(page_of(group), data).status_code == 302
    group.refresh_from_db()
    assert (list(group.items.order_by("code")), group.note) == (chosen, "the same tale")
    entry = AuditEntry.objects.get(act="set_enemies")
    assert (entry.actor, entry.reason) == (author, "a clue")
    shown = client.get(page_of(group)).content.decode()
    assert ">I001</option>" in shown
    assert ">I003</option>" not in shown
    assert client.get(reverse("admin:items_enemygroup_changelist")).status_code == 200


def test_a_change_of_enemies_needs_a_reason_and_a_code_is_taken_once(author, client):
    bank = make_bank()
    make_release(bank, (-1.0, 0.0))
    group = create_group(bank, "twins", "", None)
    data = {"note": "", "members": [item.pk for item in bank.items.all()], "reason": ""}
    assert client.post(page_of(group), data).status_code == 200
    data = {"bank": bank.pk, "code": "twins", "note": ""}
    assert client.post(reverse("admin:items_enemygroup_add"), data).status_code == 200
    assert (EnemyGroup.objects.count(), group.items.count()) == (1, 0)


def test_items_are_searched_in_the_bank_of_the_group_only(author, client):
    bank, other = make_bank(), make_bank("other")
    for code in ("A1", "A2", "B1"):
        make_item(bank, code)
    foreign = make_item(other, "A3").item
    address = reverse("admin:items_enemygroup_items", args=[bank.pk])
    asked = {"app_label": "items", "model_name": "enemygroup", "field_name": "items", "term": "A"}
    found = client.get(address, asked).json()["results"]
    assert [row["text"] for row in found] == ["A1", "A2"]
    group = create_group(bank, "twins", "", None)
    data = {"note": "", "members": [foreign.pk], "reason": "why not"}
    assert client.post(page_of(group), data).status_code == 200
    assert group.items.count() == 0
    client.force_login(make_user("nobody", is_staff=True))
    assert client.get(address, asked).status_code == 403


def test_an_operator_sees_groups_and_changes_none(client):
    bank = make_bank()
    make_release(bank, (-1.0, 0.0))
    group = group_of(bank, "I001", "I002")
    client.force_login(make_user("olga", "operator"))
    page = client.get(page_of(group)).content.decode()
    assert "I001" in page
    assert 'name="reason"' not in page
    data = {"note": "", "members": [], "reason": "no right"}
    assert client.post(page_of(group), data).status_code == 403
    assert client.get(reverse("admin:items_enemygroup_add")).status_code == 403
    assert group.items.count() == 2


def test_the_pages_of_an_item_and_of_a_draft_show_its_enemies(author, client):
    bank = make_bank()
    make_release(bank, (-1.0, 0.0))
    first, second = bank.items.order_by("code")
    group_of(bank, "I001", "I002")
    shown = client.get(reverse("admin:items_item_change", args=[first.pk])).content.decode()
    assert "Enemy items" in shown
    assert reverse("admin:items_item_change", args=[second.pk]) in shown
    draft = bank.releases.get(number__isnull=True)
    for name in ("change", "publish"):
        address = reverse(f"admin:items_bankrelease_{name}", args=[draft.pk])
        page = client.get(address).content.decode()
        assert '<th scope="row">twins</th>' in page
        assert "I001, I002" in page
