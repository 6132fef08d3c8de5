"""Files as spreadsheets and other systems write them: read, or named with what mends them."""

import gzip
import io
import zipfile
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from common.errors import InvalidInput
from items.exchange.exporting import export_items
from items.exchange.importing import import_items
from items.exchange.tables import place_of
from items.models import Bank
from tests.factories import choice_content, make_bank, make_item

pytestmark = pytest.mark.django_db

HEADER = "code,area,kind,stem_en,stem_ko,option_1_en,option_1_ko,option_2_en,option_2_ko,key,a,b"
CELLS = "P-1,algebra,single_choice,Half of six?,여섯의 반은?,3,3,4,4,1,1.5,-0.25"
GOOD = f"{HEADER}\n{CELLS}\n"


@pytest.fixture
def bank() -> Bank:
    return make_bank(languages=("en", "ko"))


def bring_in(bank: Bank, data: bytes | str, **options):
    raw = data.encode() if isinstance(data, str) else data
    return import_items(bank, raw, actor=None, reason="test", **options)


def is_read(bank: Bank, data: bytes | str, **options) -> None:
    bring_in(bank, data, **options)
    version = bank.items.get(code="P-1").newest_version
    assert version.stem == {"en": "Half of six?", "ko": "여섯의 반은?"}
    row = version.released.get()
    assert (row.discrimination, row.difficulty) == (1.5, [-0.25])


def sentence_about(bank: Bank, data: bytes | str, **options) -> str:
    with pytest.raises(InvalidInput) as refused:
        bring_in(bank, data, **options)
    assert not bank.items.exists()
    return refused.value.message


def separated(mark: str, *, decimal: str = ".") -> str:
    line = CELLS.replace(",", mark)
    line = line.replace("1.5", f"1{decimal}5").replace("-0.25", f"-0{decimal}25")
    return f"{HEADER.replace(',', mark)}\n{line}\n"


# --- what is read as it is


@pytest.mark.parametrize(
    "text",
    [
        f"sep=,\n{GOOD}",
        f"sep=,\r\n{GOOD}",
        f'"sep=,"\n{GOOD}',
        f"SEP=,,,,\n{GOOD}",
        f"\ufeffsep=,\n{GOOD}",
        f"\ufeff\ufeff{GOOD}",
        f"{HEADER},,\n{CELLS},,\n",
        f"{HEADER},,\n{CELLS}\n",
        f"{HEADER}\n{CELLS},,,\n",
        f"{HEADER}, ,\t\n{CELLS}, ,  \n",
        f"{GOOD}{' ,' * 11} \n",
        f"{GOOD}\n   \n\t\n",
        f"\n , \n{GOOD}",
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        GOOD.replace("code", "item", 1),
    ],
)
def test_what_spreadsheets_leave_behind_is_no_fault(bank, text):
    is_read(bank, text)


def test_an_empty_column_between_others_is_no_fault(bank):
    header, cells = (line.replace(",", ",,", 1) for line in (HEADER, CELLS))
    is_read(bank, f"{header}\n{cells}\n")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (separated(";"), {"separator": ";"}),
        (separated(";", decimal=","), {"separator": ";"}),
        (separated("\t"), {"separator": "\t"}),
        (separated("\t", decimal=","), {"separator": "\t"}),
        (f"sep=;\n{separated(';', decimal=',')}", {}),
        (f"sep=\t\n{separated(chr(9))}", {}),
        (f"sep=|\n{separated('|')}", {}),
    ],
)
def test_a_separator_that_is_stated_is_used_with_its_decimal_commas(bank, text, options):
    is_read(bank, text, **options)


@pytest.mark.parametrize("encoding", ["cp949", "euc-kr", "utf-16", "utf-16-le", "utf-32"])
def test_an_encoding_that_is_stated_is_used(bank, encoding):
    is_read(bank, GOOD.encode(encoding), encoding=encoding)


def test_a_comma_that_may_part_thousands_is_asked_about(bank):
    text = separated(";").replace("1.5", "1,500").replace("-0.25", "2")
    told = sentence_about(bank, text, separator=";")
    assert "row 2, column a: Is “1,500” a thousand or a fraction?" in told
    is_read(bank, text.replace(";2\n", ";-0,25\n"), separator=";")


