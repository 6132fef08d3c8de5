from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from irt.calibration.result import Covariance, StandardErrors
from irt.drift.purification import Criterion, purified_link
from irt.linking.characteristic_curves import haebara, stocking_lord
from irt.linking.common_items import LinkingError
from irt.linking.link import Link
from irt.linking.moments import mean_mean, mean_sigma
from irt.models.parameters import ItemParameters, Model

TRUE = Link(1.25, -0.4)
N_ITEMS = 15
DRIFTED = [3, 7, 11]
CRITERIA = [
    Criterion(rmsd=0.05, distance=0.01),
    Criterion(wald=0.001),
    Criterion(robust_z=3.0),
]


def items():
    rng = np.random.default_rng(31)
    return ItemParameters.from_rows(
        [
            (Model.TWO_PL, a, b, 0, 1)
            for a, b in zip(rng.uniform(0.8, 1.8, 12), np.linspace(-1.5, 1.5, 12), strict=True)
        ]
        + [(Model.GRADED, 1.2, [b - 0.6, b, b + 0.8], 0, 1) for b in (-0.5, 0.0, 0.5)]
    )


def with_drift(parameters, shift=0.7, drifted=DRIFTED):
    steps = parameters.difficulty.copy()
    steps[drifted] += shift
    return replace(parameters, difficulty=steps)


def noisy(parameters, size=0.03, seed=5):
    rng = np.random.default_rng(seed)
    return replace(
        parameters,
        discrimination=parameters.discrimination + size * rng.normal(size=N_ITEMS),
        difficulty=parameters.difficulty + size * rng.normal(size=(N_ITEMS, 3)),
    )


def errors(size=0.03):
    return StandardErrors(
        np.full(N_ITEMS, size), np.full((N_ITEMS, 3), size), *np.full((2, N_ITEMS), np.nan)
    )


@pytest.mark.parametrize("method", [mean_mean, mean_sigma, haebara, stocking_lord])
def test_without_noise_the_drifted_items_go_and_the_true_link_is_left(method):
    source = TRUE.inverse.parameters(with_drift(items()))
    found = purified_link(method, items(), source, Criterion(rmsd=0.001))
    assert sorted(removal.item for removal in found.removals) == DRIFTED
    assert (found.link.slope, found.link.intercept) == pytest.approx((1.25, -0.4), abs=1e-8)
    assert abs(method(items(), source).intercept + 0.4) > 0.05


@pytest.mark.parametrize("criterion", CRITERIA, ids=["curves", "wald", "robust z"])
def test_each_criterion_finds_the_items_that_drifted_and_says_why(criterion):
    source = TRUE.inverse.parameters(noisy(with_drift(items()), seed=6))
    found = purified_link(
        stocking_lord,
        noisy(items()),
        source,
        criterion,
        target_uncertainty=errors(),
        source_uncertainty=errors(),
    )
    assert sorted(removal.item for removal in found.removals) == DRIFTED
    assert found.status.tolist() == [
        "drifted" if item in DRIFTED else "linked" for item in range(N_ITEMS)
    ]
    assert found.link.intercept == pytest.approx(-0.4, abs=3 * found.covariance[1, 1] ** 0.5)
    worst = found.removals[0]
    assert worst.rmsd > 0.05
    assert worst.distance_p < 0.01
    assert worst.wald_p < 0.001
    assert abs(worst.difficulty_z) > 3.0


def test_an_item_goes_only_when_it_is_beyond_every_limit():
    source = TRUE.inverse.parameters(with_drift(items(), shift=0.1))
    significant = Criterion(rmsd=0.05, wald=0.01)
    arguments = {"target_uncertainty": errors(0.005), "source_uncertainty": errors(0.005)}
    found = purified_link(haebara, items(), source, significant, **arguments)
    assert found.removals == ()
    assert (found.statistics.wald.p_value[DRIFTED] < 0.01).all()
    unknown = purified_link(haebara, items(), source, Criterion(wald=0.01))
    assert unknown.removals == ()
    assert set(unknown.statistics.wald.status.tolist()) == {"no standard errors"}


def test_the_fewest_links_are_kept_and_what_drifted_among_them_is_told():
    drifted = list(range(0, N_ITEMS, 2))
    source = TRUE.inverse.parameters(with_drift(items(), drifted=drifted))
    found = purified_link(stocking_lord, items(), source, Criterion(rmsd=0.01), fewest=14)
    assert len(found.removals) == 1
    assert found.link.used.sum() == 14
    assert "drifted, kept to link" in found.status.tolist()


def test_items_without_estimates_or_errors_neither_link_nor_count_as_drifted():
    source = TRUE.inverse.parameters(items())
    source.difficulty[0, 0] = np.nan
    names = [(item, "b") for item in range(12)]
    matrix = 0.01 * np.eye(12)
    matrix[1] = matrix[:, 1] = np.nan
    found = purified_link(
        stocking_lord,
        items(),
        source,
        Criterion(rmsd=0.05, distance=0.01),
        source_uncertainty=Covariance(names, matrix),
    )
    assert found.status.tolist()[:3] == ["not estimated", "undetermined", "linked"]
    assert np.isfinite(found.covariance).all()


def test_options_of_a_method_are_fixed_beforehand():
    unit = ItemParameters.from_rows([(Model.RASCH, 1.0, b, 0, 1) for b in (-1.0, 0.0, 0.5, 1.0)])
    source = Link(1.0, 0.5).inverse.parameters(unit)
    found = purified_link(partial(haebara, slope=1.0), unit, source, Criterion(rmsd=0.05))
    assert (found.link.slope, found.link.intercept) == pytest.approx((1.0, 0.5), abs=1e-8)


def test_a_criterion_without_a_limit_or_with_an_impossible_one_is_refused():
    with pytest.raises(ValueError, match="at least one limit"):
        Criterion()
    with pytest.raises(ValueError, match="between 0 and 1"):
        Criterion(wald=5.0)
    with pytest.raises(ValueError, match="above 0"):
        Criterion(rmsd=0.0)
    with pytest.raises(LinkingError, match="at least two"):
        purified_link(mean_mean, items().take([0]), items().take([0]), Criterion(rmsd=0.1))
