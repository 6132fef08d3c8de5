"""docs/settings.md: every setting in a table, made of the declarations and of the columns."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.text import capfirst

from sessions.models import TestVersion
from sessions.rules.settings.declaration import Group, Setting, When
from sessions.rules.settings.groups import GROUPS

HEAD = """\
# The settings of a test

Made of the declarations in `sessions/rules/settings/` by
`python manage.py document_settings > docs/settings.md`; a test compares the two.

What each rule does is in [Adaptive testing: the rules](adaptive-testing.md); which one to choose
when, in [Design your first adaptive test](first-adaptive-test.md). What a bank cannot give is
[refused too](adaptive-testing.md#settings-what-is-refused-what-is-previewed), when the settings are
saved.
"""
# Type of a column -> what may stand in it.
KINDS = {
    "ArrayField": "list of numbers",
    "BooleanField": "yes or no",
    "DateTimeField": "date and time",
    "FloatField": "number",
    "ForeignKey": "one of the bank's",
    "JSONField": "JSON",
    "PositiveIntegerField": "whole number",
    "PositiveSmallIntegerField": "whole number",
}


def document_settings() -> str:
    """The page, in English."""
    with translation.override("en"):
        return "\n".join([HEAD, *(line for group in GROUPS for line in _document_group(group))])


def _document_group(group: Group) -> Iterator[str]:
    yield from (f"## {group.title}", "", str(group.explanation), "")
    yield "| setting | on the page | values | default | what it does | is told otherwise |"
    yield "|---|---|---|---|---|---|"
    for setting in group.settings:
        field: Any = TestVersion._meta.get_field(setting.name)
        cells = [
            f"`{setting.name}`",
            capfirst(str(setting.label or field.verbose_name)),
            _list_values(field),
            _tell_default(field),
            _explain(setting),
            " ".join(str(rule.sentence) for rule in setting.rules),
        ]
        yield f"| {' | '.join(cells)} |"
    yield ""


def _list_values(field: Any) -> str:
    if field.choices:
        return ", ".join(f"`{value}` {label}" for value, label in field.choices)
    kind = KINDS[field.get_internal_type()]
    return f"{kind}, or empty" if field.null else kind


def _tell_default(field: Any) -> str:
    value = field.get_default()
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _explain(setting: Setting) -> str:
    parts = (setting.help, setting.documentation, _tell_when(setting.when))
    return " ".join(str(part) for part in parts if part)


def _tell_when(when: When | None) -> str:
    if when is None:
        return ""
    if not when.values:
        return f"Matters with `{when.name}` only."
    return f"Matters where `{when.name}` is {' or '.join(f'`{each}`' for each in when.values)}."
