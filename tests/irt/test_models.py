"""The registry of response models: the one place where they are told apart."""

import ast
from pathlib import Path

import numpy as np
import pytest

from irt.calibration.calibrate import calibrate
from irt.models.curves import category_probabilities
from irt.models.parameters import (
    FAMILIES,
    ItemParameters,
    Model,
    ParameterError,
    Slope,
    usual_model,
)
from irt.responses import ResponseError, dense_responses

ROOT = Path(__file__).resolve().parents[2]
ASKING = ("irt", "common", "items", "sessions", "scoring", "irtcat_site")
UNKNOWN = "unknown model 'xyz'; known are rasch, 1pl, 2pl, 3pl, 4pl, grm, pcm, gpcm"


def named_models(source: str) -> list[str]:
    """Models that code tells apart: `Model.TWO_PL`, or its value as a string."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Model":
            found += [node.attr] if node.attr in Model.__members__ else []
        elif isinstance(node, ast.Constant) and node.value in set(Model):
            found.append(str(node.value))
    return found


def test_code_asks_what_a_model_is_like_and_never_which_one_it_is():
    sources = [path for package in ASKING for path in sorted((ROOT / package).rglob("*.py"))]
    named = {
        str(path.relative_to(ROOT)): found
        for path in sources
        if "migrations" not in path.parts and (found := named_models(path.read_text()))
    }
    # The lines of the enumeration itself.
    assert {path: set(found) for path, found in named.items()} == {
        "irt/models/parameters.py": set(Model)
    }


def test_the_test_itself_sees_a_model_that_is_named():
    source = 'same = model == Model.GRADED or name in ("3pl", "none")\n"""3pl items"""'
    assert named_models(source) == ["GRADED", "3pl"]


def test_a_line_of_the_enumeration_says_what_a_model_is_like():
    assert (Model.THREE_PL.has_lower_asymptote, Model.THREE_PL.has_upper_asymptote) == (True, False)
    assert (Model.GRADED.is_polytomous, Model.GRADED.steps_must_rise) == (True, True)
    assert (Model.PCM.slope, Model.ONE_PL.slope) == (Slope.UNIT, Slope.COMMON)
    assert [family.name for family in FAMILIES] == ["dichotomous", "graded", "partial credit"]


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ({}, Model.TWO_PL),
        ({"n_asymptotes": 1}, Model.THREE_PL),
        ({"n_asymptotes": 2}, Model.FOUR_PL),
        ({"n_steps": 3}, Model.GRADED),
        ({"slope": Slope.UNIT}, Model.RASCH),
        ({"n_steps": 3, "slope": Slope.UNIT}, Model.PCM),
    ],
)
def test_the_usual_model_is_the_first_that_serves(asked, model):
    assert usual_model(**asked) is model


def test_an_unknown_model_is_an_error_wherever_it_is_used():
    with pytest.raises(ValueError, match=UNKNOWN):
        Model("xyz")
    parameters = ItemParameters.from_rows(
        [(Model.TWO_PL, 1.0, 0.0, 0.0, 1.0), ("xyz", 1.0, 0.0, 0.0, 1.0)]
    )
    with pytest.raises(ParameterError, match=UNKNOWN) as refusal:
        category_probabilities(parameters, np.zeros(1))
    assert refusal.value.item == 1
    with pytest.raises(ResponseError, match=UNKNOWN):
        calibrate(dense_responses([[0, 1], [1, 0]]), ["2pl", "xyz"])
