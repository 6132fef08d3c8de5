"""What people say of a file of responses: missing codes, keys, recoding, columns."""

import numpy as np
import pytest

from common.files.csv_files import DataError
from scoring.responses.reader import read_responses
from scoring.responses.reading import Reading


def read(folder, text, known=(), name="r.csv", **said):
    path = folder / name
    path.write_text(text)
    return read_responses(path, known, Reading(**said))


def matrix(table):
    """Scores (N, J) as lists, None where missing."""
    rows = [[None] * len(table.items) for _ in table.persons]
    for person, item, score in zip(table.person, table.item, table.score, strict=True):
        rows[person][item] = int(score)
    return rows


@pytest.mark.parametrize(
    ("cells", "codes"),
    [
        ("9,1,99", ("9", "99")),
        ("-9,1,.", ("-9", ".")),
        ("NaN,1,N/A", ("NaN", "N/A")),
        ("9.0,1,09", ("9",)),
        ("무응답,1,-", ("무응답", "-")),
        ("\uff18,1,8", ("8",)),
    ],
)
def test_what_stands_for_no_answer_can_be_said(tmp_path, cells, codes):
    table = read(tmp_path, f"q1,q2,q3\n{cells}\n0,1,2\n", missing=codes)
    assert matrix(table) == [[None, 1, None], [0, 1, 2]]


@pytest.mark.parametrize("code", ["-9", "999", ".", "NaN", "N/A", "-1", "*", "null", "무응답"])
def test_the_message_that_sees_a_code_says_how_to_name_it(tmp_path, code):
    with pytest.raises(DataError) as refusal:
        read(tmp_path, f"q1,q2\n1,{code}\n0,1\n")
    option = f"--missing={code}" if code.startswith("-") else f"--missing {code}"
    assert str(refusal.value).endswith(f"if {code} stands for a missing answer, say so by {option}")


def test_a_key_turns_choices_into_scores_and_keeps_them(tmp_path):
    table = read(tmp_path, "id,q1,q2,q3\nx,A,b,C\ny,B,B,\nz,a,D,\uff21\n", key="ABC")
    assert matrix(table) == [[1, 1, 1], [0, 1, None], [1, 0, 0]]
    chosen = [table.options[at] for at in table.option]
    assert chosen == ["A", "B", "C", "B", "B", "A", "D", "A"]
    assert table.key == {"q1": {"A"}, "q2": {"B"}, "q3": {"C"}}


@pytest.mark.parametrize(
    "key",
    ["3142", "3,1,4,2", "3 1 4 2", "3;1;4;2", "3,1|5,4,2/3", "3,1 ,4,2"],
)
def test_a_key_may_be_numbers_with_any_mark_between(tmp_path, key):
    table = read(tmp_path, "q1,q2,q3,q4\n3,1,4,2\n1,2,1,1\n2,1,3,4\n", key=key)
    assert matrix(table) == [[1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 0, 0]]


@pytest.mark.parametrize(
    "content",
    [
        "item,key\nq2,B\nq1,A|C\nq3,D\nother,A\n",
        "q2,B\nq1,A|C\nq3,D\n",
        "q1;(A) C\nq2;b\nq3;D\n",
        "AC\nB\nD\n",
        "Key\nA|C\nB\nd\n",
        "문항,정답\nq1,A C\nq2,B\nq3,D\n",
        "q1,q2,q3\nAC,B,D\n",
        "item;answer\nq1;A\nq1;C\nq2;B\nq3;D\n",
        "A/C\tB\tD\n",
    ],
)
def test_a_key_may_stand_in_a_file_of_any_usual_form(tmp_path, content):
    path = tmp_path / "key.csv"
    path.write_text(content)
    text = "id,q1,q2,q3\nx,A,B,D\ny,C,A,D\nz,B,B,A\n"
    assert matrix(read(tmp_path, text, key=str(path))) == [[1, 1, 1], [1, 0, 1], [0, 1, 0]]


@pytest.mark.parametrize("label", ["KEY", "정답", "", "answers"])
def test_the_first_row_may_be_the_key(tmp_path, label):
    table = read(tmp_path, f"id,q1,q2\n{label},A,BD\nx,A,B\ny,C,D\n", key="row")
    assert (table.persons, matrix(table)) == (["x", "y"], [[1, 1], [0, 1]])
    assert read(tmp_path, "q1,q2\n2,1\n2,1\n1,1\n", key="row").persons == ["1", "2"]


