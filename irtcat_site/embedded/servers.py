"""The servers of one data folder, together: recovered, started, announced, stopped."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from irtcat_site.embedded import connection
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.postgres import Postgres
from irtcat_site.embedded.process import MARK, stop_marked
from irtcat_site.embedded.redis import Redis

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Servers:
    """What runs, and the environment in which a command finds it."""

    def __init__(self, folder: Path, *, throwaway: bool = False) -> None:
        self.folder = folder
        self._throwaway = throwaway
        drawn = connection.load_secrets(folder)
        self.mark = f"{drawn.mark}-{folder.stat().st_ino}"
        postgres = Postgres(folder, drawn.database_password, throwaway=throwaway)
        redis = Redis(folder, drawn.redis_password)
        self._embedded: list[Postgres | Redis] = []
        if not os.environ.get("DATABASE_URL"):
            self._embedded.append(postgres)
        if not os.environ.get("REDIS_URL"):
            self._embedded.append(redis)
        self._recoverable: tuple[Postgres | Redis, ...] = (postgres, redis)
        self._secret_key = drawn.secret_key

    @property
    def environment(self) -> dict[str, str]:
        """For every command we start: it finds the servers, and we find it again after a crash."""
        return {
            **os.environ,
            "SECRET_KEY": os.environ.get("SECRET_KEY") or self._secret_key,
            "IRTCAT_HOME": str(self.folder),
            MARK: self.mark,
        }

    def recover(self) -> None:
        """Stop what an earlier run of this data folder left behind, and nothing else."""
        connection.addresses_path(self.folder).unlink(missing_ok=True)
        stop_marked(self.mark)
        for server in self._recoverable:
            server.stop()
            if self._throwaway:
                server.erase()

    def start(self) -> None:
        for server in self._embedded:
            server.start()
        addresses = {
            "database_url" if isinstance(server, Postgres) else "redis_url": server.url
            for server in self._embedded
        }
        connection.supervisor_record(self.folder).write()
        path = connection.addresses_path(self.folder)
        connection.write_private_text(path, json.dumps(addresses))

    def check(self) -> None:
        """Raise EmbeddedError when a server died."""
        for server in self._embedded:
            if not server.is_alive:
                name = type(server).__name__
                raise EmbeddedError(f"{name} stopped by itself: {server.log} says why.")

    def stop(self) -> None:
        stop_marked(self.mark)
        for server in reversed(self._embedded):
            server.stop()
            if self._throwaway:
                server.erase()
        connection.addresses_path(self.folder).unlink(missing_ok=True)
        connection.supervisor_record(self.folder).path.unlink(missing_ok=True)


@contextmanager
def running(folder: Path, *, throwaway: bool = False) -> Iterator[Servers]:
    """The servers of the data folder, for as long as the block lasts.

    Raises EmbeddedError when the folder is in use or a server cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder):
        servers = Servers(folder, throwaway=throwaway)
        servers.recover()
        try:
            servers.start()
            yield servers
        finally:
            # Ctrl-C must not tear the stopping itself.
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
            servers.stop()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


@contextmanager
def _only_one(folder: Path) -> Iterator[IO[str]]:
    """Hold the data folder; the kernel lets go of it even after kill -9."""
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = connection.supervisor_record(folder).pid()
            raise EmbeddedError(
                f"irtcat already runs from {folder} (process {pid or 'unknown'}): stop it first, "
                "or set IRTCAT_HOME to another folder."
            ) from error
        yield file
