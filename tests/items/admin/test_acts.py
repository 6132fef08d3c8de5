"""What authors do to items in the admin: the workflow, parameters, retiring, withdrawing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from common.audit import AuditEntry
from irt.models.parameters import Model
from items.authoring import create_item, revise, submit_for_review
from items.item_parameters import parameters_of
from items.models import Role, Status
from tests.factories import (
    EIGHT_MODELS,
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_release,
    make_user,
)

NO_REASON: dict[str, str] = {}
REASON = {"reason": "the key was wrong", "confirmed": "on"}


@pytest.fixture
def author(db, client):
    user = make_user("ann", "author")
    client.force_login(user)
    return user


def act(item, name):
    return reverse("admin:items_item_act", args=[item.pk, name])


def parameters(item):
    return reverse("admin:items_item_parameters", args=[item.pk])


def item_page(client, item):
    return client.get(reverse("admin:items_item_change", args=[item.pk])).content.decode()


def test_a_draft_goes_through_review_into_the_draft_release(author, client):
    bank = make_bank()
    version = create_item(bank, "A1", choice_content(bank), author)
    assert client.post(act(version.item, "submit")).status_code == 302
    version.refresh_from_db()
    assert version.status == Status.REVIEW
    assert client.post(act(version.item, "approve")).status_code == 302
    version.refresh_from_db()
    assert version.status == Status.PRETEST
    draft = bank.releases.get()
    assert [(row.item_version, row.role) for row in draft.released_items.all()] == [
        (version, Role.PRETEST)
    ]


def test_a_reviewer_returns_an_item_with_the_reason(author, client):
    bank = make_bank()
    version = create_item(bank, "A1", choice_content(bank), author)
    submit_for_review(version, author)
    assert client.post(act(version.item, "return"), NO_REASON).status_code == 200
    assert client.post(act(version.item, "return"), REASON).status_code == 302
    assert version.item.newest_version.status == Status.DRAFT
    assert version.item.newest_version.change_note == "the key was wrong"


def test_an_illegal_move_is_refused_with_the_reason(author, client):
    bank = make_bank()
    version = create_item(bank, "A1", choice_content(bank), author)
    response = client.post(act(version.item, "approve"), {"sent": "1"})
    assert response.status_code == 200
    assert "cannot become" in response.content.decode()
    version.refresh_from_db()
    assert version.status == Status.DRAFT


def test_retiring_publishes_a_release_without_the_item(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    item = bank.items.get(code="I001")
    assert client.post(act(item, "retire"), {"reason": "too easy"}).status_code == 200
    assert bank.current_release.number == 1
    assert client.post(act(item, "retire"), REASON).status_code == 302
    assert bank.current_release.number == 2
    assert [row.item.code for row in bank.current_release.released_items.all()] == ["I002"]


def test_withdrawing_needs_the_reason_and_the_tick(author, client):
    bank = make_bank()
    version = make_item(bank, "A1")
    for data in ({"reason": "leaked"}, {"confirmed": "on"}):
        assert client.post(act(version.item, "withdraw"), data).status_code == 200
    version.refresh_from_db()
    assert version.withdrawn_at is None
    assert client.post(act(version.item, "withdraw"), REASON).status_code == 302
    version.refresh_from_db()
    assert version.withdrawn_at is not None
    assert AuditEntry.objects.get(act="withdraw").reason == "the key was wrong"


def test_an_unknown_act_is_not_found(author, client):
    version = make_item(make_bank(), "A1")
    assert client.post(act(version.item, "explode")).status_code == 404


def test_looking_at_an_act_does_not_carry_it_out(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    item = bank.items.get()
    version = revise(item, choice_content(bank, "Reworded."), author, "clearer")
    acts = AuditEntry.objects.count()
    for name in ("submit", "approve", "return", "carry", "retire", "withdraw"):
        assert client.get(act(item, name)).status_code == 200
    version.refresh_from_db()
    assert version.status == Status.DRAFT
    assert AuditEntry.objects.count() == acts


def test_every_act_needs_the_csrf_token(author):
    version = make_item(make_bank(), "A1")
    client = Client(enforce_csrf_checks=True)
    client.force_login(author)
    for name in ("submit", "approve", "return", "carry", "retire", "withdraw"):
        assert client.post(act(version.item, name), REASON).status_code == 403
    assert client.post(parameters(version.item), REASON).status_code == 403


def test_new_parameters_go_to_the_draft_release_and_are_used_after_publishing(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    item = bank.items.get(code="I001")
    data = {"model": "3pl", "discrimination": "1.5", "step_1": "-0.5", "lower_asymptote": "0.2"}
    response = client.post(parameters(item), data | {"reason": "too easy"})
    assert response.status_code == 302
    draft = bank.releases.get(number=None)
    row = draft.released_items.get(item=item)
    held = parameters_of(row)
    assert (held.model, held.discrimination, held.difficulty, held.lower_asymptote) == (
        Model.THREE_PL,
        1.5,
        (-0.5,),
        0.2,
    )
    assert row.provenance == "manual"
    assert bank.current_release.released_items.get(item=item).difficulty == [0.0]
    publish = reverse("admin:items_bankrelease_publish", args=[draft.pk])
    assert client.post(publish, {"reason": "corrected"}).status_code == 302
    assert bank.current_release.released_items.get(item=item).difficulty == [-0.5]
    entry = AuditEntry.objects.filter(act="edit_parameters").latest("pk")
    assert entry.reason == "too easy"
    assert entry.detail["before"]["difficulty"] == [0.0]
    assert entry.detail["after"]["difficulty"] == [-0.5]


def test_parameters_of_a_graded_item_have_one_step_for_each_score(author, client):
    bank = make_bank()
    version = make_item(bank, "L1", likert_content(bank, categories=4))
    data = {"model": "grm", "discrimination": "1.2", "reason": "expert guess"}
    data |= {"step_1": "-1", "step_2": "0", "step_3": "1.5"}
    assert client.post(parameters(version.item), data).status_code == 302
    row = bank.releases.get().released_items.get()
    assert row.difficulty == [-1.0, 0.0, 1.5]
    assert row.role == Role.OPERATIONAL


def test_partial_credit_steps_may_come_in_any_order(author, client):
    bank = make_bank()
    item = make_item(bank, "L1", likert_content(bank, categories=4)).item
    page = client.get(parameters(item)).content.decode()
    assert re.findall(r'<option value="(\w+)"( selected)?', page) == [
        ("grm", " selected"),
        ("pcm", ""),
        ("gpcm", ""),
    ]
    assert 'name="lower_asymptote"' not in page
    data = {"model": "gpcm", "discrimination": "0.7", "reason": "expert guess"}
    data |= {"step_1": "0.5", "step_2": "-1", "step_3": "1.5"}
    assert client.post(parameters(item), data).status_code == 302
    row = bank.releases.get().released_items.get()
    assert (row.model, row.difficulty) == ("gpcm", [0.5, -1.0, 1.5])


def test_a_4pl_item_takes_both_asymptotes_and_shows_them_again(author, client):
    bank = make_bank()
    item = make_item(bank, "A1").item
    page = client.get(parameters(item)).content.decode()
    options = re.findall(r'<option value="(\w+)"( selected)?', page)
    assert [model for model, _selected in options] == [known.model for known in EIGHT_MODELS]
    assert [model for model, selected in options if selected] == ["3pl"]
    data = {"model": "4pl", "discrimination": "1.5", "step_1": "0", "reason": "slips"}
    data |= {"lower_asymptote": "0.2", "upper_asymptote": "0.94"}
    assert client.post(parameters(item), data).status_code == 302
    row = bank.releases.get().released_items.get()
    assert (row.model, row.lower_asymptote, row.upper_asymptote) == ("4pl", 0.2, 0.94)
    assert 'value="0.94"' in client.get(parameters(item)).content.decode()


@pytest.mark.parametrize("model", ["rasch", "2pl", "3pl"])
def test_asymptotes_that_the_chosen_model_lacks_are_left_out(author, client, model):
    bank = make_bank()
    item = make_item(bank, "A1").item
    data = {"model": model, "discrimination": "1.5", "step_1": "0", "reason": "why"}
    data |= {"lower_asymptote": "0.2", "upper_asymptote": "0.94"}
    assert client.post(parameters(item), data).status_code == 302
    row = bank.releases.get().released_items.get()
    lower = 0.2 if model == "3pl" else 0.0
    assert (row.model, row.lower_asymptote, row.upper_asymptote) == (model, lower, 1.0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"discrimination": "0"}, "the discrimination is above 0, not 0"),
        ({"discrimination": "nan"}, "Enter a number."),
        ({"step_1": "inf"}, "Enter a number."),
        ({"step_1": ""}, "This field is required."),
        ({"lower_asymptote": "1"}, "0 ≤ c &lt; d ≤ 1"),
        ({"model": "5pl"}, "Select a valid choice"),
        ({"model": "4pl", "upper_asymptote": "0.2"}, "0 ≤ c &lt; d ≤ 1"),
        ({"model": "4pl", "upper_asymptote": "nan"}, "Enter a number."),
        ({"reason": ""}, "This field is required."),
        ({"reason": "   "}, "This field is required."),
    ],
)
def test_parameters_that_cannot_be_are_refused_and_open_no_draft(author, client, changes, sentence):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    data = {"model": "3pl", "discrimination": "1", "step_1": "0", "lower_asymptote": "0.2"}
    response = client.post(parameters(bank.items.get()), data | {"reason": "why"} | changes)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert bank.releases.count() == 1


def test_parameters_of_an_unapproved_item_are_refused_and_open_no_draft(author, client):
    bank = make_bank()
    version = create_item(bank, "A1", choice_content(bank), author)
    data = {"model": "2pl", "discrimination": "1", "step_1": "0", "reason": "why"}
    response = client.post(parameters(version.item), data)
    assert "only an approved version can be released" in response.content.decode()
    assert bank.releases.count() == 0


def test_the_curve_is_drawn_while_numbers_are_typed(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    address = reverse("admin:items_item_curve", args=[bank.items.get().pk])
    numbers = {"model": "2pl", "discrimination": "2", "step_1": "1"}
    assert client.get(address, numbers).content.decode().count("<polyline") == 2
    assert client.get(address, {"model": "2pl", "discrimination": "x"}).status_code == 200
    assert (
        client.get(address, numbers | {"discrimination": "-1"}).content.decode().count("<polyline")
        == 1
    )


def test_a_corrected_typo_keeps_its_parameters(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.75,))
    item = bank.items.get()
    revise(item, choice_content(bank, "Reworded."), author, "typo")
    client.post(act(item, "submit"))
    client.post(act(item, "approve"))
    assert "Carry parameters over" in item_page(client, item)
    assert client.post(act(item, "carry"), REASON).status_code == 302
    row = bank.releases.get(number=None).released_items.get()
    assert (row.item_version.number, row.role, row.difficulty) == (2, "operational", [0.75])


def test_an_operator_sees_and_gets_only_what_the_role_allows(db, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    item = bank.items.get()
    client.force_login(make_user("olga", "operator"))
    page = item_page(client, item)
    assert "Withdraw now" in page
    for label in ("Edit parameters", "Save as a new version", "Retire"):
        assert label not in page
    edit = reverse("admin:items_item_edit", args=[item.pk])
    allowed = {"withdraw": 302}
    for name in ("submit", "approve", "return", "carry", "retire", "withdraw"):
        assert client.post(act(item, name), REASON).status_code == allowed.get(name, 403)
    for address in (edit, parameters(item), "/admin/items/item/add/"):
        assert client.get(address).status_code == 403
        assert client.post(address, REASON).status_code == 403


@pytest.mark.parametrize("role", [None, "teacher"])
def test_others_get_nothing_of_the_bank(db, client, role):
    bank = make_bank()
    version = make_item(bank, "A1")
    user = make_user("tom", role, is_staff=True)
    user.is_staff = True
    user.save()
    client.force_login(user)
    names = ("change", "edit", "parameters", "curve", "history")
    pages = [reverse(f"admin:items_item_{name}", args=[version.item_id]) for name in names]
    pages.append(reverse("admin:items_item_preview", args=[version.item_id, 1, "en"]))
    for address in ("/admin/items/item/", "/admin/items/bankrelease/", *pages):
        assert client.get(address).status_code == 403


def test_a_student_is_sent_to_the_login(db, client):
    client.force_login(make_user("stu"))
    response = client.get("/admin/items/item/")
    assert response.status_code == 302
    assert "/admin/login/" in response["Location"]