def test_items_without_a_key_keep_their_scores(tmp_path):
    path = tmp_path / "key.csv"
    path.write_text("item,key\nq1,B\n")
    table = read(tmp_path, "id,q1,essay\nx,A,3\ny,B,0\n", key=str(path))
    assert matrix(table) == [[0, 3], [1, 0]]
    assert table.option.tolist() == [0, -1, 1, -1]
    assert table.notes == ("without a key, and read as scores: essay",)


def test_a_key_of_a_long_file_names_its_items(tmp_path):
    path = tmp_path / "key.csv"
    path.write_text("item,key\nq1,B\nq2,A\n")
    text = "person,item,response,seconds\nx,q2,A,3\nx,q1,C,9\ny,q1,B,2\n"
    table = read(tmp_path, text, key=str(path))
    assert table.items == ["q2", "q1"]
    assert matrix(table) == [[1, 0], [None, 1]]
    with pytest.raises(DataError, match="the key of a long file names its items"):
        read(tmp_path, text, key="BA")


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("q1,q2\nA,B\n", "ABC", r"the key has 3 answers, .* has 2 items \(q1, q2\)"),
        ("q1,q2\n1,2\n2,1\n", "AB", "the key of q1 is A, but nobody chose anything of that kind"),
        ("id,q1,q2\nx,A,-\n", "AB", "'-' is no option.*say so by --missing=-"),
        ("id,q1,q2\nx,A,AB\n", "AB", "'AB' is no option"),
        ("q1,q2\nA,B\n", "nothing.csv", "there is no file nothing.csv"),
        ("q1,q2\nA,B\nB,A\n", None, "'B' is not a score.*--key says which are right"),
    ],
)
def test_keys_that_cannot_be_right_are_refused_with_the_reason(tmp_path, text, key, reason):
    with pytest.raises(DataError, match=f"(?s){reason}"):
        read(tmp_path, text, key=key)


def test_codes_among_choices_are_pointed_out(tmp_path):
    table = read(tmp_path, "id,q1,q2\nx,9,0\ny,2,4\nz,3,1\n", key="24")
    assert table.notes == (
        "1 answers 0 are wrong by the key; if it is no answer, --missing 0",
        "1 answers 9 are wrong by the key; if 9 stands for a missing answer, say so by --missing 9",
    )
    silent = read(tmp_path, "id,q1,q2\nx,9,0\ny,2,4\nz,3,1\n", key="24", missing=("9", "0"))
    assert (silent.notes, matrix(silent)) == ((), [[None, None], [1, 1], [0, 0]])


def test_a_file_recodes_collapses_and_reverses(tmp_path):
    path = tmp_path / "recode.csv"
    path.write_text("item,from,to\n*,4|5,3\n,n/a,\nq2,1,3\nq2,2,2\nq2,3,1\n*,1,0\n*,2,1\n*,3,2\n")
    table = read(tmp_path, "id,q1,q2\nx,5,1\ny,1,3\nz,n/a,2\n", recode=path)
    assert matrix(table) == [[3, 3], [0, 1], [None, 2]]


def test_words_become_scores_by_a_file_without_items(tmp_path):
    path = tmp_path / "recode.csv"
    path.write_text("old;new\n전혀 아니다;0\n보통;1\n매우 그렇다;2\n")
    table = read(tmp_path, "학번,문1,문2\n1,보통,전혀 아니다\n2,매우 그렇다,보통\n", recode=path)
    assert matrix(table) == [[1, 0], [2, 1]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("item,was\nq1,1\n", "needs the columns from and to"),
        ("from,to\n1,0\n1.0,2\n", "line 3: '1' is recoded twice for the same items"),
        ("from,to\n1\n", "line 2: 1 cells where the header has 2"),
    ],
)
def test_a_bad_file_of_recodings_is_refused(tmp_path, content, reason):
    path = tmp_path / "recode.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=reason):
        read(tmp_path, "id,q1\nx,1\n", recode=path)


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ({"columns": ("m1", "m3")}, ["m1", "m3"]),
        ({"columns": ("m1:m3",)}, ["m1", "m2", "m3"]),
        ({"columns": ("m*",), "ignore": ("m2",)}, ["m1", "m3"]),
        ({"ignore": ("v?", "remark")}, ["m1", "m2", "m3"]),
    ],
)
def test_columns_can_be_chosen(tmp_path, said, items):
    text = "id,m1,m2,m3,v1,remark\nx,1,0,1,0,good\ny,0,1,1,0,\n"
    assert read(tmp_path, text, **said).items == items


def test_a_choice_of_no_column_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"--columns: no column is called 'z\*'; there are id, m1"):
        read(tmp_path, "id,m1\nx,1\n", columns=("z*",))


