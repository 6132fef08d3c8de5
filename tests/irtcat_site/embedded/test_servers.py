import json
import os
import signal
import stat
import subprocess
import sys

import psycopg
import pytest

from irtcat_site.embedded import connection
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.process import MARK, wait_until
from irtcat_site.embedded.servers import running

ELSEWHERE = "postgres://someone@database.invalid/irtcat"


RUN = (sys.executable, "-m", "irtcat_site.embedded", "run", "--throwaway", "--")


def run(*command, before=()):
    """`python -m irtcat_site.embedded run --throwaway -- command`, in its own session."""
    return subprocess.Popen(
        [*before, *RUN, *command],
        cwd=connection.CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_pids(process):
    """The pids that a command printed as its first line."""
    return [int(word) for word in process.stdout.readline().split()]


def test_settings_find_the_servers_while_they_run_and_only_then(home):
    before = connection.database_url()
    with running(home, throwaway=True):
        with psycopg.connect(connection.database_url()) as database:
            assert database.execute("SELECT current_database()").fetchone() == ("irtcat",)
        assert connection.is_running()
        assert connection.redis_url().startswith("redis://:")
        assert stat.S_IMODE(connection.addresses_path(home).stat().st_mode) == 0o600
    assert not connection.is_running()
    assert connection.database_url() == before


def test_the_secret_key_lasts_as_long_as_the_data(home):
    with running(home, throwaway=True) as servers:
        first = servers.environment["SECRET_KEY"]
    assert connection.secret_key() == first
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600


def test_a_second_supervisor_of_the_same_data_is_refused(home):
    with (
        running(home, throwaway=True),
        pytest.raises(EmbeddedError, match=rf"already runs from {home} \(process {os.getpid()}\)"),
        running(home, throwaway=True),
    ):
        pass


def test_a_server_of_ones_own_is_used_instead(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", ELSEWHERE)
    with running(home, throwaway=True) as servers:
        assert servers.environment["DATABASE_URL"] == ELSEWHERE
        addresses = json.loads(connection.addresses_path(home).read_text())
        assert list(addresses) == ["redis_url"]
        assert not (home / "postgres").exists()


def test_whatever_was_started_with_the_environment_is_stopped_with_the_servers(home, is_alive):
    with running(home, throwaway=True) as servers:
        child = subprocess.Popen(["sleep", "60"], env=servers.environment, start_new_session=True)
        stranger = subprocess.Popen(["sleep", "60"], env={MARK: "another-run"})
    assert child.wait(timeout=60) == -signal.SIGTERM
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_command_gets_the_servers_and_gives_its_exit_status(home):
    code = "import os, sys; print(len(os.environ['SECRET_KEY'])); sys.exit(7)"
    with run(sys.executable, "-c", code) as process:
        assert process.communicate()[0] == "64\n"
    assert process.returncode == 7


def test_after_kill_9_the_next_run_clears_away_what_was_left(home, is_alive):
    with run("sh", "-c", "echo $$ $PPID; exec sleep 60") as killed:
        left, supervisor = read_pids(killed)
        os.kill(supervisor, signal.SIGKILL)
    servers = [
        int((home / f"test/{name}.pid").read_text().split()[0]) for name in ("postgres", "redis")
    ]
    assert all(map(is_alive, [left, *servers]))
    with run("true") as again:
        assert again.wait(timeout=60) == 0
    assert not any(map(is_alive, [left, *servers]))


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything(home, is_alive, signum):
    with run("sh", "-c", "echo $$ $PPID; exec sleep 60") as process:
        pids = read_pids(process)
        process.send_signal(signum)
        assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert not any(map(is_alive, pids))
    assert sorted(path.name for path in (home / "test").glob("*.pid")) == []


def test_nohup_keeps_its_promise(home):
    with run("sh", "-c", "echo $$; exec sleep 60", before=("nohup",)) as process:
        read_pids(process)
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.terminate()


def test_ctrl_c_twice_stops_everything_and_lets_the_command_speak_last(home):
    code = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try: print(os.getpid(), flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt: time.sleep(1); print('last words')"
    )
    with run(sys.executable, "-c", code) as process:
        read_pids(process)
        os.killpg(process.pid, signal.SIGINT)
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "last words\n"
        assert process.wait(timeout=60) == 0
    assert sorted(path.name for path in (home / "test").glob("*.pid")) == []


def test_a_command_without_database_says_how_to_get_one(home):
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations"],
        cwd=connection.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("irtcat: this needs the database, and none is running: start")
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(home):
    (home / "file").touch()
    done = subprocess.run(
        [sys.executable, "-m", "irtcat_site.embedded", "run", "--", "true"],
        cwd=connection.CHECKOUT,
        env={**os.environ, "IRTCAT_HOME": str(home / "file/below")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, f"irtcat: Not a directory: {home}/file/below.\n")


def test_waiting_ends_when_the_time_is_over():
    assert not wait_until(lambda: False, seconds=0.1)
