from dataclasses import replace

import pytest

from common.audit import AuditEntry
from common.errors import Conflict, InvalidInput
from items.authoring import (
    approve_for_pretest,
    carry_parameters,
    create_item,
    return_to_draft,
    revise,
    submit_for_review,
)
from items.content import OptionContent, RuleContent, content_of
from items.item_parameters import Parameters
from items.models import ContentArea, Item, Role, Status, Stimulus
from items.release_rows import set_parameters
from items.releases import open_draft, publish, withdraw
from tests.factories import (
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_release,
    make_user,
    numeric_content,
)

pytestmark = pytest.mark.django_db

INF, NAN = float("inf"), float("nan")


def fields_refused(bank, content):
    """The fields at fault; nothing was written."""
    with pytest.raises(InvalidInput) as refused:
        create_item(bank, "A", content, None)
    assert refused.value.code == "invalid_content"
    assert bank.items.count() == 0
    assert all(
        reason in refused.value.message for reason in refused.value.detail["fields"].values()
    )
    return set(refused.value.detail["fields"])


def options(*scores):
    return tuple(OptionContent({"en": f"option {n}"}, score) for n, score in enumerate(scores))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stem": {}}, "stem"),
        ({"stem": {"en": "  \n"}}, "stem"),
        ({"stem": {"en": "x", "fr": "y"}}, "stem"),
        ({"stem": {"en": "a\0b"}}, "stem"),
        ({"stem": {"en": "x" * 20_001}}, "stem"),
        ({"rationale": {"fr": "x"}}, "rationale"),
        ({"response_kind": "essay"}, "response_kind"),
        ({"options": ()}, "options"),
        ({"options": options(1)}, "options"),
        ({"options": options(1, *[0] * 26)}, "options"),
        ({"options": options(0, 0)}, "options"),
        ({"options": options(1, 1)}, "options"),
        ({"options": options(1, -1)}, "options"),
        ({"options": options(21, 0)}, "options"),
        ({"options": (OptionContent({"en": "x"}, 1), OptionContent({"en": " x "}))}, "options"),
        ({"options": (OptionContent({"en": "x"}, 1), OptionContent({}))}, "options"),
        ({"options": (OptionContent({"en": "x"}, 1), OptionContent({"fr": "y"}))}, "options"),
        ({"options": (*options(1), OptionContent({"en": "y"}, 0, "n" * 201))}, "options"),
        ({"rules": (RuleContent(0, 1),)}, "rules"),
    ],
)
def test_a_choice_item_is_refused(change, field):
    bank = make_bank()
    assert fields_refused(bank, replace(choice_content(bank), **change)) == {field}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rules": ()}, "rules"),
        ({"rules": (RuleContent(NAN, 1.0),)}, "rules"),
        ({"rules": (RuleContent(0.0, INF),)}, "rules"),
        ({"rules": (RuleContent(1.0, 0.0),)}, "rules"),
        ({"rules": (RuleContent(0.0, 1.0, 0),)}, "rules"),
        ({"rules": (RuleContent(0.0, 1.0, 21),)}, "rules"),
        ({"options": options(1, 0)}, "options"),
    ],
)
def test_a_numeric_item_is_refused(change, field):
    bank = make_bank()
    assert fields_refused(bank, replace(numeric_content(bank), **change)) == {field}


@pytest.mark.parametrize("scores", [(0, 1, 1), (1, 2, 3), (0, 0, 0), (0, 2, 4)])
def test_a_likert_item_scores_each_category_once(scores):
    bank = make_bank()
    content = replace(likert_content(bank), options=options(*scores))
    assert fields_refused(bank, content) == {"options"}


def test_several_faults_are_named_together():
    bank = make_bank(languages=("en", "ko"))
    content = replace(choice_content(bank), stem={"en": "x"}, rules=(RuleContent(0, 1),))
    assert fields_refused(bank, content) == {"stem", "rules"}


def test_areas_and_passages_of_another_bank_are_refused():
    bank, other = make_bank(), make_bank("other")
    area = ContentArea.objects.get(bank=other)
    stimulus = Stimulus.objects.create(bank=other, code="S", body={"en": "x"})
    content = choice_content(bank)
    assert fields_refused(bank, replace(content, area=area)) == {"area"}
    assert fields_refused(bank, replace(content, stimulus=stimulus)) == {"stimulus"}


def test_a_bank_without_languages_takes_no_items():
    bank = make_bank(languages=())
    assert "stem" in fields_refused(bank, choice_content(bank))


def test_the_highest_score_follows_from_the_options_and_rules():
    bank = make_bank()
    choice = choice_content(bank)
    several = replace(choice, response_kind="multiple_response")
    assert choice.max_score == 1
    assert replace(several, options=options(1, 1, 0)).max_score == 1
    assert replace(several, options=options(2, 1, 0)).max_score == 3
    assert replace(choice, options=options(0, 1, 2, 2)).max_score == 2
    assert likert_content(bank, categories=4).max_score == 3
    rules = (RuleContent(0, 1, 1), RuleContent(0, 0, 2))
    assert replace(numeric_content(bank), rules=rules).max_score == 2


@pytest.mark.parametrize("code", ["", " A", "A\n", "A" * 65, "A\0"])
def test_a_code_that_cannot_name_an_item_is_refused(code):
    bank = make_bank()
    with pytest.raises(InvalidInput) as refused:
        create_item(bank, code, choice_content(bank), None)
    assert refused.value.code == "invalid_code"


