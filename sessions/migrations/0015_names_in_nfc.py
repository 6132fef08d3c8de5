"""Ids of examinees and names of groups in Unicode's NFC; an id whose NFC is taken stays and is told."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from common.fields import is_nfc
from common.names import NameField
from common.nfc_migration import bring_to_nfc, validate_where_kept

CONSTRAINTS = (
    ("examinee", "external_id", "sessions_external_id_nfc"),
    ("examineegroup", "code", "sessions_group_code_nfc"),
    ("examineegroup", "name", "sessions_group_name_nfc"),
    ("normgroup", "code", "sessions_norm_code_nfc"),
    ("test", "slug", "sessions_test_slug_nfc"),
)


def bring(apps, schema_editor):
    bring_to_nfc(apps.get_model("cat_sessions", "examinee"), "external_id", unique_with=())
    bring_to_nfc(apps.get_model("cat_sessions", "examineegroup"), "name", unique_with=None)


def validate(apps, schema_editor):
    for model, column, constraint in CONSTRAINTS:
        table = apps.get_model("cat_sessions", model)._meta.db_table
        validate_where_kept(schema_editor, table, column, constraint)


class Migration(migrations.Migration):
    dependencies = [
        ("cat_sessions", "0014_help_stands_with_its_setting"),
        ("items", "0013_names_in_nfc"),
    ]

    operations = [
        migrations.RunPython(bring, migrations.RunPython.noop),
        migrations.AlterField(
            "examinee",
            "external_id",
            NameField(verbose_name="external id", max_length=100, unique=True),
        ),
        migrations.AlterField(
            "examineegroup", "name", NameField(verbose_name="name", max_length=200)
        ),
        *(
            AddConstraintNotValid(
                model, models.CheckConstraint(condition=is_nfc(column), name=constraint)
            )
            for model, column, constraint in CONSTRAINTS
        ),
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
