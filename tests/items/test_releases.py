import threading

import pytest
from django.db import connection
from django.utils import translation

from common import audit
from common.audit import AuditEntry
from common.errors import Conflict, InvalidInput
from items.authoring import approve_for_pretest, create_item, revise, submit_for_review
from items.item_parameters import Parameters
from items.models import BankRelease, Item, ReleasedItem, Role, Status
from items.release_rows import load_release, set_parameters, write_parameters
from items.releases import (
    changes_between,
    discard,
    draft_changes,
    open_draft,
    publish,
    rebase,
    retire,
    withdraw,
)
from tests.factories import (
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_release,
    make_user,
    parameters_for,
)

pytestmark = pytest.mark.django_db

NAN, INF = float("nan"), float("inf")


def test_publishing_numbers_the_draft_and_makes_its_items_operational():
    bank = make_bank()
    release = make_release(bank, (-1.0, 0.5))
    assert release.number == 1
    assert bank.current_release == release
    statuses = [item.newest_version.status for item in bank.items.order_by("code")]
    assert statuses == [Status.OPERATIONAL, Status.OPERATIONAL]
    assert load_release(release).parameters.difficulty[:, 0].tolist() == [-1.0, 0.5]


def test_a_retired_item_is_absent_from_the_next_release():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    item = bank.items.get(code="I001")
    release = retire(item, None, "leaked")
    assert release.number == 2
    assert [row.item.code for row in release.released_items.all()] == ["I002"]
    assert item.newest_version.status == Status.RETIRED


def test_a_stale_draft_takes_up_what_was_published_meanwhile():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    first, second = bank.items.order_by("code")
    draft = open_draft(bank, None)
    set_parameters(draft, second.newest_version, Parameters("2pl", 1.5, (0.7,)), None, "edit")
    retire(first, None, "leaked")
    release = publish(draft, None, "edit")
    assert release.number == 3
    assert load_release(release).parameters.difficulty[:, 0].tolist() == [0.7]


def test_a_draft_tells_what_it_would_change():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    item = bank.items.get(code="I001")
    draft = open_draft(bank, None)
    set_parameters(draft, item.newest_version, Parameters("2pl", 1.5, (0.7,)), None, "edit")
    (change,) = draft_changes(draft)
    assert (change.before.difficulty, change.after.difficulty) == ([-1.0], [0.7])


def test_withdrawing_marks_every_version_and_keeps_the_reason():
    bank = make_bank()
    make_release(bank, (0.0,))
    item = bank.items.get()
    revise(item, choice_content(bank, "Better words"), None, "clearer")
    withdraw(item, None, "wrong key")
    assert item.versions.filter(withdrawn_at__isnull=True).count() == 0
    assert AuditEntry.objects.get(act="withdraw").reason == "wrong key"


def refused_with(code, act, *args, **kwargs):
    with pytest.raises((Conflict, InvalidInput)) as refused:
        act(*args, **kwargs)
    assert refused.value.code == code
    return refused.value


def edit(draft, item, b):
    version = draft.released_items.get(item=item).item_version
    set_parameters(draft, version, Parameters("2pl", 1.5, (b,)), None, "edit")


def difficulties(release):
    rows = release.released_items.order_by("item__code")
    return {row.item.code: row.difficulty for row in rows.select_related("item")}


def test_there_is_one_authoring_draft_and_a_copy_of_the_release_for_each_calibration():
    bank = make_bank()
    release = make_release(bank, (-1.0, 0.5))
    draft = open_draft(bank, None)
    assert open_draft(bank, None) == draft
    calibration = open_draft(bank, None, BankRelease.Origin.CALIBRATION)
    assert calibration != draft
    assert changes_between(release, calibration) == []
    provenances = calibration.released_items.values_list("provenance", flat=True)
    assert set(provenances) == {"inherited"}


def test_opening_a_draft_of_many_items_takes_few_queries(django_assert_max_num_queries):
    bank = make_bank()
    make_release(bank, [0.01 * n for n in range(40)])
    with django_assert_max_num_queries(12):
        draft = open_draft(bank, None)
    with django_assert_max_num_queries(4):
        assert draft_changes(draft) == []
    with django_assert_max_num_queries(25):
        publish(draft, None, "as it is")


