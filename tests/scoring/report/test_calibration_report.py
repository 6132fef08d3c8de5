"""calibration_report from end to end: the page, the files, and what it refuses."""

import re
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from irt.dif.mantel_haenszel import mantel_haenszel
from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.estimation.reliability import marginal_reliability
from irt.fit.fitted_model import fitted_model
from irt.fit.m2 import m2
from irt.fit.q3 import q3
from irt.fit.rmsd import rmsd
from irt.fit.s_x2 import s_x2
from irt.misuse.preknowledge import preknowledge
from irt.person_fit.person_fit import person_fit
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses
from tests.scoring.report.report_files import (
    ITEMS,
    N_PERSONS,
    NAMES,
    PERSONS,
    column,
    rows_of,
    simulate,
    write,
    write_all,
    write_params,
    write_responses,
)

EXTRAS = ("groups.csv", "standing.csv", "times.csv", "leaked.csv")
STANDARD = {
    "report.html",
    "blocks.csv",
    "classical_items.csv",
    "classical_reliability.csv",
    "contents.csv",
    "difficulties.csv",
    "item_fit.csv",
    "item_parameters.csv",
    "item_points.csv",
    "local_dependence.csv",
    "model_fit.csv",
    "person_item_map.csv",
    "persons.csv",
    "residuals.csv",
    "summary.csv",
    "summed_scores.csv",
    "test_information.csv",
}
OF_GROUPS = {"dif.csv", "groups.csv", "score_sets.csv"}
FURTHER = {
    *OF_GROUPS,
    "drift.csv",
    "links.csv",
    "item_times.csv",
    "person_times.csv",
    "similar_pairs.csv",
    "preknowledge.csv",
}


def run(folder, *options, stdout=None):
    """Standard output of a report in folder/report."""
    out = stdout or StringIO()
    paths = folder / "responses.csv", "--items", folder / "params.csv", "--out", folder / "report"
    call_command("calibration_report", *map(str, (*paths, *options)), stdout=out, stderr=out)
    return out.getvalue()


def refused(folder, *options):
    """The sentence of a refusal, whose exit status is 2 and which leaves nothing behind."""
    before = sorted(path.name for path in folder.iterdir())
    with pytest.raises(CommandError) as refusal:
        run(folder, *options)
    assert refusal.value.returncode == 2
    assert sorted(path.name for path in folder.iterdir()) == before
    return str(refusal.value)


def page_of(folder):
    return (folder / "report" / "report.html").read_text("utf-8")