@pytest.mark.parametrize(
    "header",
    [
        "id,item,resp,when,seconds",
        "Student ID,Question,Answer,timestamp,rt",
        "학번,문항번호,응답,시각,초",
        "user_id,item_id,score,date,duration",
    ],
)
def test_long_files_may_have_more_columns_and_other_names(tmp_path, header):
    text = f"{header}\na,Q1,1,2026-01-01 10:00,3.2\nb,Q1,0,,\na,Q2,2,x,0.4\n"
    table = read(tmp_path, text)
    assert (table.persons, table.items) == (["a", "b"], ["Q1", "Q2"])
    assert matrix(table) == [[1, 2], [0, None]]


def test_columns_of_a_long_file_can_be_named(tmp_path):
    text = "row,who,what,raw,points\n1,a,Q1,B,1\n2,b,Q1,C,0\n"
    said = {"id_column": "who", "item_column": "what", "response_column": "points"}
    assert matrix(read(tmp_path, text, **said)) == [[1], [0]]
    with pytest.raises(DataError, match="'response' and 'score' may both hold the responses"):
        read(tmp_path, "person,item,response,score\na,Q1,B,1\n")


def test_a_row_number_gives_way_to_the_persons_of_a_long_file(tmp_path):
    table = read(tmp_path, "id,person,item,response\n1,a,Q1,1\n2,a,Q2,0\n3,b,Q1,0\n")
    assert (table.persons, table.items) == (["a", "b"], ["Q1", "Q2"])


def test_a_file_that_counts_from_one_is_taken_down_by_one(tmp_path):
    table = read(tmp_path, "id,q1,q2\nx,1,5\ny,3,2\n", lowest=1)
    assert matrix(table) == [[0, 4], [2, 1]]
    with pytest.raises(DataError, match=r"line 2, column q2: '0' is below the lowest score, 1"):
        read(tmp_path, "id,q1,q2\nx,1,0\n", lowest=1)


def test_large_files_by_key_are_read_like_small_ones(tmp_path):
    rng = np.random.default_rng(8)
    choices = rng.integers(0, 4, (700, 5))
    rows = "".join(
        f"p{n}," + ",".join("ABCD"[c] for c in row) + "\n" for n, row in enumerate(choices)
    )
    table = read(tmp_path, "id,q1,q2,q3,q4,q5\n" + rows, key="ABCDA")
    expected = choices == np.array([0, 1, 2, 3, 0])
    assert np.array_equal(table.score.reshape(700, 5), expected)
    left = table.take_items(["q4", "q2"]).drop_persons(np.arange(700) > 1)
    assert [left.options[at] for at in left.option] == [
        "ABCD"[choices[person, item]] for person in (0, 1) for item in (1, 3)
    ]


@pytest.mark.parametrize("mark", ["{}.", "({})", "[{}]", "{})", "<{}>"])
def test_options_may_be_decorated(tmp_path, mark):
    rows = "".join(f"x{n},{mark.format(one)},{mark.format('b')}\n" for n, one in enumerate("aBa"))
    assert matrix(read(tmp_path, f"id,q1,q2\n{rows}", key="AC")) == [[1, 0], [0, 0], [1, 0]]


def test_numbers_of_options_may_be_korean(tmp_path):
    table = read(tmp_path, "id,q1,q2\nx,3번,1 번\ny,2번,4번\n", key="34")
    assert matrix(table) == [[1, 0], [0, 1]]


def test_where_a_key_has_words_other_words_are_wrong(tmp_path):
    (tmp_path / "key.csv").write_text("item,key\nq1,yes\nq2,Seoul\nq3,TRUE\n")
    text = "id,q1,q2,q3\nx,Yes,Busan,true\ny,no,seoul,FALSE\n"
    assert matrix(read(tmp_path, text, key=str(tmp_path / "key.csv"))) == [[1, 0, 1], [0, 1, 0]]


def test_an_item_that_the_key_lacks_is_said_to_lack_it(tmp_path):
    (tmp_path / "key.csv").write_text("item,key\nq1,B\n")
    with pytest.raises(DataError, match=r"column q2: 'D' is not a score.*key says nothing of this"):
        read(tmp_path, "id,q1,q2\nx,B,D\n", key=str(tmp_path / "key.csv"))


@pytest.mark.parametrize("word", ["TRUE", "false", "yes"])
def test_words_without_a_key_are_answered_with_recoding(tmp_path, word):
    with pytest.raises(DataError, match="words become scores by --recode"):
        read(tmp_path, f"id,q1,q2\nx,{word},1\n")


def test_recodings_of_items_that_are_not_there_are_told(tmp_path):
    (tmp_path / "map.csv").write_text("item,from,to\nq9,1,0\n")
    table = read(tmp_path, "id,q1,q2\nx,0,1\n", recode=tmp_path / "map.csv")
    assert table.notes == ("the recoding names the item 'q9', which is not there",)


