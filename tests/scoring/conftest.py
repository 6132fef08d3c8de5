import numpy as np
import pytest

from tests.scoring.builders import build_bank, simulate_sessions, two_pl


@pytest.fixture
def answered_bank(db):
    """Six operational items, which 150 examinees have answered."""
    truth = two_pl(6, spread=0.7)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(2).normal(size=150))
    return bank
