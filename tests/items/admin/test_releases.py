"""The releases' pages of the admin, and the places that items belong to."""

from dataclasses import replace

import pytest
from django.urls import reverse

from common.audit import AuditEntry
from items.authoring import revise
from items.models import ContentArea, Stimulus
from items.release_rows import set_parameters
from items.releases import open_draft, publish
from tests.factories import (
    choice_content,
    make_bank,
    make_item,
    make_release,
    make_user,
    numeric_content,
    parameters_for,
)


@pytest.fixture
def author(db, client):
    user = make_user("ann", "author")
    client.force_login(user)
    return user


def release_page(release, name="change"):
    return reverse(f"admin:items_bankrelease_{name}", args=[release.pk])


def draft_with_change(bank, user, b, origin="authoring"):
    """A draft that moves I001 to difficulty `b`."""
    draft = open_draft(bank, user, origin)
    version = bank.items.get(code="I001").newest_version
    set_parameters(draft, version, parameters_for(version, b=b), user, "looked wrong")
    return draft


def test_the_list_names_drafts_first(author, client):
    bank = make_bank()
    make_release(bank)
    open_draft(bank, author)
    page = client.get("/admin/items/bankrelease/").content.decode()
    assert page.index("mathematics: authoring draft") < page.index("mathematics release 1")
    drafts = client.get("/admin/items/bankrelease/?state=draft").context["cl"].result_list
    assert [release.is_draft for release in drafts] == [True]


