"""Where the embedded servers of this checkout are: what settings read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from irtcat_site.embedded.process import Record

CHECKOUT = Path(__file__).resolve().parents[2]
# Port 1 refuses at once, so that a command which needs no database works without one.
_NOBODY_LISTENS = "127.0.0.1:1"


def home() -> Path:
    """The data folder: IRTCAT_HOME, else `.irtcat` in the checkout."""
    return Path(os.environ.get("IRTCAT_HOME") or CHECKOUT / ".irtcat").absolute()


@dataclass(frozen=True)
class Secrets:
    """What the first start draws once for a data folder."""

    database_password: str
    redis_password: str
    secret_key: str
    mark: str


def load_secrets(folder: Path) -> Secrets:
    """The secrets of the data folder, drawn now if it has none yet."""
    path = folder / "secrets.json"
    if not path.exists():
        drawn = Secrets(*(secrets.token_hex(32) for _ in range(4)))
        write_private_text(path, json.dumps(asdict(drawn)))
    return Secrets(**json.loads(path.read_text()))


def write_private_text(path: Path, text: str) -> None:
    """Replace the file in one step; only its owner may ever read it."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def addresses_path(folder: Path) -> Path:
    return folder / "addresses.json"


def supervisor_record(folder: Path) -> Record:
    return Record(folder / "supervisor.pid")


def is_running() -> bool:
    return supervisor_record(home()).pid() is not None


def database_url() -> str:
    return _address("database_url", f"postgres://irtcat@{_NOBODY_LISTENS}/irtcat")


def redis_url() -> str:
    return _address("redis_url", f"redis://{_NOBODY_LISTENS}/0")


def secret_key() -> str:
    """The data folder's key; where there is none yet, one that lasts as long as this process."""
    path = home() / "secrets.json"
    return load_secrets(home()).secret_key if path.exists() else secrets.token_hex(32)


def _address(name: str, otherwise: str) -> str:
    path = addresses_path(home())
    found: str = json.loads(path.read_text()).get(name, "") if path.exists() else ""
    return found or otherwise
