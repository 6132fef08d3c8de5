from dataclasses import replace

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.calibration.result import Covariance, StandardErrors
from irt.linking.characteristic_curves import Direction, haebara, stocking_lord
from irt.linking.common_items import LinkingError
from irt.linking.item_covariance import ItemCovariance
from irt.linking.link import Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.linking.standard_errors import link_covariance, linked_standard_errors
from irt.models.parameters import ItemParameters, Model
from irt.responses import dense_responses
from irt.simulation.responses import simulate_responses

STEP = 1e-5
RNG = np.random.default_rng(8)
ITEMS = ItemParameters.from_rows(
    [
        *((Model.TWO_PL, a, b, 0, 1) for a, b in RNG.uniform([0.8, -1.5], [2.0, 1.5], (6, 2))),
        (Model.THREE_PL, 1.4, 0.2, 0.2, 1),
        (Model.GRADED, 1.2, [-1.0, 0.3, 1.2], 0, 1),
        (Model.GPCM, 0.9, [0.4, -0.6], 0, 1),
    ]
)
TRUE = Link(1.2, 0.5)
SOURCE = TRUE.inverse.parameters(ITEMS)
NAMES = [
    *((item, name) for item in range(6) for name in ("a", "b")),
    *((6, name) for name in ("a", "b", "c")),
    *((7, name) for name in ("a", "b1", "b2", "b3")),
    *((8, name) for name in ("a", "b1", "b2")),
]


def covariance(seed, size):
    """Of all 22 parameters, correlated within and across the items."""
    factors = np.random.default_rng(seed).normal(size=(len(NAMES), 30)) / np.sqrt(30)
    return Covariance(NAMES, size**2 * factors @ factors.T)


def moved(parameters, steps):
    """The items with their named parameters moved by steps (22,)."""
    a, b = parameters.discrimination.copy(), parameters.difficulty.copy()
    c = parameters.lower_asymptote.copy()
    for (item, name), step in zip(NAMES, steps, strict=True):
        if name == "a":
            a[item] += step
        elif name == "c":
            c[item] += step
        else:
            b[item, int(name[1:] or 1) - 1] += step
    return replace(parameters, discrimination=a, difficulty=b, lower_asymptote=c)


