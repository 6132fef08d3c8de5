"""Names of users and roles in Unicode's NFC; one whose NFC is taken stays and is told.

Django makes both tables and writes NFKC through its forms; the constraints hold every other way.
"""

from django.db import migrations

from common.nfc_migration import bring_to_nfc, validate_where_kept

CONSTRAINTS = (
    ("auth_user", "username", "irtcat_username_nfc"),
    ("auth_group", "name", "irtcat_role_name_nfc"),
)


def bring(apps, schema_editor):
    bring_to_nfc(apps.get_model("auth", "user"), "username", unique_with=())
    bring_to_nfc(apps.get_model("auth", "group"), "name", unique_with=())


def validate(apps, schema_editor):
    for table, column, constraint in CONSTRAINTS:
        validate_where_kept(schema_editor, table, column, constraint)


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0006_simulation_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(bring, migrations.RunPython.noop),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {constraint} "
                f"CHECK (({column})::text IS NFC NORMALIZED) NOT VALID",
                f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
            )
            for table, column, constraint in CONSTRAINTS
        ),
        migrations.RunPython(validate, migrations.RunPython.noop),
    ]
