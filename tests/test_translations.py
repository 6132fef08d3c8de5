"""The Korean catalogue is complete, and what is compiled is what is written."""

import ast
import gettext
import re
from pathlib import Path

from django.conf import settings

CATALOGUE = Path(settings.BASE_DIR) / "locale" / "ko" / "LC_MESSAGES" / "django.po"
STRING = re.compile(r'^(?:(msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")$')
PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|<[^>]+>")


def entries():
    """{msgid, msgstr[, msgid_plural]} of each entry but the header, as Python strings."""
    for block in CATALOGUE.read_text("utf-8").split("\n\n"):
        entry, field = {}, ""
        for keyword, text in (m.groups() for m in map(STRING.match, block.split("\n")) if m):
            field = (keyword or field).removesuffix("[0]")
            entry[field] = entry.get(field, "") + ast.literal_eval(text)
        if entry.get("msgid"):
            yield entry


def test_every_korean_text_is_translated_and_none_is_a_guess():
    assert [entry["msgid"] for entry in entries() if not entry["msgstr"]] == []
    assert [line for line in CATALOGUE.read_text("utf-8").split("\n") if "fuzzy" in line] == []


def test_every_korean_text_has_the_placeholders_and_tags_of_the_original():
    differing = [
        entry["msgid"]
        for entry in entries()
        if sorted(PLACEHOLDER.findall(entry["msgid"]))
        != sorted(PLACEHOLDER.findall(entry["msgstr"]))
    ]
    assert differing == []


def test_the_compiled_catalogue_says_what_the_written_one_says():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    told = {
        entry["msgid"]: compiled.ngettext(entry["msgid"], entry["msgid_plural"], 1)
        if "msgid_plural" in entry
        else compiled.gettext(entry["msgid"])
        for entry in entries()
    }
    assert told == {entry["msgid"]: entry["msgstr"] for entry in entries()}
