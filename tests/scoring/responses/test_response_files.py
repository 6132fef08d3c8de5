import gzip

import numpy as np
import pytest

from common.files.csv_files import DataError, whole_file, write_rows
from irt.responses import DenseResponses, SparseResponses
from scoring.responses.reader import read_responses


def write(folder, text, name="responses.csv"):
    path = folder / name
    path.write_text(text)
    return path


def triples(table):
    return [
        (table.persons[person], table.items[item], int(score))
        for person, item, score in zip(table.person, table.item, table.score, strict=True)
    ]


def test_a_wide_file_without_ids_numbers_its_persons(tmp_path):
    table = read_responses(write(tmp_path, "Q1,Q2\n1,0\n,2\n"))
    assert triples(table) == [("1", "Q1", 1), ("1", "Q2", 0), ("2", "Q2", 2)]


@pytest.mark.parametrize("header", ["", "person", "ID", "Student_id"])
def test_a_first_column_named_like_an_id_holds_ids(tmp_path, header):
    table = read_responses(write(tmp_path, f"{header},Q1\na,1\nb,0\n"))
    assert triples(table) == [("a", "Q1", 1), ("b", "Q1", 0)]


def test_a_first_column_without_repeated_values_holds_ids(tmp_path):
    lines = "".join(f"{number},1\n" for number in range(10))
    table = read_responses(write(tmp_path, "Kennung,Q1\n" + lines))
    assert (table.items, table.persons[-1]) == (["Q1"], "9")


def test_a_known_item_in_the_first_column_is_no_id(tmp_path):
    table = read_responses(write(tmp_path, "id,Q1\n0,1\n1,0\n"), known_items={"id"})
    assert table.items == ["id", "Q1"]


def test_a_long_file_may_order_its_columns_as_it_likes(tmp_path):
    table = read_responses(write(tmp_path, "Item,response,PERSON\nQ2,1,ann\nQ1,0,bob\nQ1,,ann\n"))
    assert triples(table) == [("ann", "Q2", 1), ("bob", "Q1", 0)]
    assert table.items == ["Q2", "Q1"]


@pytest.mark.parametrize("header", ["response", "resp", "Score"])
def test_the_column_of_responses_may_be_abbreviated(tmp_path, header):
    table = read_responses(write(tmp_path, f"person,item,{header}\nann,Q2,1\n"))
    assert triples(table) == [("ann", "Q2", 1)]


def test_persons_of_a_long_file_are_told_apart_as_text_and_not_as_numbers(tmp_path):
    text = "person,item,response\n1,A,0\n01,A,1\n1.0,A,2\n 1 ,B,3\n"
    table = read_responses(write(tmp_path, text))
    assert table.persons == ["1", "01", "1.0"]
    assert triples(table)[-1] == ("1", "B", 3)


def test_lines_are_those_of_the_file_whatever_is_quoted_or_blank(tmp_path):
    text = 'person,item,response\n"a\nb",A,1\n\nc,A,0\n"d",B,1\n'
    table = read_responses(write(tmp_path, text))
    assert table.line.tolist() == [2, 5, 6]
    assert table.person_line.tolist() == [2, 5, 6]
    assert table.item_line.tolist() == [2, 6]
    wide = read_responses(write(tmp_path, 'id,A,B\n"x\ny",1,0\nz,0,\n'))
    assert (wide.line.tolist(), wide.item_line.tolist()) == ([2, 2, 4], [1, 1])


def test_a_first_column_without_any_score_holds_ids(tmp_path):
    table = read_responses(write(tmp_path, "Name,Q1\nann,1\nbob,0\n"))
    assert triples(table) == [("ann", "Q1", 1), ("bob", "Q1", 0)]


def test_persons_taken_out_leave_the_others_with_their_responses(tmp_path):
    table = read_responses(write(tmp_path, "id,A,B\nx,1,0\ny,2,\nz,,1\n"))
    left = table.drop_persons(np.array([False, True, False]))
    assert triples(left) == [("x", "A", 1), ("x", "B", 0), ("z", "B", 1)]
    assert left.person_line.tolist() == [2, 4]


def test_a_file_of_many_batches_is_read_like_a_short_one(tmp_path):
    scores = np.random.default_rng(0).integers(0, 3, (3000, 3))
    scores[:, 0] = 1
    rows = "".join(f"p{row},{a},{b},{c}\n" for row, (a, b, c) in enumerate(scores.tolist()))
    wide = read_responses(write(tmp_path, "id,A,B,C\n" + rows))
    assert np.array_equal(wide.score.reshape(3000, 3), scores)
    cells = zip(
        *np.indices(scores.shape).reshape(2, -1).tolist(), scores.ravel().tolist(), strict=True
    )
    rows = "".join(f"p{person},{'ABC'[item]},{score}\n" for person, item, score in cells)
    long = read_responses(write(tmp_path, "person,item,response\n" + rows))
    assert (long.persons, long.items) == (wide.persons, wide.items)
    assert np.array_equal(long.score, wide.score)
    with pytest.raises(DataError, match="line 9002: person p5 has a second response to A"):
        read_responses(write(tmp_path, "person,item,response\n" + rows + "p5,A,1\n"))


def test_compressed_files_a_byte_order_mark_and_blank_lines_are_read(tmp_path):
    path = tmp_path / "responses.csv.gz"
    path.write_bytes(gzip.compress("\ufeffQ1,Q2\r\n1,0\r\n\r\n0,NA\r\n".encode()))
    assert triples(read_responses(path)) == [("1", "Q1", 1), ("1", "Q2", 0), ("2", "Q1", 0)]


