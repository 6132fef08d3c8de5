"""PARAMS.csv read back: parameters with their standard errors, item by item."""

import numpy as np
import pytest

from common.files.csv_files import DataError
from scoring.files.parameter_files import match_items, read_parameters
from scoring.responses.reader import read_responses

HEADER = "item,model,a,b,c,d,b1,b2,se_a,se_b,se_c,se_d,se_b1,se_b2\n"
ROWS = "x,2pl,1.5,0.5,,,,,0.1,0.2,,,,\ny,grm,1.0,,,,-1,1,0.3,,,,0.4,0.5\nz,2pl,1,0,,,,,,,,,,\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "p.csv").write_text(HEADER + ROWS)
    return tmp_path / "p.csv"


def test_standard_errors_are_read_where_the_file_has_them(path):
    errors = read_parameters(path).errors
    nan = np.nan
    np.testing.assert_array_equal(errors.discrimination, [0.1, 0.3, nan])
    np.testing.assert_array_equal(errors.difficulty, [[0.2, nan], [0.4, 0.5], [nan, nan]])
    assert np.isnan(errors.lower_asymptote).all()


def test_a_file_without_standard_errors_has_none(tmp_path):
    (tmp_path / "p.csv").write_text("item,model,a,b\nx,2pl,1,0\n")
    assert read_parameters(tmp_path / "p.csv").errors is None


def test_a_negative_standard_error_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("item,model,a,b,se_b\nx,2pl,1,0,-0.1\n")
    with pytest.raises(DataError, match=r"line 2, column se_b: -0.1 is negative"):
        read_parameters(tmp_path / "p.csv")


def test_items_are_matched_in_the_order_of_the_responses(path, tmp_path):
    (tmp_path / "r.csv").write_text("person,y,w,x\nAnn,2,0,1\n")
    table, used = match_items(read_responses(tmp_path / "r.csv"), read_parameters(path))
    assert table.items == used.items == ["y", "x"]
    assert used.lines == [3, 2]
    assert used.errors.discrimination.tolist() == [0.3, 0.1]
    assert used.parameters.model.tolist() == ["grm", "2pl"]


def test_a_score_beyond_the_item_is_refused(path, tmp_path):
    (tmp_path / "r.csv").write_text("person,y,x\nAnn,3,1\n")
    with pytest.raises(DataError, match="line 2, item y: a score of 3"):
        match_items(read_responses(tmp_path / "r.csv"), read_parameters(path))


@pytest.mark.parametrize(("header", "first"), [("Item,Model,A", "Item"), ("ITEM,model,a", "ITEM")])
def test_columns_in_other_letters_are_named_with_the_letters_they_need(tmp_path, header, first):
    (tmp_path / "p.csv").write_text(f"{header},b\nx,2pl,1,0\n")
    needed = rf"lacks the column {first.lower()}; {first} must be written {first.lower()}$"
    with pytest.raises(DataError, match=needed):
        read_parameters(tmp_path / "p.csv")
