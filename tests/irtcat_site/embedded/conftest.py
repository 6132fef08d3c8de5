import tempfile
from pathlib import Path

import psycopg
import pytest

from irtcat_site.embedded.postgres import Postgres
from irtcat_site.embedded.process import identity

PASSWORD = "for-a-test"


@pytest.fixture
def home(monkeypatch):
    """A data folder that any user can enter; pytest's own are closed to root's `nobody`."""
    with tempfile.TemporaryDirectory(prefix="irtcat-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.setenv("IRTCAT_HOME", str(folder))
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
            monkeypatch.delenv(name, raising=False)
        yield folder


@pytest.fixture
def make_postgres(home):
    """Servers of the data folder, stopped at the end whoever of them still runs."""
    made = []

    def make(**options):
        made.append(Postgres(home, PASSWORD, **options))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def sql():
    def run(server, statement):
        with psycopg.connect(server.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    return run


@pytest.fixture
def is_alive():
    """Whether a process lives; a zombie that nobody has reaped yet does not."""
    return lambda pid: identity(pid) is not None
