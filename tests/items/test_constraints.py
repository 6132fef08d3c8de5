"""What PostgreSQL itself refuses, whoever writes: each named constraint and trigger once."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.audit import AuditEntry, record
from items.models import (
    Bank,
    BankRelease,
    ContentArea,
    EnemyGroup,
    Item,
    ItemVersion,
    NumericRule,
    Option,
    ReleasedItem,
    Stimulus,
)
from items.releases import open_draft, publish
from tests.factories import (
    EIGHT_MODELS,
    likert_content,
    make_bank,
    make_item,
    make_mixed_release,
    make_release,
    numeric_content,
)

pytestmark = pytest.mark.django_db

NAN, INF = float("nan"), float("inf")
TRIGGERS = {
    "items_audit_append_only",
    "items_option_write_once",
    "items_rule_write_once",
    "items_stimulus_write_once",
    "items_version_write_once",
    "items_version_kept",
    "items_published_release_frozen",
    "items_published_release_kept",
    "items_area_in_use_stays",
    "items_enemies_of_one_bank",
}


def refused(name, act, /, *args, **kwargs):
    """`act` must fail, and the database must blame the constraint `name`."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act(*args, **kwargs)
    assert error.value.__cause__.diag.constraint_name == name


def version_of(item, **fields):
    area = item.bank.areas.get()
    fields = {"number": 9, "response_kind": "single_choice", "stem": {"en": "x"}, **fields}
    return ItemVersion.objects.create(item=item, area=area, **fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("items_version_number_once", {"number": 1}),
        ("items_version_number_from_one", {"number": 0}),
        ("items_version_status_known", {"status": "sleeping"}),
        ("items_version_kind_known", {"response_kind": "essay"}),
        ("items_version_max_score_range", {"max_score": 0}),
        ("items_version_max_score_range", {"max_score": 21}),
        ("items_version_seconds_range", {"expected_seconds": 0}),
        ("items_version_seconds_range", {"expected_seconds": 3601}),
        ("items_version_stem_is_object", {"stem": ["x"]}),
        ("items_version_rationale_is_object", {"rationale": "x"}),
        ("items_one_operational_version", {"status": "operational"}),
    ],
)
def test_a_version_is_refused(name, fields):
    bank = make_bank()
    make_release(bank, (0.0,))
    refused(name, version_of, bank.items.get(), **fields)


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("items_bank_slug_nfc", lambda bank, code: Bank.objects.create(slug=code)),
        ("items_area_code_nfc", lambda bank, code: bank.areas.create(code=code)),
        ("items_stimulus_code_nfc", lambda bank, code: bank.stimuli.create(code=code)),
        ("items_enemies_code_nfc", lambda bank, code: bank.enemy_groups.create(code=code)),
        ("items_item_code_nfc", lambda bank, code: _rename(bank.items.create(code="A"), code)),
    ],
)
def test_a_code_that_is_taken_apart_is_refused(name, make):
    refused(name, make, make_bank(), "e\u0301")


