"""Every section judges groups within their own distributions, and sums among the same items."""

import numpy as np
import pytest

from irt.estimation.maximum_a_posteriori import maximum_a_posteriori
from irt.person_fit.person_fit import person_fit
from irt.responses import dense_responses
from tests.scoring.report.report_files import column, rows_of
from tests.scoring.report.studies import (
    calibrate,
    graded,
    page_of,
    report,
    sampled,
    two_pl,
    write_items,
    write_study,
)

ABLE_AND_LESS_ABLE = [(-1.3, 0.6, 500), (1.1, 0.6, 500)]
THREE_UNEQUAL = [(0.0, 0.7, 700), (-1.8, 0.5, 250), (1.7, 0.5, 120)]
ONE_TINY = [(-1.0, 0.7, 600), (1.2, 0.7, 400), (2.0, 0.4, 7)]
AS_EXPECTED = "The sums are distributed as the model expects"


def share_beyond(folder):
    return float((np.abs(column(folder / "report/residuals.csv", "residual")) > 1.96).mean())


@pytest.mark.parametrize(
    ("items", "model", "groups"),
    [
        (two_pl(12), "2pl", ABLE_AND_LESS_ABLE),
        (two_pl(12), "2pl", THREE_UNEQUAL),
        (two_pl(12), "2pl", ONE_TINY),
        (graded(8), "grm", ABLE_AND_LESS_ABLE),
    ],
)
def test_groups_that_differ_are_no_misfit(tmp_path, items, model, groups):
    scores, member = sampled(items, groups, seed=3)
    write_study(tmp_path, scores, member)
    calibrate(tmp_path, model, "--no-errors")
    told = report(tmp_path)

    assert told["Items"].startswith("0 of ")
    assert told["Fit of the model"].startswith("The model fits closely")
    assert told["Summed scores"].startswith(AS_EXPECTED)
    assert share_beyond(tmp_path) <= 0.02
    fit = {row["name"]: row["value"] for row in rows_of(tmp_path / "report/model_fit.csv")}
    assert float(fit["p"]) > 0.01
    flagged = column(tmp_path / "report/persons.csv", "flagged")
    assert 0.02 < np.mean(flagged) < 0.08


def test_each_group_has_its_own_rows_and_moments(tmp_path):
    scores, member = sampled(two_pl(12), ABLE_AND_LESS_ABLE, seed=3)
    write_study(tmp_path, scores, member)
    write_items(tmp_path, two_pl(12))
    report(tmp_path, "--known")
    sets = rows_of(tmp_path / "report/score_sets.csv")
    assert [(row["group"], row["persons"]) for row in sets] == [("g0", "500"), ("g1", "500")]
    assert [float(row["mean"]) for row in sets] == pytest.approx([-1.3, 1.1], abs=0.12)
    assert [float(row["sd"]) for row in sets] == pytest.approx([0.6, 0.6], abs=0.12)
    sums = rows_of(tmp_path / "report/summed_scores.csv")
    for group, persons in (("g0", 500), ("g1", 500)):
        own = [row for row in sums if row["group"] == group]
        assert [row["score"] for row in own] == [str(score) for score in range(13)]
        assert sum(float(row["observed"]) for row in own) == persons
        assert sum(float(row["expected"]) for row in own) == pytest.approx(persons)
    facts = {row["name"]: row["value"] for row in rows_of(tmp_path / "report/summary.csv")}
    assert float(facts["population_mean_2"]) == pytest.approx(float(sets[1]["mean"]))


def test_persons_are_judged_by_the_distribution_of_their_group(tmp_path):
    items = two_pl(12)
    scores, member = sampled(items, ABLE_AND_LESS_ABLE, seed=3)
    write_study(tmp_path, scores, member)
    write_items(tmp_path, items)
    report(tmp_path, "--known")
    sets = rows_of(tmp_path / "report/score_sets.csv")
    persons = {row["person"]: row for row in rows_of(tmp_path / "report/persons.csv")}
    for group in (0, 1):
        own = np.flatnonzero(member == group)
        mean, sd = float(sets[group]["mean"]), float(sets[group]["sd"])
        responses = dense_responses(scores[own])
        theta = maximum_a_posteriori(responses, items, mean=mean, sd=sd).theta
        expected = person_fit(responses, items, theta, "map", prior_mean=mean, prior_sd=sd)
        told = [float(persons[f"p{place}"]["lz_star"]) for place in own]
        np.testing.assert_allclose(told, expected.lz_star.value, atol=1e-6)


