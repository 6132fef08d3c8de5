from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('items', '0008_upper_asymptotes_are_4pl'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='releaseditem',
            constraint=models.CheckConstraint(condition=models.Q(('model__in', ['3pl', '4pl']), ('lower_asymptote', 0), _connector='OR'), name='items_lower_asymptote_fits_model'),
        ),
        migrations.AddConstraint(
            model_name='releaseditem',
            constraint=models.CheckConstraint(condition=models.Q(('model', '4pl'), ('upper_asymptote', 1), _connector='OR'), name='items_upper_asymptote_fits_model'),
        ),
    ]