def test_a_published_release_takes_no_change():
    bank = make_bank()
    release = make_release(bank, (0.0,))
    version = bank.items.get().newest_version
    values = Parameters("2pl", 1.5, (0.7,))
    refused_with("already_published", set_parameters, release, version, values, None, "late")
    refused_with("already_published", write_parameters, release, [(version.pk, values)], "manual")
    refused_with("already_published", publish, release, None, "twice")
    refused_with("already_published", rebase, release, None)
    refused_with("already_published", discard, release, None, "gone")


@pytest.mark.parametrize("act", [publish, discard])
def test_acts_on_a_draft_that_was_discarded_meanwhile_are_refused(act):
    bank = make_bank()
    make_release(bank, (0.0,))
    stale = BankRelease.objects.get(pk=open_draft(bank, None).pk)
    discard(open_draft(bank, None), None, "wrong")
    refused_with("discarded", act, stale, None, "late")


def test_acts_with_consequences_need_a_reason():
    bank = make_bank()
    make_release(bank, (0.0,))
    item = bank.items.get()
    draft = open_draft(bank, None)
    values = Parameters("2pl", 1.5, (0.7,))
    for act, args in (
        (publish, (draft,)),
        (discard, (draft,)),
        (retire, (item,)),
        (withdraw, (item,)),
        (set_parameters, (draft, item.newest_version, values)),
    ):
        refused_with("reason_required", act, *args, None, " ")


def test_an_empty_draft_is_not_published():
    bank = make_bank()
    draft = open_draft(bank, None)
    refused_with("empty_release", publish, draft, None, "nothing")
    assert bank.current_release is None


def test_each_act_writes_who_did_it_and_why():
    bank = make_bank()
    author = make_user("author")
    make_release(bank, (0.0, 1.0))
    item = bank.items.get(code="I001")
    draft = open_draft(bank, author)
    edit(draft, item, 0.7)
    publish(draft, author, "spring")
    withdraw(item, author, "leaked")
    retire(item, author, "leaked")
    entries = AuditEntry.objects.filter(actor=author).order_by("pk")
    assert [(e.act, e.reason, e.object_label) for e in entries] == [
        ("publish", "spring", "mathematics release 2"),
        ("withdraw", "leaked", "I001"),
        ("retire", "leaked", "I001"),
        ("publish", "leaked", "mathematics release 3"),
    ]


def test_the_audit_trail_keeps_one_language_whatever_the_actor_reads():
    bank = make_bank()
    release = make_release(bank, (0.0,))
    with translation.override("ko"):
        assert str(release) == "mathematics 배포판 1"
        assert audit.entry(None, "publish", release).object_label == "mathematics release 1"


def test_an_edit_of_parameters_keeps_before_and_after():
    bank = make_bank()
    make_release(bank, (0.0,))
    edit(open_draft(bank, None), bank.items.get(), 0.7)
    detail = AuditEntry.objects.filter(act="edit_parameters").latest("pk").detail
    assert (detail["before"]["difficulty"], detail["after"]["difficulty"]) == ([0.0], [0.7])
    assert detail["version"] == 1


