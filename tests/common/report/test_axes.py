"""The parts that charts share."""

from xml.etree import ElementTree

import numpy as np
import pytest

from common.report.axes import Axis, grid, linear_axis, polyline, round_steps


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-3, 3, [-3, -2, -1, 0, 1, 2, 3]),
        (1, 18, [5, 10, 15]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-6, 3, [-6, -4, -2, 0, 2]),
    ],
)
def test_ticks_are_round(low, high, ticks):
    assert round_steps(low, high) == pytest.approx(ticks)


def test_ticks_are_written_without_rounding_errors():
    assert [label for _, label in linear_axis(0, 1, 0, 100, "x").ticks][:4] == [
        "0",
        "0.2",
        "0.4",
        "0.6",
    ]
    assert round_steps(0.0, 0.4)[3] == 0.15


def test_values_beyond_an_axis_lie_at_its_end():
    axis = linear_axis(-2, 2, 0, 100, "x")
    assert axis.places(np.array([-9.0, 0.0, 1.0, 9.0])).tolist() == [0, 50, 75, 100]
    assert axis.place(3) == 125


def test_names_and_labels_are_escaped():
    across = Axis(0, 1, 0, 100, "<x>", [(0.5, "<half>")])
    drawn = ElementTree.fromstring(f"<svg>{grid(across, linear_axis(0, 1, 100, 0, ''))}</svg>")
    texts = [text.text for text in drawn.findall("text")]
    assert "<x>" in texts
    assert "<half>" in texts


def test_a_line_goes_through_its_points():
    line = polyline("icc-line", np.array([0.0, 1.0]), np.array([2.0, 3.25]))
    assert line == '<polyline class="icc-line" points="0.0,2.0 1.0,3.2"/>'
