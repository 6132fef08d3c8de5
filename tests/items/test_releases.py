import pytest

from items.authoring import revise
from items.item_parameters import Parameters
from items.models import AuditEntry, Status
from items.parameters import load_release, set_parameters
from items.releases import draft_changes, open_draft, publish, retire, withdraw
from tests.factories import choice_content, make_bank, make_release

pytestmark = pytest.mark.django_db


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
