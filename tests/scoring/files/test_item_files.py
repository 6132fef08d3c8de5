"""Item parameters as other programs write them, against the curves that those programs mean."""

import math

import numpy as np
import pytest

from common.files.csv_files import DataError
from irt.models.curves import category_probabilities
from irt.models.parameters import Model
from scoring.files.parameter_files import ParameterReading, read_parameters
from tests.scoring.files.test_csv_commands import columns, refused, run

THETA = np.linspace(-3, 3, 7)


def read(folder, text, name="items.csv", **said):
    path = folder / name
    path.write_text(text)
    return read_parameters(path, ParameterReading(**said))


def sigma(z):
    return 1 / (1 + np.exp(-np.asarray(z)))


def expect_curves(table, curves):
    """The probabilities of the categories above 0, by formulas written out here."""
    found = category_probabilities(table.parameters, THETA)
    for own, expected in zip(found, curves, strict=True):
        np.testing.assert_allclose(own[1 : 1 + len(expected)], expected, atol=1e-12)
        assert own[1 + len(expected) :].sum() == 0


def test_mirt_s_slopes_and_intercepts(tmp_path):
    text = '"","a1","d","g","u"\n"v1",1.4,-0.7,0,1\n"v2",0.6,0.9,0.15,1\n"v3",1,0.2,0.1,0.95\n'
    table = read(tmp_path, text)
    expect_curves(
        table,
        [
            [sigma(1.4 * THETA - 0.7)],
            [0.15 + 0.85 * sigma(0.6 * THETA + 0.9)],
            [0.1 + 0.85 * sigma(THETA + 0.2)],
        ],
    )
    assert table.items == ["v1", "v2", "v3"]
    assert table.parameters.model.tolist() == ["2pl", "3pl", "4pl"]
    assert "is read as mirt writes it, with slopes for D = 1" in table.source


def test_mirt_s_graded_and_partial_credit_intercepts(tmp_path):
    text = (
        '"","a1","d1","d2","d","g","u","ak0","ak1","ak2","d0"\n'
        '"grm",1.2,1.5,-0.5,NA,NA,NA,NA,NA,NA,NA\n'
        '"gpcm",0.8,0.4,-1.1,NA,NA,NA,0,1,2,0\n'
        '"two",0.9,NA,NA,0.3,0,1,NA,NA,NA,NA\n'
    )
    table = read(tmp_path, text)
    first, second = sigma(1.2 * THETA + 1.5), sigma(1.2 * THETA - 0.5)
    shares = np.exp([0 * THETA, 0.8 * THETA + 0.4, 1.6 * THETA - 1.1])
    expect_curves(
        table,
        [
            [first - second, second],
            (shares / shares.sum(axis=0))[1:],
            [sigma(0.9 * THETA + 0.3)],
        ],
    )
    assert table.parameters.model.tolist() == ["grm", "gpcm", "2pl"]


def test_mirt_s_usual_parameters(tmp_path):
    table = read(tmp_path, '"","a","b","g","u"\n"v1",1.1,-0.3,0.2,1\n"v2",0.7,1.4,0,1\n')
    expect_curves(table, [[0.2 + 0.8 * sigma(1.1 * (THETA + 0.3))], [sigma(0.7 * (THETA - 1.4))]])


def test_steps_that_may_be_of_two_models_are_asked_about(tmp_path):
    text = '"","a","b1","b2"\n"v1",1.1,-0.3,0.8\n'
    with pytest.raises(DataError, match=r"lacks the column model.*--item-model grm"):
        read(tmp_path, text)
    assert read(tmp_path, text, model=Model.GPCM).parameters.model.tolist() == ["gpcm"]
    falling = '"","a","b1","b2"\n"v1",1.1,0.8,-0.3\n'
    assert read(tmp_path, falling).parameters.model.tolist() == ["gpcm"]


def test_what_has_no_unidimensional_curve_is_refused(tmp_path):
    with pytest.raises(DataError, match="line 2: the item has slopes on several dimensions"):
        read(tmp_path, '"","a1","a2","d"\n"v1",1,0.5,0\n')
    with pytest.raises(DataError, match="line 2: the slope is 0"):
        read(tmp_path, '"","a1","d"\n"v1",0,1\n')
    with pytest.raises(DataError, match="a nominal item"):
        read(tmp_path, '"","a1","ak0","ak1","ak2","d1","d2"\n"v1",1,0,1.4,2,0,1\n')


