"""A schedule to switch on: recalibrate the demo's mathematics bank every Sunday night."""

import json

from django.db import migrations

NAME = "Recalibrate “mathematics” every Sunday (example)"


def add(apps, schema_editor):
    crontab, _ = apps.get_model("django_celery_beat", "CrontabSchedule").objects.get_or_create(
        minute="0",
        hour="2",
        day_of_week="0",
        day_of_month="*",
        month_of_year="*",
        timezone="UTC",
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME,
        defaults={
            "task": "scoring.tasks.start_scheduled_run",
            "crontab": crontab,
            "kwargs": json.dumps({"bank_slug": "mathematics"}),
            "enabled": False,
            "description": "Starts one calibration run for each slot of the calendar time. "
            "Put the slug of your bank into the keyword arguments and switch it on.",
        },
    )


def remove(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0003_run_ends"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(add, remove)]
