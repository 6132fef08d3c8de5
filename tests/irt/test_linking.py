import numpy as np
import pytest
from scipy.optimize import minimize

from irt.calibration.calibrate import calibrate
from irt.calibration.result import StandardErrors
from irt.linking.characteristic_curves import Direction, haebara, stocking_lord
from irt.linking.common_items import CommonItems, LinkingError
from irt.linking.link import Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.curves import category_probabilities, expected_score
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses

ITEMS = ItemParameters.from_rows(
    [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.THREE_PL, 1.5, -0.3, 0.2, 1),
        (Model.FOUR_PL, 1.1, 0.9, 0.1, 0.95),
        (Model.GRADED, 0.8, [-1.0, 0.0, 2.0], 0, 1),
        (Model.GPCM, 1.3, [0.4, -0.2], 0, 1),
        (Model.PCM, 1.0, [-0.5, 0.1, 0.3], 0, 1),
    ]
)
UNIT_SLOPES = ItemParameters.from_rows(
    [
        (Model.RASCH, 1.0, -0.6, 0, 1),
        (Model.RASCH, 1.0, 0.8, 0, 1),
        (Model.PCM, 1.0, [-0.5, 0.4], 0, 1),
    ]
)
TRUE = Link(1.25, -0.4)
MOVED = TRUE.inverse.parameters(ITEMS)
every_method = pytest.mark.parametrize("method", [mean_mean, mean_sigma, haebara, stocking_lord])
by_curves = pytest.mark.parametrize("method", [haebara, stocking_lord])


def numbers(link):
    return link.slope, link.intercept


def disturbed(parameters, seed=3, size=0.1):
    """Estimates with errors, as two calibrations of the same items have them."""
    rng = np.random.default_rng(seed)
    rows = [
        (
            model,
            a * np.exp(size * rng.normal()),
            np.sort(b[np.isfinite(b)] + size * rng.normal(size=np.isfinite(b).sum())),
            c,
            d,
        )
        for model, a, b, c, d in zip(
            parameters.model,
            parameters.discrimination,
            parameters.difficulty,
            parameters.lower_asymptote,
            parameters.upper_asymptote,
            strict=True,
        )
    ]
    return ItemParameters.from_rows(rows)


@every_method
def test_a_linear_change_of_scale_is_found_exactly(method):
    link = method(ITEMS, MOVED)
    assert numbers(link) == pytest.approx((1.25, -0.4), abs=1e-8)
    linked = link.parameters(MOVED)
    assert linked.difficulty == pytest.approx(ITEMS.difficulty, abs=1e-8, nan_ok=True)
    assert linked.discrimination == pytest.approx(ITEMS.discrimination, abs=1e-8)
    assert linked.lower_asymptote.tolist() == ITEMS.lower_asymptote.tolist()


@by_curves
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("slope", [0.4, 1.0, 2.5])
def test_a_large_change_of_scale_is_found_on_either_scale(method, direction, slope):
    true = Link(slope, 1.5)
    link = method(ITEMS, true.inverse.parameters(ITEMS), direction=direction)
    assert numbers(link) == pytest.approx((slope, 1.5), abs=1e-8)


def test_curves_link_where_the_difficulties_are_equal_and_mean_sigma_cannot():
    alike = ItemParameters.from_rows([(Model.TWO_PL, a, 0.5, 0, 1) for a in (0.8, 1.7)])
    moved = TRUE.inverse.parameters(alike)
    with pytest.raises(LinkingError, match="items of different difficulty"):
        mean_sigma(alike, moved)
    assert numbers(mean_mean(alike, moved)) == pytest.approx((1.25, -0.4), abs=1e-12)
    assert numbers(stocking_lord(alike, moved)) == pytest.approx((1.25, -0.4), abs=1e-8)


@pytest.mark.parametrize("method", [mean_mean, haebara, stocking_lord])
def test_with_the_slope_fixed_only_the_shift_is_estimated(method):
    moved = Link(1.0, -0.7).inverse.parameters(UNIT_SLOPES)
    assert numbers(method(UNIT_SLOPES, moved, slope=1.0)) == pytest.approx((1.0, -0.7), abs=1e-8)
    noisy = method(UNIT_SLOPES, disturbed(moved), slope=1.0)
    assert noisy.slope == 1.0
    assert not noisy.target_gradient[0].any()


def test_haebara_and_stocking_lord_minimise_the_criteria_of_their_papers():
    source, grid = disturbed(MOVED), normal_grid(mean=0.3, sd=1.2)

    def differences(x, curves):
        return curves(ITEMS, grid.nodes) - curves(Link(x[0], x[1]).parameters(source), grid.nodes)

    def item_by_item(x):
        return (differences(x, category_probabilities) ** 2 @ grid.weights).sum()

    def on_the_test(x):
        return differences(x, expected_score).sum(axis=0) ** 2 @ grid.weights

    for method, criterion in ((haebara, item_by_item), (stocking_lord, on_the_test)):
        link = method(ITEMS, source, direction=Direction.TARGET, target_grid=grid)
        found = minimize(criterion, [1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9})
        assert numbers(link) == pytest.approx(tuple(found.x), abs=1e-6)


