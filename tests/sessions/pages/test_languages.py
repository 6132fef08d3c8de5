"""Who reads Korean takes a test of an English bank all the same, and the other way round."""

import pytest

from sessions.models import Session
from tests.factories import make_bank, make_release
from tests.sessions.builders import make_student, make_test
from tests.sessions.client import post, signed_in, start

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("banks", "reads"), [("en", "ko"), ("ko", "en"), ("en", "en")])
def test_a_bank_of_one_language_is_taken_by_readers_of_another(roles, banks, reads):
    bank = make_bank("only", languages=(banks,))
    make_release(bank)
    test = make_test(bank, min_items=3, max_items=3)
    client = signed_in(make_student(language=reads).user, headers={"Accept-Language": reads})
    for path in ("/", f"/tests/{test.slug}/"):
        assert client.get(path).status_code == 200
    assert client.post(f"/tests/{test.slug}/").status_code == 302
    session = Session.objects.get()
    assert session.language == banks
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert f'<html lang="{banks}"' in page
    assert "Stem of I0" in page


def test_a_language_that_the_bank_lacks_is_told_with_those_that_it_has(roles):
    bank = make_bank("only")
    make_release(bank)
    make_test(bank, min_items=3, max_items=3)
    client = signed_in(make_student(language="ko").user)
    refused = post(client, "/sessions", {"test": "placement", "language": "ko"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == {"languages": ["en"]}
    assert start(client)["language"] == "en"
