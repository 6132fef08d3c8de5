"""The figures in the tree are what their makers say: seeds, printed tables, independent maxima."""

import numpy as np
import pytest
from scipy import optimize, stats

from irt.calibration.calibrate import calibrate
from irt.responses import dense_responses
from tests.reference import fits, lsat, reader
from tests.reference.generator import SETS
from tests.reference.make import Tree, make
from tests.reference.maximum import Problem, maximize
from tests.test_architecture import imports_of

MAKERS = ("generator", "lsat", "curves", "maximum", "abilities", "fit", "fits")


@pytest.mark.parametrize("name", MAKERS)
def test_the_makers_use_nothing_of_what_they_prove(name):
    path = reader.FIGURES.with_name(f"{name}.py")
    packages = {module.split(".")[0] for _, module in imports_of(path)}
    assert packages <= {"dataclasses", "numpy", "scipy", "tests"}


@pytest.mark.parametrize("name", SETS)
def test_the_shipped_responses_come_from_their_seed(name):
    assert np.array_equal(reader.responses_of(name), SETS[name]()[0])


@pytest.mark.parametrize("name", ["LSAT6__2pl", "LSAT7__3pl_normm1.1_0.5", "rating__gpcm"])
def test_what_is_made_anew_is_what_is_stored(name):
    tree = Tree(write=False)
    make(name, tree)
    assert tree.faults == []


def test_every_fit_is_stored_and_every_stored_file_belongs_to_one():
    stored = {path.stem for path in (reader.FIGURES / "fits").iterdir()}
    assert stored == set(fits.FITS)
    for kind in ("scores", "itemfit", "information"):
        names = {path.name.split(".csv")[0] for path in (reader.FIGURES / kind).iterdir()}
        owners = {next(fit for fit in fits.SCORED if name.startswith(fit)) for name in names}
        assert owners == set(fits.SCORED)


def test_a_thousand_persons_took_each_section():
    assert [sum(lsat.SECTION_6), sum(lsat.SECTION_7)] == [1000, 1000]
    proportions = np.array(lsat.SECTION_6) @ lsat.PATTERNS / 1000
    assert proportions.tolist() == [0.924, 0.709, 0.553, 0.763, 0.87]


def test_the_printed_rasch_estimates_of_section_6_are_the_maximum():
    printed, frequency = lsat.RASCH_6, np.array(lsat.SECTION_6)
    found = maximize(Problem(lsat.PATTERNS, ["rasch"] * 5, frequency=frequency))
    assert [-x[1] for x in found.items] == pytest.approx(printed["difficulty"], abs=6e-5)
    assert [e[1] for e in found.item_errors] == pytest.approx(printed["error"], abs=6e-5)
    assert found.log_likelihood == pytest.approx(printed["log_likelihood"], abs=6e-4)


def test_the_calibration_finds_the_printed_estimates_of_section_6_with_one_slope():
    printed = lsat.ONE_PL_6
    result = calibrate(dense_responses(lsat.responses(lsat.SECTION_6)), ["1pl"] * 5)
    assert result.parameters.difficulty[:, 0] == pytest.approx(printed["difficulty"], abs=6e-4)
    assert result.parameters.discrimination == pytest.approx([printed["slope"]] * 5, abs=6e-4)
    assert result.log_likelihood == pytest.approx(printed["log_likelihood"], abs=6e-4)


def test_the_printed_normal_ogives_of_section_6_are_the_maximum_and_near_the_logistic_ones():
    """The normal ogive has no place in `irt`; with D = 1.7 the logistic curve is close to it."""
    theta = np.linspace(-6.0, 6.0, 61)
    weights = np.exp(-(theta**2) / 2)
    weights /= weights.sum()

    def deviance(x):
        at = x[:5, None] + x[5:, None] * theta
        right = lsat.PATTERNS[:, :, None] == 1
        likelihood = np.prod(np.where(right, stats.norm.cdf(at), stats.norm.cdf(-at)), axis=1)
        return -np.array(lsat.SECTION_6) @ np.log(likelihood @ weights)

    found = optimize.minimize(deviance, np.repeat([1.0, 0.5], 5), tol=1e-9)
    printed = lsat.NORMAL_OGIVE_6
    assert found.x == pytest.approx([*printed["intercept"], *printed["slope"]], abs=6e-5)
    logistic = calibrate(dense_responses(lsat.responses(lsat.SECTION_6)), ["2pl"] * 5)
    near = np.array(printed["slope"]) * 1.7
    assert logistic.parameters.discrimination == pytest.approx(near, rel=0.2)
    assert logistic.log_likelihood == pytest.approx(-found.fun, abs=0.05)
