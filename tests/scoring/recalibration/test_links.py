"""A run says where its responses do not hold the items together."""

import numpy as np
import pytest

from tests.scoring.builders import build_bank, finished_run, simulate_sessions, two_pl

pytestmark = pytest.mark.django_db

N_ITEMS, N_EACH = 12, 160


def run_of(*forms, min_responses=100):
    """A finished run on sessions of forms: the places of the items of each."""
    truth = two_pl(N_ITEMS)
    bank, release = build_bank(truth)
    theta = np.random.default_rng(6).standard_normal(N_EACH * len(forms))
    given = [form for form in forms for _ in range(N_EACH)]
    simulate_sessions(release, truth, theta, given=given)
    return finished_run(bank, min_responses=min_responses)


def test_a_run_on_blocks_without_anything_in_common_ends_with_a_sentence():
    run = run_of(range(5), range(5, 12))
    assert run.status == "failed"
    assert run.error.startswith(
        "The responses fall into 2 blocks with neither a person nor an item in common: "
        "I005, I006, I007, I008, I009, I010 and 1 more (160 persons); "
        "I000, I001, I002, I003, I004 (160 persons)."
    )
    assert run.draft is None


def test_a_block_that_hangs_on_one_item_is_told_in_the_evidence_and_on_the_page(admin_client):
    run = run_of(range(6), range(5, 12))
    assert run.status == "succeeded", run.error
    [tie] = run.evidence["ties"]
    assert tie["common_items"] == ["I005"]
    assert tie["items"] == ["I000", "I001", "I002", "I003", "I004"]
    assert 0.1 < tie["standard_error"] < 0.6
    page = admin_client.get(f"/admin/scoring/calibrationrun/{run.pk}/change/").content.decode()
    assert "hangs on the others by I005 alone" in page
    assert f"standard error of this link is {tie['standard_error']:.3f}" in page


def test_a_run_whose_items_hang_together_has_no_such_evidence():
    run = run_of(range(8), range(4, 12))
    assert run.status == "succeeded", run.error
    assert run.evidence["ties"] == []
