"""How often items were issued in a test, and what its hard cap leaves of them.

Only tests with a cap or with item eligibility are counted. Locks are taken in the order: session
count of the test, session, item counts.
"""

from collections.abc import Collection

from django.db import connection

from sessions.models import ItemCount, SessionCount, TestVersion

# How often an item may be issued: max(n0, floor(r * sessions started)); without a cap, always.
# The rate goes through `numeric`: 0.29 * 100 is 29, not the float's 28.999…
MOST = """(
    SELECT CASE WHEN v.cap_rate IS NULL THEN 2147483647
                ELSE greatest(v.cap_minimum, floor(v.cap_rate::numeric * coalesce(n.sessions, 0)))
           END
      FROM cat_sessions_testversion v
      LEFT JOIN cat_sessions_sessioncount n ON n.test_id = v.test_id
     WHERE v.id = {version}
)"""

# Raises the count of %(next_item_id)s once for a row of `source`; no row where the cap refuses.
COUNT = f"""
    INSERT INTO cat_sessions_itemcount AS c (test_id, item_id, issued, withheld)
    SELECT %(test_id)s, %(next_item_id)s, 1, 0 FROM {{source}} WHERE {MOST} >= 1
    ON CONFLICT (test_id, item_id) DO UPDATE SET issued = c.issued + 1 WHERE c.issued < {MOST}
    RETURNING c.item_id
"""  # noqa: S608 - made of the constant above

REACHED = f"""
SELECT c.item_id FROM cat_sessions_itemcount c
 WHERE c.test_id = %s AND c.issued >= {MOST.format(version="%s")}
"""  # noqa: S608 - made of the constant above

START = """
INSERT INTO cat_sessions_sessioncount AS n (test_id, sessions) VALUES (%s, 1)
ON CONFLICT (test_id) DO UPDATE SET sessions = n.sessions + 1
"""

WITHHOLD = """
INSERT INTO cat_sessions_itemcount AS c (test_id, item_id, issued, withheld)
SELECT %s, item_id, 0, 1 FROM unnest(%s::bigint[]) AS item_id ORDER BY item_id
ON CONFLICT (test_id, item_id) DO UPDATE SET withheld = c.withheld + 1
"""


def count_start(test_id: int, ineligible: Collection[int]) -> None:
    """One more session of the test, in which these items are not eligible.

    Call it in the transaction of the start; it locks the test's session count until the end.
    """
    with connection.cursor() as cursor:
        cursor.execute(START, [test_id])
        if ineligible:
            cursor.execute(WITHHOLD, [test_id, list(ineligible)])


def count_issue(version: TestVersion, item_id: int) -> bool:
    """One more session gets the item; False, and nothing counted, where the cap refuses."""
    values = {"test_id": version.test_id, "next_item_id": item_id, "version": version.pk}
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(source="(SELECT) AS once", version="%(version)s"), values)
        return cursor.fetchone() is not None


def capped_items(version: TestVersion) -> list[int]:
    """The items that the cap of the version refuses now; one query, none without a cap."""
    if version.cap_rate is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [version.test_id, version.pk])
        return [item_id for (item_id,) in cursor.fetchall()]


def shares(test_id: int) -> dict[int, tuple[int, int]]:
    """{item id: (sessions that got it, sessions in which it was eligible)} of a test; two queries.

    Items that were never counted are left out.
    """
    started = SessionCount.objects.filter(test=test_id).values_list("sessions", flat=True).first()
    counts = ItemCount.objects.filter(test=test_id).values_list("item_id", "issued", "withheld")
    return {item_id: (issued, (started or 0) - withheld) for item_id, issued, withheld in counts}