def files_of(folder):
    return {path.name for path in (folder / "report").iterdir()}


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A report on 400 persons whose answers follow the parameters, N(0, 1) given."""
    folder = tmp_path_factory.mktemp("good")
    write_responses(folder, simulate())
    write_params(folder / "params.csv")
    run(folder, "--population", "0,1")
    return folder


@pytest.fixture(scope="module")
def troubled(tmp_path_factory):
    """A report with every option on files with known trouble."""
    folder = tmp_path_factory.mktemp("troubled")
    write_all(folder)
    told = run(
        folder,
        *("--groups", folder / "groups.csv", "--link-to", folder / "standing.csv"),
        *("--times", folder / "times.csv", "--compromised", folder / "leaked.csv"),
        *("--similarity", "--known"),
    )
    (folder / "told.txt").write_text(told)
    return folder


@pytest.fixture
def inputs(tmp_path):
    write_responses(tmp_path, simulate())
    write_params(tmp_path / "params.csv")
    return tmp_path


RESPONSES = dense_responses(simulate(), ITEMS.n_categories)
MODEL = fitted_model(ITEMS)


def test_the_folder_holds_the_page_and_its_tables(good):
    assert files_of(good) == STANDARD
    contents = rows_of(good / "report" / "contents.csv")
    assert {row["file"] for row in contents} == STANDARD - {"report.html", "contents.csv"}
    for row in contents:
        assert len(rows_of(good / "report" / row["file"])) == int(row["rows"])


def test_the_page_needs_nothing_beside_itself(good):
    page = page_of(good)
    assert "<script" not in page
    assert re.findall(r"\b(?:src|xlink:href)=|@import|url\(|https?:", page) == []
    links = re.findall(r'href="([^"]+)"', page)
    assert {link for link in links if not link.startswith("#")} <= STANDARD


def test_every_picture_has_a_title_and_a_description(good):
    page = page_of(good)
    pictures = re.findall(r'<svg [^>]*role="img"[^>]*>', page)
    assert len(pictures) == len(NAMES) + 9
    for picture in pictures:
        title, description = re.search('aria-labelledby="([^"]+)"', picture)[1].split()
        assert re.search(f'<title id="{title}">[^<]+</title>', page)
        assert re.search(f'<desc id="{description}">[^<]+</desc>', page)


def test_names_on_the_page_are_unique(good):
    ids = re.findall(r'\bid="([^"]+)"', page_of(good))
    assert len(ids) == len(set(ids))


def test_item_fit_is_that_of_the_functions(good):
    path = good / "report" / "item_fit.csv"
    expected = s_x2(RESPONSES, MODEL)
    np.testing.assert_array_equal(column(path, "s_x2"), expected.statistic)
    np.testing.assert_array_equal(column(path, "df"), expected.df)
    np.testing.assert_array_equal(column(path, "p"), expected.p)
    np.testing.assert_array_equal(column(path, "rmsd"), rmsd(RESPONSES, MODEL).rmsd)


def test_model_fit_and_dependence_are_those_of_the_functions(good):
    told = {row["name"]: row["value"] for row in rows_of(good / "report" / "model_fit.csv")}
    expected = m2(RESPONSES, MODEL)
    assert float(told["m2"]) == expected.statistic
    assert float(told["srmsr"]) == expected.srmsr
    path = good / "report" / "local_dependence.csv"
    theta = MODEL.eap(RESPONSES)
    pairs = q3(RESPONSES, MODEL, theta).adjusted
    first = rows_of(path)[0]
    largest = np.nanmax(np.abs(pairs))
    assert abs(float(first["q3_adjusted"])) == pytest.approx(largest, abs=1e-12)
    assert len(rows_of(path)) == len(NAMES) * (len(NAMES) - 1) // 2


def test_persons_are_those_of_the_functions(good):
    rows = {row["person"]: row for row in rows_of(good / "report" / "persons.csv")}
    theta = maximum_a_posteriori(RESPONSES, ITEMS).theta
    expected = person_fit(RESPONSES, ITEMS, theta, "map").lz_star.value
    told = [float(rows[person]["lz_star"]) for person in PERSONS]
    assert told == pytest.approx(expected, abs=1e-12)
    assert [row["flagged"] for row in rows.values()].count("1") == (expected < -1.6448536).sum()


def test_the_summary_tells_reliability_and_population(good):
    told = {row["name"]: row["value"] for row in rows_of(good / "report" / "summary.csv")}
    assert told["persons"] == str(N_PERSONS)
    assert told["models"] == "2pl (11), grm (1)"
    assert float(told["marginal_reliability"]) == marginal_reliability(ITEMS, normal_grid())
    assert (told["population_mean"], told["population_sd"]) == ("0.0", "1.0")


def test_good_items_get_a_good_verdict(good):
    page = page_of(good)
    assert "0 of 12 items misfit." in page
    assert "The items behave as the model says." in page
    assert "The model fits closely: RMSEA" in page
    assert "0 of 66 pairs of items depend on more than ability." in page


def test_the_population_is_estimated_when_it_is_not_given(inputs):
    write_responses(inputs, simulate(mean=0.7))
    run(inputs)
    told = {row["name"]: float(row["value"]) for row in rows_of(inputs / "report/summary.csv")[5:7]}
    assert told["population_mean"] == pytest.approx(0.7, abs=0.2)
    assert told["population_sd"] == pytest.approx(1.0, abs=0.2)


def test_every_option_adds_its_section(troubled):
    assert files_of(troubled) == STANDARD | FURTHER
    told = (troubled / "told.txt").read_text()
    for title in (
        "Differences between groups: ",
        "Comparison with another calibration: ",
        "Response times: 10 of 400 persons show low effort.",
        "Answers in common: ",
        "Items known beforehand: ",
    ):
        assert title in told
    assert told.splitlines()[-1].endswith("report.html and 25 CSV files written")


def test_a_misfitting_item_is_named_with_its_picture(troubled):
    page = page_of(troubled)
    flagged = {row["item"]: row["flags"] for row in rows_of(troubled / "report" / "item_fit.csv")}
    assert {"S-X²", "RMSD"} <= set(flagged["M3"].split(", "))
    assert re.search(r"\d+ of 12 items misfit\.", page)
    assert re.search(r"<h3>M3, flagged: S-X², RMSD", page)


def test_differences_between_groups_are_those_of_the_functions(troubled):
    rows = rows_of(troubled / "report" / "dif.csv")
    groups = [row["group"] for row in rows_of(troubled / "groups.csv")]
    member = [[groups[0], "focal"].index(group) for group in groups]
    scores = rows_of(troubled / "responses.csv")
    matrix = [
        [int(row[name if name[0] != "=" else f"'{name}"]) for name in NAMES] for row in scores
    ]
    expected = mantel_haenszel(dense_responses(matrix, ITEMS.n_categories), member).result
    assert [row["ets_class"] for row in rows] == expected.classification[0].tolist()
    np.testing.assert_array_equal(
        column(troubled / "report" / "dif.csv", "mh_d_dif"), expected.d_dif[0]
    )
    assert rows[4]["ets_class"] == "C"
    tested = [row["item"] for row in rows if row["lr_p"]]
    assert rows[4]["item"] in tested
    assert len(tested) < len(rows) / 2
    assert float(rows[4]["lr_p"]) < 0.01


def test_an_item_that_was_easier_elsewhere_has_drifted(troubled):
    status = {row["item"]: row["status"] for row in rows_of(troubled / "report" / "drift.csv")}
    assert [name for name, own in status.items() if own == "drifted"] == ["M2"]
    links = rows_of(troubled / "report" / "links.csv")
    assert [row["method"] for row in links][2:] == ["Haebara", "Stocking-Lord"]
    assert float(links[3]["slope"]) == pytest.approx(1.0, abs=1e-6)
    assert "1 of 12 common items has drifted." in page_of(troubled)


def test_persons_who_know_items_beforehand_come_first(troubled):
    rows = rows_of(troubled / "report" / "preknowledge.csv")
    assert {row["person"] for row in rows[:10]} == set(PERSONS[20:30])
    scores = rows_of(troubled / "responses.csv")[20]
    own = [[int(score) for score in list(scores.values())[1:]]]
    expected = preknowledge(
        dense_responses(own, ITEMS.n_categories), ITEMS, np.arange(len(NAMES)) >= 5
    )
    assert float(rows[0]["statistic"]) == pytest.approx(expected.statistic[0], abs=1e-9)


def test_rapid_guessers_have_no_effort(troubled):
    rows = rows_of(troubled / "report" / "person_times.csv")
    assert {row["person"] for row in rows[:10]} == set(PERSONS[:10])
    assert {row["effort"] for row in rows[:10]} == {"0.0"}
    assert rows[10]["effort"] == "1.0"


def test_names_are_escaped_on_the_page_and_in_the_files(troubled):
    page = page_of(troubled)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    for path in (troubled / "report").glob("*.csv"):
        assert not re.search(r"(?m)(^|,)=", path.read_text("utf-8")), path.name
    assert rows_of(troubled / "report" / "item_fit.csv")[-1]["item"] == "'=cmd|x"


def test_the_page_speaks_korean(inputs):
    told = run(inputs, "--language", "ko")
    page = page_of(inputs)
    assert '<html lang="ko">' in page
    assert "<h1>모수 추정 보고서</h1>" in page
    assert "문항 12개 중 0개가 모형에 맞지 않습니다." in page
    assert "모형 적합도: " in told
    assert list(rows_of(inputs / "report" / "item_fit.csv")[0])[:3] == [
        "item",
        "flags",
        "responses",
    ]


def test_what_is_left_out_is_said(inputs):
    scores = simulate()
    scores[:3] = -1
    write_responses(inputs, scores)
    rows = [line.split(",") for line in (inputs / "params.csv").read_text().splitlines()]
    kept = [row for row in rows if row[0] != "M1"]
    lines = [*kept, ["Z", "2pl", "1", "0", "", "", "", "", "", ""]]
    (inputs / "params.csv").write_text("\n".join(map(",".join, lines)))
    run(inputs)
    page = page_of(inputs)
    assert "Left out, because they have no parameters (1): M1<" in page
    assert "Items of the parameter file that were not asked (1): Z<" in page
    assert "Left out, because they answered nothing: 3 persons" in page


def test_responses_with_gaps_are_judged_where_they_can_be(inputs):
    scores = simulate()
    scores[np.random.default_rng(3).random(scores.shape) < 0.5] = -1
    write_responses(inputs, scores)
    run(inputs)
    page = page_of(inputs)
    assert "nobody answered every item, as in an adaptive test" in page
    assert "Nobody answered every item, so that there are no sums to compare." in page
    assert "If the test was adaptive, this cut flags too few persons" in page
    assert {row["note"] for row in rows_of(inputs / "report/item_fit.csv")} == {"too few persons"}


def test_an_item_without_responses_has_a_remark(inputs):
    scores = simulate()
    scores[:, 3] = -1
    write_responses(inputs, scores)
    run(inputs)
    row = rows_of(inputs / "report" / "item_fit.csv")[3]
    assert (row["item"], row["s_x2"], row["infit"], row["rmsd"]) == ("M4", "", "", "")
    assert row["note"] == "no responses"


def test_constant_scores_and_few_persons_are_survived(tmp_path):
    write(tmp_path / "responses.csv", [["person", "x", "y"], ["Ann", 1, 1], ["Ben", 1, 0]])
    write(
        tmp_path / "params.csv",
        [["item", "model", "a", "b"], ["x", "rasch", 1, 0], ["y", "rasch", 1, 1]],
    )
    run(tmp_path, "--population", "0,1", "--similarity")
    assert "This could not be computed." in page_of(tmp_path)


def test_many_items_are_drawn_in_part_and_written_in_full(tmp_path):
    names = [f"i{number}" for number in range(75)]
    rng = np.random.default_rng(2)
    scores = (rng.random((60, 75)) < 0.5).astype(int)
    write(tmp_path / "responses.csv", [names, *scores.tolist()])
    write(
        tmp_path / "params.csv", [["item", "model", "a", "b"], *([n, "2pl", 1, 0] for n in names)]
    )
    run(tmp_path, "--population", "0,1")
    page = page_of(tmp_path)
    assert len(re.findall(r'<svg [^>]*aria-labelledby="item-', page)) == 60
    assert "The 60 items that are flagged or furthest from their curve are drawn" in page
    assert "60 of 75 rows; all of them are in item_fit.csv." in page
    assert len(rows_of(tmp_path / "report" / "item_fit.csv")) == 75


def test_a_second_report_takes_the_place_of_the_first(inputs):
    (inputs / "report").mkdir()
    (inputs / "report" / "mine.txt").write_text("kept")
    groups = [["person", "group"], *([p, "ab"[n % 2]] for n, p in enumerate(PERSONS))]
    write(inputs / "groups.csv", groups)
    run(inputs, "--groups", inputs / "groups.csv")
    assert files_of(inputs) == STANDARD | OF_GROUPS | {"mine.txt"}
    run(inputs)
    assert files_of(inputs) == STANDARD | {"mine.txt"}


def test_a_report_does_not_write_over_its_inputs(inputs):
    (inputs / "responses.csv").rename(inputs / "persons.csv")
    out = ["--items", str(inputs / "params.csv"), "--out", str(inputs)]
    with pytest.raises(CommandError, match=r"persons.csv would be replaced"):
        call_command("calibration_report", str(inputs / "persons.csv"), *out, stdout=StringIO())
    assert len(rows_of(inputs / "persons.csv")) == N_PERSONS
    assert sorted(path.name for path in inputs.iterdir()) == ["params.csv", "persons.csv"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("responses.csv", "", "responses.csv is empty"),
        ("responses.csv", "person,M1\nAnn,x\n", "'x' is not a score"),
        ("responses.csv", "person,Q\nAnn,1\nBen,0\n", "holds none of the items"),
        ("responses.csv", "person,M1\nAnn,2\nBen,0\n", "the item's scores are 0 to 1"),
        ("responses.csv", "person,M1,Q\nAnn,,1\nBen,,0\n", "holds no response to an item of"),
        ("params.csv", "item,model,a,b\nM1,2pl,x,0\n", "column a: 'x' is not a number"),
        ("params.csv", "item,model,a,b,se_b\nM1,2pl,1,0,-1\n", "column se_b: -1 is negative"),
    ],
)
def test_bad_files_are_refused(inputs, name, content, complaint):
    (inputs / name).write_text(content)
    assert complaint in refused(inputs)


@pytest.mark.parametrize(
    ("option", "content", "complaint"),
    [
        ("--groups", "person,group\n", "has no group for person p0"),
        ("--groups", "person\np0\n", "lacks the column group"),
        (
            "--times",
            "person,item,seconds\np0,M1,-3\n",
            "line 2, column seconds: '-3' is not a time",
        ),
        ("--times", "person,item,seconds\np0,M1,fast\n", "'fast' is not a time"),
        ("--times", "person,item,seconds\nnobody,M1,3\n", "has no time of a person and an item"),
        ("--times", "person,item,seconds\np0,M1,3\np0,M1,4\n", "p0 has a second time for M1"),
        ("--compromised", "item\nZ\n", "line 2: item 'Z' is not in the report"),
        ("--compromised", "item\n", "names none of the items"),
        ("--link-to", "item,model,a,b\nM1,2pl,1,0\n", "has 1 of the items of the report"),
    ],
)
def test_bad_files_of_options_are_refused(inputs, option, content, complaint):
    (inputs / "more.csv").write_text(content)
    assert complaint in refused(inputs, option, inputs / "more.csv")


def test_one_group_is_no_comparison(inputs):
    write(inputs / "more.csv", [["person", "group"], *([person, "a"] for person in PERSONS)])
    assert "names one group" in refused(inputs, "--groups", inputs / "more.csv")


def test_a_missing_file_is_refused(inputs):
    (inputs / "params.csv").unlink()
    assert "params.csv cannot be read" in refused(inputs)


def test_a_group_far_from_the_items_is_found(inputs):
    write_responses(inputs, simulate(seed=4, mean=3.0))
    run(inputs)
    told = {row["name"]: row["value"] for row in rows_of(inputs / "report" / "summary.csv")}
    assert float(told["population_mean"]) == pytest.approx(3.0, abs=0.4)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 3.0), (0.3, 0.5), (-5.5, 1.5)])
def test_a_population_of_any_width_and_place_is_taken_as_it_is(inputs, mean, sd):
    moved = replace(ITEMS, difficulty=ITEMS.difficulty + mean)
    rng = np.random.default_rng(12)
    write_responses(inputs, simulate_responses(moved, rng.normal(mean, sd, N_PERSONS), rng))
    write_params(inputs / "params.csv", moved)
    run(inputs, "--known")
    told = {row["name"]: row["value"] for row in rows_of(inputs / "report" / "summary.csv")}
    assert float(told["population_mean"]) == pytest.approx(mean, abs=0.6)
    assert float(told["population_sd"]) == pytest.approx(sd, abs=0.5)
    run(inputs, "--known", f"--population={mean},{sd}")
    told = {row["name"]: row["value"] for row in rows_of(inputs / "report" / "summary.csv")}
    assert float(told["population_sd"]) == sd


def test_a_group_beyond_the_scale_is_refused(inputs):
    write_responses(inputs, np.tile(ITEMS.n_categories - 1, (N_PERSONS, 1)))
    assert "cannot be estimated: it lies beyond -6 to 6" in refused(inputs)


def test_few_responses_are_not_judged(inputs):
    scores = simulate()
    scores[99:, 2] = -1
    write_responses(inputs, scores)
    run(inputs)
    page = page_of(inputs)
    assert "of 11 items misfit" in page
    assert "Items with fewer than 100 responses, which are not judged: 1<" in page


@pytest.mark.parametrize("value", ["1", "0,0", "a,1", "0,1,2", "0,0.001", "0,30", "500,1"])
def test_an_impossible_population_is_refused(inputs, value):
    with pytest.raises(CommandError, match="--population"):
        run(inputs, f"--population={value}")


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(inputs):
    (inputs / "report").write_text("a file")
    assert "is a file; name a folder" in refused(inputs)
    out = ["--items", str(inputs / "params.csv"), "--out", str(inputs / "none" / "report")]
    with pytest.raises(CommandError, match="does not exist; create it") as refusal:
        call_command("calibration_report", str(inputs / "responses.csv"), *out)
    assert refusal.value.returncode == 2


class Terminal(StringIO):
    def isatty(self):
        return True


class InterruptedTerminal(Terminal):
    """Somebody presses Ctrl-C when the progress line comes to person fit."""

    def write(self, text):
        if "person fit" in text:
            raise KeyboardInterrupt
        return super().write(text)


def test_a_terminal_shows_what_is_being_done(inputs):
    shown = run(inputs, stdout=Terminal())
    assert "0%  reading" in shown
    assert "%  model fit" in shown


def test_an_interrupted_report_leaves_nothing(inputs):
    before = sorted(path.name for path in inputs.iterdir())
    with pytest.raises(CommandError, match="interrupted") as refusal:
        run(inputs, stdout=InterruptedTerminal())
    assert refusal.value.returncode == 130
    assert sorted(path.name for path in inputs.iterdir()) == before


def test_no_difference_among_too_few_persons_is_no_clean_bill_of_health(tmp_path):
    write_responses(tmp_path, simulate())
    write_params(tmp_path / "params.csv")
    member = ["few" if place < 60 else "many" for place in range(N_PERSONS)]
    rows = zip(PERSONS[::-1], member[::-1], strict=True)
    groups = write(tmp_path / "groups.csv", [["person", "group"], *rows])
    told = run(tmp_path, "--groups", groups)
    assert "Differences between groups: 0 of 12 items" in told
    assert "In these groups are too few persons for a difference to show: few" in page_of(tmp_path)


def test_a_verdict_that_cannot_be_given_says_why_at_a_glance(tmp_path):
    scores = simulate()
    scores[np.random.default_rng(3).random(scores.shape) < 0.5] = -1
    write_responses(tmp_path, scores)
    write_params(tmp_path / "params.csv")
    told = run(tmp_path)
    without = [line for line in told.splitlines() if "could not be computed" in line]
    assert without
    assert all("The reason: " in line for line in without)
