"""A session that ran out ended at its deadline, not when the sweep came by.

The deadline is stored beside it, so that what was written down wrong is mended exactly. Only how
late the sweep was is lost, which nobody asks for: backwards everything stays.
"""

from django.db import migrations

FORWARD = """
UPDATE cat_sessions_session
   SET finished_at = deadline
 WHERE status <> 'open' AND finished_at > deadline;
"""


class Migration(migrations.Migration):
    dependencies = [("cat_sessions", "0015_names_in_nfc")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
