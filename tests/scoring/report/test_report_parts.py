"""The parts of the report: words, verdicts' limits, drawings, and a folder that appears whole."""

from enum import StrEnum
from xml.etree import ElementTree

import numpy as np
import pytest
from django.utils import translation

from common.files.whole_folder import whole_folder
from common.report.plot import Plot
from common.report.section import Column, Table
from common.report.words import as_count, as_fact, as_p, as_share, named, two_decimals
from irt.calibration.result import ItemStatus
from irt.dif.result import DifStatus
from irt.drift.differences import DriftStatus
from irt.fit.fitted_model import FitStatus
from irt.linking.common_items import LinkStatus
from irt.misuse.answer_similarity import SimilarityStatus
from irt.misuse.preknowledge import PreknowledgeStatus
from irt.person_fit.result import PersonStatus
from irt.response_times.lognormal import TimeStatus
from scoring.report.heat_map import heat_map
from scoring.report.limits import adjust_p_values
from scoring.report.statuses import WORDS, status_words

STATUSES: tuple[type[StrEnum], ...] = (
    DifStatus,
    DriftStatus,
    FitStatus,
    ItemStatus,
    LinkStatus,
    PersonStatus,
    PreknowledgeStatus,
    SimilarityStatus,
    TimeStatus,
)


def test_every_status_of_the_numerics_has_words_and_no_other_has():
    values = {status.value for statuses in STATUSES for status in statuses}
    assert set(WORDS) == values


def test_statuses_are_told_once_and_in_the_language_of_the_page():
    assert status_words("ok", "no responses", "no responses", "not tested") == (
        "no responses; not tested"
    )
    with translation.override("ko"):
        assert status_words("no responses") == "응답 없음"


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (two_decimals, -1.234, "\N{MINUS SIGN}1.23"),
        (two_decimals, -0.001, "0.00"),
        (two_decimals, float("nan"), ""),
        (two_decimals, None, ""),
        (as_count, 12345, "12,345"),
        (as_count, float("nan"), ""),
        (as_share, 0.0512, "5.1%"),
        (as_p, 0.0004, "< 0.001"),
        (as_p, 0.04, "0.040"),
        (as_p, float("nan"), ""),
        (as_fact, 1000, "1,000"),
        (as_fact, 0.5, "0.500"),
        (as_fact, 0.00001, "< 0.001"),
        (as_fact, "2pl", "2pl"),
    ],
)
def test_numbers_are_written_for_people(form, value, text):
    assert form(value) == text


def test_a_sentence_holds_ten_names_at_most():
    told = named([f"i{number}" for number in range(12)])
    assert told["count"] == 12
    assert told["names"] == "i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, …"


def test_p_values_are_adjusted_by_benjamini_and_hochberg():
    p_values = np.array([0.01, np.nan, 0.02, 0.9])
    np.testing.assert_allclose(adjust_p_values(p_values), [0.03, np.nan, 0.03, 0.9], rtol=1e-12)
    assert np.isnan(adjust_p_values(np.array([np.nan]))).all()


def test_a_table_shows_the_columns_that_have_something_to_say():
    columns = [Column("item", "item"), Column("code", None), Column("note", "remark")]
    table = Table("t", "caption", columns, [("a", 1, ""), ("b", 2, "")], marked=frozenset([1]))
    assert [cell.text for cell in table.headings] == ["item"]
    assert [([cell.text for cell in cells], marked) for cells, marked in table.page_rows] == [
        (["a"], False),
        (["b"], True),
    ]


def drawn(plot, *marks):
    return ElementTree.fromstring(f"<svg>{plot.drawing(*marks)}</svg>")


def test_marks_stand_at_their_values():
    plot = Plot.of((0, 10, "x"), (0, 1, "y"), width=158, height=152)
    x, y = np.array([0.0, 10.0]), np.array([0.0, 1.0])
    svg = drawn(plot, plot.curve("a", x, y), plot.dots("b", x, y, ["<one>", "two"]))
    assert svg.find("polyline").get("points") == "48.0,110.0 148.0,10.0"
    assert [dot.get("cx") for dot in svg.findall("circle")] == ["48.0", "148.0"]
    assert [dot.find("title").text for dot in svg.findall("circle")] == ["<one>", "two"]


def test_intervals_and_bars_go_from_their_low_to_their_high_end():
    plot = Plot.of((0, 10, "x"), (0, 1, "y"), width=158, height=152)
    low, high = np.array([0.2]), np.array([0.8])
    svg = drawn(
        plot,
        plot.whiskers("w", np.array([5.0]), low, high),
        plot.bars("b", np.array([0.0, 5.0, 10.0]), np.array([0.5, 0.0])),
    )
    paths = {path.get("class"): path.get("d") for path in svg.findall("path")}
    assert paths["whisker w"] == "M98.0 90.0V30.0"
    assert paths["bar b"] == "M48.0 110.0V60.0H98.0V110.0Z"


def test_a_cell_is_as_deep_as_its_value_and_none_where_there_is_none():
    drawing, _ = heat_map(
        ["<a>", "b"],
        ["1", "2"],
        np.array([[0.05, np.nan], [-2.5, 9.0]]),
        (0.1, 1, 2, 3),
        [["p", ""], ["q", "r"]],
    )
    cells = ElementTree.fromstring(f"<svg>{drawing}</svg>").findall("rect")
    assert [cell.get("class") for cell in cells] == [
        "cell cell-0",
        "cell cell-below-3",
        "cell cell-above-4",
    ]
    assert [cell.find("title").text for cell in cells] == ["p", "q", "r"]


def write_two(folder):
    (folder / "a.txt").write_text("new")
    (folder / "b.txt").write_text("new")


def test_a_new_folder_appears_whole(tmp_path):
    with whole_folder(tmp_path / "out") as folder:
        write_two(folder)
        assert not (tmp_path / "out").exists()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.txt", "b.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_of_a_folder_are_replaced_and_others_stay(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.txt").write_text("old")
    (out / "c.txt").write_text("old")
    with whole_folder(out) as folder:
        write_two(folder)
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        "a.txt": "new",
        "b.txt": "new",
        "c.txt": "old",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failure_leaves_the_folder_as_it_was(tmp_path):
    def fail(folder):
        write_two(folder)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), whole_folder(tmp_path / "out") as folder:
        fail(folder)
    assert list(tmp_path.iterdir()) == []
