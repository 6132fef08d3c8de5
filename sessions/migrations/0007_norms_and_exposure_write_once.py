"""Triggers: norms and exposure tables are written once."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER sessions_norms_write_once BEFORE UPDATE OR DELETE ON cat_sessions_normgroup
    FOR EACH ROW EXECUTE FUNCTION sessions_refuse_change();
CREATE TRIGGER sessions_exposure_write_once BEFORE UPDATE OR DELETE ON cat_sessions_exposuretable
    FOR EACH ROW EXECUTE FUNCTION sessions_refuse_change();
"""

BACKWARD = """
DROP TRIGGER sessions_exposure_write_once ON cat_sessions_exposuretable;
DROP TRIGGER sessions_norms_write_once ON cat_sessions_normgroup;
"""


class Migration(migrations.Migration):
    dependencies = [("cat_sessions", "0006_no_target_standard_error")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
