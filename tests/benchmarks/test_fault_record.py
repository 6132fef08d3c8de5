"""The comparison behind `make prove-kill9` can fail."""

from dataclasses import replace

import pytest

from benchmarks.faults.record import Held, losses, unpromised
from benchmarks.faults.students import Acknowledged

REPLY = '{"position":%d,"title":"배치고사"}'


def promise(session, position):
    return Acknowledged(
        session, position, item=1, answer={"option": 1}, reply=REPLY % position, attempts=1, at=0.0
    )


@pytest.fixture
def promised():
    return [promise("s1", 1), promise("s1", 2), promise("s2", 1)]


def held(promises, torn=()):
    replies = {(p.session, p.position): p.reply.encode() for p in promises}
    return Held(replies, list(torn))


def test_what_is_there_as_promised_is_no_loss(promised):
    assert losses(promised, held(promised)) == []
    assert unpromised(promised, held(promised)) == []


def test_a_removed_row_is_a_loss(promised):
    assert losses(promised, held(promised[:1] + promised[2:])) == [
        "session s1, position 2: acknowledged, but not in the database"
    ]


def test_one_changed_byte_is_a_loss(promised):
    other = replace(promised[2], reply=promised[2].reply + " ")
    assert losses(promised, held([*promised[:2], other])) == [
        "session s2, position 1: the database holds another reply"
    ]


def test_a_session_out_of_step_with_its_responses_is_a_loss(promised):
    assert losses(promised, held(promised, torn=["s2"])) == [
        "session s2 is not in step with its responses"
    ]


def test_a_row_that_nobody_was_told_about_is_named(promised):
    assert unpromised(promised[:2], held(promised)) == [
        "session s2, position 1: in the database, but never acknowledged"
    ]