def test_a_code_is_taken_once_in_a_bank():
    bank = make_bank()
    create_item(bank, "A", choice_content(bank), None)
    with pytest.raises(Conflict) as refused:
        create_item(bank, "A", choice_content(bank), None)
    assert refused.value.code == "code_taken"


def test_the_text_of_a_version_reads_back_as_it_was_written():
    bank = make_bank()
    for number, content in enumerate(
        (choice_content(bank), likert_content(bank), numeric_content(bank))
    ):
        version = create_item(bank, f"A{number}", content, None)
        assert content_of(version) == content


def test_an_edit_is_the_next_version_and_retires_the_one_in_preparation():
    bank = make_bank()
    author = make_user("author")
    first = create_item(bank, "A", choice_content(bank, "one"), author)
    second = revise(first.item, choice_content(bank, "two"), author, "clearer")
    submit_for_review(second, author)
    third = revise(first.item, choice_content(bank, "three"), author, "shorter")
    assert [v.status for v in first.item.versions.order_by("number")] == [
        Status.RETIRED,
        Status.RETIRED,
        Status.DRAFT,
    ]
    assert (third.number, third.change_note, third.created_by) == (3, "shorter", author)
    entries = AuditEntry.objects.filter(act="revise").order_by("pk")
    assert [(e.reason, e.detail["version"]) for e in entries] == [("clearer", 2), ("shorter", 3)]


@pytest.mark.parametrize(("note", "code"), [(" ", "reason_required"), ("x" * 501, "note_too_long")])
def test_an_edit_says_briefly_why(note, code):
    bank = make_bank()
    version = create_item(bank, "A", choice_content(bank), None)
    with pytest.raises(InvalidInput) as refused:
        revise(version.item, choice_content(bank, "two"), None, note)
    assert refused.value.code == code
    assert version.item.versions.count() == 1


def test_the_workflow_runs_from_draft_to_pretest():
    bank = make_bank()
    version = create_item(bank, "A", choice_content(bank), None)
    submit_for_review(version, None)
    assert version.status == Status.REVIEW
    approve_for_pretest(version, None)
    assert version.status == Status.PRETEST
    row = open_draft(bank, None).released_items.get()
    assert (row.item_version, row.role, row.discrimination) == (version, Role.PRETEST, None)
    acts = AuditEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["create_item", "submit_for_review", "approve_for_pretest"]


@pytest.mark.parametrize("status", Status.values)
def test_illegal_moves_are_refused_with_the_reason(status):
    version = create_item(bank := make_bank(), "A", choice_content(bank), None)
    version.status = status
    version.save(update_fields=["status"])
    moves = {submit_for_review: Status.DRAFT, approve_for_pretest: Status.REVIEW}
    for move, start in moves.items():
        if status == start:
            continue
        with pytest.raises(Conflict) as refused:
            move(version, None)
        assert refused.value.code == "illegal_move"
        assert str(Status(status).label) in refused.value.message
        version.refresh_from_db()
        assert version.status == status
    assert AuditEntry.objects.exclude(act="create_item").count() == 0


def test_returning_to_draft_is_a_new_version_with_the_same_text():
    bank = make_bank()
    version = make_item(bank, "A")
    again = return_to_draft(version, None, "key in doubt")
    assert (again.number, again.status, again.change_note) == (2, Status.DRAFT, "key in doubt")
    assert content_of(again) == content_of(version)
    with pytest.raises(Conflict) as refused:
        return_to_draft(again, None, "twice")
    assert refused.value.code == "illegal_move"


def test_a_typo_is_mended_with_the_old_parameters():
    bank = make_bank()
    make_release(bank, (0.7,))
    item = Item.objects.get()
    version = revise(item, choice_content(bank, "Better words"), None, "typo")
    submit_for_review(version, None)
    approve_for_pretest(version, None)
    carry_parameters(version, None, "only a typo")
    release = publish(open_draft(bank, None), None, "typo")
    row = release.released_items.get()
    assert (row.item_version, row.role, row.difficulty) == (version, Role.OPERATIONAL, [0.7])
    assert [v.status for v in item.versions.order_by("number")] == [
        Status.RETIRED,
        Status.OPERATIONAL,
    ]


def test_there_is_nothing_to_carry_for_a_new_item():
    version = make_item(make_bank(), "A")
    with pytest.raises(Conflict) as refused:
        carry_parameters(version, None, "hopeful")
    assert refused.value.code == "nothing_to_carry"


def test_a_withdrawn_version_is_not_approved():
    bank = make_bank()
    version = create_item(bank, "A", choice_content(bank), None)
    submit_for_review(version, None)
    withdraw(version.item, None, "leaked")
    with pytest.raises(Conflict) as refused:
        approve_for_pretest(version, None)
    assert refused.value.code == "withdrawn"
    version.refresh_from_db()
    assert version.status == Status.REVIEW


def test_approving_a_new_version_never_drops_edited_parameters():
    bank = make_bank()
    make_release(bank, (0.5,))
    item = bank.items.get()
    draft = open_draft(bank, None)
    set_parameters(draft, item.newest_version, Parameters("2pl", 1.5, (0.7,)), None, "edit")
    version = revise(item, choice_content(bank, "Better words"), None, "clearer")
    submit_for_review(version, None)
    with pytest.raises(Conflict) as refusal:
        approve_for_pretest(version, None)
    assert refusal.value.code == "edited_parameters"
    version.refresh_from_db()
    assert version.status == Status.REVIEW
    publish(draft, None, "edit")
    approve_for_pretest(version, None)
    assert carry_parameters(version, None, "typo").difficulty == [0.7]
