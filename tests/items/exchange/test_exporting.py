import csv
import io
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from common.files.spreadsheet import escape_formula, unescape_formula
from items.authoring import create_item, revise, submit_for_review
from items.content import Content, OptionContent, RuleContent
from items.enemies import create_group, set_enemies
from items.exchange.exporting import export_items
from items.exchange.importing import import_items
from items.item_parameters import Parameters, parameters_of
from items.models import ContentArea, ResponseKind, Stimulus
from items.release_rows import set_parameters
from items.releases import open_draft, publish, retire
from tests.factories import (
    EIGHT_MODELS,
    choice_content,
    likert_content,
    make_bank,
    make_item,
    make_mixed_release,
    make_release,
    matching_content,
    numeric_content,
    ordering_content,
    parameters_for,
)

NASTY = [
    "=HYPERLINK(1)",
    "+1",
    "-2",
    "@cmd",
    "\tindented",
    "\rreturn",
    "'=quoted",
    "''@twice",
    "'plain",
    'a "quoted", comma',
    "two\nlines",
    "two\r\nlines",
    " blanks around ",
    "가나다 $x_1^2$",
]


def varied_bank(slug):
    """Items of every kind and status, with texts that spreadsheets and CSV readers trip over."""
    bank = make_bank(slug, languages=("en", "ko"))
    tale = Stimulus.objects.create(bank=bank, code="tale", body={"en": "=Once", "ko": "옛날"})
    release = make_release(bank, (-1.5, 0.1 + 0.2))
    both = {"en": "-x", "ko": "=y"}
    for number, text in enumerate(NASTY):
        content = Content(
            area=bank.areas.get(),
            response_kind=ResponseKind.MULTIPLE_RESPONSE,
            stem={"en": text, "ko": "줄기"},
            options=(
                OptionContent(both, 2, note=text),
                OptionContent({"en": "b", "ko": "b"}, 1),
                OptionContent({"en": "c", "ko": "c"}, 0),
            ),
            rationale={"ko": text},
            stimulus=tale,
        )
        make_item(bank, f"=M{number}", content)
    make_item(bank, "L1", likert_content(bank))
    make_item(bank, "O1", ordering_content(bank))
    for number, text in enumerate(NASTY):
        content = matching_content(bank, text)
        odd = OptionContent({"en": f"{text} to", "ko": text}, note=text, term=dict(both, en=text))
        make_item(bank, f"P{number}", replace(content, options=(*content.options, odd)))
    content = numeric_content(bank)
    rules = (RuleContent(-2.0, -1.0, 1), RuleContent(1e-7, 1 / 3, 2))
    create_item(
        bank, "N1", Content(content.area, content.response_kind, content.stem, rules=rules), None
    )
    submit_for_review(make_draft(bank, "R1"), None)
    draft = open_draft(bank, None)
    likert = bank.items.get(code="L1").newest_version
    set_parameters(draft, likert, parameters_for(likert, 1.3, -0.2), None, "estimated")
    first = bank.items.get(code="I001").newest_version
    estimate = Parameters("3pl", 1.1, (-0.3,), 0.15, 1.0, 0.1, (0.2,), 0.03)
    set_parameters(draft, first, estimate, None, "estimated")
    in_preparation = replace(choice_content(bank, "in preparation"), expected_seconds=75)
    revise(bank.items.get(code="I002"), in_preparation, None, "typo")
    for code, members in (("twins", ["I001", "I002"]), ("-odd", ["I002", "L1", "N1"])):
        group = create_group(bank, code, "", None)
        set_enemies(group, bank.items.filter(code__in=members), None, "for a test")
    assert release.number == 1
    return bank


