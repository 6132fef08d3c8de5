"""Twenty-six options and no more, in admin as in files, for examinees and through the API."""

import pytest
from django.urls import reverse

from common.errors import InvalidInput
from items.exchange.importing import import_items
from sessions.models import Response
from tests.factories import (
    choice_content,
    make_bank,
    make_item,
    make_user,
    parameters_for,
    release_items,
    write_items,
)
from tests.sessions.builders import make_student, make_test
from tests.sessions.client import answer_body, post, signed_in, start

pytestmark = pytest.mark.django_db
MOST = 26


def file_with(options: int) -> bytes:
    names = [f"option_{n}_en" for n in range(1, options + 1)]
    header = ["code", "area", "kind", "stem_en", "key", *names]
    cells = ["A1", "algebra", "single_choice", "Which?", str(options), *names]
    return f"{','.join(header)}\n{','.join(cells)}\n".encode()


def page_with(version, options: int) -> dict[str, object]:
    data: dict[str, object] = {
        "area": version.area_id,
        "response_kind": "single_choice",
        "note": "more options",
        "stem_en": "Which?",
        "options-TOTAL_FORMS": options,
        "options-INITIAL_FORMS": 4,
        "rules-TOTAL_FORMS": 0,
        "rules-INITIAL_FORMS": 0,
    }
    for n in range(options):
        data |= {f"options-{n}-text_en": f"option {n + 1}", f"options-{n}-score": int(n == 25)}
    return data


@pytest.fixture
def author(client):
    client.force_login(make_user("ann", "author"))
    return client


def test_a_file_brings_twenty_six_options_and_not_one_more():
    bank = make_bank()
    with pytest.raises(InvalidInput, match="An item has 2 to 26 options, not 27"):
        import_items(bank, file_with(MOST + 1), actor=None, reason="test")
    import_items(bank, file_with(MOST), actor=None, reason="test")
    options = bank.items.get().newest_version.options.order_by("position")
    assert [option.score for option in options] == [0] * 25 + [1]


def test_an_author_writes_twenty_six_options_in_admin_and_not_one_more(author):
    version = make_item(make_bank(), "A1")
    address = reverse("admin:items_item_edit", args=[version.item_id])
    refused = author.post(address, page_with(version, MOST + 1))
    assert "at most 26" in refused.content.decode()
    assert version.item.versions.count() == 1
    assert author.post(address, page_with(version, MOST)).status_code == 302
    assert version.item.newest_version.options.count() == MOST
    page = author.get(address).content.decode()
    assert 'name="options-25-text_en"' in page
    shown = author.get(reverse("admin:items_item_change", args=[version.item_id]))
    assert "option 26" in shown.content.decode()


@pytest.fixture
def student():
    bank = make_bank()
    stems = {f"A{n}": choice_content(bank, f"Question {n}", options=MOST) for n in range(4)}
    versions = write_items(bank, stems)
    release_items(bank, [(version, parameters_for(version)) for version in versions])
    make_test(bank, min_items=1, max_items=2)
    return signed_in(make_student().user)


def test_the_last_of_twenty_six_options_is_shown_and_answered_through_the_api(student):
    state = start(student)
    assert [option["id"] for option in state["item"]["options"]] == list(range(1, MOST + 1))
    path = f"/sessions/{state['session']}/responses"
    refused = post(student, path, answer_body(state, MOST + 1))
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_option")
    assert post(student, path, answer_body(state, MOST)).status_code == 200
    assert Response.objects.get().answer == {"option": MOST}


def test_the_page_gives_each_of_twenty_six_options_an_input_of_its_own(student):
    state = start(student)
    page = student.get(f"/sessions/{state['session']}/").content.decode()
    values = [f'name="option" value="{n}"' for n in range(1, MOST + 1)]
    assert [page.count(value) for value in values] == [1] * MOST