@pytest.mark.parametrize(
    "values",
    [
        Parameters("5pl", 1.0, (0.0,)),
        Parameters("2pl", NAN, (0.0,)),
        Parameters("2pl", INF, (0.0,)),
        Parameters("2pl", 0.0, (0.0,)),
        Parameters("2pl", -1.0, (0.0,)),
        Parameters("2pl", 1.0, (NAN,)),
        Parameters("2pl", 1.0, (INF,)),
        Parameters("2pl", 1.0, ()),
        Parameters("2pl", 1.0, (0.0, 1.0)),
        Parameters("2pl", 1.0, (0.0,), 0.2),
        Parameters("2pl", 1.0, (0.0,), 0.0, 0.9),
        Parameters("3pl", 1.0, (0.0,), -0.1),
        Parameters("3pl", 1.0, (0.0,), NAN),
        Parameters("3pl", 1.0, (0.0,), 1.0),
        Parameters("3pl", 1.0, (0.0,), 0.5, 0.5),
        Parameters("3pl", 1.0, (0.0,), 0.5, 1.1),
        Parameters("2pl", 1.0, (0.0,), discrimination_se=NAN),
        Parameters("2pl", 1.0, (0.0,), discrimination_se=-0.1),
        Parameters("2pl", 1.0, (0.0,), difficulty_se=(INF,)),
        Parameters("2pl", 1.0, (0.0,), difficulty_se=(0.1, 0.1)),
        Parameters("3pl", 1.0, (0.0,), 0.2, lower_asymptote_se=NAN),
    ],
)
def test_parameters_outside_their_model_are_refused(values):
    bank = make_bank()
    version = make_item(bank, "A")
    draft = open_draft(bank, None)
    error = refused_with("invalid_parameters", set_parameters, draft, version, values, None, "x")
    assert error.message.startswith("A: ")
    bulk = [(version.pk, values)]
    refused_with("invalid_parameters", write_parameters, draft, bulk, "calibration")
    assert draft.released_items.get().role == Role.PRETEST


@pytest.mark.parametrize(
    "values",
    [
        Parameters("grm", 1.0, (0.0,)),
        Parameters("grm", 1.0, (0.0, 0.0)),
        Parameters("grm", 1.0, (1.0, 0.0)),
        Parameters("grm", 1.0, (0.0, NAN)),
        Parameters("grm", 1.0, (0.0, 1.0, 2.0)),
        Parameters("grm", 1.0, (0.0, 1.0), 0.2),
        Parameters("2pl", 1.0, (0.0, 1.0)),
    ],
)
def test_graded_parameters_have_one_rising_threshold_a_step(values):
    bank = make_bank()
    version = make_item(bank, "A", likert_content(bank, categories=3))
    draft = open_draft(bank, None)
    refused_with("invalid_parameters", set_parameters, draft, version, values, None, "x")
    set_parameters(draft, version, Parameters("grm", 1.0, (0.0, 0.5)), None, "x")
    assert draft.released_items.get().difficulty == [0.0, 0.5]


def test_only_approved_versions_are_released():
    bank = make_bank()
    version = create_item(bank, "A", choice_content(bank), None)
    values = parameters_for(version)
    draft = open_draft(bank, None)
    refused_with("not_approved", set_parameters, draft, version, values, None, "early")
    submit_for_review(version, None)
    refused_with("not_approved", set_parameters, draft, version, values, None, "early")
    approve_for_pretest(version, None)
    withdraw(version.item, None, "leaked")
    refused_with("withdrawn", set_parameters, draft, version, values, None, "late")


def test_an_older_version_does_not_push_out_a_newer_one():
    bank = make_bank()
    make_release(bank, (0.0,))
    item = bank.items.get()
    old = item.newest_version
    new = revise(item, choice_content(bank, "Better words"), None, "clearer")
    submit_for_review(new, None)
    approve_for_pretest(new, None)
    draft = open_draft(bank, None)
    refused_with("superseded", set_parameters, draft, old, parameters_for(old), None, "x")


def test_a_calibration_writes_many_parameters_at_once(django_assert_max_num_queries):
    bank = make_bank()
    make_release(bank, [0.01 * n for n in range(20)])
    draft = open_draft(bank, None, BankRelease.Origin.CALIBRATION)
    rows = list(draft.released_items.order_by("item_id"))
    estimates = [
        (row.item_version_id, Parameters("2pl", 1.2, (0.5,), discrimination_se=0.1)) for row in rows
    ]
    absent = make_item(bank, "later")
    with django_assert_max_num_queries(8):
        written = write_parameters(
            draft, [*estimates, (absent.pk, Parameters("2pl", 1.0, (0.0,)))], "calibration"
        )
    assert written == 20
    assert load_release(draft).parameters.discrimination.tolist() == [1.2] * 20
    row = ReleasedItem.objects.get(pk=rows[0].pk)
    assert (row.provenance, row.discrimination_se, row.role) == ("calibration", 0.1, "operational")