def test_recoding_to_what_is_no_score_is_refused_as_that(tmp_path):
    (tmp_path / "map.csv").write_text("item,from,to\nq1,1,one\n")
    with pytest.raises(DataError, match="column q1: '1' is recoded to 'one', which is not a score"):
        read(tmp_path, "id,q1,q2\nx,1,1\n", recode=tmp_path / "map.csv")


@pytest.mark.parametrize("mark", ["^", ":", "#"])
def test_a_header_of_one_cell_asks_for_the_separator(tmp_path, mark):
    with pytest.raises(DataError, match=r"its header is one cell.*--separator"):
        read(tmp_path, f"id{mark}q1{mark}q2\n" + f"x{mark}1{mark}0\n" * 3)


def test_lines_above_the_header_are_to_be_taken_out(tmp_path):
    with pytest.raises(DataError, match="line 2: 3 cells where the header has 1; take out lines"):
        read(tmp_path, "# exported\nid,q1,q2\nx,1,0\n")


@pytest.mark.parametrize(
    ("name", "value"), [("Total", "0.5"), ("percent", "62.5"), ("석차", "3/40"), ("age", "-20")]
)
def test_columns_beside_the_items_that_hold_no_scores_are_to_be_ignored(tmp_path, name, value):
    with pytest.raises(DataError, match=rf"if {name} is no item, --ignore {name} leaves it out"):
        read(tmp_path, f"id,q1,{name}\nx,1,{value}\n", columns=("q1", name))


@pytest.mark.parametrize("name", ["student", "user_id", "학번"])
def test_persons_in_the_last_column_can_be_named(tmp_path, name):
    text = f"q1,q2,{name}\n" + "".join(f"{n % 2},1,{900 + n}\n" for n in range(12))
    assert read(tmp_path, text).notes == (
        f"the column {name!r} holds no scores and is left out; if it holds the persons, "
        f"--id-column {name}",
    )
    assert read(tmp_path, text, id_column=name).persons[0] == "900"


@pytest.mark.parametrize("columns", ["score,answer", "answer,score", "correct,response"])
def test_a_key_of_a_long_file_scores_the_choices(tmp_path, columns):
    (tmp_path / "key.csv").write_text("item,key\nq1,1\nq2,2\n")
    cells = "0,1" if columns.split(",")[0] in {"score", "correct"} else "1,0"
    text = f"person,item,{columns}\nx,q1,{cells}\nx,q2,{cells}\n"
    assert matrix(read(tmp_path, text, key=str(tmp_path / "key.csv"))) == [[1, 0]]


@pytest.mark.parametrize("header", ["id,variable,value", "subject,item,accuracy"])
def test_long_files_of_other_programs_are_known(tmp_path, header):
    assert matrix(read(tmp_path, f"{header}\nx,q1,1\nx,q2,0\n")) == [[1, 0]]


def test_persons_that_repeat_point_to_the_options_of_long_files(tmp_path):
    with pytest.raises(DataError, match=r"appears twice.*--item-column and --response-column"):
        read(tmp_path, "id,name,value\nx,q1,1\nx,q2,0\n")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16", "utf-8-sig"])
def test_text_with_a_mark_of_its_encoding_is_read(tmp_path, encoding):
    path = tmp_path / "r.csv"
    path.write_text("학번,q1,q2\n한,1,0\n", encoding=encoding)
    table = read_responses(path, (), Reading())
    assert (table.persons, matrix(table)) == (["한"], [[1, 0]])


def test_text_of_16_bits_without_a_mark_asks_for_its_encoding(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("id,q1\nx,1\n", encoding="utf-16-le")
    with pytest.raises(DataError, match="if it is UTF-16, say so by --encoding utf-16-le"):
        read_responses(path, (), Reading())


@pytest.mark.parametrize(
    ("column", "cells", "advice"),
    [
        ("total", "5067", "if total is no item, --ignore total leaves it out"),
        ("Sum Score", "5067", "if Sum Score is no item, --ignore 'Sum Score' leaves it out"),
        ("q9", "12512", "none of its scores is 0: if it counts from 1, recode it by --recode"),
    ],
)
def test_scores_beyond_an_item_are_answered_with_what_mends_them(tmp_path, column, cells, advice):
    rows = "".join(f"x{n},{n % 2},{cell}\n" for n, cell in enumerate(cells))
    table = read(tmp_path, f"id,q1,{column}\n{rows}")
    with pytest.raises(DataError) as refusal:
        table.check_categories(np.array([2, 2]))
    assert str(refusal.value).endswith(advice)
