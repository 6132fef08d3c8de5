"""Text that would be lost is refused in admin, import and domain; what is stored still shows."""

# ruff: noqa: RUF001 - dashes as people write them

import csv
import io
import json

import pytest
from django.urls import reverse

from common.errors import InvalidInput
from items.authoring import create_item, return_to_draft, revise, submit_for_review
from items.content import Content, OptionContent
from items.exchange.importing import import_items
from items.models import Item, ItemVersion, Option
from items.rendering import public_content
from items.stimuli import create_stimulus, revise_stimulus
from tests.factories import choice_content, make_bank, make_user, matching_content

pytestmark = pytest.mark.django_db


def choice(bank, stem="Which?", *options):
    texts = options or ("this", "that")
    made = tuple(OptionContent({"en": text}, score=int(n == 0)) for n, text in enumerate(texts))
    return Content(bank.areas.get(), "single_choice", {"en": stem}, made)


def fields_of(bank, content):
    with pytest.raises(InvalidInput) as refused:
        create_item(bank, "A", content, None)
    assert Item.objects.count() == 0
    return refused.value.detail["fields"]


@pytest.mark.parametrize(
    ("stem", "options", "field"),
    [
        ("Look at ![the map](map.png).", (), "stem"),
        (r"Solve \(x = 3\).", (), "stem"),
        ("<p>Which?</p>", (), "stem"),
        ("Which?", ("fine", r"$\farc{3}{4}$"), "options"),
        ("Which?", ("fine", "\u200b\u200d"), "options"),
        ("Which?", ("fine", "x &gt; 3"), "options"),
        ("Which?", ("na\u00efve", "nai\u0308ve"), "options"),
        ("Which?", ("one  two", "one two"), "options"),
    ],
)
def test_an_item_with_a_text_that_would_be_lost_is_not_written(stem, options, field):
    bank = make_bank()
    assert list(fields_of(bank, choice(bank, stem, *options))) == [field]


def test_terms_and_rationales_are_judged_too():
    bank = make_bank()
    content = matching_content(bank)
    broken = OptionContent({"en": "fine"}, term={"en": "![x](y.png)"})
    content = Content(
        content.area,
        content.response_kind,
        content.stem,
        (*content.options, broken),
        rationale={"en": "$3}$"},
    )
    assert list(fields_of(bank, content)) == ["rationale", "options"]


SIGNS = ("> 5", "10.", "- 3", "# 1", "__init__", "2*3*4", "US$5–US$7", "***", "[a](b)", "*", "```")


def imported(bank, *options, stem="Which?"):
    buffer = io.StringIO()
    names = [f"option_{n}_en" for n in range(1, len(options) + 1)]
    writer = csv.DictWriter(buffer, ["code", "area", "kind", "stem_en", *names, "key"])
    writer.writeheader()
    row = {"code": "A", "area": "algebra", "kind": "single_choice", "stem_en": stem, "key": "1"}
    writer.writerow(row | dict(zip(names, options, strict=True)))
    return import_items(bank, buffer.getvalue().encode(), actor=None, reason="for a test")


def test_signs_come_through_an_import_to_the_examinee_as_they_are():
    bank = make_bank()
    imported(bank, *SIGNS)
    shown = [
        option["text"] for option in public_content(ItemVersion.objects.get(), "en")["options"]
    ]
    assert shown == [sign.replace(">", "&gt;") for sign in SIGNS]


@pytest.mark.parametrize(
    ("texts", "column", "sentence"),
    [
        ({"stem": "See <img src='a.png'>"}, "stem_en", "The picture “<img src='a.png'>”"),
        ({"stem": "Solve $ y^2 $."}, "stem_en", "Formulas stand between dollar signs"),
        ({"option": "![a](b.png)"}, "option_2_en", "set them between backticks"),
        ({"option": "\u2060"}, "option_2_en", "It would show nothing."),
        ({"option": "$\\sqr{3}$"}, "option_2_en", "there is no \\sqr."),
    ],
)
def test_an_import_names_the_column_and_how_to_write_it(texts, column, sentence):
    bank = make_bank()
    with pytest.raises(InvalidInput) as refused:
        imported(bank, "fine", texts.get("option", "good"), stem=texts.get("stem", "Which?"))
    (fault,) = refused.value.detail["rows"]
    assert (fault["row"], fault["column"]) == (2, column)
    assert sentence in fault["reason"]
    assert Item.objects.count() == 0


