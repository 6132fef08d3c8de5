"""Create the role groups and grant what common.roles lists (admin: everything of these apps)."""

from django.apps import apps as live_apps
from django.contrib.auth.management import create_permissions
from django.db import migrations

from common.roles import ADMIN, ADMIN_APPS, PERMISSIONS, grant_roles


def grant(apps, schema_editor):
    for label in ADMIN_APPS:
        # Permissions are otherwise made only after the last migration has run.
        create_permissions(live_apps.get_app_config(label), verbosity=0)
    grant_roles(apps)


def revoke(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=[*PERMISSIONS, ADMIN]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("items", "0002_write_once"),
        ("cat_sessions", "0002_write_once"),
        ("scoring", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
