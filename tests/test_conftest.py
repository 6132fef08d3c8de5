import os
import subprocess
import sys

import bootstrap

SKIPPED_IN_A_BROWSER = """
import pytest

@pytest.mark.browser
def test_in_a_browser():
    pytest.skip("Chromium is not installed")

def test_without_one():
    pass
"""


def run_pytest(folder, **environment):
    """(exit status, names in the order they ran, the summary) of the module above."""
    (folder / "test_pages.py").write_text(SKIPPED_IN_A_BROWSER)
    options = ["-v", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=bootstrap.ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    ran = [line.split("::")[1].split()[0] for line in lines if "::" in line and "%]" in line]
    return done.returncode, ran, lines[-1]


def test_a_skipped_browser_test_is_told_and_comes_last(tmp_path):
    status, ran, summary = run_pytest(tmp_path, IRTCAT_REQUIRE_BROWSER="")
    assert status == 0
    assert ran == ["test_without_one", "test_in_a_browser"]
    assert "1 passed, 1 skipped" in summary


def test_a_skipped_browser_test_fails_where_a_browser_is_required(tmp_path):
    status, _, summary = run_pytest(tmp_path, IRTCAT_REQUIRE_BROWSER="1")
    assert status == 1
    assert "1 failed, 1 passed" in summary