def test_a_release_loads_as_arrays_by_item_with_four_queries(django_assert_num_queries):
    bank = make_bank()
    release = make_release(bank, (0.5, -0.5))
    likert = make_item(bank, "L", likert_content(bank, categories=3))
    make_item(bank, "pretest")
    draft = open_draft(bank, None)
    set_parameters(draft, likert, Parameters("grm", 1.3, (-1.0, 1.0)), None, "estimated")
    with django_assert_num_queries(4):
        arrays = load_release(draft)
    items = list(Item.objects.order_by("pk"))
    assert arrays.item_ids.tolist() == [item.pk for item in items]
    assert arrays.version_ids.tolist() == [item.newest_version.pk for item in items]
    assert arrays.area_ids.tolist() == [bank.areas.get().pk] * 4
    assert arrays.operational.tolist() == [True, True, True, False]
    assert arrays.parameters.model.tolist() == ["2pl", "2pl", "grm", "rasch"]
    assert arrays.parameters.difficulty[2].tolist() == [-1.0, 1.0]
    assert arrays.parameters.n_categories.tolist() == [2, 2, 3, 2]
    assert load_release(release).item_ids.tolist() == [item.pk for item in items[:2]]


def test_an_empty_release_loads_as_empty_arrays():
    arrays = load_release(open_draft(make_bank(), None))
    assert (arrays.item_ids.tolist(), arrays.parameters.n_items) == ([], 0)


def stale_draft(bank, b):
    """A draft that edits I001, on a release that is no longer current: a calibration did so too."""
    make_release(bank, (-1.0, 0.5))
    first = bank.items.get(code="I001")
    draft = open_draft(bank, None)
    edit(draft, first, 0.7)
    calibration = open_draft(bank, None, BankRelease.Origin.CALIBRATION)
    values = [(v.pk, Parameters("2pl", 1.5, (b,))) for v in [first.newest_version]]
    write_parameters(calibration, values, "calibration")
    publish(calibration, None, "calibrated")
    return draft


def test_the_same_change_in_both_is_no_conflict():
    bank = make_bank()
    draft = stale_draft(bank, 0.7)
    assert publish(draft, None, "edit").number == 3


def test_conflicting_changes_are_named_and_nothing_is_published():
    bank = make_bank()
    draft = stale_draft(bank, 0.9)
    error = refused_with("rebase_conflicts", publish, draft, None, "edit")
    assert error.detail["items"] == ["I001"]
    draft.refresh_from_db()
    assert (draft.number, bank.current_release.number) == (None, 2)
    assert draft.base.number == 1


@pytest.mark.parametrize(("keep", "b"), [("draft", 0.7), ("current", 0.9)])
def test_a_person_decides_which_side_a_rebase_keeps(keep, b):
    bank = make_bank()
    draft = stale_draft(bank, 0.9)
    rebase(draft, None, keep=keep)
    assert draft.base.number == 2
    assert difficulties(draft) == {"I001": [b], "I002": [0.5]}
    assert difficulties(publish(draft, None, "decided")) == {"I001": [b], "I002": [0.5]}


def test_keeping_the_draft_does_not_bring_back_an_older_version():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    item = bank.items.get(code="I001")
    wrong = item.newest_version
    draft = open_draft(bank, None, origin=BankRelease.Origin.CALIBRATION)
    set_parameters(draft, wrong, parameters_for(wrong, b=0.9), None, "estimated")
    withdraw(item, None, "wrong key")
    mended = revise(item, choice_content(bank, "Mended"), None, "mends the key")
    submit_for_review(mended, None)
    approve_for_pretest(mended, None)
    publish(open_draft(bank, None), None, "mended")
    draft.refresh_from_db()
    rebase(draft, None, keep="draft")
    assert publish(draft, None, "estimated").released_items.get(item=item).item_version == mended
    mended.refresh_from_db()
    assert mended.status == Status.PRETEST


def test_a_rebase_keeps_nothing_else():
    bank = make_bank()
    refused_with("unknown_choice", rebase, stale_draft(bank, 0.9), None, keep="both")


