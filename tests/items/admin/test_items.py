"""The items' pages of the admin: list, page, edit, preview, history."""

import re

import pytest
from django.urls import reverse

from items.authoring import revise
from items.content import content_of
from items.models import Item, ItemVersion, Option, Status
from items.releases import open_draft, withdraw
from tests.factories import (
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_release,
    make_user,
    matching_content,
    numeric_content,
    ordering_content,
)

LIST = "/admin/items/item/"


@pytest.fixture
def author(db, client):
    user = make_user("ann", "author")
    client.force_login(user)
    return user


def page_of(item: Item, name: str = "change", *args) -> str:
    return reverse(f"admin:items_item_{name}", args=[item.pk, *args])


def text_of(response) -> str:
    return response.content.decode()


def _item_of(content_of, **options) -> ItemVersion:
    bank = make_bank()
    return make_item(bank, "A1", content_of(bank, **options))


def edit_data(version: ItemVersion, **changes) -> dict[str, object]:
    """What the edit page would post for this version."""
    data = {
        "area": version.area_id,
        "response_kind": version.response_kind,
        "stimulus": "",
        "note": "a better wording",
        **{f"stem_{language}": text for language, text in version.stem.items()},
        "options-TOTAL_FORMS": version.options.count(),
        "options-INITIAL_FORMS": version.options.count(),
        "rules-TOTAL_FORMS": version.numeric_rules.count(),
        "rules-INITIAL_FORMS": version.numeric_rules.count(),
    }
    for number, option in enumerate(version.options.all()):
        data |= {f"options-{number}-text_{code}": text for code, text in option.text.items()}
        data |= {f"options-{number}-score": option.score, f"options-{number}-note": option.note}
    for number, rule in enumerate(version.numeric_rules.all()):
        data |= {f"rules-{number}-lower": rule.lower, f"rules-{number}-upper": rule.upper}
        data[f"rules-{number}-score"] = rule.score
    return data | changes


def test_the_list_shows_the_newest_version_and_the_current_parameters(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(1.25,), a=1.5)
    revise(bank.items.get(), choice_content(bank, "Reworded."), author, "clearer")
    page = text_of(client.get(LIST))
    assert "Reworded." in page
    assert "Stem of I001" not in page
    assert "1.50" in page
    assert "1.25" in page
    assert "2PL" in page
    assert page.count('class="icc-small"') == 1


def test_the_list_asks_the_same_number_of_queries_for_any_number_of_items(
    author, client, django_assert_num_queries
):
    bank = make_bank()
    make_release(bank, difficulties=(0.0, 1.0))
    client.get(LIST)
    with django_assert_num_queries(10):
        client.get(LIST)
    make_release(bank, difficulties=tuple(range(-4, 5)))
    make_release(make_bank("second"), difficulties=(0.0, 1.0))
    with django_assert_num_queries(10):
        client.get(LIST)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=triangle", ["I-TRI"]),
        ("q=i-ci", ["I-CIR"]),
        ("q=area+circle", ["I-CIR"]),
        ("q=outdated", []),
        ("status=draft", ["I-TRI"]),
        ("kind=numeric", ["I-NUM"]),
        ("role=none", ["I-CIR", "I-NUM", "I-TRI"]),
        ("role=operational", ["I001"]),
    ],
)
def test_the_list_finds_items_by_code_and_stem_and_narrows_by_filters(author, client, query, found):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    make_item(bank, "I-CIR", choice_content(bank, "The area of a circle?"))
    make_item(bank, "I-NUM", numeric_content(bank))
    outdated = make_item(bank, "I-TRI", choice_content(bank, "Outdated wording."))
    revise(outdated.item, choice_content(bank, "The area of a triangle?"), author, "clearer")
    shown = client.get(f"{LIST}?{query}").context["cl"].result_list
    assert [item.code for item in shown] == found


def test_nonsense_in_the_filters_is_not_an_error(author, client):
    make_release(make_bank())
    response = client.get(f"{LIST}?area=x&status=zz&kind=1&role=zz")
    assert response.status_code == 200


def test_saving_an_edit_writes_a_version_and_keeps_the_one_before(author, client):
    bank = make_bank(languages=("en", "ko"))
    version = make_item(bank, "A1")
    data = edit_data(version, stem_en="How much is $1 + 1$?", stem_ko="$1 + 1$ 은 얼마입니까?")
    response = client.post(page_of(version.item, "edit"), data)
    assert response.status_code == 302
    newest = version.item.newest_version
    assert newest.number == 2
    assert newest.status == Status.DRAFT
    assert newest.stem == {"en": "How much is $1 + 1$?", "ko": "$1 + 1$ 은 얼마입니까?"}
    assert newest.created_by == author
    assert newest.change_note == "a better wording"
    assert [o.score for o in newest.options.all()] == [1, 0, 0, 0]
    assert content_of(version).stem["en"] == "Stem of A1"


