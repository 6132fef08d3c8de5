"""Two people open the same form; the second to save is told, and loses nothing."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule

from common.audit import AuditEntry
from common.edits import ChangedMeanwhile, token_of
from items.authoring import create_item, revise, submit_for_review
from items.enemies import create_group
from items.history import version_values
from items.models import ContentArea, Status
from items.releases import open_draft, publish
from items.stimuli import create_stimulus
from sessions.models import Examinee, ExamineeGroup, Test
from tests.factories import choice_content, make_bank, make_item, make_release, make_user
from tests.sessions.builders import make_bank as delivery_bank
from tests.sessions.builders import make_test
from tests.sessions.page_forms import fields_of


class Editor:
    """Somebody at a browser: opens a page, and later sends its form with some fields changed."""

    def __init__(self, name: str) -> None:
        self.client = Client()
        self.client.force_login(make_user(name, is_staff=True, is_superuser=True))
        self.sent: dict[str, object] = {}

    def open(self, address: str) -> None:
        self.address = address
        self.read(self.client.get(address))

    def read(self, response) -> None:
        assert response.status_code == 200
        self.page = response.content.decode()
        forms = re.findall(r"<form\b.*?</form>", self.page, re.DOTALL)
        (form,) = (form for form in forms if 'name="seen"' in form)
        self.fields = fields_of(f'<form id="it" {form.removeprefix("<form")}', "it")

    def save(self, **changes):
        self.sent = self.fields | changes
        response = self.client.post(self.address, self.sent)
        if response.status_code == 200:
            self.read(response)
        return response


@pytest.fixture
def ann(db):
    return Editor("ann")


@pytest.fixture
def ben(db):
    return Editor("ben")


def change_of(row, page: str = "change", *args) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
    return reverse(name, args=[row.pk, *args])


def is_told(editor: Editor, who: str, *parts: str) -> None:
    assert f"{who} changed this meanwhile (" in editor.page
    assert "Nothing was overwritten." in editor.page
    assert all(part in editor.page for part in parts)


def rows():
    """(what to edit, form of its page, ann's change, ben's change, the field's stored value)."""
    bank = make_bank(areas=("algebra", "geometry"))
    area = bank.areas.get(code="geometry")
    ContentArea.objects.filter(pk=area.pk).update(name={"en": "Geometry", "ko": "기하"})
    test = make_test(bank, "other")
    examinee = Examinee.objects.create(external_id="pupil-1", display_name="Amira")
    group = ExamineeGroup.objects.create(code="c1", name="Class 1")
    role = Group.objects.create(name="helpers")
    user = make_user("carla", first_name="Carla")
    every = IntervalSchedule.objects.create(every=5, period="minutes")
    return {
        "bank": (bank, {"name": "Algebra"}, {"description": "ben's"}, "name"),
        "area": (area, {"name_en": "Shapes"}, {"name_en": "Space"}, "name"),
        "test": (test, {"title_en": "First"}, {"instructions_en": "ben's text"}, "title"),
        "examinee": (examinee, {"display_name": "Amina"}, {"time_multiplier": "2"}, "display_name"),
        "group": (group, {"name": "Class 1a"}, {"name": "Class 1b"}, "name"),
        "role": (role, {"name": "aides"}, {"name": "tutors"}, "name"),
        "user": (user, {"first_name": "Clara"}, {"last_name": "Kim"}, "first_name"),
        "schedule": (every, {"every": "7"}, {"every": "9"}, "every"),
    }


KINDS = ("bank", "area", "test", "examinee", "group", "role", "user", "schedule")


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_saves_a_row_second_is_told_who_changed_what_and_keeps_what_was_typed(
    ann, ben, kind
):
    row, hers, his, name = rows()[kind]
    for editor in (ann, ben):
        editor.open(change_of(row))
    assert ann.save(**hers).status_code == 302
    row.refresh_from_db()
    stood = getattr(row, name)
    assert ben.save(**his).status_code == 200
    row.refresh_from_db()
    assert getattr(row, name) == stood
    is_told(ben, "ann")
    ((field, typed),) = his.items()
    assert ben.fields[field] == typed


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_has_been_told_may_save_again(ann, ben, kind):
    row, hers, his, _name = rows()[kind]
    for editor in (ann, ben):
        editor.open(change_of(row))
    ann.save(**hers)
    ben.save(**his)
    assert ben.save().status_code == 302
    entry = AuditEntry.objects.filter(act="change", object_id=str(row.pk)).latest("pk")
    assert entry.actor_name == "ben"


# --- pages of our own


def test_the_second_edit_of_an_items_text_is_told_what_the_first_changed(ann, ben):
    bank = make_bank()
    item = make_item(bank, "A1", choice_content(bank, "Two plus three?")).item
    for editor in (ann, ben):
        editor.open(change_of(item, "edit"))
    assert ann.save(stem_en="Two plus four?", note="harder").status_code == 302
    assert ben.save(stem_en="Three plus three?", note="my own").status_code == 200
    is_told(ben, "ann", "stem (en) is now: “Two plus four?”")
    assert ben.fields["stem_en"] == "Three plus three?"
    assert item.newest_version.stem == {"en": "Two plus four?"}
    assert ben.save().status_code == 302
    assert item.newest_version.stem == {"en": "Three plus three?"}
    assert item.versions.count() == 3


def test_another_fault_in_the_form_does_not_make_it_forget_what_it_saw(ann, ben):
    bank = make_bank()
    item = make_item(bank, "A1", choice_content(bank)).item
    for editor in (ann, ben):
        editor.open(change_of(item, "edit"))
    ann.save(stem_en="Hers.", note="hers")
    assert ben.save(stem_en="", note="his").status_code == 200
    assert ben.save(stem_en="His.", note="his").status_code == 200
    is_told(ben, "ann")
    assert item.newest_version.stem == {"en": "Hers."}


def test_nobody_approves_a_text_that_the_page_did_not_show(ann, ben):
    bank = make_bank()
    item = create_item(bank, "A1", choice_content(bank), None).item
    submit_for_review(item.newest_version, None)
    ben.open(change_of(item, "act", "approve"))
    revise(item, choice_content(bank, "Other words."), make_user("carla"), "clearer")
    submit_for_review(item.newest_version, None)
    assert ben.save().status_code == 200
    is_told(ben, "carla", "stem (en)")
    assert item.newest_version.status == Status.REVIEW
    assert ben.save().status_code == 302
    assert item.newest_version.status == Status.PRETEST


def test_a_leaked_item_is_withdrawn_whatever_others_write(ben):
    bank = make_bank()
    item = make_item(bank, "A1").item
    ben.open(change_of(item, "act", "withdraw"))
    revise(item, choice_content(bank, "Other words."), None, "clearer")
    assert ben.save(reason="leaked", confirmed="on").status_code == 302
    assert not item.versions.filter(withdrawn_at__isnull=True).exists()


def test_the_second_edit_of_parameters_is_told_and_keeps_its_numbers(ann, ben):
    bank = make_bank()
    make_release(bank, difficulties=(0.5,), a=1.0)
    item = bank.items.get()
    for editor in (ann, ben):
        editor.open(change_of(item, "parameters"))
    assert ann.save(step_1="1.5", reason="by hand").status_code == 302
    assert ben.save(discrimination="2", reason="by hand").status_code == 200
    is_told(ben, "ann", "2pl a 1; b 1.5")
    assert ben.fields["discrimination"] == "2"
    row = open_draft(bank, None).released_items.get()
    assert (row.discrimination, row.difficulty) == (1.0, [1.5])


def test_a_release_published_meanwhile_is_told_to_whoever_edits_its_parameters(ann, ben):
    bank = make_bank()
    make_release(bank, difficulties=(0.5,), a=1.0)
    item = bank.items.get()
    ben.open(change_of(item, "parameters"))
    ann.open(change_of(item, "parameters"))
    ann.save(step_1="1.5", reason="by hand")
    publish(open_draft(bank, None), None, "new values")
    assert ben.save(discrimination="2", reason="by hand").status_code == 200
    is_told(ben, "ann")


def test_the_second_edit_of_a_tests_settings_is_told_which_settings_changed(ann, ben):
    test = make_test(delivery_bank())
    for editor in (ann, ben):
        editor.open(change_of(test, "settings"))
    assert ann.save(max_items="9").status_code == 302
    assert ben.save(min_items="4").status_code == 200
    is_told(ben, "ann", "is now: “9”")
    assert ben.fields["min_items"] == "4"
    assert (test.current_version.min_items, test.current_version.max_items) == (3, 9)
    assert ben.save().status_code == 302
    assert (test.current_version.min_items, test.current_version.number) == (4, 3)


def test_the_first_settings_of_a_test_may_be_written_twice_only_knowingly(ann, ben):
    test = Test.objects.create(slug="new", bank=make_bank(), title={"en": "New", "ko": "새"})
    for editor in (ann, ben):
        editor.open(change_of(test, "settings"))
    settings = {"rules-0-kind": "standard_error", "rules-0-value": "0.5"}
    assert ann.save(**settings, min_items="3", max_items="9").status_code == 302
    assert ben.save(**settings, min_items="4", max_items="12").status_code == 200
    is_told(ben, "ann")
    assert test.current_version.max_items == 9


def test_an_old_passage_does_not_replace_a_newer_one_unawares(ann, ben):
    bank = make_bank()
    first = create_stimulus(bank, "tale", {"en": "Once.", "ko": "옛날."}, None)
    for editor in (ann, ben):
        editor.open(change_of(first))
    assert ann.save(body_en="Twice.").status_code == 302
    assert ben.save(body_en="Thrice.").status_code == 200
    is_told(ben, "ann", "Twice.")
    assert ben.fields["body_en"] == "Thrice."
    assert bank.stimuli.count() == 2


def test_the_second_choice_of_enemies_is_told(ann, ben):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0, 2.0))
    group = create_group(bank, "twins", "", None)
    first, second, third = bank.items.order_by("code")
    for editor in (ann, ben):
        editor.open(change_of(group))
    assert ann.save(members=[first.pk, second.pk], reason="alike").status_code == 302
    assert ben.save(members=[second.pk, third.pk], reason="alike").status_code == 200
    is_told(ben, "ann", "I001, I002")
    assert [item.code for item in group.items.order_by("code")] == ["I001", "I002"]


