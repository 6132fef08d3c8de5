"""What `make lint` looks at, as tests, so that one summary tells everything."""

import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap


@pytest.mark.parametrize("step", bootstrap.LINT, ids=" ".join)
def test_the_house_is_in_order(step):
    program = Path(sys.executable).parent / step[0]
    done = subprocess.run(
        [program, *step[1:]], cwd=bootstrap.ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
