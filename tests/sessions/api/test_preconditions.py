"""ETag and If-Match: a write that says what it has seen is refused where that is old."""

import pytest

from sessions.models import Response, Session
from tests.sessions.builders import make_bank, make_student, make_test
from tests.sessions.client import API, answer_body, post, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    make_test(make_bank())
    return signed_in(make_student().user)


def etag_of(client, state) -> str:
    return client.get(f"{API}/sessions/{state['session']}").headers["ETag"]


def give(client, state, etag):
    path = f"/sessions/{state['session']}/responses"
    return post(client, path, answer_body(state), headers={"If-Match": etag})


def finish(client, state, etag):
    return post(client, f"/sessions/{state['session']}/finish", {}, headers={"If-Match": etag})


def test_a_session_tells_the_same_etag_until_it_is_written_to(client):
    created = post(client, "/sessions", {"test": "placement"})
    state = created.json()
    assert created.headers["ETag"] == etag_of(client, state) == etag_of(client, state)
    before = etag_of(client, state)
    give(client, state, before)
    assert etag_of(client, state) != before


def test_an_answer_to_what_was_seen_is_taken(client):
    state = start(client)
    reply = give(client, state, etag_of(client, state))
    assert (reply.status_code, reply.json()["position"]) == (200, 2)


def test_an_answer_to_an_older_state_is_refused_and_nothing_is_written(client):
    state = start(client)
    old = etag_of(client, state)
    state = give(client, state, old).json()
    refused = give(client, state, old)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")
    assert f'"{refused.json()["detail"]["token"]}"' == etag_of(client, state)
    assert Response.objects.count() == 1


def test_a_repeated_answer_gets_its_reply_whatever_it_has_seen(client):
    state = start(client)
    old = etag_of(client, state)
    first, again = give(client, state, old), give(client, state, old)
    assert (first.status_code, first.content) == (again.status_code, again.content)


def test_a_session_that_went_on_is_not_ended_unseen(client):
    state = start(client)
    old = etag_of(client, state)
    give(client, state, old)
    assert finish(client, state, old).status_code == 412
    assert Session.objects.get().status == "open"
    ended = finish(client, state, etag_of(client, state))
    assert (ended.status_code, ended.json()["status"]) == (200, "finished")
    assert finish(client, state, old).status_code == 200  # it is over: nothing is overwritten


@pytest.mark.parametrize("kind", ["*", '"old", {}', '{} , W/"old"'])
def test_if_match_takes_a_star_and_lists(client, kind):
    state = start(client)
    assert give(client, state, kind.format(etag_of(client, state))).status_code == 200


@pytest.mark.parametrize("kind", ['"old"', "W/{}", '"old", "older"', '""'])
def test_what_is_not_the_etag_as_it_was_sent_fits_nothing(client, kind):
    state = start(client)
    refused = give(client, state, kind.format(etag_of(client, state)))
    assert (refused.status_code, refused.json()["code"]) == (412, "changed_meanwhile")


@pytest.mark.parametrize("nonsense", ["old", '"old', '"a" "b"', ","])
def test_a_header_that_holds_no_etag_is_an_error_of_its_own(client, nonsense):
    refused = give(client, start(client), nonsense)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_if_match")


def test_without_the_header_nothing_is_asked(client):
    state = start(client)
    path = f"/sessions/{state['session']}/responses"
    assert post(client, path, answer_body(state)).status_code == 200