def test_what_is_published_is_what_the_page_showed(ann, ben):
    bank = make_bank()
    make_release(bank, difficulties=(0.5,))
    ann.open(change_of(bank.items.get(), "parameters"))
    ann.save(step_1="1.5", reason="by hand")
    draft = open_draft(bank, None)
    for page in ("publish", "discard"):
        ben.open(change_of(draft, page))
        ann.open(change_of(bank.items.get(), "parameters"))
        ann.save(step_1="1.6" if page == "publish" else "1.7", reason="by hand")
        assert ben.save(reason="done", confirmed="on").status_code == 200
        is_told(ben, "ann")
        draft.refresh_from_db()
        assert draft.is_draft


def test_members_of_a_group_that_somebody_added_are_not_taken_out_again(ann, ben):
    examinee = Examinee.objects.create(external_id="pupil-2")
    group = ExamineeGroup.objects.create(code="c2", name="Class 2")
    ben.open(change_of(examinee))
    ann.open(change_of(examinee))
    assert ann.save(groups=[group.pk]).status_code == 302
    assert ben.save(groups=[], display_name="Ben's").status_code == 200
    is_told(ben, "ann", "Class 2")
    assert list(examinee.groups.all()) == [group]


def test_what_a_form_does_not_show_stays_as_others_left_it(ben):
    test = make_test(delivery_bank(), is_open=False)
    ben.open(change_of(test))
    Test.objects.filter(pk=test.pk).update(is_open=True)
    assert ben.save(title_en="Renamed").status_code == 302
    test.refresh_from_db()
    assert (test.title["en"], test.is_open) == ("Renamed", True)