# --- what is named


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (separated(";"), "separated by semicolons"),
        (f"\ufeff{separated(';', decimal=',')}", "separated by semicolons"),
        (separated("\t"), "separated by tabs"),
        (separated("|"), "separated by vertical bars"),
        ("Code;Item name\nP-1;x\n", "separated by semicolons"),
    ],
)
def test_another_separator_is_named_with_the_cure(bank, text, words):
    told = sentence_about(bank, text)
    assert words in told
    assert "CSV with commas" in told


def test_the_option_for_another_separator_is_named(bank):
    assert "--separator semicolon" in sentence_about(bank, separated(";"))
    assert "--separator tab" in sentence_about(bank, separated("\t"))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (GOOD.encode("cp949"), "cp949"),
        (GOOD.encode("euc-kr"), "cp949"),
        (GOOD.encode("utf-16"), "utf-16"),
        (GOOD.encode("utf-16-be"), "utf-16-be"),
        ("code,stem_en\nP-1,なに\n".encode("shift_jis"), "shift_jis"),
        ("code,stem_en\nP-1,Où est-ce ?\n".encode("cp1252"), "cp1252"),
    ],
)
def test_another_encoding_is_named_with_the_option_that_reads_it(bank, data, name):
    told = sentence_about(bank, data)
    assert f"it looks like {name}." in told
    assert f"--encoding {name}" in told


def test_an_encoding_that_does_not_fit_or_does_not_exist_is_said(bank):
    assert "not in ascii" in sentence_about(bank, GOOD, encoding="ascii")
    assert "no encoding “utf-9”" in sentence_about(bank, GOOD, encoding="utf-9")


MOODLE = (
    '<?xml version="1.0"?>\n<quiz>\n<question type="shortanswer"><name><text>Sum</text></name>'
    "</question></quiz>"
)
QTI = '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="i"/>'
SHEET = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MOODLE, "This is XML (Moodle)"),
        (f"\n  {MOODLE}", "This is XML (Moodle)"),
        (QTI, "This is XML (QTI)"),
        ("<questestinterop/>", "This is XML (QTI)"),
        (SHEET, "This is XML (Excel 2003)"),
        ("<items><item/></items>", "This is XML."),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "a web page (HTML)"),
        ("{\\rtf1\\ansi Half of six?}", "a document (RTF)"),
        ("::P1:: Half of six? {=3 ~4}\n", "This is GIFT"),
        ("Half of six is {#3:0.1}.\n\nTwo plus two is four. {T}\n", "This is GIFT"),
        ("// a comment\n$CATEGORY: sums\n\n::P1::Six {=6}\n", "This is GIFT"),
        ("Half of six?\nA. 3\nB. 4\nANSWER: A\n", "This is Aiken"),
        ("Half of six, please?\r\nA) 3\r\nB) 4\r\nANSWER: A\r\n", "This is Aiken"),
    ],
)
def test_files_of_other_systems_are_named(bank, text, words):
    assert words in sentence_about(bank, text)