@pytest.mark.parametrize(
    "text",
    [
        "item,a,b,c,d\nx,1.5,-3,0.15,1\ny,1,0.4,0,1\n",
        "id;discrimination;difficulty;guessing\nx;1,5;-3;0,15\ny;1;0,4;0\n",
        "item,a,b,c\nx,1.5,-3,0.15\ny,1,.4,NA\n",
        '"","Gussng","Dffclt","Dscrmn"\n"x",0.15,-3,1.5\n"y",0,0.4,1\n',
        "id,fixedIndex,trait,question,p1,p2,p3,p4,type\nx,,n,?,1.5,-3,0.15,1,open\n"
        "y,,n,?,1,0.4,0,1,open\n",
        "문항,변별도,난이도,추측도\nx,1.5,-3,0.15\ny,1,0.4,0\n".replace("문항", "item"),
    ],
)
def test_tables_of_the_parameters_themselves(tmp_path, text):
    table = read(tmp_path, text)
    expect_curves(table, [[0.15 + 0.85 * sigma(1.5 * (THETA + 3))], [sigma(THETA - 0.4)]])
    assert table.items == ["x", "y"]


@pytest.mark.parametrize(
    "text",
    [
        "itemID,a,CB1,CB2,NCAT\nx,2,-0.4,0.9,3\ny,1.1,0.2,,2\n",
        '"","alphaj","betaj1","betaj2"\n"x",2,-0.4,0.9\n"y",1.1,0.2,NA\n',
        '"","Extrmt1","Extrmt2","Dscrmn"\n"x",-0.4,0.9,2\n"y",0.2,NA,1.1\n',
        "id,p1,p2,p3,responseLabel1,type\nx,2,-0.4,0.9,never,options\ny,1.1,0.2,,never,options\n",
    ],
)
def test_graded_tables(tmp_path, text):
    table = read(tmp_path, text)
    first, second = sigma(2 * (THETA + 0.4)), sigma(2 * (THETA - 0.9))
    expect_curves(table, [[first - second, second], [sigma(1.1 * (THETA - 0.2))]])


def test_partial_credit_of_catr(tmp_path):
    slopes = read(tmp_path, '"","alphaj","deltaj1","deltaj2"\n"x",0.7,0.9,-0.4\n')
    shares = np.exp([0 * THETA, 0.7 * (THETA - 0.9), 0.7 * (2 * THETA - 0.5)])
    expect_curves(slopes, [(shares / shares.sum(axis=0))[1:]])
    assert slopes.parameters.model.tolist() == ["gpcm"]
    plain = read(tmp_path, '"","deltaj1","deltaj2"\n"x",0.9,-0.4\n')
    assert plain.parameters.model.tolist() == ["pcm"]


def test_a_third_parameter_that_may_be_two_things_is_asked_about(tmp_path):
    text = "id,p1,p2,p3,type\nx,2,-0.4,0.2,options\n"
    with pytest.raises(DataError, match="p3 of x may be an asymptote or a second threshold"):
        read(tmp_path, text)
    assert read(tmp_path, text, model=Model.GRADED).parameters.model.tolist() == ["grm"]


def test_a_count_of_categories_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(DataError, match="line 2, item x: NCAT is 5, but there are 2 thresholds"):
        read(tmp_path, "itemID,a,CB1,CB2,CB3,NCAT\nx,2,-0.4,0.9,,5\n")


