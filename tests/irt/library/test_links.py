"""Links are those of the deep modules, by labels."""

import numpy as np
import pytest

import irt
from irt.linking.characteristic_curves import haebara, stocking_lord
from irt.linking.moments import mean_mean, mean_sigma
from irt.linking.standard_errors import link_covariance, linked_standard_errors
from irt.quadrature import normal_grid
from tests.irt.library.studies import bank_of, responses_of

SAME = np.testing.assert_array_equal


@pytest.fixture(scope="module")
def forms():
    """Fits of items 1 to 9 and, in an abler group, of items 5 to 12 in another order."""
    bank = bank_of(12)
    first = irt.fit_model(responses_of(bank.take(np.arange(9)), 800), "2pl")
    abler = responses_of(bank.take(np.arange(4, 12)[::-1]), 800, 5, mean=0.5, sd=1.2)
    return first, irt.fit_model(abler, "2pl")


COMMON = [f"item{number}" for number in range(5, 10)]


@pytest.mark.parametrize(
    ("method", "function"),
    [
        ("stocking_lord", stocking_lord),
        ("haebara", haebara),
        ("mean_sigma", mean_sigma),
        ("mean_mean", mean_mean),
    ],
)
def test_a_link_is_that_of_the_deep_module_on_the_common_items(forms, method, function):
    first, second = forms
    linkage = irt.link(second, to=first, method=method)
    target, source = (fit.bank.select(COMMON) for fit in (first, second))
    deep = function(target.parameters, source.parameters)
    assert (linkage.slope, linkage.intercept) == (deep.slope, deep.intercept)
    assert linkage.common == tuple(COMMON)
    covariance = link_covariance(
        deep, target.parameters.model, target.covariance, source.covariance
    )
    SAME(linkage.covariance, covariance)
    assert linkage.slope_se == covariance[0, 0] ** 0.5
    places = [second.items.index(label) for label in COMMON]
    errors = linked_standard_errors(
        deep,
        second.bank.parameters,
        second.bank.covariance,
        common=places,
        target=target.covariance,
    )
    SAME(linkage.bank.standard_errors.difficulty, errors.difficulty)
    SAME(linkage.bank.parameters.difficulty, deep.parameters(second.bank.parameters).difficulty)


def test_the_link_finds_the_difference_of_the_populations(forms):
    first, second = forms
    linkage = irt.link(second, to=first)
    assert abs(linkage.intercept - 0.5) < 4 * linkage.intercept_se
    assert abs(linkage.slope - 1.2) < 4 * linkage.slope_se
    text = str(linkage)
    assert "stocking_lord link by 5 of 5 common items" in text
    assert "item9" in text


def test_scores_move_with_their_errors(forms):
    first, second = forms
    linkage = irt.link(second, to=first)
    scores = second.score()
    moved = linkage.scores(scores)
    SAME(moved.theta, linkage.theta(scores.theta))
    SAME(
        moved.standard_error,
        linkage.link.theta_errors(scores.standard_error, scores.theta, linkage.covariance),
    )
    SAME(moved.persons, scores.persons)


def test_rasch_forms_are_shifted_alone_and_compared_where_their_persons_are():
    bank = bank_of(10, model="rasch")
    bank = irt.item_bank("rasch", difficulty=bank.parameters.difficulty)
    first = irt.fit_model(responses_of(bank, 500), "rasch")
    second = irt.fit_model(responses_of(bank, 500, 5, mean=0.5, sd=1.3), "rasch")
    linkage = irt.link(second, to=first)
    grids = [
        normal_grid(mean=0.0, sd=fit.calibration.group_variance[0] ** 0.5)
        for fit in (first, second)
    ]
    deep = stocking_lord(
        first.bank.parameters,
        second.bank.parameters,
        target_grid=grids[0],
        source_grid=grids[1],
        slope=1.0,
    )
    assert linkage.slope == 1.0
    assert linkage.intercept == deep.intercept
    assert irt.link(second, to=first, method="mean_sigma").slope != 1.0


def test_an_item_that_drifted_leaves_the_link():
    bank = bank_of(10)
    moved = bank.parameters.difficulty.copy()
    moved[3] += 1.5
    drifted = irt.item_bank("2pl", discrimination=bank.parameters.discrimination, difficulty=moved)
    linkage = irt.link(drifted, to=bank, drift=irt.DriftCriterion(rmsd=0.05))
    assert linkage.status[3] == "drifted"
    assert linkage.link.used.sum() == 9
    assert abs(linkage.intercept) < 1e-6
    assert irt.link(drifted, to=bank).status[3] == "linked"


def test_common_items_may_be_chosen(forms):
    first, second = forms
    linkage = irt.link(second, to=first, common=["item6", "item8", "item5"])
    assert linkage.common == ("item6", "item8", "item5")
    assert len(linkage.to_columns()["rmsd"]) == 3


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"method": "equipercentile"}, "no method 'equipercentile'; there are stocking_lord"),
        ({"common": ["item1", "item5"]}, "item 'item1' is not on both sides"),
        ({"common": ["item5"]}, "at least 2 items"),
        ({"method": "mean_sigma", "slope": 1.0}, "take mean_mean to fix it"),
    ],
)
def test_what_cannot_link_is_refused(forms, arguments, sentence):
    first, second = forms
    with pytest.raises(irt.InputError, match=sentence):
        irt.link(second, to=first, **arguments)
