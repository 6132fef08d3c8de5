"""What the commands that turn files into files need not load, in a process of their own."""

import os
import subprocess
import sys

import pytest

import manage
from irtcat_site.embedded.connection import CHECKOUT

# Each of these takes longer to import than a small calibration runs.
HEAVY = {"django.contrib.auth", "rest_framework", "celery", "psycopg"}
HEAVY_NUMERICS = {"scipy.stats", "scipy.optimize", "scipy.integrate", "scipy.interpolate"}
CODE = """
import sys, manage
try:
    manage.main()
finally:
    print(*sys.modules)
"""


def modules_after(*arguments):
    """What the process of a command has imported at its end."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, arguments)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("command", sorted(manage.WITHOUT_APPS))
def test_the_commands_on_files_load_no_app(command):
    assert modules_after(command, "--help") & HEAVY == set()


def test_a_calibration_loads_no_heavy_part_of_scipy(tmp_path):
    (tmp_path / "responses.csv").write_text("Q1,Q2,Q3\n1,1,0\n1,0,0\n0,1,1\n1,0,1\n0,1,0\n0,0,1\n")
    options = ("--model", "rasch", "--out", tmp_path / "items.csv")
    loaded = modules_after("calibrate_csv", tmp_path / "responses.csv", *options)
    assert loaded & (HEAVY | HEAVY_NUMERICS) == set()
    assert (tmp_path / "items.csv").read_text().startswith("item,model,")