def test_flexmirt_s_parameters(tmp_path):
    logit = math.log(0.2 / 0.8)
    text = (
        f"1\tm1\t1\t1\t1\t2\t{logit!r}\t-0.5\t1.3\n"
        "1\tm2\t1\t1\t2\t2\t0.6\t0.9\n"
        "1\tm3\t1\t1\t2\t4\t2.0\t0.5\t-1.0\t1.6\n"
        "1\tm4\t1\t1\t3\t3\t0\t1\t0\t0.8\t0\t-0.3\t0.7\n"
        "0\tGroup1\t1\t1\t0\t0\t1\n"
    )
    table = read(tmp_path, text, name="study-prm.txt")
    at_least = [sigma(1.6 * THETA + d) for d in (2.0, 0.5, -1.0)]
    # intercepts 0, -0.3 + 0.7 sin(pi / 2), 2 * -0.3 + 0.7 sin(pi)
    shares = np.exp([0 * THETA, 0.8 * THETA + 0.4, 1.6 * THETA - 0.6])
    expect_curves(
        table,
        [
            [0.2 + 0.8 * sigma(1.3 * THETA - 0.5)],
            [sigma(0.9 * THETA + 0.6)],
            [at_least[0] - at_least[1], at_least[1] - at_least[2], at_least[2]],
            (shares / shares.sum(axis=0))[1:],
        ],
    )
    assert table.items == ["m1", "m2", "m3", "m4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1\tm1\t1\t2\t2\t2\t0.6\t0.9\t0.3", "line 1: the item has 2 dimensions"),
        ("1\tm1\t1\t1\t7\t2\t0.6\t0.9", "line 1: m1 has model 7"),
        ("1\tm1\t1\t1\t2\t5\t0.6\t0.9", "line 1: m1 has other cells than flexMIRT writes"),
        ("1\tm1\t2\t1\t2\t2\t0.6\t0.9", "line 1: items of a second group"),
    ],
)
def test_bad_lines_of_flexmirt_are_named(tmp_path, line, reason):
    with pytest.raises(DataError, match=reason):
        read(tmp_path, line + "\n", file_format="flexmirt")


def bilog_line(name, *values):
    return f"{name:<8}{'TEST01':<8}" + "".join(f"{value:10.5f}" for value in values) + "\n"


def test_bilog_s_parameters(tmp_path):
    heading = "PILOT STUDY\nSECOND TITLE\n   1   2\n   2\n"
    rows = bilog_line("WORD01", 0.3, 0.1, 1.2, 0.2, -0.25, 0.1, 0.7, 0.1, 0.18, 0.05, 0, 0)
    rows += bilog_line("WORD 02", -0.4, 0.1, 0.8, 0.2, 0.5, 0.1, 1.2, 0.1, 0, 0, 0, 0)
    for said in ({}, {"file_format": "bilog"}):
        table = read(tmp_path, heading + rows, name="PILOT.PAR", **said)
        expect_curves(
            table, [[0.18 + 0.82 * sigma(1.2 * (THETA + 0.25))], [sigma(0.8 * (THETA - 0.5))]]
        )
        assert table.items == ["WORD01", "WORD 02"]
    table = read(tmp_path, heading + rows, name="PILOT.PAR", metric=1.7)
    assert table.parameters.discrimination == pytest.approx([1.7 * 1.2, 1.7 * 0.8])
    with pytest.raises(DataError, match="line 7: not as BILOG-MG writes"):
        read(tmp_path, heading + rows + "junk\n", file_format="bilog")


@pytest.mark.parametrize(
    "text",
    [
        "; ITEM Pilot Nov 1 2026\n;ENTRY MEASURE ST COUNT SCORE MODLSE NAME\n"
        "    1   -1.25  1   200.0   160.0   .18 Word one\n"
        "    2     .75  1   200.0    90.0   .15 Word two\n"
        ";   3    9.99 -2      .0      .0   .00 Dropped\n",
        '"ENTRY","MEASURE","STATUS","COUNT","SCORE","ERROR","NAME"\n'
        '1,-1.25,1,200,160,.18,"Word one"\n2,.75,1,200,90,.15,"Word two"\n',
        "ENTRY\tMEASURE\tSTATUS\tCOUNT\tSCORE\tNAME\n1\t-1.25\t1\t200\t160\tWord one\n"
        "2\t0.75\t1\t200\t90\tWord two\n",
    ],
)
def test_winsteps_difficulties(tmp_path, text):
    table = read(tmp_path, text)
    assert table.items == ["Word one", "Word two"]
    assert table.parameters.model.tolist() == ["rasch", "rasch"]
    expect_curves(table, [[sigma(THETA + 1.25)], [sigma(THETA - 0.75)]])


def test_a_rating_scale_of_winsteps_lacks_its_thresholds(tmp_path):
    text = "ENTRY,MEASURE,STATUS,COUNT,SCORE,NAME\n1,-1,1,200,460,Mood\n"
    with pytest.raises(DataError, match="line 2: the score is above the count"):
        read(tmp_path, text)


