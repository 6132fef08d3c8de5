"""A run names items of the bank that are one item twice."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection

from tests.scoring.builders import build_bank, finished_run, simulate_sessions, two_pl

pytestmark = pytest.mark.django_db


def bank_with_copy(mirror=False):
    """Ten items, of which the last is answered as the third is, or the other way around."""
    truth = two_pl(10)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(5).normal(0, 1, 400))
    rows = list(release.released_items.order_by("item_id"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # answers are append-only
        cursor.execute(
            "UPDATE cat_sessions_response AS copy SET score = %s + source.score * %s "
            "FROM cat_sessions_response AS source WHERE source.session_id = copy.session_id "
            "AND copy.item_id = %s AND source.item_id = %s",
            [1 if mirror else 0, -1 if mirror else 1, rows[9].item_id, rows[2].item_id],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    return bank


@pytest.mark.parametrize("mirror", [False, True])
def test_a_run_tells_which_items_are_one(mirror):
    run = finished_run(bank_with_copy(mirror), min_responses=100)
    assert run.evidence["duplicates"] == [
        {"first": "I002", "second": "I009", "persons": 400, "alike": 400, "reversed": mirror}
    ]


def test_the_command_and_the_page_tell_them(admin_client):
    bank = bank_with_copy()
    told = StringIO()
    call_command("calibrate_bank", bank=bank.slug, min_responses=100, stdout=told, stderr=told)
    assert "items I002 and I009 are answered alike by 400 of 400 persons" in told.getvalue()
    run = bank.runs.get()
    page = admin_client.get(f"/admin/scoring/calibrationrun/{run.pk}/change/").content.decode()
    assert "One item twice?" in page
    assert "alike in 400 of 400 answers" in page


def test_a_bank_without_copies_has_none():
    truth = two_pl(10)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(5).normal(0, 1, 400))
    assert finished_run(bank, min_responses=100).evidence["duplicates"] == []
