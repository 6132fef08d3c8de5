"""A bank with an item of each model, delivered."""

import numpy as np
import pytest

from irt.ability import eap
from irt.models.curves import log_category_probabilities
from irt.models.information import item_information
from irt.models.parameters import ItemParameters, Model
from irt.quadrature import normal_grid
from items.models import Item, ItemVersion, ReleasedItem
from sessions.models import Response, Session
from sessions.snapshot import GRID, load_snapshot
from tests.factories import EIGHT_MODELS, make_bank, make_mixed_release
from tests.sessions.builders import make_student, make_test
from tests.sessions.client import answer, signed_in, start

pytestmark = pytest.mark.django_db


def arrays_of(models):
    """The parameters as written in the factory, past every table and form."""
    known = {parameters.model: parameters for parameters in EIGHT_MODELS}
    return ItemParameters.from_rows(
        (
            Model(model),
            known[model].discrimination,
            known[model].difficulty,
            known[model].lower_asymptote,
            known[model].upper_asymptote,
        )
        for model in models
    )


@pytest.fixture
def release():
    bank = make_bank()
    release = make_mixed_release(bank)
    make_test(bank, max_items=20, randomesque=1)
    return release


def test_live_curves_and_information_are_those_of_the_models(release):
    pool = load_snapshot(release.pk).pool
    codes = Item.objects.in_bulk(pool.item_ids.tolist())
    expected = arrays_of(codes[item].code for item in pool.item_ids.tolist())
    theta = np.array([-1.0, 0.3])
    assert pool.nodes.tolist() == normal_grid(61, 6.0).nodes.tolist()
    live = pool.log_probabilities
    assert np.array_equal(live, log_category_probabilities(expected, pool.nodes), equal_nan=True)
    information = item_information(pool.parameters, theta)
    assert np.array_equal(information, item_information(expected, theta))
    assert (information > 0).all()


@pytest.mark.parametrize("option", [1, 3, 4])
def test_a_session_over_all_eight_models_runs_to_its_end(release, option):
    client = signed_in(make_student().user)
    state = start(client)
    while state["status"] == "open":
        state = answer(client, state, option).json()
    assert (state["answered"], state["stop_reason"]) == (8, "no_items")
    session, responses = Session.objects.get(), list(Response.objects.order_by("position"))
    assert all(np.isfinite([r.theta, r.standard_error]).all() for r in responses)

    models = [ReleasedItem.objects.get(item=item).model for item in session.administered_items]
    assert sorted(models) == sorted(known.model for known in EIGHT_MODELS)
    tops = [ItemVersion.objects.get(item=i).max_score for i in session.administered_items]
    # Option 1 is the key of a choice item; category k of a Likert item scores k - 1.
    assert session.scores == [option - 1 if top > 1 else int(option == 1) for top in tops]
    curves = log_category_probabilities(arrays_of(models), GRID.nodes)
    likelihood = sum(curves[place, score] for place, score in enumerate(session.scores))
    ability = eap(likelihood[None], normal_grid(61, 6.0))
    assert session.theta == pytest.approx(float(ability.theta[0]), abs=1e-12)
    assert session.standard_error == pytest.approx(float(ability.standard_error[0]), abs=1e-12)
