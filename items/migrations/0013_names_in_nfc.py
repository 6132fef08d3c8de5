"""Codes in Unicode's NFC, whoever writes them; those whose NFC is taken stay and are told."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from common.fields import is_nfc
from common.names import NameField
from common.nfc_migration import bring_to_nfc, validate_where_kept

CONSTRAINTS = (
    ("bank", "slug", "items_bank_slug_nfc"),
    ("contentarea", "code", "items_area_code_nfc"),
    ("stimulus", "code", "items_stimulus_code_nfc"),
    ("item", "code", "items_item_code_nfc"),
    ("enemygroup", "code", "items_enemies_code_nfc"),
)


def bring(apps, schema_editor):
    bring_to_nfc(apps.get_model("items", "item"), "code", unique_with=("bank_id",))


def validate(apps, schema_editor):
    for model, column, constraint in CONSTRAINTS:
        table = apps.get_model("items", model)._meta.db_table
        validate_where_kept(schema_editor, table, column, constraint)


class Migration(migrations.Migration):
    dependencies = [("items", "0012_ordering_and_matching")]

    operations = [
        migrations.RunPython(bring, migrations.RunPython.noop),
        migrations.AlterField("item", "code", NameField(verbose_name="code", max_length=64)),
        *(
            AddConstraintNotValid(
                model, models.CheckConstraint(condition=is_nfc(column), name=constraint)
            )
            for model, column, constraint in CONSTRAINTS
        ),
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
