"""The demo as `make demo` loads it: slow to build, so one test walks through all of it."""

import numpy as np
import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from common.audit import AuditEntry
from common.roles import grant_roles
from demo.bank.arrangements import arrangement_items
from demo.bank.generate import mathematics_items
from demo.bank.logins import LOGINS
from demo.load import load
from items.models import Bank, BankRelease, ReleasedItem, Role
from items.release_rows import load_release
from scoring.models import CalibrationRun
from sessions.models import Response, Session, Test


@pytest.mark.django_db(transaction=True)
def test_the_demo_is_calibrated_by_ourselves_and_loading_it_again_changes_nothing():
    grant_roles(apps)
    load()

    bank = Bank.objects.get(slug="mathematics")
    release = bank.current_release
    assert (release.number, release.origin) == (2, BankRelease.Origin.CALIBRATION)
    assert release.run.status == CalibrationRun.Status.SUCCEEDED
    assert release.released_items.filter(role=Role.OPERATIONAL).count() >= 300
    assert set(release.released_items.values_list("provenance", flat=True)) == {
        ReleasedItem.Provenance.CALIBRATION
    }
    assert recovered_difficulty(bank) > 0.95

    questionnaire = Bank.objects.get(slug="wellbeing").current_release
    assert load_release(questionnaire).parameters.difficulty.shape == (12, 4)
    assert Test.objects.filter(is_open=True).count() == 2
    live = Session.objects.filter(source=Session.Source.LIVE)
    assert [session.status for session in live] == ["finished"] * 10
    for login in LOGINS:
        assert authenticate(username=login.username, password=login.password)

    def everything():
        models = (AuditEntry, BankRelease, CalibrationRun, Response, Session)
        return [model.objects.count() for model in models]

    before = everything()
    load()
    assert everything() == before


@pytest.mark.django_db
def test_the_demo_is_not_loaded_into_a_database_that_people_use(django_user_model):
    django_user_model.objects.create_user("headmaster")
    with pytest.raises(CommandError, match="users of its own"):
        call_command("load_demo")
    assert [user.username for user in django_user_model.objects.all()] == ["headmaster"]


def recovered_difficulty(bank: Bank) -> float:
    """Correlation of calibrated difficulties with those that generated the responses."""
    items = mathematics_items() + arrangement_items()
    truth = {item.code: item.true_parameters[1][0] for item in items}
    rows = ReleasedItem.objects.filter(release=bank.current_release).select_related("item")
    pairs = [(truth[row.item.code], (row.difficulty or [np.nan])[0]) for row in rows]
    return float(np.corrcoef(np.array(pairs).T)[0, 1])
