"""Every text shown to people goes through gettext, and the Korean catalogue has each of them."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
OURS = ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.po"
PACKAGES = ROOT / "locale" / "packages" / "ko" / "LC_MESSAGES" / "django.po"
each_catalogue = pytest.mark.parametrize("catalogue", [OURS, PACKAGES], ids=["ours", "packages"])

APPS = ("common", "items", "sessions", "scoring", "irtcat_site", "demo")
# What each function's leading string arguments are.
GETTEXT = {
    "_": ("msgid",),
    "gettext": ("msgid",),
    "gettext_lazy": ("msgid",),
    "ngettext": ("msgid", "msgid_plural"),
    "ngettext_lazy": ("msgid", "msgid_plural"),
    "pgettext": ("msgctxt", "msgid"),
    "pgettext_lazy": ("msgctxt", "msgid"),
    "npgettext": ("msgctxt", "msgid", "msgid_plural"),
}
STRING = re.compile(r'^(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) )?(".*")$')
PLACEHOLDER = re.compile(r"%\(\w+\)[.\d]*[a-z]|%[.\d]*[sdfg](?![a-z])|\{[\w:]*\}|<[^>]+>")
HANGUL = re.compile("[가-힣]")
# Words that stand for themselves in every language.
NAMES = {"irtcat", "English", "한국어", "UTC"}


def entries(catalogue):
    """{msgid, msgstr[, msgctxt, msgid_plural]} of each entry but the header, as Python strings."""
    for block in catalogue.read_text("utf-8").split("\n\n"):
        entry, field = {}, ""
        for keyword, text in (m.groups() for m in map(STRING.match, block.split("\n")) if m):
            field = (keyword or field).removesuffix("[0]")
            entry[field] = entry.get(field, "") + ast.literal_eval(text)
        if entry.get("msgid"):
            yield entry


def key(entry):
    return entry.get("msgctxt"), entry["msgid"], entry.get("msgid_plural")


def texts_of_python(source):
    """The key of each gettext call; one that is given no plain string stops the test."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        names = GETTEXT.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
        if names:
            strings = [ast.literal_eval(argument) for argument in node.args[: len(names)]]
            yield key(dict(zip(names, strings, strict=True)))


def texts_of_template(source):
    """What xgettext would find: Django turns a template's tags into gettext calls for it."""
    calls = "|".join(sorted(GETTEXT, key=len, reverse=True))
    string = r"""u?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    call = re.compile(rf"(?<!\w)({calls})\(\s*({string}(?:\s*,\s*{string})*)")
    for name, strings in call.findall(templatize(source)):
        values = ast.literal_eval(f"({strings},)")
        yield key(dict(zip(GETTEXT[name], values, strict=False)))


def sources(folder, pattern):
    return [path for path in sorted((ROOT / folder).rglob(pattern)) if path.is_file()]


def texts_of_the_product():
    python = [path for app in APPS for path in sources(app, "*.py")]
    found = {text for path in python for text in texts_of_python(path.read_text("utf-8"))}
    for path in sources("templates", "*.html"):
        found.update(texts_of_template(path.read_text("utf-8")))
    return found


def naked_words(source):
    """Words of a template that no tag translates, in its text and in attributes that are read."""
    source = re.sub(r"\{#.*?#\}", "", source)
    source = re.sub(r"\{% comment.*?endcomment %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% blocktrans.*?\{% endblocktrans\w* %\}", "", source, flags=re.DOTALL)
    source = re.sub(r"\{% block width %\}.*?\{% endblock %\}", "", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"<span class=\"material-symbols[^>]*>\w*</span>", "", source)  # icons
    source = re.sub(r"<(script|style)\b.*?</\1>", "", source, flags=re.DOTALL)
    read = re.findall(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"', source)
    text = " ".join([*read, re.sub(r"<[^>]*>", " ", source)])
    return [word for word in re.findall(r"\w{2,}", text) if word not in NAMES]


def test_the_korean_catalogue_has_the_texts_of_the_product_and_no_others():
    told = {key(entry) for entry in entries(OURS)}
    found = texts_of_the_product()
    assert (found - told, told - found) == (set(), set()), "run `make messages`, then translate"


def test_templates_hold_no_words_outside_translation_tags():
    naked = {
        path.relative_to(ROOT).as_posix(): naked_words(path.read_text("utf-8"))
        for path in sources("templates", "*.html")
    }
    assert {path: words for path, words in naked.items() if words} == {}


def test_naked_words_are_seen_in_text_and_in_attributes():
    source = '{% translate "Told" %} <b title="Hint">Naked</b> {{ value }} irtcat'
    assert naked_words(source) == ["Hint", "Naked"]


@each_catalogue
def test_every_korean_text_is_translated_and_none_is_a_guess(catalogue):
    assert [entry["msgid"] for entry in entries(catalogue) if not entry["msgstr"]] == []
    assert [line for line in catalogue.read_text("utf-8").split("\n") if "fuzzy" in line] == []


@each_catalogue
def test_every_korean_text_has_the_placeholders_and_tags_of_the_original(catalogue):
    differing = [
        entry["msgid"]
        for entry in entries(catalogue)
        if sorted(PLACEHOLDER.findall(entry["msgid"]))
        != sorted(PLACEHOLDER.findall(entry["msgstr"]))
    ]
    assert differing == []


@each_catalogue
def test_no_korean_text_was_left_in_english(catalogue):
    told = [entry["msgstr"] for entry in entries(catalogue)]
    assert [text for text in told if not HANGUL.search(text)] == []


@each_catalogue
def test_the_compiled_catalogue_says_what_the_written_one_says(catalogue):
    with catalogue.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    told = {key(entry): say(compiled, *key(entry)) for entry in entries(catalogue)}
    assert told == {key(entry): entry["msgstr"] for entry in entries(catalogue)}


def say(compiled, context, text, plural):
    if context:
        return compiled.pgettext(context, text)
    return compiled.ngettext(text, plural, 1) if plural else compiled.gettext(text)
