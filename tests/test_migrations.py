from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from items.models import ReleasedItem
from tests.factories import freeze, make_bank, make_mixed_release, make_release

THREE_MODELS = "0006_names_shown"
EIGHT_MODELS = "0007_eight_models"
NEWEST = "0011_areas_in_use"


@pytest.mark.django_db
def test_no_change_of_a_model_lacks_its_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def migrate(target):
    with connection.cursor() as cursor:
        # A table with foreign keys still to be checked cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    MigrationExecutor(connection).migrate([("items", target)])


def model_before(target, name):
    """A model as the migrations up to `target` left it."""
    state = MigrationExecutor(connection).loader.project_state([("items", target)])
    return state.apps.get_model("items", name)


def held(release):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT model, lower_asymptote, upper_asymptote FROM items_releaseditem "
            "WHERE release_id = %s ORDER BY item_id",
            [release.pk],
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_a_3pl_item_with_an_upper_asymptote_becomes_4pl_and_back_in_a_published_release():
    bank = make_bank()
    rows = list(make_release(bank).released_items.order_by("item_id"))
    migrate(EIGHT_MODELS)
    old = [("3pl", 0.2, 0.9), ("3pl", 0.2, 1.0), ("2pl", 0.0, 1.0)]
    release = bank.releases.create(origin="calibration")
    released_item = model_before(EIGHT_MODELS, "ReleasedItem")
    for row, (model, lower, upper) in zip(rows, old, strict=True):
        released_item.objects.create(
            release_id=release.pk,
            item_id=row.item_id,
            item_version_id=row.item_version_id,
            role=row.role,
            model=model,
            discrimination=row.discrimination,
            difficulty=row.difficulty,
            lower_asymptote=lower,
            upper_asymptote=upper,
        )
    freeze(release)

    migrate(NEWEST)
    assert held(release) == [("4pl", 0.2, 0.9), *old[1:]]
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        ReleasedItem.objects.filter(release=release).update(model="4pl")

    migrate(THREE_MODELS)
    assert held(release) == old
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        ReleasedItem.objects.filter(release=release).update(model="3pl")
    migrate(NEWEST)
    assert held(release) == [("4pl", 0.2, 0.9), *old[1:]]


@pytest.mark.django_db
def test_the_way_back_to_three_models_refuses_a_bank_that_has_others():
    release = make_mixed_release(make_bank())
    before = held(release)
    with pytest.raises(IntegrityError, match="violated by some row"), transaction.atomic():
        migrate(THREE_MODELS)
    assert held(release) == before


@pytest.mark.django_db
def test_roles_that_are_older_than_enemy_groups_learn_of_them_and_keep_what_they_were_given():
    grant = import_module("scoring.migrations.0005_roles_for_enemies").grant
    author = Group.objects.get(name="author")
    enemies = Permission.objects.filter(codename__endswith="_enemygroup")
    known = set(author.permissions.all())
    own = Permission.objects.get(codename="add_bank")
    author.permissions.remove(*enemies)
    author.permissions.add(own)
    grant(apps, None)
    assert set(author.permissions.all()) == known | {own}