def test_a_row_deleted_meanwhile_is_said_to_be_gone(ben):
    role = Group.objects.create(name="helpers")
    ben.open(change_of(role))
    role.delete()
    response = ben.client.post(ben.address, ben.fields | {"name": "aides"}, follow=True)
    assert "Perhaps it was deleted?" in response.content.decode()


def test_nothing_is_told_where_two_open_a_page_and_only_one_saves_twice(ann, ben):
    bank = make_bank()
    for editor in (ann, ben):
        editor.open(change_of(bank))
    assert ann.save(name="Algebra").status_code == 302
    ann.open(change_of(bank))
    assert ann.save(name="Algebra I").status_code == 302


@pytest.mark.parametrize("kind", ["bank", "examinee", "user"])
def test_a_form_of_a_row_that_is_sent_twice_is_saved_once(ann, kind):
    row, hers, _his, _name = rows()[kind]
    ann.open(change_of(row))
    assert ann.save(**hers).status_code == 302
    assert ann.save(**hers).status_code == 302
    assert AuditEntry.objects.filter(act="change", object_id=str(row.pk)).count() == 1


def test_an_edit_of_a_text_that_is_sent_twice_is_written_once(ann):
    bank = make_bank()
    item = make_item(bank, "A1", choice_content(bank)).item
    ann.open(change_of(item, "edit"))
    for _time in range(2):
        assert ann.save(stem_en="Two plus four?", note="harder").status_code == 302
    assert item.versions.count() == 2


def test_two_who_save_at_the_same_moment_cannot_both_win(ann):
    bank = make_bank()
    item = make_item(bank, "A1", choice_content(bank)).item
    seen = token_of(version_values(item.newest_version))
    revise(item, choice_content(bank, "One."), None, "one", seen)
    with pytest.raises(ChangedMeanwhile) as refused:
        revise(item, choice_content(bank, "Two."), None, "two", seen)
    assert refused.value.code == "changed_meanwhile"
    now = token_of(version_values(item.newest_version))
    assert refused.value.detail["token"] == now
    assert refused.value.detail["changed"] == [{"part": "stem (en)", "now": "One."}]
