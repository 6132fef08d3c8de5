"""Numbers as people type them, through the page without JavaScript and through the API."""

# ruff: noqa: RUF001 - people type signs that look alike

from html import unescape

import pytest

from items.content import Content, RuleContent
from sessions.models import Response
from tests.factories import make_bank, parameters_for, release_items, write_items
from tests.sessions.builders import make_student, make_test
from tests.sessions.client import post, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(roles):
    """Signed in, with an open session whose items ask for 2400."""
    bank = make_bank()
    asked = Content(
        bank.areas.get(), "numeric", {"en": "How much is it?"}, rules=(RuleContent(2400, 2400, 1),)
    )
    versions = write_items(bank, {f"N{n}": asked for n in range(3)})
    release_items(bank, [(version, parameters_for(version)) for version in versions])
    make_test(bank, min_items=3, max_items=3)
    return signed_in(make_student().user)


def typed(client, state, number):
    """What the page answers to a form of it."""
    fields = {"position": state["position"], "item": state["item"]["id"], "act": "answer"}
    return client.post(f"/sessions/{state['session']}/", {**fields, "number": number})


@pytest.mark.parametrize(
    "number", ["two thousand", "2400 won", "２４００円", '"><script>x</script>']
)
def test_a_refused_number_stays_in_its_field_with_a_sentence(client, number):
    page = typed(client, start(client), number)
    text = unescape(page.content.decode())
    assert page.status_code == 200
    assert 'id="number" name="number"' in text
    assert f'value="{number}"' in text
    assert f"“{number}” cannot be read as a number." in text
    assert "<script>x" not in page.content.decode()
    assert Response.objects.count() == 0


def test_the_page_asks_which_number_is_meant_and_goes_on_with_it(client):
    state = start(client)
    page = typed(client, state, "2.400")
    assert 'value="2.400"' in page.content.decode()
    assert "“2.400” can be read as 2.4 or as 2400." in page.content.decode()
    assert typed(client, state, "２４００").status_code == 302
    assert Response.objects.get().answer == {"number": "2400"}
    assert Response.objects.get().score == 1


def test_the_api_reads_numbers_as_the_page_does(client):
    state = start(client)
    body = {"position": state["position"], "item": state["item"]["id"]}
    path = f"/sessions/{state['session']}/responses"
    refused = post(client, path, body | {"answer": {"number": "2.400"}})
    assert (refused.status_code, refused.json()["code"]) == (400, "ambiguous_number")
    refused = post(client, path, body | {"answer": {"number": "2400 won"}})
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_answer")
    assert Response.objects.count() == 0
    assert post(client, path, body | {"answer": {"number": "2 400,0"}}).status_code == 200
    assert Response.objects.get().score == 1


def test_the_same_number_in_other_signs_is_the_same_answer(client):
    state = start(client)
    body = {"position": state["position"], "item": state["item"]["id"]}
    path = f"/sessions/{state['session']}/responses"
    replies = [
        post(client, path, body | {"answer": {"number": number}}).content
        for number in ("2400", "２４００", "2,400")
    ]
    assert len(set(replies)) == 1
    assert Response.objects.count() == 1


def test_a_refusal_speaks_the_language_of_the_test_and_not_of_the_browser(client):
    client.cookies["django_language"] = "ko"
    state = start(client)
    page = unescape(typed(client, state, "2400 won").content.decode())
    assert "“2400 won” cannot be read as a number." in page
    body = {"position": state["position"], "item": state["item"]["id"]}
    path = f"/sessions/{state['session']}/responses"
    for number, sentence in (("about 5", "cannot be read as a number"), ("2.400", "or as 2400")):
        refused = post(client, path, body | {"answer": {"number": number}})
        assert sentence in refused.json()["message"]
