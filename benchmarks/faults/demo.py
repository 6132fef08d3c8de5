"""`make demo` in a folder of its own: started, killed with all of its processes, stopped."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from benchmarks.faults.students import NoReply, send
from irtcat_site.embedded.connection import CHECKOUT, addresses_path
from irtcat_site.embedded.net import free_port
from irtcat_site.embedded.process import wait_until

START_SECONDS = 300  # the first start builds and calibrates the demo bank
GONE_SECONDS = 30
STOP_SECONDS = 60
LONGEST_PAUSE_SECONDS = 0.004
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
PROC = Path("/proc")


class Demo:
    """Embedded servers, web, worker and scheduler; Linux only, because of /proc."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home.resolve()
        self.port = port
        self.output = self.home / "demo.log"
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self._environment = {**kept, "IRTCAT_HOME": str(self.home), "PORT": str(port)}
        self._make: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        url: str = json.loads(addresses_path(self.home).read_text())["database_url"]
        return url

    def start(self) -> float:
        """Seconds until it answers. Raises RuntimeError, with its last words, if it does not."""
        begun = time.monotonic()
        with self.output.open("ab") as output:
            make = self._make = subprocess.Popen(
                ["make", "demo"],
                cwd=CHECKOUT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: make.poll() is not None or self._answers(), START_SECONDS, 0.1)
        if make.poll() is not None or not self._answers():
            raise RuntimeError(f"make demo does not answer:\n{self.last_words()}")
        return time.monotonic() - begun

    def kill(self, rng: Random) -> int:
        """kill -9 for everything, in random order and almost at once; how many there were."""
        assert self._make
        killed: set[int] = set()
        deadline = time.monotonic() + GONE_SECONDS
        while alive := self.processes():
            if time.monotonic() > deadline:
                raise RuntimeError(f"these processes survive kill -9: {alive}")
            for pid in rng.sample(alive, len(alive)):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                # So that one round kills PostgreSQL before the web server, another one after it.
                time.sleep(rng.uniform(0, LONGEST_PAUSE_SECONDS))
            killed.update(alive)
            self._make.poll()
        self._make.wait()
        return len(killed)

    def stop(self) -> None:
        """As Ctrl-C would; what does not obey is killed."""
        if self._make is None:
            return
        if self._make.poll() is None:
            os.killpg(self._make.pid, signal.SIGINT)
            wait_until(lambda: not self.processes(), STOP_SECONDS, 0.1)
        self.kill(Random(0))

    def processes(self) -> list[int]:
        """The descendants of `make`, and what carries our folder in its environment or works in
        it: those whose parents are dead."""
        assert self._make
        return sorted({*_descendants(self._make.pid), *self._marked()})

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.check_output(command, cwd=CHECKOUT, env=self._environment, text=True)

    def last_words(self) -> str:
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-20:])

    def erase(self) -> None:
        """Remove the folder, and the sheltered one behind its link."""
        shutil.rmtree((self.home / "postgres").resolve(), ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def _answers(self) -> bool:
        with suppress(NoReply):
            return send(self.port, "/tests").status == 401
        return False

    def _marked(self) -> Iterator[int]:
        wanted = f"IRTCAT_HOME={self.home}\0".encode()
        folders = (self.home, (self.home / "postgres").resolve())
        for pid in _pids():
            with suppress(OSError):
                place = (PROC / str(pid) / "cwd").readlink()
                is_inside = any(place.is_relative_to(folder) for folder in folders)
                if is_inside or wanted in (PROC / str(pid) / "environ").read_bytes():
                    yield pid


@contextmanager
def temporary_demo() -> Iterator[Demo]:
    """A demo, not started yet; stopped after the block, and removed unless the block failed."""
    if not PROC.exists():
        sys.exit("This proof finds the processes of the demo in /proc, which only Linux has.")
    home = Path(tempfile.mkdtemp(prefix="irtcat-"))
    home.chmod(0o711)  # PostgreSQL runs as another user where we are root
    demo, failed = Demo(home, free_port()), True
    try:
        yield demo
        failed = False
    finally:
        demo.stop()
        if failed:
            print(f"The data stay in {demo.home}; {demo.output} has what make demo said.")
        else:
            demo.erase()


def _pids() -> Iterator[int]:
    numbers = (int(path.name) for path in PROC.iterdir() if path.name.isdigit())
    return (pid for pid in numbers if pid != os.getpid())


def _descendants(root: int) -> Iterator[int]:
    """The living among them, and itself."""
    children: dict[int, list[int]] = {}
    for pid in _pids():
        with suppress(OSError):
            # The command's name, in parentheses, may itself hold spaces and parentheses.
            fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            state, parent = fields[0], int(fields[1])
            if state not in "ZX":
                children.setdefault(root if pid == root else parent, []).append(pid)
    generation = children.pop(root, [])
    while generation:
        yield from generation
        generation = [child for pid in generation for child in children.get(pid, [])]
