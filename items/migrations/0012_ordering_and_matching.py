"""The kinds that order and match. Backwards it refuses while an item of them is written."""

import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('items', '0011_areas_in_use'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='itemversion',
            name='items_version_kind_known',
        ),
        migrations.AddField(
            model_name='option',
            name='term',
            field=models.JSONField(blank=True, default=dict, verbose_name='term'),
        ),
        migrations.AlterField(
            model_name='itemversion',
            name='response_kind',
            field=models.CharField(choices=[('single_choice', 'single choice'), ('multiple_response', 'multiple response'), ('likert', 'Likert'), ('numeric', 'short numeric'), ('ordering', 'ordering'), ('matching', 'matching')], max_length=20, verbose_name='kind'),
        ),
        migrations.AddConstraint(
            model_name='itemversion',
            constraint=models.CheckConstraint(condition=models.Q(('response_kind__in', ['single_choice', 'multiple_response', 'likert', 'numeric', 'ordering', 'matching'])), name='items_version_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='option',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.Exact(models.Func(models.F('term'), function='jsonb_typeof', output_field=models.TextField()), models.Value('object')), name='items_option_term_is_object'),
        ),
    ]
