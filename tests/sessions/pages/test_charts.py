from sessions.pages.charts import Tick, score_scale, trajectory


def test_a_score_at_the_mean_stands_in_the_middle_of_the_scale():
    picture = score_scale(500, 30, 500, 100)
    assert picture.score_x == "320.0"
    assert picture.interval_x == "262.0"
    assert picture.interval_width == "116.0"
    labels = " ".join(tick.label for tick in picture.ticks)
    assert labels == "200 300 400 500 600 700 800"


def test_the_scale_reaches_as_far_as_the_interval():
    picture = score_scale(900, 50, 500, 100)
    assert picture.ticks[0] == Tick("24.0", "0")
    assert picture.ticks[-1] == Tick("616.0", "1000")


def test_the_curve_of_theta_has_a_point_for_each_answer_and_a_band_around_it():
    picture = trajectory([0.5, -0.5], [0.5, 0.5])
    assert picture.line == "M68.0,76.0L612.0,196.0"
    assert [point.x for point in picture.points] == ["68.0", "612.0"]
    assert [tick.label for tick in picture.x_ticks] == ["1", "2"]
    assert [tick.label for tick in picture.y_ticks] == ["\N{MINUS SIGN}1", "0", "1"]
    assert picture.band == "M68.0,16.0L612.0,136.0L612.0,256.0L68.0,136.0Z"


def test_a_single_answer_stands_in_the_middle():
    assert [point.x for point in trajectory([0.2], [0.9]).points] == ["340.0"]


def test_an_error_without_bound_leaves_the_curve_readable():
    picture = trajectory([4.0, 1.0], [float("inf"), 0.5])
    assert [tick.label for tick in picture.y_ticks] == [str(value) for value in range(8)]
