from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cat_sessions", "0007_norms_and_exposure_write_once")]

    operations = [
        migrations.RemoveConstraint("itemcount", "sessions_item_count_once"),
        migrations.RemoveConstraint("itemcount", "sessions_item_count_band"),
        migrations.RemoveField("itemcount", "band"),
        migrations.RemoveField("itemcount", "eligible"),
        migrations.AddField(
            "itemcount",
            "withheld",
            models.PositiveIntegerField(default=0, verbose_name="not eligible"),
        ),
        migrations.AddConstraint(
            "itemcount",
            models.UniqueConstraint(fields=["test", "item"], name="sessions_item_count_once"),
        ),
    ]