def test_options_can_be_added_and_removed(author, client):
    bank = make_bank()
    version = make_item(bank, "A1")
    data = edit_data(version)
    data |= {"options-TOTAL_FORMS": 6, "options-1-DELETE": "on"}
    data |= {"options-4-text_en": "another", "options-4-score": 0, "options-4-note": "new mistake"}
    data |= {"options-5-text_en": "", "options-5-score": 0}
    assert client.post(page_of(version.item, "edit"), data).status_code == 302
    newest = version.item.newest_version
    assert [o.text["en"] for o in newest.options.all()] == [
        "option 1",
        "option 3",
        "option 4",
        "another",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"note": ""}, "This field is required."),
        ({"stem_ko": ""}, "Missing in: Korean."),
        ({"options-0-score": 0}, "No option scores"),
        ({"options-1-score": 1}, "exactly one key"),
        ({"options-1-text_en": "option 1"}, "Options 1 and 2 read the same"),
        ({"area": 99999}, "Select a valid choice"),
    ],
)
def test_an_edit_that_is_refused_says_why_and_writes_nothing(author, client, changes, sentence):
    bank = make_bank(languages=("en", "ko"))
    version = make_item(bank, "A1")
    response = client.post(page_of(version.item, "edit"), edit_data(version, **changes))
    assert response.status_code == 200
    assert sentence in text_of(response)
    assert version.item.versions.count() == 1


def test_a_new_item_is_written_by_form(author, client):
    bank = make_bank()
    data = {
        "code": "NEW-1",
        "area": bank.areas.get().pk,
        "response_kind": "numeric",
        "stem_en": "How much is $2 \\cdot 3$?",
        "note": "first version",
        "options-TOTAL_FORMS": 4,
        "options-INITIAL_FORMS": 0,
        **{f"options-{n}-score": 0 for n in range(4)},
        "rules-TOTAL_FORMS": 1,
        "rules-INITIAL_FORMS": 0,
        "rules-0-lower": "6",
        "rules-0-upper": "6",
        "rules-0-score": "1",
    }
    response = client.post("/admin/items/item/add/", data)
    item = Item.objects.get()
    assert response["Location"] == page_of(item)
    assert item.newest_version.status == Status.DRAFT
    assert [str(rule) for rule in item.newest_version.numeric_rules.all()] == ["[6, 6] → 1"]
    again = client.post("/admin/items/item/add/", data)
    assert "There is an item NEW-1 already." in text_of(again)
    assert Item.objects.count() == 1


def test_pairs_are_written_by_form_and_only_what_the_kind_has_counts(author, client):
    bank = make_bank()
    data = {
        "code": "PAIRS",
        "area": bank.areas.get().pk,
        "response_kind": "matching",
        "stem_en": "Which capital is whose?",
        "note": "first version",
        "options-TOTAL_FORMS": 4,
        "options-INITIAL_FORMS": 0,
        "options-0-term_en": "France",
        "options-0-text_en": "Paris",
        "options-0-score": 1,  # left over from another kind, hidden on the page
        "options-1-term_en": "Spain",
        "options-1-text_en": "Madrid",
        "options-1-score": 0,
        "options-2-text_en": "Lyon",
        "options-2-score": 0,
        "options-2-note": "a city of France",
        "options-3-score": 0,
        "rules-TOTAL_FORMS": 1,
        "rules-INITIAL_FORMS": 0,
        "rules-0-score": 1,
    }
    client.post("/admin/items/item/add/", data)
    version = Item.objects.get().newest_version
    assert (version.response_kind, version.max_score) == ("matching", 2)
    assert [(o.term, o.text["en"], o.score) for o in version.options.all()] == [
        ({"en": "France"}, "Paris", 0),
        ({"en": "Spain"}, "Madrid", 0),
        ({}, "Lyon", 0),
    ]
    page = text_of(client.get(page_of(version.item)))
    assert "Pairs" in page
    assert "France" in page

    data |= {"code": "LINES", "response_kind": "ordering"}
    client.post("/admin/items/item/add/", data)
    ordered = Item.objects.get(code="LINES").newest_version
    assert ordered.max_score == 2
    assert [(o.term, o.text["en"]) for o in ordered.options.all()] == [
        ({}, "Paris"),
        ({}, "Madrid"),
        ({}, "Lyon"),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"options-1-term_en": ""}, "A matching item has at least 2 terms."),
        ({"options-1-term_en": "term 1"}, "The terms 1 and 2 read the same"),
        ({"options-1-text_en": "choice 1"}, "Options 1 and 2 read the same"),
    ],
)
def test_faults_of_pairs_are_shown_as_sentences(author, client, change, sentence):
    version = _item_of(matching_content, pairs=2)
    data = edit_data(version)
    for number, option in enumerate(version.options.all()):
        data[f"options-{number}-term_en"] = option.term.get("en", "")
    assert sentence in text_of(client.post(page_of(version.item, "edit"), data | change))
    assert version.item.versions.count() == 1