def workbook(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (workbook("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook (.xlsx)"),
        (workbook("[Content_Types].xml", "xl/workbook.xml")[:60], "archive (.zip)"),
        (workbook("content.xml", "imsmanifest.xml"), "a content package (QTI, .zip)"),
        (workbook("notes.txt"), "an archive (.zip)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "an Excel workbook (.xls)"),
        (gzip.compress(GOOD.encode()), "compressed (gzip)"),
        (b"%PDF-1.7\n", "a PDF"),
    ],
    # An archive holds the time at which it was made, and the processes of a run must agree.
    ids=["xlsx", "cut short", "package", "zip", "xls", "gzip", "pdf"],
)
def test_what_is_no_text_is_named_whatever_its_name_says(bank, data, words):
    assert words in sentence_about(bank, data)


def test_json_and_csv_are_told_apart_where_the_other_one_is_asked_for(bank):
    json_text = '{"items": []}'
    assert "is JSON, not CSV" in sentence_about(bank, json_text, file_format="csv")
    assert "is JSON, not CSV" in sentence_about(bank, json_text, file_format="edu_irt")
    assert "is CSV, not JSON" in sentence_about(bank, GOOD, file_format="json")
    assert "This is XML (QTI)" in sentence_about(bank, QTI, file_format="json")
    assert 'put it into {"items": [...]}' in sentence_about(bank, "[]")


def test_a_csv_file_under_any_name_is_read(bank, tmp_path):
    path = tmp_path / "items.xlsx"
    path.write_text(GOOD, encoding="utf-8")
    call_command("import_items", path, bank=bank.slug)
    assert bank.items.count() == 1


@pytest.mark.parametrize("text", ["", "\n\n", " , ,\n", "\ufeff", "sep=;\n"])
def test_a_file_without_anything_is_empty(bank, text):
    assert "The file is empty." in sentence_about(bank, text)


# --- columns


@pytest.mark.parametrize(
    ("number", "place"),
    [(0, "1 (A)"), (25, "26 (Z)"), (26, "27 (AA)"), (701, "702 (ZZ)")],
)
def test_a_column_without_a_name_is_found_by_its_place(number, place):
    assert place_of(number) == place


def test_a_column_without_a_name_but_with_content_is_told_by_place_and_row(bank):
    told = sentence_about(bank, f"{HEADER},\n{CELLS},\n{CELLS.replace('P-1', 'P-2')},seen\n")
    assert "column 13 (M): It has no name, but something in it (row 3)" in told


def test_columns_that_appear_twice_are_told_by_their_places(bank):
    told = sentence_about(bank, f"{HEADER},stem_en\n{CELLS},again\n")
    assert "column stem_en: This column appears twice: 4 (D), 13 (M)." in told
    told = sentence_about(bank, f"item,{HEADER}\nP-1,{CELLS}\n")
    assert "column code: This column appears twice: 1 (A), 2 (B)." in told


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("Stem_EN", "stem_en"),
        ("stem en", "stem_en"),
        ("ratonale_en", "rationale_en"),
        ("Key", "key"),
    ],
)
def test_a_misspelled_column_is_told_what_it_may_be(bank, given, meant):
    told = sentence_about(bank, f"{HEADER},{given}\n{CELLS},x\n")
    assert f"column {given}: Unknown column. Is it “{meant}”?" in told


def test_rows_that_are_too_long_or_too_short_are_told_and_counted_as_in_a_spreadsheet(bank):
    told = sentence_about(bank, f"sep=,\n{HEADER}\n\n{CELLS},x\nP-2,algebra\n")
    assert "row 3, column b: The row has 13 cells, the header 12." in told
    assert "row 4, column kind: The row has 2 cells, the header 12." in told


# --- exports


def test_an_export_opens_in_excel_with_its_korean_and_comes_back_as_it_is(bank, tmp_path):
    texts = {"en": "=1+1", "ko": "+여섯의 반은?"}
    make_item(bank, "-P,1", replace(choice_content(bank), stem=texts))
    path = tmp_path / "items.csv"
    call_command("export_items", bank=bank.slug, out=path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfcode,")
    assert "'+여섯의 반은?".encode() in raw
    assert b"'=1+1" in raw
    assert bring_in(bank, raw).changes == []
    assert raw.decode("utf-8-sig") == export_items(bank)


def test_a_code_of_an_area_is_no_formula_in_a_spreadsheet():
    bank = make_bank(areas=("-alg", "algebra"))
    content = choice_content(bank)
    make_item(
        bank, "A1", type(content)(**{**content.__dict__, "area": bank.areas.get(code="-alg")})
    )
    text = export_items(bank)
    assert ",'-alg," in text
    assert bring_in(bank, text).changes == []


def test_a_json_export_has_no_mark_before_it(bank, tmp_path):
    make_item(bank, "A1")
    path = tmp_path / "items.json"
    call_command("export_items", bank=bank.slug, out=path)
    assert path.read_bytes().startswith(b"{")


def test_the_command_takes_encoding_and_separator(bank, tmp_path):
    path = tmp_path / "items.csv"
    path.write_bytes(separated(";", decimal=",").encode("cp949"))
    with pytest.raises(CommandError, match="cp949"):
        call_command("import_items", path, bank=bank.slug)
    options = {"encoding": "cp949", "separator": "semicolon"}
    call_command("import_items", path, bank=bank.slug, **options)
    assert bank.items.get().newest_version.stem["ko"] == "여섯의 반은?"
