"""The page on which a test is specified: what it shows is what it saves, and it previews both."""

import pytest
from django.urls import reverse
from django.utils import timezone

from items.models import Bank, Stimulus
from sessions.admin.settings.stopping import rows_of, rule_of
from sessions.models import ExamineeGroup, NormGroup, Test, TestVersion
from sessions.rules.settings.groups import SETTINGS
from sessions.rules.specification import create_test_version
from sessions.rules.summary import summary
from tests.sessions.builders import make_bank, make_staff, make_test
from tests.sessions.page_forms import fields_of

pytestmark = pytest.mark.usefixtures("roles")
NAME = {"en": "name", "ko": "이름"}
DEEP = {"all": [{"any": [{"standard_error": {"at_most": 0.6}}, {"time": {"seconds": 60}}]}]}


@pytest.fixture
def operator(db, client, roles):
    user = make_staff("olga", "operator")
    client.force_login(user)
    return user


def address(test, page="settings"):
    return reverse(f"admin:cat_sessions_test_{page}", args=[test.pk])


def shown(client, test):
    """What the page would send as it stands."""
    return fields_of(client.get(address(test)).content.decode(), "settings")


def preview(client, test, **changes):
    reply = client.post(address(test, "preview"), shown(client, test) | changes)
    return reply.content.decode()


def every_setting(bank):
    Stimulus.objects.create(bank=bank, code="passage-1", number=1, body=NAME)
    ExamineeGroup.objects.create(code="7b", name="Class 7b")
    norms = NormGroup.objects.create(
        bank=bank, code="n", name=NAME, percentiles=[p / 50 for p in range(99)], n_examinees=100
    )
    return {
        "min_items": 4,
        "max_items": 12,
        "stopping_rule": {
            "any": [
                {"standard_error": {"at_most": 0.6}},
                {"all": [{"theta_change": {"below": 0.05}}, {"time": {"seconds": 900.0}}]},
                {
                    "classified": {
                        "method": "sprt",
                        "alpha": 0.05,
                        "beta": 0.1,
                        "indifference": 0.2,
                        "confidence": 0.95,
                    }
                },
            ]
        },
        "blueprint": {"areas": [{"area": "all", "min": 2, "max": 12, "share": 1.0}]},
        "selection": "a_stratified",
        "strata": 3,
        "b_blocking": False,
        "draw": "progressive",
        "draw_power": 2.0,
        "first_item_rule": "fixed",
        "first_item": bank.items.order_by("code").first(),
        "omit_policy": "left_out",
        "seen_within_days": 30,
        "exposure_method": "sympson_hetter",
        "exposure_rate": 0.7,
        "exposure_bands": [-1.0, 1.0],
        "cap_rate": 1.0,
        "cap_minimum": 5,
        "estimator": "map",
        "final_estimator": "wle",
        "fence": 3.5,
        "prior_mean": 0.25,
        "prior_sd": 1.5,
        "group_priors": {"7b": {"mean": -0.5, "sd": 0.75}},
        "pretest_items": 2,
        "pretest_positions": [2, 4],
        "time_limit": 3600,
        "window_start": timezone.now().replace(second=0, microsecond=0),
        "scale_mean": 100.0,
        "scale_sd": 15.0,
        "scale_decimals": 0,
        "scale_floor": 40.0,
        "scale_ceiling": 160.0,
        "norm_group": norms,
        "cut_scores": [-0.5, 0.5],
        "level_names": [NAME, NAME, NAME],
    }


def test_a_page_that_is_saved_as_it_stands_changes_nothing(operator, client):
    bank = make_bank()
    settings = every_setting(bank)
    test = make_test(bank)
    before = create_test_version(test, operator, **settings)
    reply = client.post(address(test), shown(client, test))
    assert reply.status_code == 302
    after = test.current_version
    assert after.number == before.number + 1
    saved = {name: getattr(after, name) for name in SETTINGS}
    assert saved == {name: getattr(before, name) for name in SETTINGS}
    assert {name: saved[name] for name in settings} == settings