def test_the_preview_shows_an_order_that_students_may_get(author, client):
    version = _item_of(ordering_content, options=9)
    page = text_of(client.get(page_of(version.item, "preview", 1, "en")))
    shown = re.findall(r">line (\d)<", page)
    assert sorted(shown) == list("123456789")
    assert shown != list("123456789")


def test_twenty_six_options_fit_on_the_page(author, client):
    bank = make_bank()
    version = make_item(bank, "A1", choice_content(bank, options=25))
    data = edit_data(version, **{"options-TOTAL_FORMS": 26})
    data |= {"options-25-text_en": "one more", "options-25-score": 0}
    client.post(page_of(version.item, "edit"), data)
    assert version.item.newest_version.options.count() == 26


def test_a_new_item_asks_for_the_bank_where_there_are_several(author, client):
    make_bank()
    make_bank("second")
    assert 'href="?bank=second"' in text_of(client.get("/admin/items/item/add/"))
    assert client.get("/admin/items/item/add/?bank=second").status_code == 200
    assert client.get("/admin/items/item/add/?bank=third").status_code == 404


def test_the_preview_shows_what_students_get_and_nothing_else(author, client):
    bank = make_bank()
    content = choice_content(bank, "Solve $x + 1 = 2$.")
    version = make_item(bank, "CANARY-CODE", content)
    Option.objects.bulk_create(
        [Option(item_version=version, position=9, text={"en": "five"}, note="CANARY-NOTE")]
    )
    page = text_of(client.get(page_of(version.item, "preview", 1, "en")))
    item = re.search(r"<form.*?</form>", page, re.DOTALL).group()
    assert '<span class="math inline">x + 1 = 2</span>' in item
    assert "five" in item
    assert "CANARY" not in item


def test_the_history_shows_who_changed_what_and_why(author, client):
    bank = make_bank()
    version = make_item(bank, "A1")
    revise(version.item, choice_content(bank, "Reworded."), author, "it was unclear")
    page = text_of(client.get(page_of(version.item, "history")))
    assert "<del>Stem of A1</del><ins>Reworded.</ins>" in page
    assert "it was unclear" in page
    assert "ann" in page
    assert "mathematics: authoring draft" in page


def test_markup_in_content_is_harmless_on_every_page(author, client):
    bank = make_bank()
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    version = make_item(bank, "A1", choice_content(bank, attack))
    revise(version.item, choice_content(bank, attack + "2"), author, attack)
    item = version.item
    pages = [LIST, *(page_of(item, name) for name in ("change", "edit", "history"))]
    for address in (*pages, page_of(item, "preview", 2, "en")):
        page = text_of(client.get(address))
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_the_pages_of_every_kind_of_item_open(author, client):
    bank = make_bank()
    for code, content in (
        ("L1", likert_content(bank)),
        ("N1", numeric_content(bank)),
        ("C1", choice_content(bank)),
    ):
        version = make_item(bank, code, content)
        for name in ("change", "edit", "parameters", "history"):
            assert client.get(page_of(version.item, name)).status_code == 200


def test_an_item_page_names_the_version_that_students_still_see(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    item = bank.items.get()
    revise(item, choice_content(bank, "Reworded."), author, "clearer")
    page = text_of(client.get(page_of(item)))
    assert "version 1 is operational until a newer one is published" in page


def test_a_withdrawn_item_is_shown_as_withdrawn(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    withdraw(bank.items.get(), author, "leaked")
    assert "withdrawn" in text_of(client.get(LIST))


@pytest.mark.parametrize("key", ["99999", "abc"])
def test_an_unknown_item_is_not_found(author, client, key):
    assert client.get(f"/admin/items/item/{key}/change/").status_code == 404


def test_items_cannot_be_deleted(author, client):
    author.is_superuser = True
    author.save()
    version = make_item(make_bank(), "A1")
    address = f"/admin/items/item/{version.item_id}/delete/"
    assert client.post(address, {"post": "yes"}).status_code == 403


def test_looking_at_parameters_opens_no_draft_release(author, client):
    bank = make_bank()
    make_release(bank, difficulties=(0.0,))
    client.get(page_of(bank.items.get(), "parameters"))
    assert bank.releases.count() == 1
    assert open_draft(bank, author).base == bank.current_release
