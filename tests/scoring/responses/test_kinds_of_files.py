"""Files as they come: separators, encodings, workbooks, SPSS and Stata."""

import gzip
import sys

import numpy as np
import openpyxl
import pandas
import pyreadstat
import pytest
from django.core.management.base import CommandError

from common.files.csv_files import DataError
from common.files.dialect import Dialect, separator_of
from scoring.responses.reader import read_responses
from scoring.responses.reading import Reading
from tests.scoring.files.test_csv_commands import columns, run

ROWS = [["이름", "q1", "q2"], ["김하나", 1, 0], ["Émile, B.", 0, ""], ["ß;x", 1, 2]]


def read(path, known=(), **said):
    return read_responses(path, known, Reading(dialect=Dialect(**said)))


def expect_the_rows(table):
    assert table.items == ["q1", "q2"]
    assert table.score.tolist() == [1, 0, 0, 1, 2]
    assert table.person.tolist() == [0, 0, 1, 2, 2]


def text(separator):
    quoted = [
        [f'"{cell}"' if "," in f"{cell}" or ";" in f"{cell}" else f"{cell}" for cell in row]
        for row in ROWS
    ]
    return "\n".join(separator.join(row) for row in quoted) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_separators_and_encodings_show_themselves(tmp_path, separator, encoding):
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    path = tmp_path / "r.csv"
    path.write_bytes((mark + text(separator)).encode(encoding))
    table = read(path)
    expect_the_rows(table)
    assert table.persons == ["김하나", "Émile, B.", "ß;x"]


def test_korean_of_windows_shows_itself(tmp_path):
    path = tmp_path / "r.csv.gz"
    path.write_bytes(gzip.compress("학번,문1\n가나,1\n다라,0\n".encode("cp949")))
    assert read(path).persons == ["가나", "다라"]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [("cp949", "뷁,쀍"), ("latin-1", "Zoë,Åke"), ("shift_jis", "山田,鈴木"), ("cp1252", "a€,bŠ")],
)
def test_other_encodings_are_named_and_else_asked_for(tmp_path, encoding, names):
    first, second = names.split(",")
    path = tmp_path / "r.csv"
    path.write_bytes(f"id,q1\n{first},1\n{second},0\n".encode(encoding))
    assert read(path, encoding=encoding).persons == [first, second]
    with pytest.raises(DataError, match=r"line 2 is not UTF-8 text.*--encoding cp949"):
        read(path)


def test_a_wrong_encoding_is_told(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes("id,q1\nZoë,1\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"r\.csv is not cp949 text"):
        read(path, encoding="cp949")


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\nid;q1\nx;1\ny;0\n",
        '"sep=;"\nid;q1\nx;1\ny;0\n',
        "SEP=;;;\r\nid;q1\r\nx;1\r\ny;0\r\n",
        '"sep=\t"\nid\tq1\nx\t1\ny\t0\n',
        "id,q1,,\nx,1,,\ny,0,,\n",
        "id q1\nx 1\ny 0\n",
        "id   q1\n x   1\n y   0\n",
        '"id"\t"q1"\r\n"x"\t"1,0"\r\n"y"\t"0,0"\r\n \t \r\n',
        "id;q1\nx;1,0\ny;0,0\n;\n;\n",
    ],
)
def test_what_spreadsheets_and_r_write_is_read(tmp_path, content):
    path = tmp_path / "r.txt"
    path.write_text(content)
    table = read(path)
    assert (table.persons, table.items, table.score.tolist()) == (["x", "y"], ["q1"], [1, 0])


@pytest.mark.parametrize(
    ("name", "mark"), [("tab", "\t"), ("semicolon", ";"), ("\\t", "\t"), ("^", "^"), ("space", " ")]
)
def test_separators_have_names(tmp_path, name, mark):
    path = tmp_path / "r.csv"
    path.write_text(text(mark) if mark == "^" else text(mark).replace("Émile, B.", "Émile"))
    expect_the_rows(read(path, separator=separator_of(name)))


def workbook(path, rows, sheet="Data", before=()):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in (*before, *rows):
        book.active.append(row)
    book.create_sheet("Codebook").append(["q1", "the first"])
    book.save(path)
    return path


def test_a_sheet_is_read_like_a_table(tmp_path):
    rows = [[*ROWS[0], None], [*ROWS[1], None], [None] * 4, *ROWS[2:]]
    path = workbook(tmp_path / "r.xlsx", rows, before=[[None, None]])
    table = read(path)
    expect_the_rows(table)
    assert table.person_line.tolist() == [3, 5, 6]
    assert read(path, sheet="Data").items == ["q1", "q2"]
    with pytest.raises(DataError, match=r"has no sheet 'Q'; it has Data, Codebook"):
        read(path, sheet="Q")


