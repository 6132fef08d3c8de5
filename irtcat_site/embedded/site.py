"""The whole site for `make demo`: servers, migrations, demo bank, web, worker and scheduler."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo.bank.logins import LOGINS
from irtcat_site.embedded import connection
from irtcat_site.embedded.errors import EmbeddedError
from irtcat_site.embedded.net import LOCALHOST, is_free
from irtcat_site.embedded.process import wait_until
from irtcat_site.embedded.servers import Servers, running

DEFAULT_PORT = 8000
FIRST_PAGE = "/accounts/login/"
FIRST_PAGE_SECONDS = 60
FIRST_PAGE_POLL_SECONDS = 0.2
STOP_SECONDS = 15
POLL_SECONDS = 0.5
STOPPED = "Web, worker or scheduler stopped by itself; what failed stands above."


def serve() -> None:
    """Run everything until a signal or a failure ends it.

    Raises EmbeddedError with the sentence to show, KeyboardInterrupt when asked to stop.
    """
    port = _wanted_port()
    say("Starting PostgreSQL and Redis...")
    with running(connection.home()) as servers:
        _require_free(port)
        environment = {**servers.environment, "PYTHONUNBUFFERED": "1"}
        # The address and the logins must not scroll away under a line a request.
        environment.setdefault("LOG_LEVEL", "WARNING")
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        say("Preparing the database (a first start builds and calibrates the demo bank)...")
        _prepare(environment)
        processes = _start_processes(environment, port)
        try:
            _wait_for_first_page(processes, port)
            say_welcome(port)
            _watch(processes, servers)
        finally:
            _stop_processes(processes)


def say(text: str) -> None:
    print(text, flush=True)


def _wanted_port() -> int:
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise EmbeddedError(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def _require_free(port: int) -> None:
    other = (
        f"choose another, for example: PORT={port + 1 if 1023 < port < 65535 else 8000} make demo"
    )
    try:
        if is_free(port):
            return
    except PermissionError as error:
        raise EmbeddedError(f"You may not listen on port {port}: {other}") from error
    raise EmbeddedError(f"Port {port} is taken by another program: {other}")


def _prepare(environment: dict[str, str]) -> None:
    process = _spawn([sys.executable, "manage.py", "prepare"], environment)
    try:
        process.wait()
    finally:
        _stop_processes(process)
    if process.returncode:
        raise EmbeddedError("The database could not be prepared; what failed stands above.")


def _spawn(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches us alone and we stop things in order."""
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        cwd=connection.CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _start_processes(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    # The container's .env is not for us.
    honcho = [sys.executable, "-m", "honcho", "--env", os.devnull, "start", "--port", str(port)]
    return _spawn(honcho, environment)


def _stop_processes(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for_first_page(processes: subprocess.Popen[bytes], port: int) -> None:
    def is_decided() -> bool:
        return processes.poll() is not None or _answers(port)

    if not wait_until(is_decided, FIRST_PAGE_SECONDS, FIRST_PAGE_POLL_SECONDS):
        raise EmbeddedError(f"The first page did not answer within {FIRST_PAGE_SECONDS} s.")
    if processes.poll() is not None:
        raise EmbeddedError(STOPPED)


def _answers(port: int) -> bool:
    page = http.client.HTTPConnection(LOCALHOST, port, timeout=10)
    try:
        page.request("GET", FIRST_PAGE)
        return page.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        page.close()


def _watch(processes: subprocess.Popen[bytes], servers: Servers) -> None:
    while processes.poll() is None:
        servers.check()
        time.sleep(POLL_SECONDS)
    raise EmbeddedError(STOPPED)


def say_welcome(port: int) -> None:
    """Where the site is, and who can sign in."""
    people = [f"  {login.username:<10} {login.password:<15} {login.does}" for login in LOGINS]
    address = f"irtcat is ready: http://{LOCALHOST}:{port}/"
    lines = ["", address, "", "  user       password", *people, "", "Ctrl-C stops it.", ""]
    say("\n".join(lines))
