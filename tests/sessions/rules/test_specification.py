from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import InvalidInput
from sessions.delivery.delivery import start_session
from sessions.models import Test, TestVersion
from sessions.rules.settings.groups import CONSTRAINTS
from sessions.rules.specification import create_test_version
from tests.sessions.builders import (
    HOUR,
    acts_of_delivery,
    make_bank,
    make_staff,
    make_student,
    make_test,
    pass_simulation,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NAN, INFINITY = float("nan"), float("inf")
LEVELS = [{"en": "low", "ko": "하"}, {"en": "middle", "ko": "중"}, {"en": "high", "ko": "상"}]


def test_a_version_has_the_next_number_the_defaults_and_an_audit_row(roles):
    test, actor = make_test(make_bank()), make_staff("op", "operator")
    version = create_test_version(
        test, actor, max_items=12, stopping_rule={"standard_error": {"at_most": 0.5}}
    )
    assert (version.number, version.max_items, version.min_items) == (2, 12, 5)
    assert test.current_version == version
    entry = acts_of_delivery().get()
    assert (entry.act, entry.actor, entry.object_id) == (
        "create_test_version",
        actor,
        str(version.pk),
    )


@pytest.mark.parametrize(
    ("settings", "constraint"),
    [
        ({"min_items": 9, "max_items": 8}, "sessions_lengths_ordered"),
        ({"min_items": 0}, "sessions_lengths_ordered"),
        ({"max_items": 501}, "sessions_lengths_ordered"),
        ({"randomesque": 0}, "sessions_randomesque_from_one"),
        ({"prior_sd": 0}, "sessions_prior_sd_on_grid"),
        ({"prior_sd": 0.19}, "sessions_prior_sd_on_grid"),
        ({"prior_mean": -4.1}, "sessions_prior_mean_on_grid"),
        ({"prior_sd": NAN}, "sessions_prior_sd_on_grid"),
        ({"prior_mean": INFINITY}, "sessions_prior_mean_on_grid"),
        ({"scale_sd": 0}, "sessions_scale_finite"),
        ({"time_limit": 29}, "sessions_time_limit_at_least_30_s"),
        ({"draw_power": INFINITY}, "sessions_draw_power_finite"),
        ({"strata": 51}, "sessions_strata_from_one"),
        ({"first_item_spread": 7}, "sessions_first_item_spread_range"),
        ({"first_item_rule": "fixed"}, "sessions_fixed_first_item_named"),
        ({"fence": 0}, "sessions_fence_range"),
        ({"stopping_rule": [1]}, "sessions_rules_have_their_form"),
        ({"blueprint": [1]}, "sessions_rules_have_their_form"),
        ({"group_priors": [1]}, "sessions_rules_have_their_form"),
        ({"cut_scores": [1, 0], "level_names": LEVELS}, "sessions_cut_scores_rise"),
        ({"cut_scores": [0, NAN], "level_names": LEVELS}, "sessions_cut_scores_rise"),
        ({"cut_scores": [0, 1], "level_names": LEVELS[:2]}, "sessions_levels_match_cut_scores"),
        ({"cut_scores": [0]}, "sessions_levels_match_cut_scores"),
        ({"level_names": LEVELS[:1]}, "sessions_levels_match_cut_scores"),
        ({"exposure_bands": [1, 1]}, "sessions_exposure_bands_rise"),
        (
            {"exposure_bands": [0], "exposure_method": "eligibility"},
            "sessions_eligibility_without_bands",
        ),
        ({"seen_within_days": 0}, "sessions_seen_within_from_one_day"),
        ({"exposure_rate": 1.5}, "sessions_exposure_rate_share"),
        ({"cap_rate": 0}, "sessions_cap_rate_share"),
        ({"pretest_items": 2, "pretest_positions": [1]}, "sessions_pretest_positions_match"),
        ({"scale_decimals": 7}, "sessions_scale_decimals_range"),
        ({"scale_floor": 800, "scale_ceiling": 200}, "sessions_scale_limits_ordered"),
        (
            {"window_start": NOON, "window_end": NOON - HOUR},
            "sessions_window_ordered",
        ),
    ],
    ids=str,
)
def test_a_fault_gets_its_sentence_and_nothing_is_written(settings, constraint):
    test = make_test(make_bank())
    with pytest.raises(InvalidInput) as refused:
        create_test_version(test, None, **settings)
    field, sentence = CONSTRAINTS[constraint]
    assert refused.value.detail["faults"] == [str(sentence)]
    assert refused.value.detail["fields"] == {field: [str(sentence)]}
    assert TestVersion.objects.count() == 1
    assert not acts_of_delivery().exists()


@pytest.mark.parametrize(
    "settings",
    [{"max_items": "many"}, {"estimator": "guess"}, {"prior_sd": None}, {"nonsense": 1}],
    ids=str,
)
def test_a_setting_of_the_wrong_kind_is_refused(settings):
    test = make_test(make_bank())
    with pytest.raises(InvalidInput) as refused:
        create_test_version(test, None, **settings)
    assert len(refused.value.detail["faults"]) == 1
    assert TestVersion.objects.count() == 1


def test_every_rule_of_the_database_has_a_sentence():
    checks = {rule.name for rule in TestVersion._meta.constraints}
    assert checks - set(CONSTRAINTS) == {"sessions_test_version_once"}


def test_a_version_may_be_corrected_until_a_session_has_used_it():
    test = make_test(make_bank())
    TestVersion.objects.update(max_items=9)
    start_session(make_student(), test, timezone.now())
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        TestVersion.objects.update(max_items=10)
    assert test.current_version.max_items == 9


def test_a_test_is_over_when_its_newest_version_has_closed():
    now = timezone.now()
    open_test, closed_test = make_test(make_bank()), make_test(make_bank(slug="other"), slug="past")
    pass_simulation(create_test_version(closed_test, None, window_end=now - 24 * HOUR))
    assert list(Test.objects.not_over(now)) == [open_test]
    pass_simulation(create_test_version(closed_test, None))
    assert set(Test.objects.not_over(now)) == {open_test, closed_test}