def make_draft(bank, code):
    return create_item(bank, code, choice_content(bank), None)


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_importing_an_export_into_the_same_bank_changes_nothing(file_format):
    bank = varied_bank("mathematics")
    text = export_items(bank, file_format)
    report = import_items(bank, text.encode(), actor=None, reason="again")
    assert (report.changes, report.unchanged) == ([], bank.items.count())


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_importing_an_export_into_an_empty_bank_exports_the_same_bytes(file_format):
    bank = varied_bank("mathematics")
    publish(open_draft(bank, None), None, "go")
    retire(bank.items.get(code="I001"), None, "old")
    text = export_items(bank, file_format)
    other = make_bank("other", languages=("en", "ko"))
    import_items(other, text.encode(), actor=None, reason="moved house")
    assert export_items(other, file_format) == text
    publish(open_draft(other, None), None, "go")
    assert export_items(other, file_format) == text


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_all_eight_models_come_back_from_an_export(file_format):
    bank = make_bank()
    make_mixed_release(bank)
    text = export_items(bank, file_format)
    other = make_bank("other")
    import_items(other, text.encode(), actor=None, reason="moved house")
    rows = other.releases.get(number=None).released_items.select_related("item")
    assert {row.item.code: parameters_of(row) for row in rows} == {
        known.model: known for known in EIGHT_MODELS
    }
    assert export_items(other, file_format) == text


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_enemies_and_times_come_back_from_an_export(file_format):
    bank = varied_bank("mathematics")
    other = make_bank("other", languages=("en", "ko"))
    import_items(other, export_items(bank, file_format).encode(), actor=None, reason="moved house")
    held = {
        group.code: sorted(group.items.values_list("code", flat=True))
        for group in other.enemy_groups.all()
    }
    assert held == {"twins": ["I001", "I002"], "-odd": ["I002", "L1", "N1"]}
    assert other.items.get(code="I002").newest_version.expected_seconds == 75
    assert other.items.get(code="I001").newest_version.expected_seconds is None


@pytest.mark.django_db
def test_a_bank_without_enemies_and_times_exports_neither_column():
    bank = make_bank()
    make_release(bank, (0.0,))
    header = export_items(bank).splitlines()[0].split(",")
    assert not {"enemies", "expected_seconds"} & set(header)
    assert '"enemies"' not in export_items(bank, "json")


@pytest.mark.django_db
def test_no_cell_of_an_export_is_a_formula_and_negative_numbers_stay_numbers():
    bank = varied_bank("mathematics")
    rows = list(csv.reader(io.StringIO(export_items(bank), newline="")))
    header, body = rows[0], rows[1:]
    numeric = {"a", "b", "c", "d"} | {name for name in header if name[:1] == "b"}
    numeric |= {name for name in header if name.startswith("rule_")}
    for cells in body:
        for name, cell in zip(header, cells, strict=True):
            if name in numeric and cell:
                float(cell)
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    lower = [row[header.index("rule_1_lower")] for row in body if row[0] == "N1"]
    assert lower == ["-2.0"]


@given(st.text())
def test_unescaping_an_escaped_cell_gives_the_text_back(text):
    assert unescape_formula(escape_formula(text)) == text


@given(st.text(alphabet="'=+-@\t\r\n a"))
def test_unescaping_is_exact_for_text_that_looks_escaped(text):
    assert unescape_formula(escape_formula(text)) == text
    assert not escape_formula(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.django_db
def test_the_commands_carry_items_from_bank_to_bank(tmp_path, capsys):
    bank = make_bank()
    make_release(bank, (-1.0, 1.0))
    path = tmp_path / "items.csv"
    call_command("export_items", "--bank=mathematics", f"--out={path}")
    other = make_bank("other")
    call_command("import_items", str(path), "--bank=other", "--dry-run")
    assert other.items.count() == 0
    assert "I001: new item | operational | 2pl a 1; b -1" in capsys.readouterr().out
    call_command("import_items", str(path), "--bank=other")
    assert other.items.count() == 2
    assert (
        "2 new, 0 revised, 0 parameters, 0 moved, 0 enemies, 0 unchanged" in capsys.readouterr().out
    )
    assert ContentArea.objects.filter(bank=other).count() == 1


@pytest.mark.django_db
def test_the_import_command_names_every_bad_row(tmp_path):
    make_bank()
    path = tmp_path / "items.csv"
    path.write_text("code,a,b\nA1,1,0\nA2,0,x\n")
    with pytest.raises(CommandError) as refused:
        call_command("import_items", str(path), "--bank=mathematics")
    lines = str(refused.value).splitlines()
    assert lines[0] == "2 rows cannot be imported; nothing was changed."
    assert lines[1].startswith("row 2, column code: ")
    assert lines[2] == "row 3, column b: “x” is not a number."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--bank=nowhere"], "There is no bank 'nowhere'."),
        (["--bank=mathematics", "--actor=nobody"], "There is no user 'nobody'."),
    ],
)
def test_the_import_command_says_what_it_does_not_find(tmp_path, options, sentence):
    make_bank()
    path = tmp_path / "items.csv"
    path.write_text("code,a,b\n")
    with pytest.raises(CommandError, match=sentence):
        call_command("import_items", str(path), *options)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_items", str(tmp_path / "none.csv"), "--bank=mathematics")