def three_forms(scores, form):
    """Of 12 items form 0 has the first 8, form 1 the last 8, form 2 the outer ones."""
    planned = np.zeros((3, 12), dtype=bool)
    planned[0, :8], planned[1, 4:], planned[2, :4], planned[2, 8:] = True, True, True, True
    return np.where(planned[form], scores, -1)


@pytest.mark.parametrize("is_by_ability", [False, True])
def test_sums_of_a_planned_design_are_compared_among_those_with_the_same_form(
    tmp_path, is_by_ability
):
    items = two_pl(12)
    groups = [(-1.0, 0.7, 300), (0.0, 0.7, 300), (1.0, 0.7, 300)]
    scores, member = sampled(items, groups, seed=5)
    form = member if is_by_ability else np.random.default_rng(1).permutation(member)
    write_study(tmp_path, three_forms(scores, form))
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")

    assert told["Summed scores"].startswith(AS_EXPECTED + " in each of 3 sets")
    assert told["Fit of the model"].startswith("The model fits closely")
    sets = rows_of(tmp_path / "report/score_sets.csv")
    assert {row["items"] for row in sets} == {"8"}
    assert {row["persons"] for row in sets} == {"300"}
    assert "q01 q02 q03 q04 q09 q10 q11 q12" in {row["item_names"] for row in sets}
    assert all(row["s_x2"] for row in rows_of(tmp_path / "report/item_fit.csv"))
    assert "900 of 900 persons belong to such a set" in page_of(tmp_path)


def test_forms_within_groups_are_sets_of_their_own(tmp_path):
    items = two_pl(12)
    scores, member = sampled(items, ABLE_AND_LESS_ABLE, seed=6)
    form = np.arange(1000) % 2
    write_study(tmp_path, three_forms(scores, form), member)
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")
    assert told["Summed scores"].startswith(AS_EXPECTED + " in each of 4 sets")
    sets = rows_of(tmp_path / "report/score_sets.csv")
    assert [(row["group"], row["form"]) for row in sets] == [
        ("g0", "1"),
        ("g0", "2"),
        ("g1", "1"),
        ("g1", "2"),
    ]


def test_a_form_whose_sums_are_off_is_named(tmp_path):
    items = two_pl(12)
    scores, _ = sampled(items, [(0.0, 1.0, 900)], seed=7)
    form = np.arange(900) % 3
    theirs = np.flatnonzero(form == 1)
    scores[theirs[:200]] = np.arange(12) % 2  # copied from one sheet
    write_study(tmp_path, three_forms(scores, form))
    write_items(tmp_path, items)
    told = report(tmp_path, "--known")
    off = rows_of(tmp_path / "report/score_sets.csv")
    names = [f"form {row['form']}" for row in off if float(row["gap"]) > float(row["limit"])]
    assert len(names) == 1
    assert f"in 1 of 3 sets of persons ({names[0]})" in told["Summed scores"]


def test_a_single_missing_answer_is_no_form(tmp_path):
    scores, _ = sampled(two_pl(12), [(0.0, 1.0, 500)], seed=8)
    scores[np.random.default_rng(4).random(scores.shape) < 0.01] = -1
    write_study(tmp_path, scores)
    write_items(tmp_path, two_pl(12))
    report(tmp_path, "--known")
    n_complete = int((scores >= 0).all(axis=1).sum())
    assert not (tmp_path / "report/score_sets.csv").exists()
    assert f"{n_complete} of 500 persons answered every item" in page_of(tmp_path)


def test_a_group_of_perfect_scores_takes_the_distribution_of_the_others(tmp_path):
    scores, member = sampled(two_pl(12), [(-0.5, 0.8, 400), (0.5, 0.8, 400), (0, 1, 60)], seed=9)
    scores[member == 2] = 1
    write_study(tmp_path, scores, member)
    write_items(tmp_path, two_pl(12))
    report(tmp_path, "--known")
    facts = {row["name"]: row["value"] for row in rows_of(tmp_path / "report/summary.csv")}
    means = [float(facts[f"population_mean_{group}"]) for group in (1, 2, 3)]
    assert means[2] == pytest.approx((means[0] + means[1]) / 2, abs=1e-9)
    assert "that of all others together: g2" in page_of(tmp_path)
