"""The whole loop in one story: pretest, calibrate, simulate, deliver, edit, retire, recalibrate."""

import numpy as np
import pytest
from django.contrib.auth import get_user_model

from common.errors import Conflict
from items.authoring import approve_for_pretest, carry_parameters, revise, submit_for_review
from items.models import Role
from items.release_rows import set_parameters
from items.releases import open_draft, publish, retire, withdraw
from scoring.recalibration.requests import publish_run
from sessions.models import Examinee, Session, Test
from sessions.rules.specification import create_test_version
from sessions.simulation.gate import open_test
from tests.factories import choice_content, make_bank, make_item, parameters_for
from tests.scoring.builders import finished_run, simulate_sessions, two_pl
from tests.sessions.client import answer, signed_in, start
from tests.sessions.simulations import simulated

N_ITEMS = 12


def make_student(name):
    user = get_user_model().objects.create_user(name)
    Examinee.objects.create(external_id=name, user=user)
    return signed_in(user)


def items_given(state):
    """The items that a session has administered, and the one that is due."""
    session = Session.objects.get(pk=state["session"])
    due = session.due_item_version
    return set(session.administered_items) | ({due.item_id} if due else set())


def answer_to_the_end(client, state):
    while state["status"] == "open":
        state = answer(client, state).json()
    return state


@pytest.mark.django_db(transaction=True)
def test_the_loop_closes_and_disturbs_no_session_that_is_running():
    bank = make_bank()
    for number in range(1, N_ITEMS + 1):
        make_item(bank, f"I{number:02}", choice_content(bank, f"Question {number}"))
    pretest = publish(open_draft(bank, None), None, "pretest")
    simulate_sessions(pretest, two_pl(N_ITEMS), np.random.default_rng(5).standard_normal(1500))

    first_run = finished_run(bank)
    operational = publish_run(first_run, None, "first calibration")
    assert operational.released_items.filter(role=Role.OPERATIONAL).count() == N_ITEMS

    test = Test.objects.create(slug="placement", bank=bank, title={"en": "Test"})
    version = create_test_version(test, None, min_items=N_ITEMS, max_items=N_ITEMS, randomesque=1)
    with pytest.raises(Conflict, match="was not simulated"):
        open_test(test, None)
    assert simulated(version).violations == 0
    open_test(test, None)
    ada = make_student("ada")
    running = answer(ada, start(ada)).json()

    # An author edits a text and the parameters of another item, and publishes.
    seen = items_given(running)
    reworded, harder, retired, leaked = bank.items.exclude(pk__in=seen).order_by("code")[:4]
    version = revise(reworded, choice_content(bank, "Better words"), None, "clearer")
    submit_for_review(version, None)
    approve_for_pretest(version, None)
    carry_parameters(version, None, "only the words changed")
    draft = open_draft(bank, None)
    set_parameters(draft, harder.newest_version, parameters_for(harder.newest_version), None, "no")
    edited = publish(draft, None, "spring edits")
    after_retiring = retire(retired, None, "outdated")
    withdraw(leaked, None, "seen on the web")

    # The running session goes on with the release that it began with, but without the leaked item.
    finished = answer_to_the_end(ada, running)
    session = Session.objects.get(pk=running["session"])
    assert (finished["status"], finished["answered"]) == ("finished", N_ITEMS - 1)
    assert session.release == operational
    assert set(session.administered_items) == set(
        bank.items.exclude(pk=leaked.pk).values_list("pk", flat=True)
    )
    old_words = session.responses.get(item=reworded).item_version
    assert old_words.stem == {"en": f"Question {int(reworded.code[1:])}"}

    # A new one is pinned to the newest release: new words, no retired and no leaked item.
    grace = make_student("grace")
    later = Session.objects.get(pk=answer_to_the_end(grace, start(grace))["session"])
    assert later.release == after_retiring != edited
    assert later.responses.get(item=reworded).item_version == version
    assert set(later.administered_items) == set(
        bank.items.exclude(pk__in=[leaked.pk, retired.pk]).values_list("pk", flat=True)
    )

    # Recalibration on all that was answered; the next session is pinned to its release.
    run = finished_run(bank)
    assert run.status == run.Status.SUCCEEDED, run.error
    recalibrated = publish_run(run, None, "autumn")
    alan = make_student("alan")
    assert Session.objects.get(pk=start(alan)["session"]).release == recalibrated
    assert bank.current_release == recalibrated
