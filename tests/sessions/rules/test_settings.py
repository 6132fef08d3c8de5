"""Every setting is declared once, and what is said of it is made of that."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.template.loader import get_template

from sessions.models import TestVersion
from sessions.rules.settings.declaration import When
from sessions.rules.settings.documentation import document_settings
from sessions.rules.settings.groups import CONSTRAINTS, FAULTS, GROUPS, SETTINGS

BOOKKEEPING = {"id", "test", "number", "created_by", "created_at"}
DECLARED = [setting for group in GROUPS for setting in group.settings]


def test_every_column_that_is_a_setting_is_declared_and_declared_once():
    names = [setting.name for setting in DECLARED]
    assert len(names) == len(set(names))
    assert set(names) == {field.name for field in TestVersion._meta.fields} - BOOKKEEPING


def test_every_constraint_and_every_fault_is_told_at_one_setting():
    assert len(CONSTRAINTS) == sum(len(setting.rules) for setting in DECLARED)
    assert len(FAULTS) == sum(len(setting.faults) for setting in DECLARED)


def test_every_setting_is_explained_and_has_a_field_or_a_part_of_the_page():
    for setting in DECLARED:
        assert setting.help or setting.documentation, setting.name
        if setting.part:
            get_template(setting.part)
        else:
            assert setting.help, setting.name


def test_a_setting_matters_by_a_value_that_another_one_may_have():
    for setting in DECLARED:
        if setting.when and setting.when.values:
            choices = TestVersion._meta.get_field(setting.when.name).choices
            assert set(setting.when.values) <= {value for value, _label in choices}
        elif setting.when:
            assert setting.when.name in SETTINGS


@pytest.mark.parametrize(
    ("when", "data", "holds"),
    [
        (When("draw", ("best", "progressive")), {"draw": "progressive"}, True),
        (When("draw", ("best", "progressive")), {"draw": "randomesque"}, False),
        (When("draw", ("best",)), {}, False),
        (When("cap_rate"), {"cap_rate": "0.2"}, True),
        (When("cap_rate"), {"cap_rate": ""}, False),
    ],
    ids=str,
)
def test_when_a_setting_matters(when, data, holds):
    assert when.holds(data) == holds


def test_when_is_written_as_the_page_reads_it():
    assert str(When("draw", ("best", "progressive"))) == "draw=best,progressive"
    assert str(When("cap_rate")) == "cap_rate=*"


def test_the_page_of_the_settings_says_what_is_declared(capsys):
    written = Path(site.BASE_DIR, "docs", "settings.md").read_text("utf-8")
    assert written == document_settings(), "python manage.py document_settings > docs/settings.md"
    call_command("document_settings")
    assert capsys.readouterr().out == written