def test_a_draft_shows_what_it_changes(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    page = client.get(release_page(draft_with_change(bank, author, 0.5))).content.decode()
    assert "Changes against mathematics release 1" in page
    assert "a = 1.000, b = 0.000" in page
    assert "a = 1.000, b = 0.500" in page
    assert "Publish" in page


def test_a_published_release_still_shows_what_it_changed(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    draft = draft_with_change(bank, author, 0.5)
    client.post(release_page(draft, "publish"), {"reason": "corrected"})
    page = client.get(release_page(draft)).content.decode()
    assert "Changes against mathematics release 1" in page
    assert "a = 1.000, b = 0.500" in page
    assert "Nothing is changed." not in page


def test_the_pages_of_releases_ask_a_constant_number_of_queries(
    author, client, django_assert_max_num_queries
):
    bank = make_bank()
    make_release(bank, difficulties=tuple(range(-4, 5)))
    draft = draft_with_change(bank, author, 0.5)
    client.get(release_page(draft))
    with django_assert_max_num_queries(14):
        client.get(release_page(draft))
    with django_assert_max_num_queries(11):
        client.get("/admin/items/bankrelease/")


def test_publishing_needs_a_reason(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    draft = draft_with_change(bank, author, 0.5)
    assert client.post(release_page(draft, "publish"), {"reason": ""}).status_code == 200
    assert bank.current_release.number == 1
    response = client.post(release_page(draft, "publish"), {"reason": "corrected"})
    assert response["Location"] == release_page(draft)
    assert bank.current_release == draft
    assert AuditEntry.objects.filter(act="publish").latest("pk").reason == "corrected"
    again = client.post(release_page(draft, "publish"), {"reason": "again"})
    assert "is published and frozen" in again.content.decode()


@pytest.mark.parametrize(("keep", "difficulty"), [("draft", 0.5), ("current", -0.5)])
def test_a_conflict_is_shown_side_by_side_and_settled_by_choice(author, client, keep, difficulty):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    draft = draft_with_change(bank, author, 0.5)
    publish(draft_with_change(bank, author, -0.5, "calibration"), author, "estimated")
    refused = client.post(release_page(draft, "publish"), {"reason": "corrected"})
    assert "The current release changed the same items: I001." in refused.content.decode()
    assert "Rebase" in client.get(release_page(draft)).content.decode()
    shown = client.post(release_page(draft, "rebase")).content.decode()
    assert "b = 0.500" in shown
    assert "b = -0.500" in shown
    response = client.post(release_page(draft, "rebase"), {"keep": keep})
    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.base == bank.current_release
    assert draft.released_items.get(item__code="I001").difficulty == [difficulty]


def test_nonsense_to_keep_is_refused(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    draft = draft_with_change(bank, author, 0.5)
    publish(draft_with_change(bank, author, -0.5, "calibration"), author, "estimated")
    response = client.post(release_page(draft, "rebase"), {"keep": "both"})
    assert response.status_code == 200
    draft.refresh_from_db()
    assert draft.base.number == 1


def test_discarding_needs_the_reason_and_the_tick(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    draft = open_draft(bank, author)
    assert client.post(release_page(draft, "discard"), {"reason": "wrong"}).status_code == 200
    assert bank.releases.count() == 2
    data = {"reason": "wrong", "confirmed": "on"}
    assert client.post(release_page(draft, "discard"), data).status_code == 302
    assert bank.releases.count() == 1


def test_looking_changes_nothing(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    draft = open_draft(bank, author)
    for name in ("publish", "discard", "rebase"):
        assert client.get(release_page(draft, name)).status_code == 200
    assert bank.releases.count() == 2
    assert bank.current_release.number == 1


def test_an_operator_publishes_and_does_nothing_else_to_releases(db, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    draft = draft_with_change(bank, None, 0.5)
    client.force_login(make_user("olga", "operator"))
    page = client.get(release_page(draft)).content.decode()
    assert "Publish" in page
    assert "Discard" not in page
    data = {"reason": "wrong", "confirmed": "on"}
    assert client.post(release_page(draft, "discard"), data).status_code == 403
    assert client.post(release_page(draft, "rebase")).status_code == 403
    assert client.post(release_page(draft, "publish"), data).status_code == 302
    assert bank.current_release == draft


def test_releases_and_the_audit_trail_cannot_be_written_by_django_forms(author, client):
    author.is_superuser = True
    author.save()
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    entry = AuditEntry.objects.first()
    rows = {"bankrelease": bank.current_release, "auditentry": entry}
    for model, row in rows.items():
        assert client.post(f"/admin/items/{model}/add/").status_code == 403
        assert client.post(f"/admin/items/{model}/{row.pk}/delete/").status_code == 403
    assert client.post(f"/admin/items/auditentry/{entry.pk}/change/").status_code == 403
    assert client.get(f"/admin/items/auditentry/{entry.pk}/change/").status_code == 200
    assert client.get("/admin/items/auditentry/").status_code == 200


def test_areas_are_shown_as_a_tree(author, client):
    bank = make_bank()
    algebra = bank.areas.get()
    ContentArea.objects.create(bank=bank, parent=algebra, code="lines", name={"en": "Lines"})
    make_item(bank, "A1")
    response = client.get("/admin/items/contentarea/")
    ((tree, figure),) = response.context["banks"]
    assert (tree.bank, tree.release, figure) == (bank, None, "")
    assert [(row.depth, row.area.code, row.written) for row in tree.rows] == [
        (0, "algebra", 1),
        (1, "lines", 0),
    ]


def test_areas_tell_what_the_current_release_holds_in_them_and_below(author, client):
    bank = make_bank()
    algebra = bank.areas.get()
    lines = ContentArea.objects.create(bank=bank, parent=algebra, code="lines", name={"en": "L"})
    ContentArea.objects.create(bank=bank, code="empty", name={"en": "Empty"})
    numeric = replace(numeric_content(bank, "Half?"), area=lines, expected_seconds=40)
    make_item(bank, "L1", numeric)
    make_item(bank, "L2", replace(numeric, stem={"en": "One half?"}, expected_seconds=None))
    make_release(bank, (0.0, 1.0))
    response = client.get("/admin/items/contentarea/")
    ((tree, figure),) = response.context["banks"]
    # The operational items have "Stem of I001" and four options of two words each.
    assert [(row.area.code, *row[3:]) for row in tree.rows] == [
        ("algebra", 2, 2, 1, (11 + 11 + 1 + 2) / 4, 40.0),
        ("lines", 0, 2, 1, 1.5, 40.0),
        ("empty", 0, 0, 0, None, None),
    ]
    assert figure.count('<rect class="area-') == 3 + 2  # the legend has two
    assert "lines: 2 pretest" in figure
    assert "mathematics release 1" in response.content.decode()


def test_the_areas_page_asks_as_many_queries_for_many_items(
    author, client, django_assert_max_num_queries
):
    bank = make_bank()
    make_release(bank, tuple(0.1 * n for n in range(12)))
    client.get("/admin/items/contentarea/")
    with django_assert_max_num_queries(16):
        client.get("/admin/items/contentarea/")


def test_an_area_in_a_published_release_keeps_its_place_and_says_why(author, client):
    bank = make_bank()
    algebra = bank.areas.get()
    top = ContentArea.objects.create(bank=bank, code="top", name={"en": "Top"})
    address = f"/admin/items/contentarea/{algebra.pk}/change/"
    assert client.post(address, area_data(parent=top.pk)).status_code == 302
    make_release(bank, (0.0,))
    refused = client.post(address, area_data(parent="", code="other"))
    page = refused.content.decode()
    assert "running sessions count its items where they are" in page
    assert "tests name it by its code, which stays" in page
    upper = f"/admin/items/contentarea/{top.pk}/change/"
    other = ContentArea.objects.create(bank=bank, code="other", name={"en": "Other"})
    moved = area_data(code="top", name_en="Top", parent=other.pk)
    assert client.post(upper, moved).status_code == 200
    assert client.post(address, area_data(parent=top.pk, name_en="Equations")).status_code == 302
    algebra.refresh_from_db()
    assert (algebra.parent, algebra.code, algebra.name["en"]) == (top, "algebra", "Equations")


def area_data(**changes):
    return {"code": "algebra", "name_en": "Algebra", "name_ko": "대수", "parent": ""} | changes


def test_an_area_is_written_in_every_language(author, client):
    bank = make_bank()
    data = area_data(bank=bank.pk, code="data", name_en="Data", name_ko="자료")
    assert client.post("/admin/items/contentarea/add/", data).status_code == 302
    assert bank.areas.get(code="data").name == {"en": "Data", "ko": "자료"}


def test_an_area_cannot_lie_below_itself_nor_in_another_bank(author, client):
    bank, other = make_bank(), make_bank("other")
    algebra = bank.areas.get()
    below = ContentArea.objects.create(bank=bank, parent=algebra, code="b", name={"en": "B"})
    address = f"/admin/items/contentarea/{algebra.pk}/change/"
    for parent in (algebra, below, other.areas.get()):
        response = client.post(address, area_data(parent=parent.pk))
        assert response.status_code == 200
    algebra.refresh_from_db()
    assert algebra.parent is None


def test_an_edited_stimulus_is_the_next_number(author, client):
    bank = make_bank()
    data = {"bank": bank.pk, "code": "text", "body_en": "One.", "body_ko": "하나."}
    assert client.post("/admin/items/stimulus/add/", data).status_code == 302
    first = Stimulus.objects.get()
    changed = {"body_en": "Two.", "body_ko": "둘."}
    address = f"/admin/items/stimulus/{first.pk}/change/"
    assert client.post(address, changed).status_code == 302
    versions = Stimulus.objects.order_by("number")
    assert [(s.number, s.body["en"]) for s in versions] == [(1, "One."), (2, "Two.")]
    again = client.post("/admin/items/stimulus/add/", data)
    assert again.status_code == 200
    assert "There is a stimulus of this code already" in again.content.decode()
    assert Stimulus.objects.count() == 2


def test_a_version_remembers_its_stimulus(author, client):
    bank = make_bank()
    version = make_item(bank, "A1")
    stimulus = Stimulus.objects.create(bank=bank, code="text", body={"en": "A passage."})
    content = replace(choice_content(bank, "What does it say?"), stimulus=stimulus)
    revise(version.item, content, author, "with a passage")
    page = client.get(reverse("admin:items_item_change", args=[version.item_id]))
    assert "A passage." in page.content.decode()
