import os
import signal

import pytest
import redis

from irtcat_site.embedded.redis import Redis


@pytest.fixture
def make_redis(home):
    made = []

    def make():
        made.append(Redis(home, "for-a-test"))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def ask(server, *command):
    with redis.Redis.from_url(server.url) as client:
        return client.execute_command(*command)


def test_a_second_start_serves_what_the_first_kept(make_redis):
    server = make_redis()
    server.start()
    ask(server, "SET", "task", "calibrate")
    server.stop()
    server.start()
    assert ask(server, "GET", "task") == b"calibrate"


def test_a_synced_key_survives_kill_9(make_redis):
    server = make_redis()
    server.start()
    ask(server, "CONFIG", "SET", "appendfsync", "always")
    ask(server, "SET", "task", "calibrate")
    os.kill(server.record.pid(), signal.SIGKILL)
    again = make_redis()
    again.start()
    assert ask(again, "GET", "task") == b"calibrate"


def test_nobody_enters_without_the_password(make_redis):
    server = make_redis()
    server.start()
    server.password = "guessed"
    with pytest.raises(redis.AuthenticationError):
        ask(server, "PING")


def test_only_this_machine_can_connect(make_redis):
    server = make_redis()
    server.start()
    assert ask(server, "CONFIG", "GET", "bind")[b"bind"] == b"127.0.0.1"


def test_stopping_leaves_no_process(make_redis, is_alive):
    server = make_redis()
    server.start()
    pid = server.record.pid()
    server.stop()
    assert not is_alive(pid)
