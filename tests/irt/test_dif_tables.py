"""Mantel-Haenszel, Mantel and the standardized mean difference, by hand and on known truth."""

from fractions import Fraction

import numpy as np
import pytest

from irt.dif.mantel_haenszel import common_odds_ratio, ets_class, mantel_haenszel
from irt.dif.matching import AbilityBands, ThetaBands, TotalScore
from irt.dif.mean_difference import mean_difference
from irt.dif.result import DifError, DifStatus
from irt.dif.tables import empirical_curves
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import dense_responses, sparse_responses
from irt.simulation.responses import simulate_responses

# Item, stratum, group (reference, focal), category (wrong, right).
TABLES = np.array([[[[8, 12], [9, 6]], [[5, 20], [7, 11]], [[2, 25], [3, 14]]]], dtype=float)


def rasch(difficulties):
    return ItemParameters.from_rows((Model.RASCH, 1.0, b, 0.0, 1.0) for b in difficulties)


def two_groups(difficulties, shifts, n=2000, impact=0.0, seed=1):
    """Rasch responses of a reference and a focal group, whose items are harder by `shifts`."""
    rng = np.random.default_rng(seed)
    b, harder = np.array(difficulties), np.zeros(len(difficulties))
    harder[list(shifts)] = list(shifts.values())
    scores = [
        simulate_responses(rasch(b), rng.standard_normal(n), rng),
        simulate_responses(rasch(b + harder), impact + rng.standard_normal(n), rng),
    ]
    return np.vstack(scores), np.repeat([0, 1], n)


def test_the_common_odds_ratio_and_its_error_are_those_computed_by_hand():
    ratio, error = common_odds_ratio(TABLES)
    terms = []
    for (b, a), (d, c) in TABLES[0].astype(int).tolist():
        total = a + b + c + d
        terms.append([Fraction(value, total) for value in (a * d, b * c, a + d, b + c)])
    r, s = (sum(term[index] for term in terms) for index in (0, 1))
    expected = r / s
    variance = sum((p + expected * q) * (x + expected * y) for x, y, p, q in terms) / (2 * r * r)
    assert ratio == pytest.approx([float(expected)], rel=1e-14)
    assert error == pytest.approx([float(variance) ** 0.5], rel=1e-14)


def test_mantels_statistic_of_a_dichotomous_item_is_that_of_mantel_and_haenszel():
    found = mean_difference(TABLES)
    excess = variance = Fraction(0)
    for (b, a), (d, c) in TABLES[0].astype(int).tolist():
        n_reference, n_focal, right, wrong = a + b, c + d, a + c, b + d
        total = a + b + c + d
        excess += a - Fraction(n_reference * right, total)
        variance += Fraction(n_reference * n_focal * right * wrong, total**2 * (total - 1))
    assert found.excess == pytest.approx([-float(excess)], rel=1e-13)
    assert found.variance == pytest.approx([float(variance)], rel=1e-13)


def test_the_standardized_mean_difference_weighs_strata_by_the_focal_group():
    counts = np.array([[[[2, 3, 5], [4, 0, 1]], [[1, 1, 2], [2, 6, 7]]]], dtype=float)
    found = mean_difference(counts)
    by_stratum = [(0 + 2) / 5 - (3 + 10) / 10, (6 + 14) / 15 - (1 + 4) / 4]
    assert found.smd == pytest.approx([0.25 * by_stratum[0] + 0.75 * by_stratum[1]], rel=1e-14)
    scores = np.repeat([0, 1, 2], [9, 10, 15])
    assert found.sd == pytest.approx([scores.std()], rel=1e-13)
    spread = []
    for reference, focal in counts[0]:
        pooled = np.repeat([0, 1, 2], (reference + focal).astype(int))
        n, m = reference.sum(), focal.sum()
        spread.append((1 / n + 1 / m) ** 2 * n * m / (n + m) * pooled.var(ddof=1))
    expected = np.sqrt(0.25**2 * spread[0] + 0.75**2 * spread[1])
    assert found.smd_se == pytest.approx([expected], rel=1e-13)


def test_ets_classes_follow_size_and_both_tests():
    d_dif = np.array([0.9, 1.2, 1.2, 1.6, 1.6, -2.5, 3.0, np.inf])
    error = np.array([0.1, 0.4, 0.4, 0.2, 0.5, 0.4, 2.0, np.nan])
    significant = np.array([True, True, False, True, True, True, False, True])
    classes = ets_class(d_dif, error, significant)
    assert classes.tolist() == ["A", "B", "A", "C", "B", "C", "A", "C"]