def _rename(item, code):
    """Past the column, which would put the code together."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE items_item SET code = %s WHERE id = %s", [code, item.pk])


@pytest.mark.parametrize("status", ["draft", "review"])
def test_two_versions_in_preparation_are_refused(status):
    bank = make_bank()
    item = Item.objects.create(bank=bank, code="A")
    version_of(item, number=1, status="draft")
    refused("items_one_version_in_preparation", version_of, item, number=2, status=status)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("items_option_position_once", {"position": 1}),
        ("items_one_key_dichotomous", {"score": 1, "is_sole_key": True}),
        ("items_key_scores_one", {"score": 2, "is_sole_key": True}),
        ("items_option_score_range", {"score": 21}),
        ("items_option_text_is_object", {"text": "x"}),
        ("items_option_term_is_object", {"term": ["x"]}),
    ],
)
def test_an_option_is_refused(name, fields):
    version = make_item(make_bank(), "A")
    fields = {"position": 9, "text": {"en": "x"}, **fields}
    refused(name, Option.objects.create, item_version=version, **fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("items_rule_lower_finite", {"lower": -INF}),
        ("items_rule_upper_finite", {"upper": NAN}),
        ("items_rule_upper_finite", {"upper": INF}),
        ("items_rule_ordered", {"lower": 2.0}),
        ("items_rule_score_range", {"score": 0}),
        ("items_rule_score_range", {"score": 21}),
    ],
)
def test_a_numeric_rule_is_refused(name, fields):
    bank = make_bank()
    version = make_item(bank, "A", numeric_content(bank))
    fields = {"lower": 0.0, "upper": 1.0, "score": 1, **fields}
    refused(name, NumericRule.objects.create, item_version=version, **fields)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("items_discrimination_positive", {"discrimination": 0.0}),
        ("items_discrimination_positive", {"discrimination": -1.0}),
        ("items_discrimination_positive", {"discrimination": NAN}),
        ("items_discrimination_positive", {"discrimination": INF}),
        ("items_difficulty_finite", {"difficulty": [NAN]}),
        ("items_difficulty_finite", {"difficulty": [-INF]}),
        ("items_difficulty_finite", {"model": "gpcm", "difficulty": [1.0, INF]}),
        ("items_difficulty_finite", {"model": "pcm", "difficulty": [1.0, None]}),
        ("items_difficulty_finite", {"model": "pcm", "difficulty": []}),
        ("items_thresholds_rise", {"model": "grm", "difficulty": [1.0, 1.0]}),
        ("items_thresholds_rise", {"model": "grm", "difficulty": [1.0, 0.0]}),
        ("items_difficulty_length_fits_model", {"difficulty": [0.0, 1.0]}),
        ("items_difficulty_length_fits_model", {"model": "rasch", "difficulty": [0.0, 1.0]}),
        ("items_difficulty_length_fits_model", {"model": "4pl", "difficulty": [0.0, 1.0]}),
        ("items_asymptotes_ordered", {"lower_asymptote": -0.1}),
        ("items_asymptotes_ordered", {"lower_asymptote": 1.0}),
        ("items_asymptotes_ordered", {"lower_asymptote": NAN}),
        ("items_asymptotes_ordered", {"model": "4pl", "upper_asymptote": 1.1}),
        ("items_asymptotes_ordered", {"model": "4pl", "upper_asymptote": 0.0}),
        ("items_lower_asymptote_fits_model", {"model": "rasch", "lower_asymptote": 0.1}),
        ("items_lower_asymptote_fits_model", {"model": "2pl", "lower_asymptote": 0.1}),
        ("items_lower_asymptote_fits_model", {"model": "grm", "lower_asymptote": 0.1}),
        ("items_upper_asymptote_fits_model", {"model": "3pl", "upper_asymptote": 0.9}),
        ("items_upper_asymptote_fits_model", {"model": "gpcm", "upper_asymptote": 0.9}),
        ("items_discrimination_se_finite", {"discrimination_se": NAN}),
        ("items_discrimination_se_finite", {"discrimination_se": -0.1}),
        ("items_difficulty_se_finite", {"difficulty_se": [NAN]}),
        ("items_difficulty_se_finite", {"difficulty_se": [-0.1]}),
        ("items_difficulty_se_finite", {"difficulty_se": [None]}),
        ("items_lower_asymptote_se_finite", {"lower_asymptote_se": INF}),
        ("items_upper_asymptote_se_finite", {"upper_asymptote_se": NAN}),
        ("items_upper_asymptote_se_finite", {"upper_asymptote_se": -0.1}),
        ("items_operational_has_parameters", {"discrimination": None}),
        ("items_operational_has_parameters", {"difficulty": None}),
        ("items_released_role_known", {"role": "spare"}),
        ("items_released_model_known", {"model": "5pl"}),
        ("items_released_provenance_known", {"provenance": "guess"}),
    ],
)
def test_a_released_item_is_refused(name, fields):
    bank = make_bank()
    version = make_item(bank, "A")
    draft = BankRelease.objects.create(bank=bank, origin="calibration")
    fields = {
        "role": "operational",
        "model": "3pl",
        "discrimination": 1.0,
        "difficulty": [0.0],
        "lower_asymptote": 0.0,
        **fields,
    }
    refused(
        name,
        ReleasedItem.objects.create,
        release=draft,
        item=version.item,
        item_version=version,
        **fields,
    )


def test_steps_are_a_plain_list():
    bank = make_bank()
    make_item(bank, "L1", likert_content(bank))
    nested = "UPDATE items_releaseditem SET model = 'pcm', difficulty = '{{0, 1}, {1, 0}}'"
    refused("items_difficulty_finite", execute, nested)


def test_every_model_is_held_by_the_database():
    bank = make_bank()
    release = make_mixed_release(bank)
    held = release.released_items.order_by("item_id").values_list("model", "difficulty")
    assert list(held) == [(known.model, list(known.difficulty)) for known in EIGHT_MODELS]


def test_an_item_is_in_a_release_once():
    bank = make_bank()
    version = make_item(bank, "A")
    draft = bank.releases.get()
    row = {"release": draft, "item": version.item, "item_version": version, "model": "2pl"}
    refused("items_released_item_once", ReleasedItem.objects.create, role="pretest", **row)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("items_release_number_once", {"number": 1, "published_at": timezone.now()}),
        ("items_release_published_has_number", {"number": 2}),
        ("items_release_published_has_number", {"published_at": timezone.now()}),
        ("items_release_published_has_number", {"number": 0, "published_at": timezone.now()}),
        ("items_release_origin_known", {"origin": "rumour"}),
        ("items_one_authoring_draft", {"origin": "authoring"}),
    ],
)
def test_a_release_is_refused(name, fields):
    bank = make_bank()
    make_release(bank, (0.0,))
    BankRelease.objects.create(bank=bank)
    fields = {"origin": "calibration", **fields}
    refused(name, BankRelease.objects.create, bank=bank, **fields)


def test_codes_are_taken_once_in_a_bank():
    bank = make_bank()
    Item.objects.create(bank=bank, code="A")
    Stimulus.objects.create(bank=bank, code="S", body={"en": "x"})
    refused("items_item_code_once_per_bank", Item.objects.create, bank=bank, code="A")
    refused("items_area_code_once_per_bank", ContentArea.objects.create, bank=bank, code="algebra")
    refused("items_stimulus_version_once", Stimulus.objects.create, bank=bank, code="S")


def test_texts_are_objects_and_no_area_is_its_own_parent():
    bank = make_bank()
    area = bank.areas.get()
    refused("items_stimulus_body_is_object", Stimulus.objects.create, bank=bank, code="S", body=[])
    refused("items_area_name_is_object", ContentArea.objects.create, bank=bank, code="B", name="B")
    refused("items_area_not_own_parent", ContentArea.objects.filter(pk=area.pk).update, parent=area)


def test_the_audit_trail_only_grows():
    entry = record(None, "look", make_bank())
    rows = AuditEntry.objects.filter(pk=entry.pk)
    refused("items_audit_append_only", rows.update, reason="changed")
    refused("items_audit_append_only", rows.delete)


def test_content_is_written_once():
    bank = make_bank()
    version = make_item(bank, "A")
    numeric = make_item(bank, "B", numeric_content(bank))
    stimulus = Stimulus.objects.create(bank=bank, code="S", body={"en": "x"})
    refused("items_option_write_once", version.options.update, score=1)
    refused("items_option_write_once", version.options.all().delete)
    refused("items_rule_write_once", numeric.numeric_rules.update, lower=0.0)
    refused("items_stimulus_write_once", Stimulus.objects.filter(pk=stimulus.pk).update, body={})
    refused("items_stimulus_write_once", stimulus.delete)
    rows = ItemVersion.objects.filter(pk=version.pk)
    refused("items_version_write_once", rows.update, stem={"en": "y"})
    refused("items_version_write_once", rows.update, max_score=2)
    refused("items_version_write_once", rows.update, expected_seconds=60)
    assert rows.update(status="retired", withdrawn_at=timezone.now()) == 1
    refused("items_version_kept", execute, "DELETE FROM items_itemversion")


def test_a_published_release_is_frozen():
    bank = make_bank()
    release = make_release(bank, (0.0,))
    rows = ReleasedItem.objects.filter(release=release)
    refused("items_published_release_frozen", rows.update, discrimination=2.0)
    refused("items_published_release_frozen", rows.update, enemy_groups=["twins"])
    refused("items_published_release_frozen", rows.delete)
    version = make_item(bank, "B")
    row = {"item": version.item, "item_version": version, "role": "pretest", "model": "2pl"}
    refused("items_published_release_frozen", ReleasedItem.objects.create, release=release, **row)
    releases = BankRelease.objects.filter(pk=release.pk)
    refused("items_published_release_kept", releases.update, number=2)
    refused("items_published_release_kept", releases.update, published_at=timezone.now())
    assert releases.update(note="a word more") == 1


def test_an_area_that_a_published_release_uses_keeps_its_place():
    bank = make_bank()
    algebra = bank.areas.get()
    top = ContentArea.objects.create(bank=bank, code="top", name={"en": "Top"})
    unused = ContentArea.objects.create(bank=bank, code="new", name={"en": "New"}, parent=top)
    rows = ContentArea.objects.filter(pk=algebra.pk)
    make_item(bank, "A")
    assert rows.update(parent=top, code="equations") == 1
    publish(open_draft(bank, None), None, "for a test")
    for area in (algebra, top):
        stored = ContentArea.objects.filter(pk=area.pk)
        refused("items_area_in_use_stays", stored.update, parent=unused)
        refused("items_area_in_use_stays", stored.update, code="other")
    refused("items_area_in_use_stays", rows.update, parent=None)
    assert rows.update(name={"en": "Equations"}, parent=top) == 1
    assert ContentArea.objects.filter(pk=unused.pk).update(parent=algebra, code="newer") == 1


def test_enemy_groups_hold_items_of_their_bank_under_a_code_of_their_own():
    bank, other = make_bank(), make_bank("other")
    group = EnemyGroup.objects.create(bank=bank, code="twins")
    refused("items_enemies_code_once", EnemyGroup.objects.create, bank=bank, code="twins")
    group.items.add(make_item(bank, "A").item)
    refused("items_enemies_of_one_bank", group.items.add, make_item(other, "B").item)


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_each_constraint_and_trigger_of_the_bank_has_its_test_here():
    source = Path(__file__).read_text(encoding="utf-8")
    models = apps.get_app_config("items").get_models()
    names = {constraint.name for model in models for constraint in model._meta.constraints}
    assert [name for name in sorted(names | TRIGGERS) if f'"{name}", ' not in source] == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'items_%%'"
        )
        assert {name for (name,) in cursor.fetchall()} == TRIGGERS


def test_a_bank_slug_is_taken_once():
    make_bank()
    with pytest.raises(IntegrityError), transaction.atomic():
        Bank.objects.create(slug="mathematics", name="again")