def test_a_retired_item_stays_away_from_a_draft_that_edited_it():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    item = bank.items.get(code="I001")
    draft = open_draft(bank, None)
    edit(draft, item, 0.7)
    retire(item, None, "leaked")
    assert difficulties(publish(draft, None, "edit")) == {"I002": [0.5]}
    assert item.newest_version.status == Status.RETIRED


def test_only_a_released_item_is_retired():
    bank = make_bank()
    version = make_item(bank, "A")
    refused_with("not_released", retire, version.item, None, "early")


def test_what_waits_in_the_authoring_draft_outlives_other_releases():
    bank = make_bank()
    make_release(bank, (-1.0, 0.5))
    waiting = make_item(bank, "waiting")
    retire(bank.items.get(code="I001"), None, "leaked")
    waiting.refresh_from_db()
    assert waiting.status == Status.PRETEST
    release = publish(open_draft(bank, None), None, "pretest")
    assert release.released_items.get(item__code="waiting").role == Role.PRETEST


def test_a_superseded_pretest_version_is_retired_even_while_a_calibration_holds_it():
    bank = make_bank()
    old = make_item(bank, "A")
    publish(open_draft(bank, None), None, "pretest")
    open_draft(bank, None, BankRelease.Origin.CALIBRATION)
    new = revise(old.item, choice_content(bank, "Better"), None, "clearer")
    submit_for_review(new, None)
    approve_for_pretest(new, None)
    publish(open_draft(bank, None), None, "better words")
    assert [v.status for v in old.item.versions.order_by("number")] == ["retired", "pretest"]


def test_versions_that_waited_in_a_discarded_draft_go_back_to_review():
    bank = make_bank()
    make_release(bank, (0.0,))
    waiting, edited = make_item(bank, "waiting"), make_item(bank, "edited")
    revise(edited.item, choice_content(bank, "next"), None, "clearer")
    draft = open_draft(bank, None)
    discard(draft, None, "start again")
    assert [v.status for v in waiting.item.versions.all()] == [Status.REVIEW]
    assert [v.status for v in edited.item.versions.order_by("number")] == ["retired", "draft"]
    assert bank.items.get(code="I001").newest_version.status == Status.OPERATIONAL
    assert AuditEntry.objects.get(act="discard").reason == "start again"


def test_a_withdrawn_item_takes_a_new_version():
    bank = make_bank()
    make_release(bank, (0.0,))
    item = bank.items.get()
    withdraw(item, None, "wrong key")
    refused_with("already_withdrawn", withdraw, item, None, "again")
    version = revise(item, choice_content(bank, "Right key"), None, "mended")
    assert version.withdrawn_at is None
    assert bank.current_release.number == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_publish_one_draft_make_one_release():
    bank = make_bank()
    make_release(bank, (0.0,))
    draft = open_draft(bank, None)
    edit(draft, bank.items.get(), 0.7)
    barrier = threading.Barrier(2)
    outcomes = []

    def publish_at_once():
        try:
            mine = BankRelease.objects.get(pk=draft.pk)
            barrier.wait()
            outcomes.append(publish(mine, None, "go").number)
        except Conflict as conflict:
            outcomes.append(conflict.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish_at_once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [2, "already_published"]
    assert sorted(bank.releases.values_list("number", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_two_drafts_published_at_once_get_two_numbers_and_lose_nothing():
    bank = make_bank()
    make_release(bank, (0.0, 1.0))
    first, second = bank.items.order_by("code")
    drafts = [open_draft(bank, None), open_draft(bank, None, BankRelease.Origin.CALIBRATION)]
    edit(drafts[0], first, 0.7)
    edit(drafts[1], second, 1.7)
    barrier = threading.Barrier(2)
    numbers = []

    def publish_at_once(draft):
        try:
            barrier.wait()
            numbers.append(publish(draft, None, "go").number)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish_at_once, args=[draft]) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [2, 3]
    assert difficulties(bank.current_release) == {"I001": [0.7], "I002": [1.7]}
