"""Triggers: a test version that a session used is frozen; responses are append-only."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION sessions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER sessions_response_append_only BEFORE UPDATE OR DELETE ON cat_sessions_response
    FOR EACH ROW EXECUTE FUNCTION sessions_refuse_change();
CREATE FUNCTION sessions_refuse_used_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM cat_sessions_session WHERE test_version_id = OLD.id) THEN
        RAISE EXCEPTION 'test version % was used by a session and is frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sessions_used_version_frozen BEFORE UPDATE OR DELETE ON cat_sessions_testversion
    FOR EACH ROW EXECUTE FUNCTION sessions_refuse_used_version();
"""

BACKWARD = """
DROP TRIGGER sessions_used_version_frozen ON cat_sessions_testversion;
DROP FUNCTION sessions_refuse_used_version();
DROP TRIGGER sessions_response_append_only ON cat_sessions_response;
DROP FUNCTION sessions_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("cat_sessions", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