def test_a_json_file_is_judged_in_the_same_way():
    item = {
        "code": "A",
        "area": "algebra",
        "kind": "single_choice",
        "stem": {"en": "Which?"},
        "options": [{"text": {"en": "$3%$"}, "score": 1}, {"text": {"en": "fine"}, "score": 0}],
    }
    with pytest.raises(InvalidInput) as refused:
        import_items(
            make_bank(), json.dumps({"items": [item]}).encode(), actor=None, reason="for a test"
        )
    (fault,) = refused.value.detail["rows"]
    assert fault["column"] == "option_1_en"
    assert "a % hides what follows it" in fault["reason"]


def test_the_edit_page_keeps_what_was_typed_and_says_how_to_write_it(client):
    client.force_login(make_user("ann", "author"))
    bank = make_bank()
    data = {
        "code": "A",
        "area": bank.areas.get().pk,
        "response_kind": "single_choice",
        "stimulus": "",
        "note": "new",
        "stem_en": "Solve \\(x = 3\\).",
        "options-TOTAL_FORMS": 2,
        "options-INITIAL_FORMS": 0,
        "options-0-text_en": "> 5",
        "options-0-score": 1,
        "options-1-text_en": "5",
        "options-1-score": 0,
        "rules-TOTAL_FORMS": 0,
        "rules-INITIAL_FORMS": 0,
    }
    page = client.post(f"/admin/items/item/add/?bank={bank.slug}", data).content.decode()
    assert "Formulas stand between dollar signs without a blank inside of them" in page
    assert "Solve \\(x = 3\\)." in page
    assert Item.objects.count() == 0
    data["stem_en"] = "Solve $x = 3$."
    assert client.post(f"/admin/items/item/add/?bank={bank.slug}", data).status_code == 302
    assert [option.text["en"] for option in Option.objects.all()] == ["> 5", "5"]


def stored_before_the_rule(bank):
    """A version in review whose texts would be refused today."""
    version = create_item(bank, "A", choice_content(bank, options=2), None)
    submit_for_review(version, None)
    broken = "Solve \\(x\\) in ![a map](m.png), &lt; 3."
    item = Item.objects.create(bank=bank, code="B")
    stored = ItemVersion.objects.create(
        item=item,
        number=1,
        status="review",
        area=version.area,
        response_kind="single_choice",
        max_score=1,
        stem={"en": broken},
    )
    for position, text in enumerate((r"$\foo{3}$", r"$\foo{3}$"), start=1):
        score = int(position == 1)
        Option.objects.create(
            item_version=stored, position=position, text={"en": text}, score=score
        )
    return stored


def test_what_is_stored_still_shows_and_goes_back_to_its_author(client):
    bank = make_bank()
    stored = stored_before_the_rule(bank)
    shown = public_content(stored, "en")
    assert shown["stem"] == "<p>Solve \\(x\\) in ![a map](m.png), &lt; 3.</p>"
    assert shown["options"][0]["text"] == r'<span class="math inline">\foo{3}</span>'
    client.force_login(make_user("ann", "author"))
    page = reverse("admin:items_item_preview", args=[stored.item_id, 1, "en"])
    assert "![a map](m.png)" in client.get(page).content.decode()
    returned = return_to_draft(stored, None, "write it anew")
    assert (returned.number, returned.stem) == (2, stored.stem)
    with pytest.raises(InvalidInput):
        revise(stored.item, choice(bank, stored.stem["en"]), None, "unchanged")


def test_a_passage_is_judged_when_it_is_written():
    bank = make_bank()
    with pytest.raises(InvalidInput) as refused:
        create_stimulus(bank, "tale", {"en": "![a map](m.png)"}, None)
    assert refused.value.code == "invalid_content"
    passage = create_stimulus(bank, "tale", {"en": "A tale."}, None)
    with pytest.raises(InvalidInput, match="It would show nothing"):
        revise_stimulus(passage, {"en": "\u200b"}, None)
    assert bank.stimuli.count() == 1


def test_the_page_of_a_passage_keeps_what_was_typed(client):
    client.force_login(make_user("ann", "author"))
    bank = make_bank()
    data = {"bank": bank.pk, "code": "tale", "body_en": "<b>A tale</b>"}
    page = client.post("/admin/items/stimulus/add/", data).content.decode()
    assert "is HTML, which would be shown as it is written" in page
    assert "&lt;b&gt;A tale&lt;/b&gt;" in page
    assert bank.stimuli.count() == 0
