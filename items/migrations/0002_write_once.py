"""Triggers for what a CHECK cannot hold: write-once content, frozen releases, append-only audit."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION items_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are write-once', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER items_audit_append_only BEFORE UPDATE OR DELETE ON items_auditentry
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
CREATE TRIGGER items_option_write_once BEFORE UPDATE OR DELETE ON items_option
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
CREATE TRIGGER items_rule_write_once BEFORE UPDATE OR DELETE ON items_numericrule
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
CREATE TRIGGER items_stimulus_write_once BEFORE UPDATE OR DELETE ON items_stimulus
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
CREATE TRIGGER items_version_write_once
    BEFORE UPDATE OF item_id, number, area_id, stimulus_id, response_kind, max_score, stem, rationale
    ON items_itemversion
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
CREATE TRIGGER items_version_kept BEFORE DELETE ON items_itemversion
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
"""

DROP_REFUSE = """
DROP TRIGGER items_version_kept ON items_itemversion;
DROP TRIGGER items_version_write_once ON items_itemversion;
DROP TRIGGER items_stimulus_write_once ON items_stimulus;
DROP TRIGGER items_rule_write_once ON items_numericrule;
DROP TRIGGER items_option_write_once ON items_option;
DROP TRIGGER items_audit_append_only ON items_auditentry;
DROP FUNCTION items_refuse_change();
"""

FREEZE = """
CREATE FUNCTION items_refuse_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.release_id ELSE OLD.release_id END;
BEGIN
    IF EXISTS (SELECT 1 FROM items_bankrelease WHERE id = touched AND number IS NOT NULL) THEN
        RAISE EXCEPTION 'release % is published and frozen', touched
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER items_published_release_frozen BEFORE INSERT OR UPDATE OR DELETE
    ON items_releaseditem FOR EACH ROW EXECUTE FUNCTION items_refuse_published();
CREATE FUNCTION items_refuse_renumbering() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'release % is published and frozen', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER items_published_release_kept
    BEFORE DELETE OR UPDATE OF bank_id, number, base_id, origin, published_at
    ON items_bankrelease FOR EACH ROW EXECUTE FUNCTION items_refuse_renumbering();
"""

UNFREEZE = """
DROP TRIGGER items_published_release_kept ON items_bankrelease;
DROP FUNCTION items_refuse_renumbering();
DROP TRIGGER items_published_release_frozen ON items_releaseditem;
DROP FUNCTION items_refuse_published();
"""


class Migration(migrations.Migration):
    dependencies = [("items", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, DROP_REFUSE),
        migrations.RunSQL(FREEZE, UNFREEZE),
    ]
