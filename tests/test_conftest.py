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
NOT_COLLECTED = 'import pytest\npytest.importorskip("no_such_extra")\n'
ALLOWED = """
import pytest

@pytest.mark.skip(reason="only root gives up being root")
def test_for_root():
    pass

@pytest.mark.xfail(strict=True)
def test_that_is_known_to_fail():
    assert False
"""


def run_pytest(folder, source, **environment):
    """(exit status, names in the order they ran, the summary) of a module."""
    (folder / "test_pages.py").write_text(source)
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
    status, ran, summary = run_pytest(tmp_path, SKIPPED_IN_A_BROWSER, CI="")
    assert status == 0
    assert ran == ["test_without_one", "test_in_a_browser"]
    assert "1 passed, 1 skipped" in summary


def test_a_skipped_browser_test_fails_in_ci(tmp_path):
    status, _, summary = run_pytest(tmp_path, SKIPPED_IN_A_BROWSER, CI="true")
    assert status == 1
    assert "1 failed, 1 passed" in summary


def test_a_module_that_is_skipped_as_a_whole_fails_in_ci(tmp_path):
    assert run_pytest(tmp_path, NOT_COLLECTED, CI="")[0] == 5  # no tests, and none is missed
    assert run_pytest(tmp_path, NOT_COLLECTED, CI="true")[0] == 2


def test_what_a_machine_cannot_have_may_be_skipped_in_ci(tmp_path):
    status, _, summary = run_pytest(tmp_path, ALLOWED, CI="true")
    assert status == 0
    assert "1 skipped, 1 xfailed" in summary
