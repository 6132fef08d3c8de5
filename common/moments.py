"""Moments as people read them: the clock on their wall, and its zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format


def moment_in(moment: datetime, time_zone: str) -> str:
    """Date, time and zone: `Nov. 30, 2026 14:05 KST`, in the active language."""
    local = moment.astimezone(ZoneInfo(time_zone))
    zone = local.tzname() or ""
    # Zones without a name of their own are called by their distance, such as -03.
    named = f"UTC{zone}" if zone[:1] in ("+", "-") else zone
    return f"{date_format(local, 'DATE_FORMAT')} {local:%H:%M} {named}"
