"""The command that recalibrates a bank in its own process."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from scoring.models import CalibrationRun
from tests.scoring.builders import build_bank, simulate_sessions, two_pl

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank():
    truth = two_pl(6, spread=0.7)
    bank, release = build_bank(truth)
    simulate_sessions(release, truth, np.random.default_rng(2).normal(size=150))
    return bank


def test_a_bank_is_recalibrated_and_published(bank):
    out = StringIO()

    call_command("calibrate_bank", bank="maths", publish="nightly", stdout=out)

    first, second, third, fourth = out.getvalue().splitlines()
    run = CalibrationRun.objects.get()
    assert first.startswith(
        f"maths run {run.pk}: 900 responses of 150 sessions; EM converged in "
        f"{run.evidence['em']['iterations']} iterations"
    )
    assert second.startswith("group mean ")
    assert second.endswith("6 items estimated, 0 kept as they are")
    assert third == f"draft release: maths: calibration draft {run.draft_id}"
    assert fourth == "published: maths release 2"
    assert bank.current_release.number == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"bank": "nowhere"}, "There is no bank 'nowhere'."),
        ({"bank": "maths", "min_responses": 1000}, "No item of the current release has 1000"),
        ({"bank": "maths", "nodes": 3}, "The quadrature takes 11 to 501 nodes"),
        ({"bank": "maths", "until": "tomorrow"}, "'tomorrow' is not a time like"),
        ({"bank": "maths", "start": "2026-13-01T00:00:00Z"}, "'2026-13-01T00:00:00Z' is not a"),
        ({"bank": "maths", "publish": " "}, "Say why"),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(bank, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("calibrate_bank", stdout=StringIO(), **options)

    assert bank.current_release.number == 1
