"""The pictures of a calibration run."""

from xml.etree import ElementTree

import pytest

from scoring.recalibration.pictures import difficulty_shift, em_history


def item(code, old_b, b):
    return {"code": code, "old_b": old_b, "b": b, "shift": None if old_b is None else 0.1}


def test_every_threshold_of_a_common_item_is_a_point():
    items = [item("A", [0.0], [0.1]), item("B", [-1.0, 1.0], [-0.9, 1.2]), item("<C>", None, [2])]

    drawn = ElementTree.fromstring(difficulty_shift(items)).find("svg")

    circles = drawn.findall("circle")
    assert [circle.find("title").text for circle in circles] == [
        "A: 0.00 → 0.10",
        "B: -1.00 → -0.90",
        "B: 1.00 → 1.20",
    ]
    assert drawn.get("aria-label").startswith("Scatter plot of 3 difficulties")


def test_unchanged_difficulties_lie_on_the_line_of_no_change():
    drawn = ElementTree.fromstring(
        difficulty_shift([item("A", [0.0], [0.0])] * 2 + [item("B", [1.0], [1.0])])
    ).find("svg")

    for circle in drawn.findall("circle"):
        x, y = float(circle.get("cx")), float(circle.get("cy"))
        assert (x - 52) / (440 - 12 - 52) == pytest.approx((256 - y) / (256 - 12), abs=1e-3)


def test_there_is_no_picture_without_common_items_or_iterations():
    assert difficulty_shift([item("A", None, [0.0])]) == ""
    assert em_history([]) == ""
    assert em_history([-10.0, -9.0]) == ""


def test_one_difficulty_and_equal_ones_can_be_drawn():
    assert "circle" in difficulty_shift([item("A", [1.0], [1.0])])


def test_the_history_shows_each_iteration_below_the_last():
    drawn = ElementTree.fromstring(em_history([-110.0, -101.0, -100.1, -100.0])).find("svg")

    points = drawn.find("polyline").get("points").split()
    assert len(points) == 3
    heights = [float(point.split(",")[1]) for point in points]
    assert heights == sorted(heights)