@by_curves
def test_a_symmetric_link_is_inverted_by_exchanging_the_scales(method):
    source = disturbed(MOVED)
    there, back = method(ITEMS, source), method(source, ITEMS)
    assert numbers(back.inverse) == pytest.approx(numbers(there), abs=1e-8)
    one_way = method(ITEMS, source, direction=Direction.TARGET)
    assert abs(one_way.slope - there.slope) > 1e-5


@every_method
def test_items_that_cannot_link_are_left_out_and_told_apart(method):
    rows = [
        (Model.TWO_PL, 1.2, 0.5, 0, 1),
        (Model.TWO_PL, 0.7, -1.0, 0, 1),
        (Model.TWO_PL, 1.5, 1.5, 0, 1),
        (Model.TWO_PL, 1.0, 0.0, 0, 1),
        (Model.TWO_PL, 1.0, 0.0, 0, 1),
    ]
    target = ItemParameters.from_rows([*rows, (Model.GRADED, 1.0, [0.0, 1.0], 0, 1)])
    source = ItemParameters.from_rows([*rows, (Model.TWO_PL, 1.0, 0.0, 0, 1)])
    source = TRUE.inverse.parameters(source)
    source.discrimination[3], source.difficulty[4, 0] = -1.0, np.nan
    target.difficulty[0, 0] = 9.0
    among = np.arange(6) > 0
    with np.errstate(all="raise"):
        link = method(target, source, among=among)
    assert numbers(link) == pytest.approx((1.25, -0.4), abs=1e-8)
    assert link.used.tolist() == [False, True, True, False, False, False]
    assert CommonItems.pair(target, source, among).status.tolist() == [
        "not chosen",
        "linked",
        "linked",
        "slope not positive",
        "not estimated",
        "different categories",
    ]


@every_method
def test_linking_needs_the_same_items_and_two_that_can_link(method):
    with pytest.raises(LinkingError, match="must hold the same items, not 6 and 1"):
        method(ITEMS, ITEMS.take([0]))
    with pytest.raises(LinkingError, match=r"at least two common items .* not 1"):
        method(ITEMS.take([0]), ITEMS.take([0]))
    with pytest.raises(LinkingError, match=r"at least two common items .* not 0"):
        method(ITEMS, ITEMS, among=np.zeros(6, dtype=bool))


def test_a_link_leaves_probabilities_unchanged():
    theta = np.linspace(-3, 3, 7)
    before = category_probabilities(ITEMS, theta)
    after = category_probabilities(TRUE.parameters(ITEMS), TRUE.theta(theta))
    assert after == pytest.approx(before, abs=1e-14)
    assert TRUE.inverse.theta(TRUE.theta(theta)) == pytest.approx(theta, abs=1e-14)


def test_standard_errors_follow_the_scale():
    errors = StandardErrors(np.array([0.1]), np.array([[0.2]]), np.array([0.05]), np.array([0.02]))
    linked = Link(2.0, 1.0).standard_errors(errors)
    assert linked.discrimination.tolist() == [0.05]
    assert linked.difficulty.tolist() == [[0.4]]
    assert linked.lower_asymptote.tolist() == [0.05]


def test_weights_silence_an_item_that_is_not_to_be_trusted():
    source = TRUE.inverse.parameters(ITEMS)
    source.difficulty[0, 0] = 9.0
    weights = np.ones_like(ITEMS.difficulty)
    weights[0, 0] = 0.0
    assert numbers(mean_sigma(ITEMS, source, weights)) == pytest.approx((1.25, -0.4), abs=1e-12)
    with pytest.raises(LinkingError, match="some of them positive"):
        mean_sigma(ITEMS, source, np.zeros_like(weights))


@every_method
def test_a_sample_one_logit_abler_does_not_move_the_scale_once_linked(method):
    rng = np.random.default_rng(12)
    rows = [
        (Model.TWO_PL, a, b, 0, 1)
        for a, b in zip(rng.uniform(0.8, 2, 40), rng.normal(size=40), strict=True)
    ]
    standing = ItemParameters.from_rows(rows)
    theta = 1.0 + rng.standard_normal(3000)
    scores = simulate_responses(standing, theta, rng)
    refreshed = calibrate(dense_responses(scores), ["2pl"] * 40, with_standard_errors=False)
    link = method(standing, refreshed.parameters)
    shift = link.parameters(refreshed.parameters).difficulty - standing.difficulty
    assert abs(shift.mean()) < 0.03
    assert np.abs(shift).mean() < 0.1
    assert link.intercept == pytest.approx(1.0, abs=0.1)
    assert link.slope == pytest.approx(1.0, abs=0.05)
