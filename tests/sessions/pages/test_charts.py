from statistics import NormalDist
from xml.etree import ElementTree

import pytest

from sessions.pages.charts import Picture, score_scale, trajectory


def drawn(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(f"<svg>{picture.drawing}</svg>")


def labels(picture: Picture, anchor: str) -> list[tuple[str | None, str | None]]:
    """(place across, text) of the ticks whose labels are anchored so."""
    texts = drawn(picture).iter("text")
    return [(text.get("x"), text.text) for text in texts if text.get("text-anchor") == anchor]


def positions(picture: Picture) -> list[str | None]:
    return [circle.get("cx") for circle in drawn(picture).iter("circle")]


def test_a_score_at_the_mean_stands_in_the_middle_of_the_scale():
    picture = score_scale(500, 30, 500, 100)
    interval = drawn(picture).find("rect")
    assert positions(picture) == ["320.0"]
    assert (interval.get("x"), interval.get("width")) == ("262.0", "116.0")
    texts = " ".join(text for _, text in labels(picture, "middle"))
    assert texts == "200 300 400 500 600 700 800"


def test_the_scale_reaches_as_far_as_the_interval():
    picture = score_scale(900, 50, 500, 100)
    ticks = labels(picture, "middle")
    assert ticks[0] == ("24.0", "0")
    assert ticks[-1] == ("616.0", "1000")


def hills(picture: Picture) -> list[ElementTree.Element]:
    return [part for part in drawn(picture).iter("polygon") if "density" in part.get("class", "")]


def summit(picture: Picture) -> float:
    """The place across where the hill is highest."""
    points = [point.split(",") for point in str(hills(picture)[0].get("points")).split()]
    return float(min(points, key=lambda point: float(point[1]))[0])


def normal(mean: float, sd: float) -> list[float]:
    return [NormalDist(mean, sd).inv_cdf(percent / 100) for percent in range(1, 100)]


def test_without_a_norm_group_no_hill_is_drawn():
    picture = score_scale(430, 40, 500, 100)
    assert hills(picture) == []
    assert positions(picture) == ["250.9"]
    assert len(labels(picture, "middle")) == 7


@pytest.mark.parametrize("mean", [380, 500, 610])
def test_the_hill_is_that_of_the_norm_group_and_not_that_of_the_scale(mean):
    picture = score_scale(500, 30, 500, 100, normal(mean, 40))
    step = 592 / 80
    assert summit(picture) == pytest.approx(24 + 592 * (mean - 200) / 600, abs=step)


def test_the_hill_of_a_skewed_norm_group_is_skewed():
    norms = [300 + 400 * (percent / 100) ** 3 for percent in range(1, 100)]
    assert summit(score_scale(500, 30, 500, 100, norms)) < 24 + 592 * (350 - 200) / 600


def test_the_scale_reaches_as_far_as_the_norm_group():
    picture = score_scale(500, 30, 500, 100, normal(-200, 50))
    ticks = [text for _, text in labels(picture, "middle")]
    assert float(ticks[0].replace("\N{MINUS SIGN}", "-")) < -200
    assert len(hills(picture)) == 1


def test_a_norm_group_without_any_spread_can_be_drawn():
    assert summit(score_scale(500, 30, 500, 100, [440.0] * 99)) == pytest.approx(260.8, abs=7.4)


def test_the_curve_of_theta_has_a_point_for_each_answer_and_a_band_around_it():
    picture = trajectory([0.5, -0.5], [0.5, 0.5])
    svg = drawn(picture)
    assert svg.find("polyline").get("points") == "68.0,76.0 612.0,196.0"
    assert positions(picture) == ["68.0", "612.0"]
    assert [text for _, text in labels(picture, "middle")] == ["1", "2"]
    assert [text for _, text in labels(picture, "end")] == ["\N{MINUS SIGN}1", "0", "1"]
    assert svg.find("polygon").get("points") == "68.0,16.0 612.0,136.0 612.0,256.0 68.0,136.0"


def test_a_single_answer_stands_in_the_middle():
    assert positions(trajectory([0.2], [0.9])) == ["340.0"]


def test_an_error_without_bound_leaves_the_curve_readable():
    picture = trajectory([4.0, 1.0], [float("inf"), 0.5])
    assert [text for _, text in labels(picture, "end")] == [str(value) for value in range(8)]
