"""Processes that we own: started with a record of who they are, stopped only while it is them.

A process id alone says nothing after a crash: the kernel gives it to somebody else. A record holds
the id and the moment the process started, and both must match before a signal is sent.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import struct_passwd
from typing import IO

MARK = "IRTCAT_RUN"
_PROC = Path("/proc")
_ON_LINUX = sys.platform.startswith("linux")
_POLL_SECONDS = 0.02


def identity(pid: int) -> str | None:
    """When the process started, in the kernel's own words; None when it is dead or a zombie."""
    return _linux_identity(pid) if _ON_LINUX else _ps_identity(pid)


def _linux_identity(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The command's name, in parentheses, may itself hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{start_ticks}"


def _ps_identity(pid: int) -> str | None:
    command = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
    output = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C"})  # noqa: S603 - fixed words and a number
    state, _, started = output.stdout.strip().partition(" ")
    return started.strip() or None if not state.startswith("Z") else None


@dataclass(frozen=True)
class Record:
    """The file that says which process is ours."""

    path: Path

    def spawn(
        self,
        command: Sequence[str],
        *,
        output: IO[bytes] | None = None,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        owner: struct_passwd | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start the command in a session of its own, recorded before its first instruction."""
        with self.path.open("wb", buffering=0) as file:
            return subprocess.Popen(  # noqa: S603 - the callers pass our own binaries
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                cwd=cwd,
                env=env,
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
                start_new_session=True,
                # Written by the child itself, so that no crash of ours can fall between the two.
                preexec_fn=lambda: file.write(_signature(os.getpid(), file)),
            )

    def pid(self) -> int | None:
        """The recorded process, when it still is that process."""
        with suppress(OSError, ValueError, IndexError), self.path.open("rb") as file:
            signature = file.read()
            pid = int(signature.split()[0])
            if signature == _signature(pid, file):
                return pid
        return None

    def write(self) -> None:
        """Record this very process."""
        with self.path.open("wb") as file:
            file.write(_signature(os.getpid(), file))

    def stop(self, signum: signal.Signals, seconds: float) -> None:
        """Ask the recorded process to stop; kill it when it has not after that many seconds."""
        pid = self.pid()
        if pid is not None:
            _signal(pid, signum)
            if not wait_until(lambda: _is_gone(pid, self), seconds):
                _signal(pid, signal.SIGKILL)
                wait_until(lambda: _is_gone(pid, self), seconds)
        self.path.unlink(missing_ok=True)


def _signature(pid: int, file: IO[bytes]) -> bytes:
    """The file's inode tells a record from a copy of it, made with the data folder it lies in."""
    return f"{pid} {os.fstat(file.fileno()).st_ino} {identity(pid)}\n".encode()


def _is_gone(pid: int, record: Record) -> bool:
    with suppress(ChildProcessError):  # only a child of ours needs reaping
        os.waitpid(pid, os.WNOHANG)
    return record.pid() is None


def _signal(pid: int, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signum)


def wait_until(
    condition: Callable[[], bool], seconds: float, poll_seconds: float = _POLL_SECONDS
) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_seconds)
    return True


def stop_marked(mark: str, seconds: float = 10) -> None:
    """Stop every process whose environment carries our mark: the orphans of an earlier run."""
    pids = set(_find_marked(mark))
    for pid in pids:
        _signal(pid, signal.SIGTERM)
    if pids and not wait_until(lambda: pids.isdisjoint(_find_marked(mark)), seconds):
        for pid in pids.intersection(_find_marked(mark)):
            _signal(pid, signal.SIGKILL)
        wait_until(lambda: pids.isdisjoint(_find_marked(mark)), seconds)


def _find_marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}"
    for pid, environment in _environments():
        if wanted in environment and pid != os.getpid():
            yield pid


def _environments() -> Iterator[tuple[int, str]]:
    if not _ON_LINUX:
        listing = subprocess.run(["ps", "-axEww", "-o", "pid=,command="], capture_output=True)  # noqa: S607 - ps is where the system has it
        for line in listing.stdout.decode(errors="replace").splitlines():
            pid, _, rest = line.strip().partition(" ")
            yield int(pid), rest
        return
    for entry in _PROC.iterdir():
        with suppress(OSError):  # gone meanwhile, or somebody else's
            if entry.name.isdigit():
                yield int(entry.name), (entry / "environ").read_text(errors="replace")
