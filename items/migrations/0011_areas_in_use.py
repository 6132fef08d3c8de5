"""Triggers: expected seconds are content, areas in use stay in place, enemies share a bank."""

from django.db import migrations


def write_once(columns: str) -> str:
    return f"""
DROP TRIGGER items_version_write_once ON items_itemversion;
CREATE TRIGGER items_version_write_once
    BEFORE UPDATE OF {columns}
    ON items_itemversion
    FOR EACH ROW EXECUTE FUNCTION items_refuse_change();
"""


CONTENT = "item_id, number, area_id, stimulus_id, response_kind, max_score, stem, rationale"

# Publishing holds the lock on the bank, so that the release is seen here or sees the new place.
KEEP_AREAS = """
CREATE FUNCTION items_refuse_moving_area() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM items_bank WHERE id = OLD.bank_id FOR NO KEY UPDATE;
    IF EXISTS (
        WITH RECURSIVE below(id) AS (
            SELECT OLD.id
            UNION SELECT area.id FROM items_contentarea area JOIN below ON area.parent_id = below.id
        )
        SELECT 1 FROM below
            JOIN items_itemversion version ON version.area_id = below.id
            JOIN items_releaseditem released ON released.item_version_id = version.id
            JOIN items_bankrelease release ON release.id = released.release_id
            WHERE release.number IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a published release uses area %', OLD.code
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER items_area_in_use_stays BEFORE UPDATE OF bank_id, parent_id, code
    ON items_contentarea FOR EACH ROW
    WHEN ((OLD.bank_id, OLD.parent_id, OLD.code)
        IS DISTINCT FROM (NEW.bank_id, NEW.parent_id, NEW.code))
    EXECUTE FUNCTION items_refuse_moving_area();
"""

LET_AREAS_MOVE = """
DROP TRIGGER items_area_in_use_stays ON items_contentarea;
DROP FUNCTION items_refuse_moving_area();
"""

ONE_BANK = """
CREATE FUNCTION items_refuse_foreign_enemy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT bank_id FROM items_item WHERE id = NEW.item_id)
        <> (SELECT bank_id FROM items_enemygroup WHERE id = NEW.enemygroup_id) THEN
        RAISE EXCEPTION 'item % belongs to another bank', NEW.item_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER items_enemies_of_one_bank BEFORE INSERT OR UPDATE
    ON items_enemygroup_items FOR EACH ROW EXECUTE FUNCTION items_refuse_foreign_enemy();
"""

MANY_BANKS = """
DROP TRIGGER items_enemies_of_one_bank ON items_enemygroup_items;
DROP FUNCTION items_refuse_foreign_enemy();
"""


class Migration(migrations.Migration):
    dependencies = [("items", "0010_enemies_and_seconds")]

    operations = [
        migrations.RunSQL(write_once(f"{CONTENT}, expected_seconds"), write_once(CONTENT)),
        migrations.RunSQL(KEEP_AREAS, LET_AREAS_MOVE),
        migrations.RunSQL(ONE_BANK, MANY_BANKS),
    ]
