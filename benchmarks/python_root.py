"""Do both README commands work with the Python that a distribution ships? Root only, minutes.

debootstrap makes a root of it in a folder, with Python, `make` and Redis from its packages and no
Chromium. In there the checkout's files run `make demo` until the site is ready, and `make test`.
Mirror, certificates and the settings of pip are this machine's own, read when the proof runs:
another distribution than its own takes --mirror and its keyring. Mounts live in a namespace of the
one command that needs them, so that none is left behind.

Usage: make prove-python, or python3 -m benchmarks.python_root --help
"""

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGES = ("ca-certificates", "make", "python3", "python3-venv", "redis-server")
PLACE = "opt/irtcat"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
READY = "irtcat is ready"
READY_SECONDS = 1200  # environment and demo bank included
STOP_SECONDS = 60
# By these this machine's pip finds and trusts its index.
PIP_FILES = ("/etc/pip.conf", "~/.config/pip/pip.conf", "~/.pip/pip.conf")
VARIABLES = re.compile(
    r"PIP_\w+|(https?|all|no)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE",
    re.IGNORECASE,
)
NAMED_PATH = re.compile(r"(?:^|(?<=[\s=,])|(?<=file://))/[\w./+-]+", re.MULTILINE)


class Root:
    """A distribution's files in a folder, and commands in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {name: os.environ[name] for name in os.environ if is_for_pip(name)}
        self._shared: list[Path] = []

    def build(self, arguments: Namespace) -> None:
        options = ["--variant=minbase", f"--include={','.join(PACKAGES)}"]
        options += [f"--components={arguments.components}"] if arguments.components else []
        options += [f"--keyring={arguments.keyring}"] if arguments.keyring else []
        script = [arguments.script] if arguments.script else []
        mirror = arguments.mirror or own_mirror()
        target = [arguments.suite, str(self.folder), mirror, *script]
        with (self.folder / "debootstrap.log").open("w") as log:
            done = subprocess.run(["debootstrap", *options, *target], stdout=log, check=False)
        if done.returncode:
            sys.exit(f"debootstrap failed: {self.folder}/debootstrap.log says why")

    def bring(self, files: Iterable[str]) -> None:
        """Copy the checkout's files, and what pip needs."""
        place = self.folder / PLACE
        shutil.rmtree(place, ignore_errors=True)
        for name in files:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, place / name, follow_symlinks=False)
        settings = [Path(name).expanduser() for name in PIP_FILES]
        settings = [path for path in settings if path.is_file()]
        for path in settings:
            copy_to(self.folder, path)
        text = "\n".join([*self.variables.values(), *(path.read_text() for path in settings)])
        # A folder `simple` is an index, whose files lie beside it.
        found = map(Path, NAMED_PATH.findall(text))
        named = {path.parent if path.name == "simple" else path for path in found}
        for path in sorted(path for path in named if path.exists()):
            if path.is_file():
                copy_to(self.folder, path.resolve(), as_path=path)
            elif path != Path("/"):
                (self.folder / path.relative_to("/")).mkdir(parents=True, exist_ok=True)
                self._shared.append(path)

    def start(self, command: str) -> "subprocess.Popen[str]":
        """The command in the checkout's copy; it ends when its process here does."""
        inside = f"cd /{PLACE} && exec {command}"
        folder = shlex.quote(str(self.folder))
        mounts = [f"mount -t proc proc {folder}/proc", f"mount --rbind /dev {folder}/dev"]
        for path in map(str, self._shared):
            place = f"{folder}{shlex.quote(path)}"
            mounts.append(f"mount --bind {shlex.quote(path)} {place}")
        enter = f"exec chroot {folder} /bin/sh -c {shlex.quote(inside)}"
        namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        return subprocess.Popen(
            [*namespace, "/bin/sh", "-ec", "\n".join([*mounts, enter])],
            env={"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8", **self.variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # a group of its own, which Ctrl-C can be sent to
        )


def is_for_pip(name: str) -> bool:
    return VARIABLES.fullmatch(name) is not None


def copy_to(root: Path, path: Path, as_path: Path | None = None) -> None:
    target = root / (as_path or path).relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(path, target)


def own_mirror() -> str:
    """Where this machine's apt takes its distribution from."""
    options = ["--format", "$(REPO_URI)", "Created-By: Packages"]
    found = subprocess.run(
        ["apt-get", "indextargets", *options], capture_output=True, text=True, check=True
    )
    if not found.stdout.split():
        sys.exit("apt has no source on this machine: name one with --mirror")
    return found.stdout.split()[0]


def files_of_the_checkout() -> list[str]:
    """What git would take, changes included."""
    options = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(["git", *options], cwd=CHECKOUT, capture_output=True, check=True)
    names = os.fsdecode(listed.stdout).split("\0")
    # An environment may be a link here, which git does not see as the ignored folder.
    wanted = [name for name in names if name not in ("", ".venv")]
    return [name for name in wanted if os.path.lexists(CHECKOUT / name)]


def echoed(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout
    for line in process.stdout:
        print(f"  | {line}", end="", flush=True)
        yield line


def demo_becomes_ready(root: Root) -> bool:
    """Run `make demo` until its address is printed, and stop it as Ctrl-C does."""
    started = time.monotonic()
    process = root.start(f"env PORT={free_port()} make demo")
    with killed_after(process, READY_SECONDS):
        ready = any(READY in line for line in echoed(process))
    seconds = time.monotonic() - started
    if ready:
        os.killpg(process.pid, signal.SIGINT)
        with killed_after(process, STOP_SECONDS):
            for _ in echoed(process):
                pass
    process.wait()
    print(f"make demo: {'ready' if ready else 'NOT ready'} after {seconds:.0f} s", flush=True)
    return ready


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def killed_after(process: "subprocess.Popen[str]", seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tests_pass(root: Root, words: str) -> bool:
    started = time.monotonic()
    process = root.start(f"make test {f'ARGS={shlex.quote(words)}' if words else ''}")
    for _ in echoed(process):
        pass
    status = process.wait()
    seconds = time.monotonic() - started
    print(f"make test: exit status {status} after {seconds:.0f} s", flush=True)
    return status == 0


def options() -> Namespace:
    parser = ArgumentParser(prog="python3 -m benchmarks.python_root")
    parser.add_argument("--suite", default="trixie", help="the distribution's name")
    parser.add_argument("--mirror", help="by default the one of this machine's apt")
    parser.add_argument("--components", help="of the mirror, such as main,universe")
    parser.add_argument("--keyring", type=Path, help="that the mirror's signature is checked with")
    parser.add_argument("--script", help="debootstrap's, for a suite newer than it")
    parser.add_argument("--root", type=Path, help="use and keep this folder; built when empty")
    parser.add_argument("--test-args", default="", help='what `make test ARGS="..."` gets')
    return parser.parse_args()


def prove(folder: Path, arguments: Namespace) -> bool:
    root = Root(folder)
    if not (folder / "usr/bin/python3").exists():
        print(f"Building a root of {arguments.suite} in {folder}...", flush=True)
        root.build(arguments)
    root.bring(files_of_the_checkout())
    for _ in echoed(root.start("python3 --version")):
        pass
    return all([demo_becomes_ready(root), tests_pass(root, arguments.test_args)])


def main() -> None:
    arguments = options()
    missing = [tool for tool in ("debootstrap", "unshare", "git") if shutil.which(tool) is None]
    if os.geteuid() != 0 or missing:
        sys.exit(f"this needs root, debootstrap, util-linux and git (missing: {missing})")
    with tempfile.TemporaryDirectory(prefix="irtcat-root-", dir="/var/tmp") as own:
        folder = arguments.root or Path(own)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # PostgreSQL runs as nobody
        sys.exit(0 if prove(folder.resolve(), arguments) else 1)


if __name__ == "__main__":
    main()