METHODS = {
    "mean-mean": mean_mean,
    "mean-sigma": mean_sigma,
    "haebara": haebara,
    "stocking-lord": stocking_lord,
    "on the target scale": lambda t, s: stocking_lord(t, s, direction=Direction.TARGET),
    "on the source scale": lambda t, s: haebara(t, s, direction=Direction.SOURCE),
    "shift alone": lambda t, s: haebara(t, s, slope=1.2),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def directional(function, parameters, direction):
    """(2,) change of slope and intercept as the parameters move along `direction` (22,)."""
    higher, lower = (function(moved(parameters, s * direction)) for s in (STEP, -STEP))
    return np.array([higher.slope - lower.slope, higher.intercept - lower.intercept]) / (2 * STEP)


@every_method
def test_gradients_are_how_the_link_moves_with_the_parameters(method):
    link = method(ITEMS, SOURCE)
    index = ItemCovariance.of(Covariance(NAMES, np.eye(len(NAMES))), ITEMS.model, 3).index
    for direction in np.random.default_rng(7).normal(size=(3, len(NAMES))):
        along = np.append(direction, 0.0)[index]
        by_target = directional(lambda items: method(items, SOURCE), ITEMS, direction)
        by_source = directional(lambda items: method(ITEMS, items), SOURCE, direction)
        assert (link.target_gradient * along).sum((1, 2)) == pytest.approx(by_target, abs=1e-6)
        assert (link.source_gradient * along).sum((1, 2)) == pytest.approx(by_source, abs=1e-6)


@pytest.mark.parametrize("method", [mean_mean, mean_sigma, haebara, stocking_lord])
def test_the_delta_method_agrees_with_repeated_estimates(method):
    few = np.arange(6)
    target, source = (covariance(seed, 0.05).take(few) for seed in (1, 2))
    items, origin = ITEMS.take(few), SOURCE.take(few)
    expected = link_covariance(method(items, origin), items.model, target, source)
    rng, zero = np.random.default_rng(5), np.zeros(len(NAMES))
    links = []
    for _ in range(60):
        there, here = zero.copy(), zero.copy()
        there[:12] = rng.multivariate_normal(zero[:12], target.matrix)
        here[:12] = rng.multivariate_normal(zero[:12], source.matrix)
        link = method(moved(ITEMS, there).take(few), moved(SOURCE, here).take(few))
        links.append((link.slope, link.intercept))
    observed = np.std(links, axis=0)
    # 60 replications know a standard deviation to 9%.
    assert observed == pytest.approx(np.sqrt(np.diag(expected)), rel=0.28)


def test_errors_of_linked_items_count_that_link_and_items_share_their_responses():
    source, target = covariance(3, 0.02), covariance(4, 0.03)
    errors = linked_standard_errors(mean_sigma(ITEMS, SOURCE), SOURCE, source, target=target)

    def linked(parameters, standing):
        return mean_sigma(standing, parameters).parameters(parameters).difficulty

    variance = np.zeros_like(ITEMS.difficulty)
    for matrix, at in (
        (source.matrix, lambda step: linked(moved(SOURCE, step), ITEMS)),
        (target.matrix, lambda step: linked(SOURCE, moved(ITEMS, step))),
    ):
        values, vectors = np.linalg.eigh(matrix)
        for value, vector in zip(values, vectors.T, strict=True):
            variance += value * ((at(STEP * vector) - at(-STEP * vector)) / (2 * STEP)) ** 2
    assert errors.difficulty == pytest.approx(np.sqrt(variance), rel=1e-6, nan_ok=True)


def test_items_that_did_not_link_are_transformed_with_the_others():
    link = mean_sigma(ITEMS.take([0, 1, 2]), SOURCE.take([0, 1, 2]))
    errors = StandardErrors(np.full(9, 0.1), np.full((9, 3), 0.2), *np.full((2, 9), np.nan))
    linked = linked_standard_errors(link, SOURCE, errors, common=[0, 1, 2])
    own = link_covariance(link, SOURCE.model[:3], source=errors.take([0, 1, 2]))
    b = SOURCE.difficulty[8, 0]
    by_hand = 1.2**2 * 0.2**2 + b**2 * own[0, 0] + 2 * b * own[0, 1] + own[1, 1]
    assert linked.difficulty[8, 0] == pytest.approx(np.sqrt(by_hand))
    assert np.isnan(linked.lower_asymptote).all()


def test_errors_of_abilities_grow_with_the_uncertainty_of_the_link():
    link = Link(2.0, 1.0)
    own = np.array([[0.04, 0.01], [0.01, 0.09]])
    assert link.theta_errors([0.3, 0.5]).tolist() == [0.6, 1.0]
    with_link = link.theta_errors([0.3, 0.3], [0.0, 2.0], own)
    assert with_link == pytest.approx(np.sqrt([0.36 + 0.09, 0.36 + 0.16 + 0.04 + 0.09]))


def test_a_common_slope_is_one_parameter_of_all_items():
    items = ItemParameters.from_rows([(Model.ONE_PL, 1.3, b, 0, 1) for b in (-1.0, 0.0, 1.5)])
    names = [(-1, "a"), (0, "b"), (1, "b"), (2, "b"), (-2, "variance")]
    uncertainty = Covariance(names, np.diag([0.04, 0.01, 0.01, 0.01, 9.0]))
    link = mean_mean(items, TRUE.inverse.parameters(items))
    slope_variance = link_covariance(link, items.model, target=uncertainty)[0, 0]
    assert slope_variance == pytest.approx((1.2 / 1.3) ** 2 * 0.04)


def test_covariances_of_some_items_are_numbered_as_those():
    part = covariance(1, 0.1).take([7, 0])
    assert part.names == [(1, "a"), (1, "b"), (0, "a"), (0, "b1"), (0, "b2"), (0, "b3")]
    whole = covariance(1, 0.1).matrix
    rows = [0, 1, 15, 16, 17, 18]
    assert part.matrix.tolist() == whole[np.ix_(rows, rows)].tolist()


def test_a_link_by_an_item_without_a_finite_error_has_no_error_and_says_so():
    uncertainty = covariance(1, 0.1)
    uncertainty.matrix[3] = uncertainty.matrix[:, 3] = np.nan
    link = stocking_lord(ITEMS, SOURCE)
    with pytest.raises(LinkingError, match="common item 1 has a parameter without a finite"):
        link_covariance(link, ITEMS.model, source=uncertainty)
    without = stocking_lord(ITEMS, SOURCE, among=np.arange(9) != 1)
    assert np.isfinite(link_covariance(without, ITEMS.model, source=uncertainty)).all()


def test_calibrations_bring_the_errors_of_their_link():
    rng = np.random.default_rng(21)
    truth = ITEMS.take(np.arange(6))
    calibrations = [
        calibrate(
            dense_responses(simulate_responses(truth, ability, rng)),
            ["2pl"] * 6,
            with_covariance=True,
        )
        for ability in (rng.standard_normal(2000), 0.5 + 1.2 * rng.standard_normal(2000))
    ]
    target, source = calibrations
    link = stocking_lord(target.parameters, source.parameters)
    known = link_covariance(link, truth.model, target.covariance, source.covariance)
    assert link.slope == pytest.approx(1.2, abs=3 * known[0, 0] ** 0.5)
    assert link.intercept == pytest.approx(0.5, abs=3 * known[1, 1] ** 0.5)
    assert 0.02 < known[0, 0] ** 0.5 < 0.1
    assert 0.02 < known[1, 1] ** 0.5 < 0.1