def test_with_rasch_items_the_log_odds_ratio_is_the_difference_of_difficulties_despite_impact():
    difficulties = np.linspace(-1.5, 1.5, 20)
    scores, group = two_groups(difficulties, {4: 0.6, 11: -0.4}, n=6000, impact=-0.7)
    found = mantel_haenszel(dense_responses(scores), group).result
    expected = np.zeros(20)
    expected[[4, 11]] = 0.6, -0.4
    z = (np.log(found.odds_ratio[0]) - expected) / (found.d_dif_se[0] / 2.35)
    assert np.abs(z).max() < 3.0
    assert np.abs(np.log(found.odds_ratio[0]) - expected).max() < 0.15
    assert found.d_dif[0] == pytest.approx(-2.35 * np.log(found.odds_ratio[0]))
    assert found.classification[0, 4] == "B"
    assert found.smd[0, 4] < 0 < found.smd[0, 11]


def test_purification_leaves_items_with_large_dif_out_of_the_matching_score():
    shifts = dict.fromkeys(range(6), 1.2)
    scores, group = two_groups(np.linspace(-1, 1, 20), shifts, n=3000)
    crude = mantel_haenszel(dense_responses(scores), group, max_rounds=1)
    purified = mantel_haenszel(dense_responses(scores), group)
    assert np.flatnonzero(~purified.anchor).tolist() == [0, 1, 2, 3, 4, 5]
    assert purified.settled
    assert purified.rounds > 1
    clean = slice(6, None)
    assert np.abs(purified.result.d_dif[0, clean]).mean() < 0.3
    assert np.abs(crude.result.d_dif[0, clean]).mean() > 0.6
    assert crude.rounds == 1


def test_each_focal_group_is_compared_with_the_reference():
    scores, group = two_groups(np.linspace(-1, 1, 12), {3: 1.0}, n=2000)
    group[:700] = 2
    both = mantel_haenszel(dense_responses(scores), group, max_rounds=1).result
    kept = group != 2
    alone = mantel_haenszel(dense_responses(scores[kept]), group[kept], max_rounds=1).result
    assert both.classification[:, 3].tolist() == ["C", "A"]
    assert both.d_dif[0].tolist() == alone.d_dif[0].tolist()
    assert both.n_focal[:, 0].tolist() == pytest.approx([2000, 700], abs=30)


def test_adaptive_data_are_matched_on_theta():
    rng = np.random.default_rng(3)
    difficulties = rng.uniform(-2, 2, 40)
    scores, group = two_groups(difficulties, {5: 1.0}, n=4000)
    items = rasch(difficulties)
    person, item = np.nonzero(rng.random(scores.shape) < 0.5)
    responses = sparse_responses(
        person, item, scores[person, item], n_persons=len(scores), n_items=40
    )
    matching = AbilityBands(items, normal_grid())
    found = mantel_haenszel(responses, group, matching=matching)
    assert np.flatnonzero(~found.anchor).tolist() == [5]
    assert np.log(found.result.odds_ratio[0, 5]) == pytest.approx(1.0, abs=0.3)
    theta = np.where(np.arange(len(scores)) < 10, np.nan, rng.standard_normal(len(scores)))
    given = mantel_haenszel(responses, group, matching=ThetaBands(theta, 5), max_rounds=1)
    answered = np.bincount(item[(person >= 10) & (person < 4000)], minlength=40)
    assert given.result.n_reference[0].tolist() == answered.tolist()


def test_polytomous_items_have_mantels_test_and_no_odds_ratio():
    rng = np.random.default_rng(5)
    theta = rng.standard_normal(6000)
    group = np.repeat([0, 1], 3000)
    steps = [[-1 + 0.1 * item, 0.5, 1.0 + 0.1 * item] for item in range(10)]
    parts = []
    for members in (0, 1):
        moved = [np.add(row, 0.6 * members * (item == 2)) for item, row in enumerate(steps)]
        items = ItemParameters.from_rows((Model.PCM, 1.0, row, 0.0, 1.0) for row in moved)
        parts.append(simulate_responses(items, theta[group == members], rng))
    found = mantel_haenszel(dense_responses(np.vstack(parts)), group).result
    assert found.classification[0, 2] in "BC"
    assert found.p_value[0, 2] < 1e-6
    assert found.smd[0, 2] < -0.1
    assert np.isnan(found.odds_ratio).all()
    assert (found.classification[0, [0, 1, 3, 4, 5, 6, 7, 8, 9]] == "A").all()
    assert found.status.tolist() == [["ok"] * 10]


