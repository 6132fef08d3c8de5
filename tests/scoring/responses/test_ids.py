"""Which column of a wide file holds the persons, where its name or its values tell."""

import pytest

from common.files.csv_files import DataError
from scoring.responses.reader import read_responses
from scoring.responses.reading import Reading


def read(folder, text, known=(), **said):
    path = folder / "r.csv"
    path.write_text(text)
    return read_responses(path, known, Reading(**said))


@pytest.mark.parametrize(
    "header",
    [
        *(
            "subject",
            "Student ID",
            "participant",
            "pid",
            "학번",
            "수험번호",
            "이름",
            "Matrikelnummer",
        ),
        *(
            "PROLIFIC_PID",
            "userId",
            "respondent.id",
            "Case No.",
            "VP",
            "学号",
            "Unnamed: 0",
            "stu_id",
        ),
        *("학생 번호", "응답자ID", "élève", "受験番号", "e-mail"),
    ],
)
def test_columns_that_are_called_like_ids_hold_the_persons(tmp_path, header):
    table = read(tmp_path, f"{header},q1,q2\n0,1,0\n1,0,1\n2,1,1\n")
    assert (table.persons, table.items) == (["0", "1", "2"], ["q1", "q2"])


@pytest.mark.parametrize("header", ["q0", "fluid", "grid", "pyramid", "kid", "avoid", "void"])
def test_words_that_only_end_like_an_id_are_items(tmp_path, header):
    table = read(tmp_path, f"{header},q1,q2\n0,1,0\n1,0,1\n0,1,1\n")
    assert table.items == [header, "q1", "q2"]


def test_ids_that_repeat_are_asked_about(tmp_path):
    text = "participant,q1,q2\n0,0,1\n1,1,0\n0,2,1\n"
    with pytest.raises(DataError) as refusal:
        read(tmp_path, text)
    assert str(refusal.value).endswith(
        "line 4: the person '0' appears twice; if the column 'participant' holds no ids of "
        "persons, say --id-column none (it is an item) or --ignore participant (it is neither)"
    )
    assert read(tmp_path, text, id_column="none").items == ["participant", "q1", "q2"]
    without = read(tmp_path, text, ignore=("participant",))
    assert (without.persons, without.items) == (["1", "2", "3"], ["q1", "q2"])


def test_values_above_those_of_the_other_columns_are_ids_where_none_repeats(tmp_path):
    table = read(tmp_path, "Läufer,q1,q2\n3,1,0\n1,0,1\n2,1,1\n")
    assert (table.persons, table.items) == (["3", "1", "2"], ["q1", "q2"])


@pytest.mark.parametrize("values", [(3, 4, 3), (1, 2, 2), (41, 41, 7)])
def test_repeated_values_unlike_the_other_scores_are_asked_about(tmp_path, values):
    rows = "".join(f"{value},1,0\n" for value in values)
    with pytest.raises(DataError, match=r"the first column, 'Zug', may hold persons or be an item"):
        read(tmp_path, "Zug,q1,q2\n" + rows)
    assert read(tmp_path, "Zug,q1,q2\n" + rows, ignore=("Zug",)).items == ["q1", "q2"]
    assert read(tmp_path, "Zug,q1,q2\n" + rows, id_column="none").items[0] == "Zug"


def test_an_item_of_more_points_that_is_numbered_like_the_others_is_an_item(tmp_path):
    table = read(tmp_path, "item_1,item_2,item_3\n4,1,0\n3,0,1\n4,1,1\n")
    assert table.items == ["item_1", "item_2", "item_3"]


def test_a_first_column_that_is_no_item_of_the_parameters_is_an_id(tmp_path):
    table = read(tmp_path, "code,q1,q2\n0,1,0\n1,0,1\n", known={"q1", "q2"})
    assert (table.persons, table.items) == (["0", "1"], ["q1", "q2"])


def test_a_first_item_without_parameters_stays_an_item_beside_its_like(tmp_path):
    table = read(tmp_path, "q1,q2,q3\n0,1,0\n1,0,1\n", known={"q2", "q3"})
    assert (table.persons, table.items) == (["1", "2"], ["q1", "q2", "q3"])


def test_what_is_no_item_of_the_parameters_may_hold_anything(tmp_path):
    text = "school,q1,when,q2,remark\nA,1,2026-01-02 10:11,0,late\nB,0,,1,\nA,1,x,1,?\n"
    table = read(tmp_path, text, known={"q1", "q2"}, id_column="none")
    assert (table.items, table.persons) == (["q1", "q2"], ["1", "2", "3"])
    assert [note.split("'")[1] for note in table.notes] == ["school", "when", "remark"]


def test_ids_may_stand_behind_a_column_that_is_no_item(tmp_path):
    text = "타임스탬프,학번,문1,문2\n2026-11-01 10:00,20261,1,0\n2026-11-01 10:01,20262,0,1\n"
    table = read(tmp_path, text.replace("타임스탬프", "timestamp"))
    assert (table.persons, table.items) == (["20261", "20262"], ["문1", "문2"])
    assert table.notes == ("the column 'timestamp' holds no scores and is left out",)


def test_the_option_names_the_column_of_ids_wherever_it_stands(tmp_path):
    table = read(tmp_path, "q1,q2,badge\n1,0,x\n0,1,y\n", id_column="badge")
    assert (table.persons, table.items) == (["x", "y"], ["q1", "q2"])
    with pytest.raises(
        DataError, match=r"--id-column: .* has no columns called 'tag'; there are q1"
    ):
        read(tmp_path, "q1,q2,badge\n1,0,x\n0,1,y\n", id_column="tag")


def test_columns_about_persons_that_look_like_scores_are_pointed_out(tmp_path):
    table = read(tmp_path, "id,gender,q1\na,1,0\nb,0,1\n")
    assert table.items == ["gender", "q1"]
    assert table.notes == (
        "the column 'gender' is taken for an item; --ignore gender leaves it out",
    )


def test_persons_without_any_answer_keep_their_place_between_others(tmp_path):
    table = read(tmp_path, "q1,q2\n1,0\n,\n0,1\n,\n,\n")
    assert table.persons == ["1", "2", "3"]
    assert table.line.tolist() == [2, 2, 4, 4]
