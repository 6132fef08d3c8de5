"""Grant the roles what they may do with simulations (common.roles)."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from common.roles import ADMIN_APPS, grant_roles


def grant(apps, schema_editor):
    for label in ADMIN_APPS:
        # Permissions are otherwise made only after the last migration has run.
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    grant_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0005_roles_for_enemies"),
        ("cat_sessions", "0010_simulation"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