def test_a_damaged_workbook_is_refused(tmp_path):
    path = workbook(tmp_path / "r.xlsx", ROWS)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"is an archive and no workbook"):
        read(path)


@pytest.fixture
def frame():
    scores = {"학번": ["a", "b", "c"], "q1": [1.0, 0.0, 1.0], "q2": [0.0, np.nan, 9.0]}
    return pandas.DataFrame(scores)


def test_spss_files_keep_codes_and_their_missing_values(tmp_path, frame):
    path = tmp_path / "r.sav"
    labels = {"q1": {1.0: "right", 0.0: "wrong"}}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels, missing_ranges={"q2": [9.0]})
    table = read(path)
    assert (table.persons, table.items) == (["a", "b", "c"], ["q1", "q2"])
    assert table.score.tolist() == [1, 0, 0, 1]


def test_stata_files_are_read(tmp_path, frame):
    path = tmp_path / "r.dta"
    pyreadstat.write_dta(frame.rename(columns={"학번": "pid"}), path)
    table = read_responses(path, (), Reading(missing=("9",)))
    assert (table.persons, table.score.tolist()) == (["a", "b", "c"], [1, 0, 0, 1])


def test_a_damaged_file_of_spss_is_refused(tmp_path):
    path = tmp_path / "r.sav"
    path.write_bytes(b"$FL2 nothing")
    with pytest.raises(DataError, match=r"cannot be read as a file of SPSS"):
        read(path)


def test_without_pyreadstat_a_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    path = tmp_path / "r.dta"
    path.write_bytes(b"<stata_dta>")
    with pytest.raises(DataError, match=r"is a file of Stata.*pip install pyreadstat"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("r.csv", b"%PDF-1.7", "is a PDF"),
        ("r.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook of the old kind: save it as .xlsx"),
        ("r.csv", b"<?xml version='1.0'?><a/>", "is XML"),
        ("r.csv", b'{"a": 1}', "is JSON"),
    ],
)
def test_files_of_other_kinds_are_named(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read(path)


def test_every_file_of_a_command_may_be_a_workbook_or_have_decimal_commas(tmp_path):
    rng = np.random.default_rng(4)
    ability = rng.standard_normal((300, 1))
    scores = (ability + rng.logistic(size=(300, 4)) > 0).astype(int)
    rows = [[f"p{at}", *row] for at, row in enumerate(scores.tolist())]
    responses = workbook(tmp_path / "r.xlsx", [["pid", "a", "b", "c", "d"], *rows])
    groups = [["pid", "group"], *([f"p{at}", f"g{at % 2}"] for at in range(300))]
    anchors = tmp_path / "a.csv"
    anchors.write_text("item;model;a;b\na;2pl;1,25;-0,5\n")
    out, scored = tmp_path / "p.csv", tmp_path / "s.csv"
    run(
        *("calibrate_csv", responses, "--model", "2pl", "--out", out, "--anchors", anchors),
        *("--groups", workbook(tmp_path / "g.xlsx", groups)),
    )
    assert (columns(out)["a"][0], columns(out)["b"][0]) == ("1.25", "-0.5")
    run("score_csv", responses, "--items", out, "--out", scored)
    assert columns(scored)["person"][:2] == ["p0", "p1"]


def test_the_options_reach_the_commands(tmp_path):
    source, params = tmp_path / "r.txt", tmp_path / "p.csv"
    source.write_bytes("Zoë^B^9\nÅke^C^1\n".encode("latin-1"))
    source.write_bytes(b"who^q1^q2\n" + source.read_bytes())
    params.write_text("item,model,a,b\nq1,2pl,1,0\nq2,2pl,1,0\n")
    run(
        *("score_csv", source, "--items", params, "--out", tmp_path / "s.csv"),
        *("--separator", "^", "--encoding", "latin-1", "--id-column", "who"),
        *("--key", "B1", "--missing", "9", "--columns", "q1,q2"),
    )
    scores = columns(tmp_path / "s.csv")
    assert scores["person"] == ["Zoë", "Åke"]
    assert [float(cell) > 0 for cell in scores["map"]] == [True, False]
    for option in (("--separator", "ab"), ("--encoding", "klingon"), ("--missing", "9,,1")):
        with pytest.raises(CommandError, match=f"argument {option[0]}"):
            run("score_csv", source, "--items", params, "--out", tmp_path / "s.csv", *option)