def test_whole_numbers_written_as_decimals_are_scores(tmp_path):
    assert triples(read_responses(write(tmp_path, "Q1\n1.0\n"))) == [("1", "Q1", 1)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty; it needs a header line and responses"),
        ("Q1,Q2\n", "has a header but no responses"),
        ("Q1,Q2\n1,0\n1\n", "line 3: 1 cells where the header has 2"),
        ("Q1,Q2\n1,0\n1,x\n", "line 3, column Q2: 'x' is not a score"),
        ("Q1,Q2\n1,0.5\n", "line 2, column Q2: '0.5' is not a score"),
        ("Q1,Q2\n1,-1\n", "line 2, column Q2: '-1' is not a score"),
        ("Q1,Q2\n1,nan\n", "line 2, column Q2: 'nan' is not a score"),
        ("Q1,Q2\n1,inf\n", "line 2, column Q2: 'inf' is not a score"),
        ("Q1,Q1\n1,0\n", "line 1: the column 'Q1' appears twice"),
        ("Q1,Q2\n1,1_0\n", "line 2, column Q2: '1_0' is not a score"),
        ("Q1,Q2\n1,\u0661\n", "line 2, column Q2: '\u0661' is not a score"),
        ("Q1,Q2\n1,100\n", "line 2, column Q2: '100' is not a score"),
        ("Q1,Q2\n1," + "9" * 400 + "\n", "column Q2: '" + "9" * 40 + "' is not a score"),
        ("Q1,Q2\n0,1\n\nx,0\n", "line 4, column Q1: 'x' is not a score"),
        ('Q1,Q2\n0,"1\n"\n0,"x\n"\n', "line 4, column Q2: 'x' is not a score"),
        ('Q1,Q2\n0,"1\n', "line 2: unexpected end of data"),
        ("Q1,Q2\n1,\0\n", "line 2 holds a zero byte: it is no UTF-8 text"),
        ("id,Q1\n,0\n", "line 2: the person has no id"),
        ("id,Q1\na,0\na,1\n", "line 3: the person 'a' appears twice"),
        ("id\na\nb\n", "has no item columns"),
        ("id,Q1,\na,0,1\n", "column 3 has no name"),
        ("person,item,response\na,Q1,1\na,Q1,0\n", "line 3: person a has a second response to Q1"),
        ("person,item,response\na,,1\n", "line 2: a response needs a person and an item"),
        ("person,item,response\na,Q1,z\n", "line 2, column response: 'z' is not a score"),
    ],
)
def test_bad_content_is_refused_with_its_place_and_reason(tmp_path, text, reason):
    with pytest.raises(DataError) as refusal:
        read_responses(write(tmp_path, text))
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("r.csv", b"Q1\n0\n\xe9\n", "r.csv line 3 is not UTF-8 text: save the file as CSV"),
        ("r.csv", "Q1,Q2\n1,0\n".encode("utf-16-le"), "line 1 holds a zero byte"),
        ("r.csv", b"PK\x03\x04rest", "is an archive and no workbook: save the sheet as CSV"),
        (
            "r.csv",
            gzip.compress(b"Q1\n1\n", mtime=0),
            "is compressed: give it a name that ends in .gz",
        ),
        ("r.csv.gz", b"Q1\n1\n", "cannot be read: Not a gzipped file"),
        (
            "r.csv.gz",
            gzip.compress(b"Q1\n1\n", mtime=0)[:-6],
            "cannot be read: Compressed file ended",
        ),
    ],
)
def test_damaged_files_are_refused(tmp_path, name, content, reason):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_responses(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv cannot be read: No such file"):
        read_responses(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_responses(tmp_path)


def test_lines_may_end_as_on_any_system(tmp_path):
    for end in (b"\n", b"\r\n", b"\r"):
        path = tmp_path / "r.csv"
        path.write_bytes(end.join([b"Q1,Q2", b" 1 , 0", b"0 ,1", b""]))
        assert read_responses(path).score.tolist() == [1, 0, 0, 1]


def test_sparse_and_dense_forms_are_chosen_by_how_much_is_answered(tmp_path):
    wide = read_responses(write(tmp_path, "A,B,C,D,E,F\n1,,,,,\n,0,,,,\n"))
    full = read_responses(write(tmp_path, "A,B\n1,0\n0,1\n"))
    assert wide.to_responses().category_counts().tolist() == [0, 1, 1, 0] + [0] * 8
    assert full.to_responses().category_counts().tolist() == [1, 1, 1, 1]
    assert type(wide.to_responses()) is SparseResponses
    assert type(full.to_responses()) is DenseResponses


def test_only_keeps_the_named_items_in_the_named_order(tmp_path):
    table = read_responses(write(tmp_path, "A,B,C\n1,0,2\n")).take_items(["C", "A"])
    assert triples(table) == [("1", "A", 1), ("1", "C", 2)]
    assert table.items == ["C", "A"]


def test_a_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")

    def rows_that_break():
        yield ["a"]
        raise RuntimeError

    with pytest.raises(RuntimeError), whole_file(path) as file:
        write_rows(file, rows_that_break())
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
    assert path.read_text() == "old"
    with whole_file(path) as file:
        write_rows(file, [["a", 1.5, None, float("nan")]])
    assert path.read_text() == "a,1.5,,\n"


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("-x", "'-x"), ("-1.5", "-1.5"), ("+2", "+2"), ("it's", "it's")],
)
def test_text_that_looks_like_a_formula_is_escaped_and_numbers_are_not(tmp_path, text, cell):
    path = tmp_path / "out.csv"
    with whole_file(path) as file:
        write_rows(file, [[text]])
    assert path.read_text() == f"{cell}\n"
