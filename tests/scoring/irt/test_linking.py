import numpy as np
import pytest

from scoring.irt.calibration.calibrate import calibrate
from scoring.irt.calibration.result import StandardErrors
from scoring.irt.curves import category_probabilities
from scoring.irt.linking import Link, LinkingError, mean_sigma
from scoring.irt.parameters import ItemParameters, Model
from scoring.irt.responses import dense_responses
from scoring.irt.simulation import simulate_responses

ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
    ]
)


def test_mean_sigma_finds_a_linear_change_of_scale_over_all_thresholds():
    moved = Link(1.25, -0.4).parameters(ITEMS)
    back = mean_sigma(ITEMS, moved)
    assert (back.slope, back.intercept) == pytest.approx((0.8, 0.32), abs=1e-12)
    linked = back.parameters(moved)
    assert linked.difficulty == pytest.approx(ITEMS.difficulty, abs=1e-12, nan_ok=True)
    assert linked.discrimination == pytest.approx(ITEMS.discrimination, abs=1e-12)
    assert linked.lower_asymptote.tolist() == ITEMS.lower_asymptote.tolist()


def test_a_link_leaves_probabilities_unchanged():
    link = Link(1.25, -0.4)
    theta = np.linspace(-3, 3, 7)
    before = category_probabilities(ITEMS, theta)
    after = category_probabilities(link.parameters(ITEMS), link.theta(theta))
    assert after == pytest.approx(before, abs=1e-14)


def test_standard_errors_follow_the_scale():
    errors = StandardErrors(np.array([0.1]), np.array([[0.2]]), np.array([0.05]), np.array([0.02]))
    linked = Link(2.0, 1.0).standard_errors(errors)
    assert linked.discrimination.tolist() == [0.05]
    assert linked.difficulty.tolist() == [[0.4]]
    assert linked.lower_asymptote.tolist() == [0.05]


def test_weights_silence_an_item_that_is_not_to_be_trusted():
    source = Link(1.25, -0.4).parameters(ITEMS)
    source.difficulty[0, 0] = 9.0
    weights = np.ones_like(ITEMS.difficulty)
    weights[0, 0] = 0.0
    link = mean_sigma(ITEMS, source, weights)
    assert (link.slope, link.intercept) == pytest.approx((0.8, 0.32), abs=1e-12)


def test_linking_needs_the_same_items_and_two_difficulties():
    with pytest.raises(LinkingError, match="the same items"):
        mean_sigma(ITEMS, ITEMS.take([0]))
    with pytest.raises(LinkingError, match="different numbers of categories"):
        mean_sigma(ITEMS, ITEMS.take([2, 1, 0]))
    with pytest.raises(LinkingError, match="at least two common items"):
        mean_sigma(ITEMS.take([0]), ITEMS.take([0]))


def test_a_sample_one_logit_abler_does_not_move_the_scale_once_linked():
    rng = np.random.default_rng(12)
    rows = [
        (Model.TWO_PL, a, b, 0, 1)
        for a, b in zip(rng.uniform(0.8, 2, 40), rng.normal(size=40), strict=True)
    ]
    standing = ItemParameters.from_rows(rows)
    theta = 1.0 + rng.standard_normal(3000)
    scores = simulate_responses(standing, theta, rng)
    refreshed = calibrate(dense_responses(scores), ["2pl"] * 40, with_standard_errors=False)
    link = mean_sigma(standing, refreshed.parameters)
    linked = link.parameters(refreshed.parameters)
    shift = linked.difficulty - standing.difficulty
    assert abs(shift.mean()) < 1e-12
    assert np.abs(shift).mean() < 0.1
    assert link.intercept == pytest.approx(1.0, abs=0.1)
    assert link.slope == pytest.approx(1.0, abs=0.05)