def test_rows_of_the_builder_become_rules_of_a_blueprint_and_levels(operator, client):
    bank = make_bank()
    Stimulus.objects.create(bank=bank, code="passage-1", number=1, body=NAME)
    test = make_test(bank)
    area = bank.areas.get()
    changes = {
        "rules-0-kind": "standard_error",
        "rules-0-value": "0.6",
        f"content-min_{area.pk}": "2",
        f"content-share_{area.pk}": "100",
        "content-max_words": "500",
        "sets-0-stimulus": "*",
        "sets-0-minimum": "1",
        "sets-0-maximum": "2",
        "levels-TOTAL_FORMS": "2",
        "levels-0-name_en": "low",
        "levels-0-name_ko": "하",
        "levels-1-cut": "0.5",
        "levels-1-name_en": "high",
        "levels-1-name_ko": "상",
    }
    assert client.post(address(test), shown(client, test) | changes).status_code == 302
    version = test.current_version
    assert version.stopping_rule == {"standard_error": {"at_most": 0.6}}
    assert version.blueprint == {
        "areas": [{"area": "all", "min": 2, "share": 1.0}],
        "sets": [{"stimulus": None, "min": 1, "max": 2}],
        "max_words": 500,
    }
    assert version.cut_scores == [0.5]
    assert version.level_names == [{"en": "low", "ko": "하"}, {"en": "high", "ko": "상"}]


def test_an_infeasible_blueprint_is_told_on_the_page_and_nothing_is_saved(operator, client):
    test = make_test(make_bank(), max_items=30)
    area = test.bank.areas.get()
    data = shown(client, test) | {f"content-min_{area.pk}": "25"}
    page = client.post(address(test), data).content.decode()
    assert "all needs 25 operational items, the bank has 20" in page
    assert f'name="content-min_{area.pk}" value="25"' in page
    assert test.versions.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rules-0-kind": "theta_change"}, "Enter a number above 0."),
        ({"rules-0-kind": "time", "rules-0-value": "-5"}, "Enter a number above 0."),
        ({"rules-0-kind": "time", "rules-0-value": "soon"}, "Enter a number."),
        ({"rules-0-kind": "classified", "rules-0-alpha": "0.7"}, "less than or equal to 0.4999"),
        ({"levels-0-name_en": "a", "levels-0-cut": "1"}, "The lowest level comes first"),
        (
            {"exposure_method": "sympson_hetter", "exposure_bands": "1, x"},
            "Item 2 in the array did not validate",
        ),
        ({"cap_rate": "0.1"}, "The smallest rate that works is 0.4."),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_at_its_field_and_in_the_preview(
    operator, client, changes, sentence
):
    test = make_test(make_bank())
    assert sentence in preview(client, test, **changes)
    page = client.post(address(test), shown(client, test) | changes).content.decode()
    assert sentence in page
    assert test.versions.count() == 1


def test_a_rule_that_rows_cannot_say_is_shown_and_kept(operator, client):
    test = make_test(make_bank(), stopping_rule=DEEP)
    page = client.get(address(test)).content.decode()
    assert "nested deeper than rows can say" in page
    client.post(address(test), shown(client, test))
    assert test.current_version.stopping_rule == DEEP
    replaced = shown(client, test) | {"rules-0-kind": "time", "rules-0-value": "60"}
    del replaced["keep_rule"]
    client.post(address(test), replaced)
    assert test.current_version.stopping_rule == {"time": {"seconds": 60.0}}


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"standard_error": {"at_most": 0.3}},
        {"all": [{"standard_error": {"at_most": 0.3}}, {"time": {"seconds": 60}}]},
        {"any": [{"time": {"seconds": 60}}, {"all": [{"theta_change": {"below": 1}}] * 2}]},
    ],
    ids=str,
)
def test_a_rule_in_disjunctive_form_is_rows_and_back(rule):
    rows = [
        {"method": "sprt", **dict.fromkeys(("alpha", "beta", "indifference", "confidence")), **row}
        for row in rows_of(rule)
    ]
    assert rule_of(rows) == rule


def test_a_fixed_first_item_is_forgotten_with_its_rule(operator, client):
    bank = make_bank()
    test = make_test(bank, first_item_rule="fixed", first_item=bank.items.first())
    changed = shown(client, test) | {"first_item_rule": "prior_mean"}
    assert client.post(address(test), changed).status_code == 302
    assert test.current_version.first_item is None