def test_edu_irt_states_slopes_for_the_normal_metric(tmp_path):
    table = read(tmp_path, "Difficulty,Discrimination,Guessing\n0.5,1,0.1\n-1,0.8,0\n")
    assert table.items == ["Q1", "Q2"]
    assert table.parameters.discrimination == pytest.approx([1.7, 1.36])
    assert read(
        tmp_path, "Difficulty,Discrimination\n0.5,1\n", metric=1.0
    ).parameters.discrimination == pytest.approx([1.0])


def test_a_format_that_the_file_does_not_have_is_refused(tmp_path):
    with pytest.raises(DataError, match="has not the columns that mirt writes"):
        read(tmp_path, "item,model,a,b\nx,2pl,1,0\n", file_format="mirt")


def test_slopes_for_another_d_are_converted(tmp_path):
    text = "item,model,a,b,b1,b2,se_a\nx,2pl,1,0,,,0.1\ny,grm,2,,-1,1,0.2\n"
    table = read(tmp_path, text, metric=1.7)
    assert table.parameters.discrimination == pytest.approx([1.7, 3.4])
    assert table.errors.discrimination == pytest.approx([0.17, 0.34])
    said = "item,model,a,b,metric\nx,2pl,1,0,1.7\n"
    assert read(tmp_path, said).parameters.discrimination.tolist() == [1.7]
    assert read(tmp_path, said, metric=1.7).parameters.discrimination.tolist() == [1.7]
    with pytest.raises(DataError, match=r"slopes are for D = 1\.7, --metric says 1$"):
        read(tmp_path, said, metric=1.0)


def test_a_calibration_for_another_d_is_scored_alike(tmp_path):
    source = tmp_path / "r.csv"
    rng = np.random.default_rng(6)
    scores = (rng.standard_normal((250, 1)) + rng.logistic(size=(250, 4)) > 0).astype(int)
    rows = "".join(f"p{at}," + ",".join(map(str, row)) + "\n" for at, row in enumerate(scores))
    source.write_text("id,a,b,c,d\n" + rows)
    plain, normal = tmp_path / "p1.csv", tmp_path / "p2.csv"
    arguments = ("calibrate_csv", source, "--model", "2pl", "--out")
    run(*arguments, plain, "--covariance", tmp_path / "v1.csv")
    run(*arguments, normal, "--metric", 1.7, "--covariance", tmp_path / "v2.csv")
    one, other = columns(plain), columns(normal)
    for name in ("a", "se_a"):
        ratio = np.array(one[name], dtype=float) / np.array(other[name], dtype=float)
        assert ratio == pytest.approx(1.7)
    assert (one["b"], one["se_b"]) == (other["b"], other["se_b"])
    assert other["metric"] == ["1.7"] * 4
    covariances = (columns(tmp_path / f"v{at}.csv") for at in (1, 2))
    first, second = (
        {name: float(row["a:a"][at]) for at, name in enumerate(row["parameter"])}
        for row in covariances
    )
    assert first["a:a"] / second["a:a"] == pytest.approx(1.7**2)
    assert first["a:b"] / second["a:b"] == pytest.approx(1.7)
    for params, out in ((plain, "s1.csv"), (normal, "s2.csv")):
        run("score_csv", source, "--items", params, "--out", tmp_path / out)
    scored = [
        np.array(columns(tmp_path / name)["eap"], dtype=float) for name in ("s1.csv", "s2.csv")
    ]
    np.testing.assert_allclose(*scored, rtol=1e-12)


def test_the_commands_take_and_name_a_format(tmp_path):
    source, params = tmp_path / "r.csv", tmp_path / "mirt.csv"
    source.write_text("id,v1,v2\nx,1,0\ny,0,1\nz,1,1\n")
    params.write_text('"","a1","d","g","u"\n"v1",1.4,-0.7,0,1\n"v2",0.6,0.9,0,1\n')
    out = ("--out", tmp_path / "s.csv")
    printed, _ = run("score_csv", source, "--items", params, *out)
    assert printed.startswith(
        f"{params} is read as mirt writes it, with slopes for D = 1\n3 persons"
    )
    reason = refused("score_csv", source, "--items", params, *out, "--format", "irtcat")
    assert reason == f"{params} lacks the column item"
    calibrated = ("calibrate_csv", source, "--model", "2pl", "--out", tmp_path / "p.csv")
    run(*calibrated, "--anchors", params, "--free-group", "--format", "mirt")
    assert [float(cell) for cell in columns(tmp_path / "p.csv")["a"]] == [1.4, 0.6]