def test_items_that_cannot_be_tested_say_why():
    scores, group = two_groups(np.linspace(-1, 1, 8), {}, n=100)
    scores[:, 0] = -1
    scores[group == 1, 1] = -1
    scores[:, 2] = 1
    scores[:, 3] = (group == 0) & (np.arange(200) % 2 == 0)
    anchors = np.arange(8) != 3
    found = mantel_haenszel(dense_responses(scores), group, anchors=anchors, max_rounds=1).result
    assert found.status[0].tolist() == [
        DifStatus.NO_RESPONSES,
        DifStatus.EMPTY_GROUP,
        DifStatus.CONSTANT,
        DifStatus.UNBOUNDED,
        *[DifStatus.OK] * 4,
    ]
    assert np.isnan(found.p_value[0, :3]).all()
    assert found.classification[0, :3].tolist() == ["", "", ""]
    assert found.odds_ratio[0, 3] == np.inf
    assert found.d_dif[0, 3] == -np.inf
    assert found.classification[0, 3] == "C"


def test_an_item_that_is_its_own_matching_score_compares_nothing():
    scores, group = two_groups([0.0, 0.5], {}, n=100)
    anchors = [True, False]
    found = mantel_haenszel(dense_responses(scores), group, anchors=anchors, max_rounds=1).result
    assert found.status[0].tolist() == [DifStatus.NOT_MATCHED, DifStatus.OK]


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ([0, 0, 0, 0], "a focal group"),
        ([0, 0, 2, 2], "group 1 has no persons"),
        ([0, -1, 1, 1], "numbered from 0"),
        ([0, 1], "4 persons"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(group, reason):
    responses = dense_responses([[0, 1], [1, 0], [1, 1], [0, 0]])
    with pytest.raises(DifError, match=reason):
        mantel_haenszel(responses, group)


def test_matching_that_matches_nobody_is_refused():
    responses = dense_responses([[0, -1], [-1, 0], [1, -1], [-1, 1]])
    group = [0, 0, 1, 1]
    with pytest.raises(DifError, match="match on theta"):
        mantel_haenszel(responses, group, matching=TotalScore())
    with pytest.raises(DifError, match="4 persons"):
        mantel_haenszel(responses, group, matching=ThetaBands(np.zeros(3)))
    with pytest.raises(DifError, match="no theta is finite"):
        mantel_haenszel(responses, group, matching=ThetaBands(np.full(4, np.nan)))
    with pytest.raises(DifError, match="no item is an anchor"):
        mantel_haenszel(responses, group, anchors=[False, False])


def test_empirical_curves_hold_means_and_wilson_intervals():
    responses = dense_responses([[1, 1], [1, 0], [0, 1], [1, 1], [0, 1], [0, 0]])
    curves = empirical_curves(responses, [0, 0, 0, 1, 1, 1])
    assert curves.values.tolist() == [0, 1, 2]
    assert curves.n_persons[0].tolist() == [[0, 1], [2, 1], [1, 1]]
    assert curves.mean[0, 1].tolist() == [0.5, 0.0]
    assert np.isnan(curves.mean[0, 0, 0])
    assert curves.lower[0, 1, 0] == pytest.approx(0.0945312, abs=1e-6)
    assert curves.upper[0, 1, 0] == pytest.approx(0.9054688, abs=1e-6)


def test_without_dif_the_test_keeps_its_level_and_with_dif_it_finds_it():
    rejected = [0, 0]
    for seed in range(60):
        scores, group = two_groups(np.linspace(-1.5, 1.5, 15), {14: 0.6}, n=500, seed=seed)
        found = mantel_haenszel(dense_responses(scores), group, continuity_correction=False)
        rejected[0] += int(found.result.p_value[0, 7] < 0.05)
        rejected[1] += int(found.result.p_value[0, 14] < 0.05)
    assert rejected[0] <= 8
    assert rejected[1] > 50
