"""Many who save the same thing at the same moment: one wins, and all others are told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections, transaction

from common.edits import ChangedMeanwhile, lock_as_seen, row_values, token_of
from items.authoring import revise
from items.history import version_values
from items.stimuli import create_stimulus, revise_stimulus
from items.stimuli import shown_values as stimulus_values
from sessions.models import Test
from sessions.rules.specification import create_test_version
from sessions.rules.specification import shown_values as settings_values
from tests.factories import choice_content, make_bank, make_item

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 4


def save_at_once(save) -> list[str]:
    """What became of PEOPLE who call `save`, sorted."""
    ready = Barrier(PEOPLE)

    def one(number: int) -> str:
        try:
            ready.wait(timeout=30)
            save(number)
        except ChangedMeanwhile:
            return "told"
        finally:
            connections.close_all()
        return "won"

    with ThreadPoolExecutor(PEOPLE) as pool:
        return sorted(pool.map(one, range(PEOPLE)))


ONE_WINS = ["told"] * (PEOPLE - 1) + ["won"]


def test_texts_of_an_item():
    bank = make_bank()
    item = make_item(bank, "A1").item
    seen = token_of(version_values(item.newest_version))
    contents = [choice_content(bank, f"Wording {n}") for n in range(PEOPLE)]
    assert save_at_once(lambda n: revise(item, contents[n], None, "clearer", seen)) == ONE_WINS
    assert item.versions.count() == 2


def test_passages():
    first = create_stimulus(make_bank(), "tale", {"en": "Once."}, None)
    seen = token_of(stimulus_values(first))
    bodies = [{"en": f"Ending {n}."} for n in range(PEOPLE)]
    assert save_at_once(lambda n: revise_stimulus(first, bodies[n], None, seen)) == ONE_WINS
    assert first.bank.stimuli.count() == 2


def test_settings_of_a_test():
    test = Test.objects.create(slug="placement", bank=make_bank(), title={"en": "Placement"})
    seen = token_of(settings_values(None))

    def save(number: int) -> None:
        create_test_version(test, None, seen, min_items=3, max_items=10 + number)

    assert save_at_once(save) == ONE_WINS
    assert test.versions.count() == 1


def test_a_row_of_any_kind():
    bank = make_bank()
    seen = token_of(row_values(bank, ["name"]))

    def save(number: int) -> None:
        with transaction.atomic():
            lock_as_seen(bank, ["name"], seen)
            type(bank).objects.filter(pk=bank.pk).update(name=f"Bank {number}")

    assert save_at_once(save) == ONE_WINS
