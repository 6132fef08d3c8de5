"""The seam: every kind is registered whole, and nothing beside its files knows its name."""

import re
from pathlib import Path

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import get_template, render_to_string

from items.answers import ScoringRule, check_and_score
from items.kinds.registry import KINDS, kind_of
from items.models import ResponseKind

ROOT = Path(__file__).resolve().parents[3]
# A kind's own files, the enumeration with its labels, and the demo's items.
OWN = re.compile(
    r"items/kinds/|\w+/migrations/|items/models/content.py|demo/|tests/|templates/items/kinds/"
)
SEARCHED = (
    "items",
    "sessions",
    "scoring",
    "common",
    "irt",
    "irtcat_site",
    "templates",
    "static/js",
)


def test_every_kind_of_the_enumeration_is_registered_and_no_other():
    assert list(KINDS) == [kind.value for kind in ResponseKind]


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_has_its_template_and_the_page_knows_its_answer(kind):
    assert get_template(kind.template)
    shapes = (ROOT / "static/js/answers.js").read_text()
    assert re.search(rf"^  {kind.answer_member}: ", shapes, re.MULTILINE)


def test_an_unknown_kind_is_an_error_everywhere():
    with pytest.raises(LookupError, match="no kind of item is called 'essay'"):
        kind_of("essay")
    with pytest.raises(LookupError):
        check_and_score(ScoringRule("essay", 1, {1: 1}, ()), {"option": 1})
    item = {"id": 1, "kind": "essay", "stimulus": None, "stem": "", "options": []}
    with pytest.raises((LookupError, TemplateDoesNotExist)):
        render_to_string("components/item.html", {"item": item})


def test_the_name_of_a_kind_stands_in_its_own_files_only():
    names = "|".join(f"{kind.value}|{kind.name}" for kind in ResponseKind)
    mention = re.compile(rf"""["'](?:{names})["']|ResponseKind\.(?:{names})|is_(?:{names})""")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in SEARCHED
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".html", ".js") and not OWN.match(str(path.relative_to(ROOT)))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if mention.search(line)
    ]
    assert found == []
