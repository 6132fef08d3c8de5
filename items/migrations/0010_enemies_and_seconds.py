import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('items', '0009_asymptotes_fit_model'),
    ]

    operations = [
        migrations.CreateModel(
            name='EnemyGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(verbose_name='code')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
            ],
            options={
                'verbose_name': 'enemy group',
                'verbose_name_plural': 'enemy groups',
            },
        ),
        migrations.AddField(
            model_name='itemversion',
            name='expected_seconds',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='expected seconds'),
        ),
        migrations.AddField(
            model_name='releaseditem',
            name='enemy_groups',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.SlugField(), blank=True, default=list, size=None, verbose_name='enemy groups'),
        ),
        migrations.AddConstraint(
            model_name='itemversion',
            constraint=models.CheckConstraint(condition=models.Q(('expected_seconds__isnull', True), models.Q(('expected_seconds__gte', 1), ('expected_seconds__lte', 3600)), _connector='OR'), name='items_version_seconds_range'),
        ),
        migrations.AddField(
            model_name='enemygroup',
            name='bank',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enemy_groups', to='items.bank', verbose_name='bank'),
        ),
        migrations.AddField(
            model_name='enemygroup',
            name='items',
            field=models.ManyToManyField(blank=True, related_name='enemy_groups', to='items.item', verbose_name='items'),
        ),
        migrations.AddConstraint(
            model_name='enemygroup',
            constraint=models.UniqueConstraint(fields=('bank', 'code'), name='items_enemies_code_once'),
        ),
    ]
