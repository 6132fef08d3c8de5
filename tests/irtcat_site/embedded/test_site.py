import os
import socket
import subprocess
import sys

import pytest

from irtcat_site.embedded import connection
from irtcat_site.embedded.site import say_welcome


def demo(**environment):
    """`make demo` as far as it gets: to the sentence with which it gives up."""
    return subprocess.run(
        [sys.executable, "-m", "irtcat_site.embedded", "demo"],
        cwd=connection.CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_taken_port_is_named_with_a_way_out(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = demo(PORT=str(port))
    assert done.returncode == 1
    assert done.stderr == (
        f"irtcat: Port {port} is taken by another program: choose another, "
        f"for example: PORT={port + 1} make demo\n"
    )
    assert list(home.glob("*.pid")) == []


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8000.5", "²"])
def test_a_port_that_is_no_port_is_refused_before_anything_starts(home, port):
    done = demo(PORT=port)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"irtcat: PORT is {port!r}: it must be a number from 1 to 65535.\n"
    assert list(home.iterdir()) == []


def test_the_welcome_names_address_and_logins(capsys):
    say_welcome(8123)
    told = capsys.readouterr().out
    assert "http://127.0.0.1:8123/" in told
    for role in ("student", "teacher", "author", "operator"):
        assert f"{role}-demo" in told
