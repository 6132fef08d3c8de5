"""The standard error to stop at becomes a stopping rule; sessions pin the prior of their version."""

from django.db import migrations

FORWARD = """
ALTER TABLE cat_sessions_testversion DISABLE TRIGGER sessions_used_version_frozen;
UPDATE cat_sessions_testversion
   SET stopping_rule =
       jsonb_build_object('standard_error', jsonb_build_object('at_most', target_standard_error))
 WHERE target_standard_error IS NOT NULL;
ALTER TABLE cat_sessions_testversion ENABLE TRIGGER sessions_used_version_frozen;
UPDATE cat_sessions_session s
   SET interim_theta = s.theta, interim_standard_error = s.standard_error,
       prior_mean = v.prior_mean, prior_sd = v.prior_sd
  FROM cat_sessions_testversion v
 WHERE v.id = s.test_version_id;
"""

BACKWARD = """
ALTER TABLE cat_sessions_testversion DISABLE TRIGGER sessions_used_version_frozen;
UPDATE cat_sessions_testversion
   SET target_standard_error = (stopping_rule -> 'standard_error' ->> 'at_most')::float8;
ALTER TABLE cat_sessions_testversion ENABLE TRIGGER sessions_used_version_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("cat_sessions", "0004_adaptive_rules")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
