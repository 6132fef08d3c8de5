"""docs/library.md does what it says."""

from pathlib import Path

import pytest

from tests.irt.library import tour

PAGE = Path(__file__).parents[3] / "docs" / "library.md"


@pytest.mark.slow
def test_every_block_of_the_page_prints_what_stands_below_it():
    page = PAGE.read_text(encoding="utf-8")
    n_run, faults = tour.run(page)
    assert faults == []
    assert n_run == len(tour.blocks(page)) > 15


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("slope 1.2140 theta +0.4503\n", "slope 1.2141 theta +0.4501\n"),
        ("largest gradient 2.5e-07\n", "largest gradient 7.9e-08\n"),
        ("a   b\n", "a b\n"),
    ],
)
def test_the_tour_forgives_last_digits_and_spaces(page, printed):
    assert tour.first_difference(page, printed) is None


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("slope 1.214\n", "slope 1.219\n"),
        ("8 items\n", "9 items\n"),
        ("converged yes\n", "converged no\n"),
        ("one\n", "one\ntwo\n"),
        ("1.0 2\n", "1.0\n"),
    ],
)
def test_the_tour_forgives_nothing_else(page, printed):
    assert tour.first_difference(page, printed) is not None
