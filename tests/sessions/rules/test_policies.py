"""A test version becomes the engine's policy, its blueprint read from JSON."""

import pytest

from common.errors import InvalidInput
from irt.policy.blueprint import AreaBound, Blueprint, Method, SetBound
from irt.policy.policy import Criterion, Draw, Estimator, ExposureMethod, FirstItem
from irt.policy.stopping_rules import StandardError
from items.models import Stimulus
from sessions.models import Test
from sessions.rules.policies import blueprint_from_json, policy_of
from tests.sessions.builders import make_bank, make_test

WHOLE = {
    "areas": [{"area": "algebra", "min": 3, "max": 6, "share": 0.3}, {"area": "geometry"}],
    "sets": [{"stimulus": "passage-1", "min": 2, "max": 4}, {"stimulus": None, "max": 3}],
    "max_words": 2000,
    "max_seconds": 1800,
}


def test_a_blueprint_is_read_from_its_json():
    assert blueprint_from_json(WHOLE, {"passage-1": 7}, Method.SHADOW_TEST) == Blueprint(
        method=Method.SHADOW_TEST,
        areas=(AreaBound("algebra", 3, 6, 0.3), AreaBound("geometry")),
        sets=(SetBound(7, 2, 4), SetBound(None, 1, 3)),
        max_words=2000,
        max_seconds=1800.0,
    )
    assert blueprint_from_json({}, {}) == Blueprint()
    assert blueprint_from_json({"areas": None, "max_words": None}, {}) == Blueprint()


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([], "blueprint"),
        ({"area": []}, "area"),
        ({"areas": {}}, "areas"),
        ({"areas": ["algebra"]}, "areas[0]"),
        ({"areas": [{"min": 1}]}, "areas[0].area"),
        ({"areas": [{"area": "algebra"}, {"area": "b", "minimum": 1}]}, "areas[1].minimum"),
        ({"areas": [{"area": "algebra", "min": -1}]}, "areas[0].min"),
        ({"areas": [{"area": "algebra", "max": 2.5}]}, "areas[0].max"),
        ({"areas": [{"area": "algebra", "max": True}]}, "areas[0].max"),
        ({"areas": [{"area": "algebra", "share": 1.1}]}, "areas[0].share"),
        ({"areas": [{"area": "algebra", "share": "half"}]}, "areas[0].share"),
        ({"sets": [{"stimulus": "unknown"}]}, "sets[0].stimulus"),
        ({"sets": [{"stimulus": 7}]}, "sets[0].stimulus"),
        ({"max_words": "many"}, "max_words"),
        ({"max_seconds": 0}, "max_seconds"),
        ({"max_seconds": float("nan")}, "max_seconds"),
    ],
    ids=str,
)
def test_a_wrong_blueprint_is_refused_with_its_path(data, path):
    with pytest.raises(InvalidInput) as refused:
        blueprint_from_json(data, {"passage-1": 7})
    assert (refused.value.code, refused.value.detail) == ("invalid_blueprint", {"path": path})
    assert f"“{path}”" in refused.value.message


@pytest.mark.django_db
def test_a_set_names_its_stimulus_through_all_its_versions(django_assert_num_queries):
    bank = make_bank(3)
    first = Stimulus.objects.create(bank=bank, code="passage-1", number=1, body={"en": "Once"})
    Stimulus.objects.create(bank=bank, code="passage-1", number=2, body={"en": "Once more"})
    version = make_test(bank, blueprint=WHOLE).versions.select_related("test").get()
    with django_assert_num_queries(1):
        policy = policy_of(version)
    assert policy.blueprint.sets[0].stimulus == first.pk


@pytest.mark.django_db
def test_every_rule_of_a_version_reaches_the_policy(django_assert_num_queries):
    bank = make_bank(3)
    item = bank.items.first()
    make_test(
        bank,
        estimator="wle",
        final_estimator="ml",
        prior_mean=0.5,
        prior_sd=2.0,
        fence=3.5,
        selection="a_stratified",
        draw="progressive",
        randomesque=2,
        draw_power=0.5,
        strata=3,
        b_blocking=False,
        first_item_rule="fixed",
        first_item_spread=0.25,
        first_item=item,
        min_items=2,
        max_items=9,
        stopping_rule={"standard_error": {"at_most": 0.3}},
        exposure_method="sympson_hetter",
        exposure_rate=0.25,
        exposure_bands=[-1.0, 1.0],
        pretest_items=2,
        pretest_positions=[2, 4],
        cut_scores=[-0.5, 0.5],
        level_names=[{"en": "low"}, {"en": "middle"}, {"en": "high"}],
    )
    version = Test.objects.get().versions.get()
    with django_assert_num_queries(0):
        policy = policy_of(version)
    estimation, selection = policy.estimation, policy.selection
    assert (estimation.interim, estimation.final) == (Estimator.WLE, Estimator.ML)
    assert (estimation.prior_mean, estimation.prior_sd, estimation.fence) == (0.5, 2.0, 3.5)
    assert (selection.criterion, selection.draw) == (Criterion.A_STRATIFIED, Draw.PROGRESSIVE)
    assert (selection.among, selection.power, selection.strata) == (2, 0.5, 3)
    assert (selection.b_blocking, selection.spread) == (False, 0.25)
    assert (selection.first, selection.first_item) == (FirstItem.FIXED, item.pk)
    assert (policy.stopping.min_items, policy.stopping.max_items) == (2, 9)
    assert policy.stopping.rule == StandardError(0.3)
    assert policy.exposure.method == ExposureMethod.SYMPSON_HETTER
    assert (policy.exposure.rate, policy.exposure.bands) == (0.25, (-1.0, 1.0))
    assert (policy.pretest.count, policy.pretest.positions) == (2, (2, 4))
    assert policy.cuts == (-0.5, 0.5)
