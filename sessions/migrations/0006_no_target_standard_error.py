from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cat_sessions", "0005_targets_become_rules")]

    operations = [
        migrations.RemoveConstraint("testversion", "sessions_target_se_positive"),
        migrations.RemoveField("testversion", "target_standard_error"),
    ]
