"""A 3PL item with an upper asymptote below 1 is what the literature calls 4PL: name it so.

Its curve stays the same, so that published releases may be touched, past their trigger. The way
back calls every 4PL item 3PL, which the schema before allowed with any upper asymptote.
"""

from django.db import migrations


def renamed(before: str, after: str, condition: str) -> str:
    return f"""
ALTER TABLE items_releaseditem DISABLE TRIGGER items_published_release_frozen;
UPDATE items_releaseditem SET model = '{after}' WHERE model = '{before}' AND {condition};
ALTER TABLE items_releaseditem ENABLE TRIGGER items_published_release_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("items", "0007_eight_models")]

    operations = [
        migrations.RunSQL(renamed("3pl", "4pl", "upper_asymptote < 1"), renamed("4pl", "3pl", "true"))
    ]
