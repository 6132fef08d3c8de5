"""Why a simulated rate lies above a hard cap that holds live."""

import pytest

from sessions.models import TestVersion
from sessions.simulation.report.exposure import explain_blocks, exposure
from tests.sessions.builders import make_bank, make_test
from tests.sessions.simulations import simulated


def results(largest, examinees, blocks):
    """What `explain_blocks` looks at."""
    overall = {"largest_rate": largest, "examinees": examinees}
    return {"overall": overall, "blocks": blocks, "target": 0.15, "name": "v1", "control": None}


def capped(rate=0.15, minimum=10):
    return {"size": 100, "cap": rate, "minimum": minimum}


@pytest.mark.parametrize(
    ("largest", "examinees", "share"),
    [(0.3125, 320, "30.9%"), (0.25, 500, "19.8%"), (0.18, 1000, "9.9%")],
)
def test_what_the_blocks_make_is_laid_to_the_blocks(largest, examinees, share):
    told = explain_blocks(results(largest, examinees, capped()))
    assert "blocks of 100" in told
    assert f"by 99 sessions: {share} of" in told
    assert "The hard cap holds live" in told


def test_sessions_that_are_always_allowed_are_told_as_such():
    told = explain_blocks(results(0.25, 200, capped(minimum=50)))
    assert "always allows 50 sessions" in told
    assert "blocks of" not in told


def test_chance_by_eligibility_has_its_own_reason():
    told = explain_blocks(results(0.3, 300, {"size": 100, "cap": None, "minimum": 10}))
    assert "the first 100 have no counts to go by" in told


def test_what_blocks_cannot_make_is_not_laid_to_them():
    assert explain_blocks(results(0.40, 1000, capped())) == ""


def test_results_from_before_say_nothing():
    old = results(0.31, 320, None)
    del old["blocks"]
    assert explain_blocks(old) == ""
    assert explain_blocks(results(0.31, 320, None)) == ""


@pytest.mark.django_db
def test_the_page_says_so_beside_the_rate():
    version = make_test(make_bank(30)).current_version
    TestVersion.objects.filter(pk=version.pk).update(cap_rate=0.3, randomesque=1, max_items=5)
    run = simulated(TestVersion.objects.get(pk=version.pk))

    (policy,) = run.results["policies"]
    section = exposure(run)

    assert policy["blocks"] == {"size": 100, "cap": 0.3, "minimum": 10}
    assert policy["overall"]["largest_rate"] > 0.33
    assert "blocks of 100" in section.verdict.advice
    assert any("blocks of 100" in note for note in section.notes)