def test_bands_are_forgotten_with_the_control_that_uses_them(operator, client):
    bands = {"exposure_method": "sympson_hetter", "exposure_rate": 0.6, "exposure_bands": [0.0]}
    test = make_test(make_bank(), **bands)
    changed = shown(client, test) | {"exposure_method": "eligibility"}
    assert client.post(address(test), changed).status_code == 302
    assert test.current_version.exposure_bands == []


def test_the_preview_shows_lengths_and_errors_and_writes_nothing(operator, client):
    test = make_test(make_bank(), min_items=5, max_items=5)
    page = preview(client, test)
    assert page.count("<svg") == 2
    assert page.count("<td>longest length reached</td>") == 9
    assert page.count(">5.0</td>") == 9
    assert "22 simulated students at each θ" in page
    assert preview(client, test) == page
    assert test.versions.count() == 1


def test_the_preview_of_a_shadow_test_says_that_it_is_rough(operator, client):
    test = make_test(make_bank(), content_method="shadow_test", max_items=8)
    assert "items" in preview(client, test)


def test_the_preview_says_what_it_leaves_out(operator, client):
    test = make_test(make_bank(), cap_rate=0.5)
    assert "Exposure control and the hard cap are left out here" in preview(client, test)


def test_without_javascript_a_button_previews_on_the_page(operator, client):
    test = make_test(make_bank())
    page = client.post(address(test), shown(client, test) | {"act": "preview", "max_items": "7"})
    assert page.content.decode().count("<svg") >= 2
    assert 'value="7"' in page.content.decode()
    assert test.versions.count() == 1


def test_before_the_first_release_the_page_says_that_the_test_cannot_be_opened(operator, client):
    bank = Bank.objects.create(slug="new", name="new", languages=["en"])
    test = Test.objects.create(slug="t", bank=bank, title=NAME)
    assert "until then it cannot be opened" in preview(client, test)
    assert client.post(address(test), shown(client, test)).status_code == 302
    assert test.current_version.number == 1


def test_only_those_who_may_write_settings_preview_them(client):
    test = make_test(make_bank())
    client.force_login(make_staff("ann", "author"))
    assert client.post(address(test, "preview")).status_code == 403
    client.force_login(make_staff("olga", "operator"))
    assert client.get(address(test, "preview")).status_code == 405
    client.logout()
    assert client.post(address(test, "preview")).status_code == 302


def test_the_test_page_says_each_version_in_short(operator, client):
    test = make_test(make_bank())
    create_test_version(
        test,
        operator,
        max_items=12,
        stopping_rule={"standard_error": {"at_most": 0.6}},
        blueprint={"areas": [{"area": "all", "share": 1}]},
        content_method="shadow_test",
    )
    page = client.get(address(test, "change")).content.decode()
    assert "5–12 items, stops at SE ≤ 0.6; all 100%; shadow test" in page  # noqa: RUF001 - a range
    assert "3–8 items" in page  # noqa: RUF001 - a range


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_items": 9, "max_items": 9}, "9 items"),
        (
            {"stopping_rule": {"any": [{"time": {"seconds": 60}}, DEEP["all"][0]]}},
            "5–30 items, stops at time ≥ 60 s or (SE ≤ 0.6 or time ≥ 60 s)",  # noqa: RUF001
        ),
        (
            {"min_items": 9, "max_items": 9, "selection": "urry", "pretest_items": 2},
            "9 items; nearest difficulty (Urry); 2 pretest items",
        ),
        ({"min_items": 9, "max_items": 9, "pretest_items": 1}, "9 items; 1 pretest item"),
        (
            {
                "min_items": 9,
                "max_items": 9,
                "blueprint": {"areas": [{"area": "a", "min": 2}, {"area": "b", "max": 3}]},
                "exposure_method": "eligibility",
                "cap_rate": 0.25,
            },
            "9 items; a ≥ 2, b ≤ 3; item eligibility ≤ 0.2; cap 0.25",
        ),
        (
            {
                "min_items": 9,
                "max_items": 9,
                "stopping_rule": {"time": {"seconds": 60}},
                "blueprint": {"areas": [{"area": "a", "min": 2, "max": 3}]},
            },
            "9 items; a 2–3",  # noqa: RUF001
        ),
    ],
    ids=str,
)
def test_a_version_in_one_line(settings, words):
    assert summary(TestVersion(**settings)) == words
