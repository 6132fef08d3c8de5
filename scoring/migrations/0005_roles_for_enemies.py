"""Who may see and write enemy groups, in databases whose roles were made before there were any."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from common.roles import ADMIN, AUTHOR, OPERATOR

GRANTED = {
    AUTHOR: ("view", "add", "change"),
    OPERATOR: ("view",),
    ADMIN: ("view", "add", "change", "delete"),
}


def grant(apps, schema_editor):
    create_permissions(live_apps.get_app_config("items"), verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="items"
    )
    for role, verbs in GRANTED.items():
        names = [f"{verb}_enemygroup" for verb in verbs]
        group = apps.get_model("auth", "Group").objects.filter(name=role).first()
        if group is not None:
            group.permissions.add(*permissions.filter(codename__in=names))


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0004_example_schedule"),
        ("items", "0010_enemies_and_seconds"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
